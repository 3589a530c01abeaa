package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
)

// ChatSent is a message to one's channel, to oneself or to everyone; one's own
// too.
type ChatSent struct{ voiceapp.Message }

// ChatEdited says that a message has another text. Message is what it is now.
type ChatEdited struct{ voiceapp.Message }

// ChatDeleted says that a message is no more.
type ChatDeleted struct {
	ID      voiceapp.MessageID
	Channel voiceapp.ChannelID // as in the message
	To      voiceapp.UserID
}

func (ChatSent) event()    {}
func (ChatEdited) event()  {}
func (ChatDeleted) event() {}

// SendChat writes to everyone in one's channel: plain text that
// [voiceapp.CheckMessage] lets pass. The errors are [voiceapp.Conflict] while in
// no channel, and [voiceapp.Forbidden].
func (c *Client) SendChat(ctx context.Context, text string) (voiceapp.MessageID, error) {
	return c.SendChatTo(ctx, voiceapp.ChatTarget{}, text)
}

// SendChatTo writes to a channel, to an account or a guest, or to everyone. The ID
// is 0 when the message is not kept while others are: it can't be changed then.
// Beside SendChat's there is the error [voiceapp.NotFound].
func (c *Client) SendChatTo(ctx context.Context, to voiceapp.ChatTarget, text string) (voiceapp.MessageID, error) {
	params := chatParams{Text: text, Channel: to.Channel, To: to.To, ToSession: to.ToSession, Server: to.Server}
	result, err := fetch[chatResult](ctx, c, methodChat, params)
	return result.ID, err
}

// ChatHistory returns the newest messages, the oldest of them first, that are older
// than before (0: of all), at most limit (0: 50, which is the most), and whether
// there are older ones. A history is a channel's, that of direct messages with an
// account, or the server's; the zero target's is that of the channel in which one
// is, and a guest, a ToSession, has none. The errors are [voiceapp.NotFound],
// [voiceapp.Forbidden] also where the server keeps no messages, and
// [voiceapp.Conflict] for the zero target while in no channel.
func (c *Client) ChatHistory(ctx context.Context, of voiceapp.ChatTarget, before voiceapp.MessageID, limit int) (messages []voiceapp.Message, older bool, err error) {
	if of.ToSession != 0 {
		return nil, false, voiceapp.NewError(voiceapp.NotFound, "what is written to a guest is not kept")
	}
	params := historyParams{Channel: of.Channel, To: of.To, Server: of.Server, Before: before, Limit: limit}
	result, err := fetch[historyResult](ctx, c, methodHistory, params)
	return result.Messages, result.More, err
}

// EditChat gives a message of one's own another text. The errors are
// [voiceapp.NotFound], [voiceapp.Forbidden] and [voiceapp.Invalid].
func (c *Client) EditChat(ctx context.Context, id voiceapp.MessageID, text string) (voiceapp.Message, error) {
	result, err := fetch[messageResult](ctx, c, methodEditChat, editChatParams{id, text})
	return result.Message, err
}

// DeleteChat removes a message of one's own, or as a moderator one of a lower role;
// reason is for the audit log. The errors are as of EditChat.
func (c *Client) DeleteChat(ctx context.Context, id voiceapp.MessageID, reason string) error {
	return c.ask(ctx, methodDeleteChat, deleteChatParams{id, reason}, nil)
}
