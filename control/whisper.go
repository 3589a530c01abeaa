package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
)

// setWhisper answers whisper.set.
func (c *call) setWhisper(_ context.Context, p whisperParams) error {
	if err := checkWhisper(p); err != nil {
		return err
	}
	to := voiceapp.Target{Sessions: p.Sessions, Channels: p.Channels}
	return c.server.roster.do(func(r *roster) error {
		if err := r.mayWhisper(c.session, to); err != nil {
			return err
		}
		targets := slices.Clone(c.session.whispers) // the route before may still be in use
		for len(targets) < p.Slot {
			targets = append(targets, voiceapp.Target{})
		}
		targets[p.Slot-1] = to
		for len(targets) > 0 && targets[len(targets)-1].IsZero() {
			targets = targets[:len(targets)-1]
		}
		c.session.whispers = targets
		r.refresh(c.session)
		c.reply(empty{})
		return nil
	})
}

func checkWhisper(p whisperParams) error {
	switch {
	case p.Slot < 1 || p.Slot > voiceapp.MaxWhispers:
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("slot is 1 to %d", voiceapp.MaxWhispers))
	case len(p.Sessions) > voiceapp.MaxWhisperSessions:
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("sessions are at most %d", voiceapp.MaxWhisperSessions))
	case len(p.Channels) > voiceapp.MaxWhisperChannels:
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("channels are at most %d", voiceapp.MaxWhisperChannels))
	}
	return nil
}

// mayWhisper reports why a session may not whisper to all of a target.
func (r *roster) mayWhisper(s *session, to voiceapp.Target) error {
	if s.role < voiceapp.RoleMember {
		return voiceapp.Refusal(s.role, voiceapp.RoleMember)
	}
	for _, id := range to.Sessions {
		if r.sessions[id] == nil {
			return errNobody()
		}
	}
	for _, id := range to.Channels {
		if err := r.maySay(s, id); err != nil {
			return err
		}
	}
	return nil
}

// maySay reports why a session may not whisper into a channel: it takes what being heard
// in it takes.
func (r *roster) maySay(s *session, id voiceapp.ChannelID) error {
	if err := r.mayHear(s, id); err != nil {
		return err
	}
	ch, _ := r.tree.channel(id)
	if may := ch.Permissions(s.role).Speak; !may.Allowed {
		return voiceapp.Refusal(s.role, may.Needs)
	}
	return nil
}

// mayHear reports why a session may not listen into a channel: it takes what joining takes.
func (r *roster) mayHear(s *session, id voiceapp.ChannelID) error {
	ch, ok := r.tree.channel(id)
	if !ok || s.role < ch.SeeRole {
		return errNoChannel()
	}
	if may := ch.Permissions(s.role).Join; !may.Allowed {
		return voiceapp.Refusal(s.role, may.Needs)
	}
	return nil
}

// listen answers channel.listen.
func (c *call) listen(_ context.Context, p listenParams) error {
	return c.server.roster.do(func(r *roster) error {
		s := c.session
		if err := r.mayHear(s, p.Channel); err != nil {
			return err
		}
		if !slices.Contains(s.listens, p.Channel) {
			if len(s.listens) >= voiceapp.MaxListen {
				return &voiceapp.Error{
					Code: voiceapp.Limited, Detail: voiceapp.TooMuchListening, Limit: voiceapp.MaxListen,
					Message: fmt.Sprintf("one listens to at most %d further channels", voiceapp.MaxListen),
				}
			}
			s.listens = append(slices.Clip(s.listens), p.Channel)
			r.refresh(s)
		}
		c.reply(empty{})
		return nil
	})
}

// unlisten answers channel.unlisten, also where there was nothing to end.
func (c *call) unlisten(_ context.Context, p listenParams) error {
	return c.server.roster.do(func(r *roster) error {
		s := c.session
		s.listens = slices.DeleteFunc(slices.Clone(s.listens), func(id voiceapp.ChannelID) bool { return id == p.Channel })
		r.refresh(s)
		c.reply(empty{})
		return nil
	})
}

// listensOf are the further channels that a session may listen to at present.
func (r *roster) listensOf(s *session) (may []voiceapp.ChannelID) {
	for _, id := range s.listens {
		if r.mayHear(s, id) == nil {
			may = append(may, id)
		}
	}
	return may
}

// whispersOf are a session's whisper targets as far as they are allowed at present.
func (r *roster) whispersOf(s *session) (may []voiceapp.Target) {
	if s.role < voiceapp.RoleMember {
		return nil
	}
	for _, t := range s.whispers {
		allowed := voiceapp.Target{Sessions: t.Sessions}
		for _, id := range t.Channels {
			if r.maySay(s, id) == nil {
				allowed.Channels = append(allowed.Channels, id)
			}
		}
		may = append(may, allowed)
	}
	return may
}
