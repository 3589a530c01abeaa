package control

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// Login checks a name and a password for another door to the server than the
// control protocol, such as the admin API, and returns the account. Wrong ones slow
// down the same account and the same address as those of session.open do. from is
// where it was asked from; the zero address: not known.
//
// The errors are those of session.open: [voiceapp.BadCredentials],
// [voiceapp.Limited] with the time to wait, [voiceapp.Banned], [voiceapp.Kicked],
// and [voiceapp.Busy].
func (s *Server) Login(ctx context.Context, name, password string, from netip.Addr) (user voiceapp.User, err error) {
	if s.started.Do(s.start); s.startErr != nil {
		return user, s.startErr
	}
	defer func() { s.logins.count(err) }()
	if name == "" || password == "" || naming.Check(name) != nil {
		return user, errBadCredentials()
	}
	source := sourceOf(from)
	if !s.isOwner(ctx, name) {
		if err := s.checkSource(ctx, source); err != nil {
			return user, err
		}
	}
	err = s.throttled(name, source, func() (err error) {
		user, err = s.authenticate(withPeerAddress(ctx, from), name, password)
		return err
	})
	if err != nil {
		s.counters.loginsRefused.Add(1)
		return voiceapp.User{}, err
	}
	if err := s.checkBan(ctx, user.ID, user.Role, "", source); err != nil {
		return voiceapp.User{}, err
	}
	return user, nil
}

// Claim makes somebody the owner by the one-time token, for another door than the
// control protocol, as account.claim does. from is where it was asked from; the zero
// address: not known. The errors are those of account.claim:
// [voiceapp.BadCredentials], [voiceapp.Limited], [voiceapp.Exists], [voiceapp.Invalid],
// [voiceapp.Banned] and [voiceapp.Busy].
func (s *Server) Claim(ctx context.Context, token, name, password string, from netip.Addr) (user voiceapp.User, err error) {
	if s.started.Do(s.start); s.startErr != nil {
		return user, s.startErr
	}
	if err := naming.Check(name); err != nil {
		return user, err
	}
	source := sourceOf(from)
	if err := s.checkSource(ctx, source); err != nil {
		return user, err
	}
	err = s.throttled("", source, func() (err error) { // before anything is hashed
		user, err = s.enroll(ctx, voiceapp.Actor{Name: name, Address: from}, actionClaim, enrolment{
			name: name, password: password,
			hinders: func(s *session) bool { return s.user == 0 },
			create: func(ctx context.Context, hash string) (voiceapp.User, error) {
				return s.Directory.ClaimOwner(ctx, hashToken(token), name, hash)
			},
		})
		return err
	})
	return user, err
}

const actionClaim = "account.claim"

// throttled checks a password of a name, or with "" a token, unless the name or the
// source has to wait after too many that were wrong. The error is then
// [voiceapp.Limited].
func (s *Server) throttled(name string, source netip.Addr, check func() error) error {
	a, wait := s.throttle.begin(naming.Fold(name), source, time.Now())
	if wait > 0 {
		s.counters.throttled.Add(1)
		return limited(voiceapp.TooManyAttempts, "too many wrong passwords; try again later", wait)
	}
	how := undecided
	defer func() { s.throttle.end(a, how, time.Now()) }()
	err := check()
	switch {
	case err == nil:
		how = succeeded
	case errors.Is(err, voiceapp.BadCredentials):
		how = failed
	}
	return err
}

// Audited has do make a change that is not the server's own, such as to the keys of
// an admin API, in its turn among the others, and leaves one entry in the audit log,
// whether it was done or refused. do gets the actor with the role that he has at
// present, and may fill in the entry's Target, Before and After. The errors are
// [voiceapp.Forbidden] when the actor's role is below needs, [voiceapp.Invalid] for
// the reason, and do's.
func (s *Server) Audited(ctx context.Context, by voiceapp.Actor, needs voiceapp.Role, action, reason string, do func(context.Context, voiceapp.Actor, *voiceapp.AuditEntry) error) error {
	return s.change(ctx, by, action, func(ctx context.Context, d *deed) error {
		if err := d.because(reason); err != nil {
			return err
		}
		if err := d.needs(needs); err != nil {
			return err
		}
		return do(ctx, d.actor, &d.entry)
	})
}
