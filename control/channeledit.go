package control

import (
	"context"
	"errors"

	"github.com/voiceapp-sdk/voiceapp"
)

// createChannel answers channel.create.
func (c *call) createChannel(ctx context.Context, p createParams) error {
	made, err := c.server.CreateChannel(ctx, c.actor(), p.Channel, p.Reason)
	return c.replyChannel(made, err)
}

// editChannel answers channel.edit.
func (c *call) editChannel(ctx context.Context, p editParams) error {
	became, err := c.server.EditChannel(ctx, c.actor(), p.Channel, p.Set, p.Reason)
	return c.replyChannel(became, err)
}

// moveChannel answers channel.move.
func (c *call) moveChannel(ctx context.Context, p moveParams) error {
	became, err := c.server.MoveChannel(ctx, c.actor(), p.Channel, p.Parent, p.Position, p.Reason)
	return c.replyChannel(became, err)
}

func (c *call) replyChannel(ch voiceapp.Channel, err error) error {
	if err == nil {
		c.reply(channelResult{ch})
	}
	return err
}

// deleteChannel answers channel.delete.
func (c *call) deleteChannel(ctx context.Context, p deleteParams) error {
	err := c.server.DeleteChannel(ctx, c.actor(), p.Channel, p.Recursive, p.Reason)
	if err == nil {
		c.reply(empty{})
	}
	return err
}

// CreateChannel makes a channel, the last of its siblings, and returns it as it is.
// Admins may make any that asks for no higher role than theirs. Members make
// temporary ones, below a channel that they may join: it asks for at least the roles
// of that, for none above their own, and has at most its bitrate, which is the
// default. The session that makes a temporary channel is in it when CreateChannel
// returns, and it is deleted when the last one has left. Only an admin may make one
// without a session, which waits for somebody to enter it.
//
// Everyone who may see the channel knows when it returns. reason is for the audit
// log; "" is fine. The errors are [voiceapp.Forbidden], [voiceapp.NotFound] for the
// parent, [voiceapp.Exists] when one beside it, maybe hidden, has the name,
// [voiceapp.Conflict] for a lasting channel below a temporary one, and for a member
// without a session, [voiceapp.Limited] when there are too many, and
// [voiceapp.Invalid].
func (s *Server) CreateChannel(ctx context.Context, by voiceapp.Actor, ch voiceapp.Channel, reason string) (made voiceapp.Channel, err error) {
	err = s.changeTree(ctx, by, "channel.create", reason, func(ctx context.Context, d *deed, editor ChannelEditor) error {
		d.on("channel", ch.Name)
		asked, err := s.mayCreate(d, ch)
		if err != nil {
			return err
		}
		if made, err = editor.CreateChannel(ctx, asked); err != nil {
			return err
		}
		d.on("channel", made.ID)
		d.to(made)
		if err := s.reload(ctx); err != nil || !made.Temporary {
			return err
		}
		return s.bring(d.actor.Session, made)
	})
	return made, err
}

// bring moves the session that has made a temporary channel into it. When it can't
// be, nobody has been there and left: the channel vanishes all the same.
func (s *Server) bring(id voiceapp.SessionID, ch voiceapp.Channel) error {
	return s.roster.do(func(r *roster) error {
		session := r.sessions[id]
		if session == nil {
			if id != 0 {
				r.emptied(ch.ID)
			}
			return nil
		}
		if err := r.enter(session, ch); err != nil {
			r.emptied(ch.ID)
			return err
		}
		r.flush() // so that the answer comes after the news
		return nil
	})
}

// EditChannel alters what edit names of a channel and returns it as it is then.
// Everyone here knows when it returns: those who may no longer be there are in none,
// and bitrates and who may speak are as the channel says. That fewer may be in it
// than are moves nobody out. It takes an admin who may join the channel, and has the
// roles that it asks for, before and after.
//
// The errors are [voiceapp.Forbidden], [voiceapp.NotFound], [voiceapp.Exists] when
// one beside it has the name, [voiceapp.Conflict] when temporary channels would have
// lasting ones below, and [voiceapp.Invalid].
func (s *Server) EditChannel(ctx context.Context, by voiceapp.Actor, id voiceapp.ChannelID, edit voiceapp.ChannelEdit, reason string) (became voiceapp.Channel, err error) {
	err = s.changeTree(ctx, by, "channel.edit", reason, func(ctx context.Context, d *deed, editor ChannelEditor) error {
		d.on("channel", id)
		was, err := s.mayEdit(d, id, edit)
		if err != nil {
			return err
		}
		d.from(was)
		if became, err = editor.UpdateChannel(ctx, edit.Of(was)); err != nil {
			return err
		}
		d.to(became)
		return s.reload(ctx)
	})
	return became, err
}

// MoveChannel puts a channel, with all below it, under another (0: at the top) and
// returns it as it is then. position says where among its new siblings: 1 is the
// first; 0, or more than there are, is the last. It is hidden from those from whom
// its parent is. It takes an admin who may join both.
//
// The errors are [voiceapp.Forbidden], [voiceapp.NotFound] for either,
// [voiceapp.Conflict] when the parent is the channel or below it, or is temporary and
// the channel is not, [voiceapp.Exists] when a new sibling has its name, and
// [voiceapp.Invalid].
func (s *Server) MoveChannel(ctx context.Context, by voiceapp.Actor, id, parent voiceapp.ChannelID, position int, reason string) (became voiceapp.Channel, err error) {
	err = s.changeTree(ctx, by, "channel.move", reason, func(ctx context.Context, d *deed, editor ChannelEditor) error {
		d.on("channel", id)
		was, err := s.mayMove(d, id, parent)
		if err != nil {
			return err
		}
		d.from(was)
		if became, err = editor.MoveChannel(ctx, id, parent, position); err != nil {
			return err
		}
		d.to(became)
		return s.reload(ctx)
	})
	return became, err
}

// DeleteChannel removes a channel and what was written to it, and with recursive all
// those below it. Those who are there are in the nearest channel above it that is
// left, when they may join it, and in none else. It takes an admin who may join all
// that goes.
//
// The errors are [voiceapp.Forbidden], [voiceapp.NotFound], and [voiceapp.Conflict]
// when there are channels below it and recursive is not set.
func (s *Server) DeleteChannel(ctx context.Context, by voiceapp.Actor, id voiceapp.ChannelID, recursive bool, reason string) error {
	return s.changeTree(ctx, by, "channel.delete", reason, func(ctx context.Context, d *deed, editor ChannelEditor) error {
		d.on("channel", id)
		going, err := s.mayDelete(d, id, recursive)
		if err != nil {
			return err
		}
		d.from(going[0])
		return errors.Join(deleteAll(ctx, editor, going), s.reload(ctx))
	})
}

// changeTree is a change to the tree of channels. A temporary channel that has been
// left is none of them any more, and its name is free.
func (s *Server) changeTree(ctx context.Context, by voiceapp.Actor, action, reason string, do func(context.Context, *deed, ChannelEditor) error) error {
	return s.change(ctx, by, action, func(ctx context.Context, d *deed) error {
		if err := d.because(reason); err != nil {
			return err
		}
		editor, err := ability[ChannelEditor](s, "channels that can be changed")
		if err != nil {
			return err
		}
		s.deleteVacated(ctx, editor)
		return do(ctx, d, editor)
	})
}
