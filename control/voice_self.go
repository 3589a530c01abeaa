package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
)

// updateSelf answers session.update: what everyone says of himself.
func (c *call) updateSelf(_ context.Context, p selfParams) error {
	return c.server.roster.do(func(r *roster) error {
		s := c.session
		before := s.presence()
		set(&s.selfMuted, p.SelfMuted)
		set(&s.selfDeaf, p.SelfDeaf)
		set(&s.recording, p.Recording)
		if s.presence() != before {
			r.refresh(s)
			r.touch(s)
		}
		c.reply(selfResult{r.presenceFor(s, s.role)})
		return nil
	})
}

// set takes a value, if there is one.
func set[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// setPriority answers user.set_priority.
func (c *call) setPriority(ctx context.Context, p priorityParams) error {
	err := c.server.SetPriority(ctx, c.actor(), p.Session, p.Priority, p.Reason)
	if err == nil {
		c.reply(empty{})
	}
	return err
}

// SetPriority says of a session whether the others are turned down while it speaks.
// Moderators may, for themselves and for those of lower roles. The errors are
// [voiceapp.NotFound], [voiceapp.Forbidden] and [voiceapp.Invalid].
func (s *Server) SetPriority(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, priority bool, reason string) error {
	return s.change(ctx, by, methodSetPriority, func(_ context.Context, d *deed) error {
		d.on("session", id)
		if err := d.because(reason); err != nil {
			return err
		}
		if err := d.needs(voiceapp.RoleModerator); err != nil {
			return err
		}
		if err := s.roster.do(func(r *roster) error { return r.mayPrioritise(d, id) }); err != nil {
			return err
		}
		d.to(priority)
		return s.apply(func(r *roster) {
			if session := r.sessions[id]; session != nil && session.priority != priority {
				session.priority = priority
				r.refresh(session)
				r.touch(session)
			}
		})
	})
}

func (r *roster) mayPrioritise(d *deed, id voiceapp.SessionID) error {
	target := r.sessions[id]
	switch {
	case target == nil:
		return errNobody()
	case d.actor.Session != id && !d.actor.Role.MayActOn(target.role):
		return &voiceapp.Error{Code: voiceapp.Forbidden, Detail: voiceapp.RoleNotLower, Message: "one acts on lower roles only, and on oneself"}
	}
	d.from(target.priority)
	return nil
}

func errNobody() error {
	return voiceapp.NewError(voiceapp.NotFound, "nobody here has that session number").With(voiceapp.NobodyHere)
}

// stats answers session.stats.
func (c *call) stats(_ context.Context, p statsParams) error {
	if p.Session == 0 {
		p.Session = c.session.id
	}
	if err := c.server.roster.do(func(r *roster) error { return r.mayMeasure(c.session, p.Session) }); err != nil {
		return err
	}
	stats, err := c.server.VoiceStats(p.Session)
	if err == nil {
		c.reply(wireStats(stats))
	}
	return err
}

// mayMeasure reports, as [voiceapp.NotFound], that somebody is not here, or in a channel
// that does not exist for who asks: the figures would tell when he talks there.
func (r *roster) mayMeasure(by *session, id voiceapp.SessionID) error {
	target := r.sessions[id]
	if target == nil || target != by && target.channel != 0 && !r.tree.shows(target.channel, by.role) {
		return errNobody()
	}
	return nil
}

// VoiceStats says how a session's voice fares. The errors are [voiceapp.NotFound],
// and [voiceapp.Forbidden] when the server has no voice that measures it.
func (s *Server) VoiceStats(id voiceapp.SessionID) (voiceapp.VoiceStats, error) {
	meter, ok := s.Voice.(VoiceMeter)
	if !ok {
		return voiceapp.VoiceStats{}, voiceapp.NewError(voiceapp.Forbidden, "this server does not measure voice").With(voiceapp.NotOffered)
	}
	stats, err := meter.VoiceStats(id)
	if err != nil {
		return voiceapp.VoiceStats{}, errNobody()
	}
	return stats, nil
}
