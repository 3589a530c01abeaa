package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
)

// channel.create.
type createParams struct {
	Channel voiceapp.Channel `json:"channel"`
	Reason  string           `json:"reason,omitempty"`
}

// channelResult answers what makes or alters a channel.
type channelResult struct {
	Channel voiceapp.Channel `json:"channel"`
}

// channel.delete.
type deleteParams struct {
	Channel voiceapp.ChannelID `json:"channel"`
	Reason  string             `json:"reason,omitempty"`
}

// createChannel answers channel.create.
func (c *call) createChannel(ctx context.Context, p createParams) error {
	made, err := c.server.CreateChannel(ctx, c.actor(), p.Channel, p.Reason)
	if err == nil {
		c.reply(channelResult{made})
	}
	return err
}

// deleteChannel answers channel.delete.
func (c *call) deleteChannel(ctx context.Context, p deleteParams) error {
	err := c.server.DeleteChannel(ctx, c.actor(), p.Channel, p.Reason)
	if err == nil {
		c.reply(empty{})
	}
	return err
}

// CreateChannel makes a channel and returns it with its ID. Everyone who may see
// it knows when it returns. reason is for the audit log; "" is fine. The errors are
// [voiceapp.Forbidden], [voiceapp.Exists] when one beside it has the name,
// [voiceapp.NotFound] for its parent, and [voiceapp.Invalid].
func (s *Server) CreateChannel(ctx context.Context, by voiceapp.Actor, ch voiceapp.Channel, reason string) (made voiceapp.Channel, err error) {
	err = s.editChannels(ctx, by, "channel.create", reason, func(ctx context.Context, d *deed, editor ChannelEditor) error {
		d.on("channel", ch.Name)
		if made, err = editor.CreateChannel(ctx, ch); err != nil {
			return err
		}
		d.on("channel", made.ID)
		d.to(made)
		return nil
	})
	return made, err
}

// DeleteChannel removes a channel; those who are in it are in none then. The errors
// are [voiceapp.Forbidden], [voiceapp.NotFound], and [voiceapp.Conflict] when
// there are channels below it.
func (s *Server) DeleteChannel(ctx context.Context, by voiceapp.Actor, id voiceapp.ChannelID, reason string) error {
	return s.editChannels(ctx, by, "channel.delete", reason, func(ctx context.Context, d *deed, editor ChannelEditor) error {
		d.on("channel", id)
		was, err := s.seen(d, id)
		if err != nil {
			return err
		}
		d.from(was)
		return editor.DeleteChannel(ctx, id)
	})
}

// editChannels is a change to the tree.
func (s *Server) editChannels(ctx context.Context, by voiceapp.Actor, action, reason string, do func(context.Context, *deed, ChannelEditor) error) error {
	return s.change(ctx, by, action, func(ctx context.Context, d *deed) error {
		if err := d.because(reason); err != nil {
			return err
		}
		if err := d.needs(voiceapp.RoleAdmin); err != nil {
			return err
		}
		editor, err := ability[ChannelEditor](s, "channels that can be changed")
		if err != nil {
			return err
		}
		if err := do(ctx, d, editor); err != nil {
			return err
		}
		return s.reload(ctx)
	})
}

// seen returns a channel that the actor may see. The error is
// [voiceapp.NotFound].
func (s *Server) seen(d *deed, id voiceapp.ChannelID) (ch voiceapp.Channel, err error) {
	err = s.roster.do(func(r *roster) error {
		if !r.tree.shows(id, d.actor.Role) {
			return errNoChannel()
		}
		ch, _ = r.tree.channel(id)
		return nil
	})
	return ch, err
}
