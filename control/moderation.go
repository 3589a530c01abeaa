package control

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// leastRoles says what role it takes to do something to others. It does not change.
var leastRoles = map[string]voiceapp.Role{
	methodKick:       voiceapp.RoleModerator,
	methodMute:       voiceapp.RoleModerator,
	methodDeafen:     voiceapp.RoleModerator,
	methodMoveUser:   voiceapp.RoleModerator,
	methodBan:        voiceapp.RoleModerator, // longer than MaxModeratorBan: admin
	methodBans:       voiceapp.RoleModerator,
	methodEditBan:    voiceapp.RoleModerator, // one's own; others': admin
	methodLiftBan:    voiceapp.RoleModerator, // the same
	methodRenameUser: voiceapp.RoleModerator, // a guest; an account: admin
	methodUsers:      voiceapp.RoleAdmin,
	methodSetRole:    voiceapp.RoleAdmin,
	methodDeleteUser: voiceapp.RoleAdmin,
	methodAudit:      voiceapp.RoleAdmin,
}

// person is someone who is here, and about whom a change is, as he was at its
// beginning.
type person struct {
	voiceapp.Presence
	device string
	source netip.Addr
}

// moderate is a change to somebody who is here, by one who may.
func (s *Server) moderate(ctx context.Context, by voiceapp.Actor, action, reason string, id voiceapp.SessionID, do func(context.Context, *deed, person) error) error {
	return s.change(ctx, by, action, func(ctx context.Context, d *deed) error {
		d.on("session", id)
		if err := d.because(reason); err != nil {
			return err
		}
		if err := d.needs(leastRoles[action]); err != nil {
			return err
		}
		target, err := s.person(id)
		if err != nil {
			return err
		}
		if target.User != 0 {
			d.on("user", target.User)
		}
		d.from(target.Presence)
		if err := s.mayActOn(ctx, d.actor, target.User, target.Role); err != nil {
			return err
		}
		return do(ctx, d, target)
	})
}

// person returns somebody who is here. The error is [voiceapp.NotFound].
func (s *Server) person(id voiceapp.SessionID) (found person, err error) {
	err = s.roster.do(func(r *roster) error {
		session := r.sessions[id]
		if session == nil {
			return errNobody()
		}
		found = person{Presence: session.presence(), device: session.conn.device, source: session.conn.source}
		return nil
	})
	return found, err
}

// mayActOn reports why someone may not act on somebody of a role: as
// [voiceapp.Forbidden] that it is not lower than the own one, as
// [voiceapp.Conflict] that he is the last owner.
func (s *Server) mayActOn(ctx context.Context, by voiceapp.Actor, user voiceapp.UserID, role voiceapp.Role) error {
	if !by.Role.MayActOn(role) {
		return errTooHigh(by.Role, role)
	}
	if role != voiceapp.RoleOwner {
		return nil
	}
	return s.keepAnOwner(ctx, user)
}

func errTooHigh(has, target voiceapp.Role) error {
	needs := voiceapp.RoleOwner
	for _, role := range []voiceapp.Role{voiceapp.RoleAdmin, voiceapp.RoleModerator, voiceapp.RoleMember} {
		if role.MayActOn(target) {
			needs = role
		}
	}
	return &voiceapp.Error{
		Code: voiceapp.Forbidden, Detail: voiceapp.RoleNotLower, Needs: "role:" + needs.String(),
		Message: "one acts on lower roles only: this is " + target.String() + "; yours is " + has.String(),
	}
}

// keepAnOwner reports, as [voiceapp.Conflict], that there is no other owner than
// those accounts.
func (s *Server) keepAnOwner(ctx context.Context, but ...voiceapp.UserID) error {
	accounts, ok := s.Directory.(Accounts)
	for after, more := voiceapp.UserID(0), ok; more; {
		page, err := accounts.Users(ctx, after, PageSize)
		if err != nil {
			return err
		}
		for _, other := range page {
			if other.Role == voiceapp.RoleOwner && !slices.Contains(but, other.ID) {
				return nil
			}
			after = other.ID
		}
		more = len(page) == PageSize
	}
	return errLastOwner()
}

// Kick ends the session of someone who is here, with all others of his account and
// of his device, and what could bring them back without a password. Account and
// device are refused for [Limits].KickTime; a guest's address, as far as guests
// without a device go, where he has shown none. A device on which oneself or somebody else is
// here, on whom one may not act, is left alone. reason is shown to him; "" is fine.
// The errors are [voiceapp.NotFound], [voiceapp.Forbidden], [voiceapp.Conflict] for
// the last owner, and [voiceapp.Invalid].
func (s *Server) Kick(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, reason string) error {
	return s.moderate(ctx, by, methodKick, reason, id, func(ctx context.Context, d *deed, target person) error {
		if err := s.spareOthers(d.actor, &target); err != nil {
			return err
		}
		refusal := &voiceapp.Error{
			Code: voiceapp.Kicked, Message: "you were kicked from the server",
			Until: time.Now().Add(s.settings().KickTime).UTC().Truncate(time.Second), Reason: reason,
		}
		out := voiceapp.Ban{User: target.User, Device: target.device}
		return s.expel(ctx, out, id, refusal, func(r *roster) {
			r.sanctions.kick(marksOf(target.User, target.device, target.source), refusal)
		})
	})
}

// spareOthers leaves the device out where someone else is here from it on whom the
// actor may not act.
func (s *Server) spareOthers(by voiceapp.Actor, target *person) error {
	return s.roster.do(func(r *roster) error {
		for _, other := range r.inOrder() {
			here := target.device != "" && other.conn.device == target.device && other.id != target.Session
			if here && (other.acts(by) || !by.Role.MayActOn(other.role)) {
				target.device, target.source = "", netip.Addr{} // nor is he one without a device
			}
		}
		return nil
	})
}

// acts reports whether a session is the actor's, or another of his account.
func (s *session) acts(by voiceapp.Actor) bool {
	return s.id == by.Session || by.User != 0 && s.user == by.User
}

// expel ends those whom a ban names, and one session, and what could bring them back
// without a password. and does what else belongs to it, in the loop.
func (s *Server) expel(ctx context.Context, named voiceapp.Ban, id voiceapp.SessionID, last *voiceapp.Error, and func(*roster)) error {
	var revoked []voiceapp.SessionID
	err := s.apply(func(r *roster) {
		and(r)
		r.unwatch(named.User)
		for _, session := range r.inOrder() {
			if session.id == id || named.Hits(session.user, session.conn.device, session.conn.source) {
				revoked = append(revoked, session.id)
				r.end(session, last)
			}
		}
		r.flush()
	})
	if err != nil {
		return err
	}
	return s.revoke(ctx, named, revoked)
}

// revoke ends what could bring sessions back without a password.
func (s *Server) revoke(ctx context.Context, named voiceapp.Ban, sessions []voiceapp.SessionID) error {
	resumer, ok := s.Directory.(Resumer)
	if !ok {
		return nil
	}
	for _, id := range sessions {
		if err := resumer.EndSession(ctx, id); err != nil {
			return err
		}
	}
	return resumer.EndSessions(ctx, named.User, named.Device)
}

// end ends a session at once: when it returns, it is not here, not heard, and hears
// nothing.
func (r *roster) end(s *session, last *voiceapp.Error) {
	s.conn.farewell(last)
	r.remove(s)
}

// Mute keeps someone who is here from being heard, or lets him be heard again, with
// all sessions of his account and device. It lasts while the server runs, whenever
// he comes back. The errors are as of [Server.Kick].
func (s *Server) Mute(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, muted bool, reason string) error {
	return s.silence(ctx, by, methodMute, reason, id, func(m, _ *bool) { *m = muted })
}

// Deafen keeps someone who is here from hearing, or lets him hear again, as
// [Server.Mute] does with being heard.
func (s *Server) Deafen(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, deaf bool, reason string) error {
	return s.silence(ctx, by, methodDeafen, reason, id, func(_, d *bool) { *d = deaf })
}

func (s *Server) silence(ctx context.Context, by voiceapp.Actor, action, reason string, id voiceapp.SessionID, alter func(muted, deaf *bool)) error {
	return s.moderate(ctx, by, action, reason, id, func(_ context.Context, d *deed, target person) error {
		known := marksOf(target.User, target.device, target.source)
		if err := s.spareOthers(d.actor, &target); err != nil {
			return err
		}
		err := s.roster.do(func(r *roster) error {
			if role := r.sanctions.silencedRole(known); !d.actor.Role.MayActOn(role) {
				return errTooHigh(d.actor.Role, role)
			}
			r.version++
			r.silence(target, alter)
			return nil
		})
		alter(&target.Muted, &target.Deaf)
		d.to(target.Presence)
		return err
	})
}

// silence alters how somebody is silenced, with all sessions of his account and of
// his device.
func (r *roster) silence(target person, alter func(muted, deaf *bool)) {
	r.sanctions.silence(marksOf(target.User, target.device, target.source), target.Role, alter)
	own := voiceapp.Ban{User: target.User, Device: target.device}
	for _, session := range r.inOrder() {
		if session.id == target.Session || own.Hits(session.user, session.conn.device, netip.Addr{}) {
			alter(&session.muted, &session.deaf)
			r.refresh(session)
			r.touch(session)
		}
	}
	r.flush()
}

// Move puts someone who is here into a channel that he may join, full or not, or
// into none for 0. The errors are [voiceapp.NotFound] for the session and the
// channel, [voiceapp.Forbidden] also when he may not join it, [voiceapp.Conflict]
// for the last owner, and [voiceapp.Invalid].
func (s *Server) Move(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, to voiceapp.ChannelID, reason string) error {
	return s.moderate(ctx, by, methodMoveUser, reason, id, func(_ context.Context, d *deed, target person) error {
		target.Channel = to
		d.to(target.Presence)
		return s.roster.do(func(r *roster) error { return r.move(d.actor, id, to) })
	})
}

// move puts a session into a channel, or into none for 0, by another's will.
func (r *roster) move(by voiceapp.Actor, id voiceapp.SessionID, to voiceapp.ChannelID) error {
	session := r.sessions[id]
	switch {
	case session == nil:
		return errNobody()
	case to != 0 && !r.tree.shows(to, by.Role):
		return errNoChannel()
	}
	ch, _ := r.tree.channel(to)
	if may := ch.Permissions(session.role).Join; !may.Allowed {
		return voiceapp.NewError(voiceapp.Forbidden, "they may not be there: "+may.Reason).With(voiceapp.MayNotBeThere)
	}
	r.version++
	err := r.enter(session, ch)
	r.flush()
	return err
}
