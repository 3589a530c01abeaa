package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
)

// CreateChannel makes a channel and returns it as it is; its ID and Position play no
// part. Admins may make any, members temporary ones below a channel that they may
// join: one is in it then, and it is deleted when the last one has left. A temporary
// channel of a member asks for at least the roles of the one above, and has at most
// its bitrate, which a Bitrate of 0 stands for; otherwise that is
// [voiceapp.DefaultBitrate]. reason is for the audit log; "" is fine.
//
// The errors are [voiceapp.Forbidden], [voiceapp.NotFound] for the parent,
// [voiceapp.Exists] when one beside it, maybe hidden, has the name,
// [voiceapp.Conflict] for a lasting channel below a temporary one,
// [voiceapp.Limited] when there are too many, and [voiceapp.Invalid].
func (c *Client) CreateChannel(ctx context.Context, ch voiceapp.Channel, reason string) (voiceapp.Channel, error) {
	result, err := fetch[channelResult](ctx, c, methodCreate, createParams{ch, reason})
	return result.Channel, err
}

// EditChannel alters what edit names of a channel and returns it as it is then. It
// is for admins. When it returns, those who may no longer be there are in none, and
// bitrates and who may speak are as the channel says. The errors are
// [voiceapp.Forbidden], [voiceapp.NotFound], [voiceapp.Exists] for the name,
// [voiceapp.Conflict] for what is temporary with something lasting below it, and
// [voiceapp.Invalid].
func (c *Client) EditChannel(ctx context.Context, id voiceapp.ChannelID, edit voiceapp.ChannelEdit, reason string) (voiceapp.Channel, error) {
	result, err := fetch[channelResult](ctx, c, methodEdit, editParams{id, edit, reason})
	return result.Channel, err
}

// MoveChannel puts a channel, with all below it, under another (0: at the top) and
// returns it as it is then. It is for admins. position says where among its new
// siblings: 1 is the first; 0, or more than there are, is the last. The errors are
// [voiceapp.Forbidden], [voiceapp.NotFound] for either, [voiceapp.Conflict] when the
// parent is the channel or below it, or temporary, [voiceapp.Exists] when a new
// sibling has its name, and [voiceapp.Invalid].
func (c *Client) MoveChannel(ctx context.Context, id, parent voiceapp.ChannelID, position int, reason string) (voiceapp.Channel, error) {
	result, err := fetch[channelResult](ctx, c, methodMove, moveParams{id, parent, position, reason})
	return result.Channel, err
}

// DeleteChannel removes a channel, and with recursive all those below it. It is for
// admins. Those who are there are in the nearest channel above it that is left, when
// they may join it, and in none else. The errors are [voiceapp.Forbidden],
// [voiceapp.NotFound], and [voiceapp.Conflict] when there are channels below it and
// recursive is not set.
func (c *Client) DeleteChannel(ctx context.Context, id voiceapp.ChannelID, recursive bool, reason string) error {
	return c.ask(ctx, methodDelete, deleteParams{id, recursive, reason}, nil)
}

// Explain says what oneself may do in a channel at present, and why not: what one's
// role allows there, and what else is in the way, such as a full channel or being
// muted. The error is [voiceapp.NotFound].
func (c *Client) Explain(ctx context.Context, id voiceapp.ChannelID) (voiceapp.Permissions, error) {
	return fetch[voiceapp.Permissions](ctx, c, methodExplain, explainParams{Channel: id})
}

// ExplainUser is Explain for an account, here or not; bans count too. It is for
// moderators. The errors are [voiceapp.NotFound] and [voiceapp.Forbidden].
func (c *Client) ExplainUser(ctx context.Context, id voiceapp.ChannelID, user voiceapp.UserID) (voiceapp.Permissions, error) {
	return fetch[voiceapp.Permissions](ctx, c, methodExplain, explainParams{Channel: id, User: user})
}

// ExplainSession is Explain for someone who is here, guests too. It is for
// moderators. The errors are [voiceapp.NotFound] and [voiceapp.Forbidden].
func (c *Client) ExplainSession(ctx context.Context, id voiceapp.ChannelID, session voiceapp.SessionID) (voiceapp.Permissions, error) {
	return fetch[voiceapp.Permissions](ctx, c, methodExplain, explainParams{Channel: id, Session: session})
}
