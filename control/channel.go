package control

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/voiceapp-sdk/voiceapp"
)

// channelPage is how many channels one line holds: what fits when the topics are
// long.
const channelPage = 200

// channels answers channel.list.
func (c *call) channels(_ context.Context, p channelsParams) error {
	return c.server.roster.do(func(r *roster) error {
		all := r.tree.seenBy(c.session.role)
		if p.After != 0 {
			at := slices.IndexFunc(all, func(ch voiceapp.Channel) bool { return ch.ID == p.After })
			if at < 0 {
				return voiceapp.NewError(voiceapp.Conflict, "the channels have changed: list them from the start")
			}
			all = all[at+1:]
		}
		c.reply(channelsResult{Channels: all[:min(len(all), channelPage)], More: len(all) > channelPage})
		return nil
	})
}

// join answers channel.join. The directory is asked each time.
func (c *call) join(ctx context.Context, p joinParams) error {
	var ch voiceapp.Channel
	var role voiceapp.Role
	looks := 0
	look := func(ctx context.Context) (err error) {
		looks++
		if ch, role, err = c.server.access(ctx, c.session.user, p.Channel); err != nil {
			return err
		}
		return c.server.learn(ctx, ch, looks)
	}
	return c.server.settled(ctx, look, func(r *roster) error {
		r.setRole(c.session, role)
		if err := r.mayEnter(c.session, ch); err != nil {
			return err
		}
		if err := r.enter(c.session, ch); err != nil {
			return err
		}
		c.reply(joinResult{ch})
		return nil
	})
}

// access asks the directory for a channel that a user may see, and for the role
// that he has.
func (s *Server) access(ctx context.Context, user voiceapp.UserID, id voiceapp.ChannelID) (voiceapp.Channel, voiceapp.Role, error) {
	ch, role, err := s.Directory.Access(ctx, user, id)
	if err == nil && role < ch.SeeRole || errors.Is(err, voiceapp.NotFound) {
		err = errNoChannel()
	}
	return ch, role, err
}

// learn reads the channels anew when the directory, at the first look, says of one
// what nobody here knows.
func (s *Server) learn(ctx context.Context, ch voiceapp.Channel, looks int) error {
	known := looks > 1
	err := s.roster.do(func(r *roster) error {
		was, ok := r.tree.channel(ch.ID)
		known = known || ok && was == ch
		return nil
	})
	if err != nil || known {
		return err
	}
	return s.Reload(ctx)
}

// leaveChannel answers channel.leave, also where there was nothing to leave.
func (c *call) leaveChannel(context.Context, empty) error {
	return c.server.roster.do(func(r *roster) error {
		if err := r.enter(c.session, voiceapp.Channel{}); err != nil {
			return err
		}
		c.reply(empty{})
		return nil
	})
}

// mayEnter reports why a session may not enter a channel by itself: its role is too
// low, or the channel is full and it is no moderator's. Where it is, it may stay.
func (r *roster) mayEnter(s *session, ch voiceapp.Channel) error {
	if may := ch.Permissions(s.role).Join; !may.Allowed {
		return voiceapp.Refusal(s.role, may.Needs)
	}
	if s.channel != ch.ID && r.isFull(ch) && s.role < voiceapp.RoleModerator {
		return &voiceapp.Error{
			Code: voiceapp.Busy, Detail: voiceapp.ChannelFull, Limit: ch.MaxUsers, Message: fullText(ch),
			Needs: "role:" + voiceapp.RoleModerator.String(),
		}
	}
	return nil
}

// isFull reports whether as many are in a channel as it is meant for.
func (r *roster) isFull(ch voiceapp.Channel) bool {
	return ch.MaxUsers > 0 && len(r.members[ch.ID]) >= ch.MaxUsers
}

func fullText(ch voiceapp.Channel) string {
	return "the channel is full (" + strconv.Itoa(ch.MaxUsers) + " at most); moderators still get in"
}

// enter moves a session to a channel, or to none for the zero one: first its
// voice, then what the others see.
func (r *roster) enter(s *session, ch voiceapp.Channel) error {
	if r.sessions[s.id] != s {
		return errEnded()
	}
	if err := r.routeVoice(s, r.routeOf(s, ch)); err != nil {
		return err
	}
	if s.channel != ch.ID {
		r.place(s, ch.ID)
		r.touch(s)
	}
	return nil
}

// refresh works out what follows for a session from the tree, its role and what
// is set of it: whether it may stay where it is, and where its voice goes.
// Whoever alters one of these calls it, and touch where others see the change.
func (r *roster) refresh(s *session) {
	ch, _ := r.tree.channel(s.channel)
	if !ch.Permissions(s.role).Join.Allowed {
		ch = voiceapp.Channel{}
	}
	if r.sessions[s.id] == s { // it may have been ended while its last request was served
		r.mustEnter(s, ch)
	}
}

// mustEnter is enter where nobody has asked for it: a session that can't be routed
// ends.
func (r *roster) mustEnter(s *session, ch voiceapp.Channel) {
	if err := r.enter(s, ch); err != nil {
		r.log.Error("a session's voice could not be routed; it ends", "session", s.id, "error", err)
		s.conn.bye(voiceapp.Internal, "something went wrong in the server")
	}
}

// place puts a session into a channel's list of members, or into none.
func (r *roster) place(s *session, ch voiceapp.ChannelID) {
	if s.channel == ch {
		return
	}
	if s.channel != 0 {
		r.members[s.channel] = slices.DeleteFunc(r.members[s.channel], func(m *session) bool { return m == s })
		if len(r.members[s.channel]) == 0 {
			delete(r.members, s.channel)
			r.emptied(s.channel)
		}
	}
	if s.channel = ch; ch != 0 {
		r.members[ch] = append(r.members[ch], s)
		delete(r.vacated, ch)
	}
}
