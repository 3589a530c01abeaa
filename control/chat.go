package control

import (
	"context"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/voiceapp-sdk/voiceapp"
)

// chat answers chat.send. Everyone in the channel gets the message, the sender
// and its other sessions there too, all in the same order.
func (c *call) chat(_ context.Context, p chatParams) error {
	if err := CheckChat(p.Text); err != nil {
		return err
	}
	return c.server.roster.do(func(r *roster) error {
		m, err := r.say(c.session, p.Text)
		if err != nil {
			return err
		}
		c.reply(chatResult{ID: m.ID, Sent: m.Sent})
		return nil
	})
}

// say gives a message to the members of the sender's channel.
func (r *roster) say(s *session, text string) (voiceapp.Message, error) {
	if s.channel == 0 {
		return voiceapp.Message{}, voiceapp.NewError(voiceapp.Conflict, "join a channel first")
	}
	r.lastMessage++
	m := voiceapp.Message{
		ID: r.lastMessage, Channel: s.channel, Session: s.id, User: s.user, Name: s.name,
		Text: text, Sent: time.Now().UTC(),
	}
	line := mustEncode(outgoing{Method: eventChat, Params: m})
	for _, member := range r.members[s.channel] {
		member.conn.push(line)
	}
	return m, nil
}

// CheckChat reports, as [voiceapp.Invalid], why a text can't be a chat message: it
// is empty, longer than [MaxChatLength], or holds a control character other than
// newline and tab, or one that turns the direction of what follows.
func CheckChat(text string) error {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text):
		return voiceapp.NewError(voiceapp.Invalid, "the text is not valid UTF-8")
	case n == 0:
		return voiceapp.NewError(voiceapp.Invalid, "the text is empty")
	case n > MaxChatLength:
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("the text has %d characters, the most is %d", n, MaxChatLength))
	}
	for _, r := range text {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("the text holds a character that chat can't have: %U", r))
		}
	}
	return nil
}
