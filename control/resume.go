package control

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// tokenLife is how long a resume token is good while its session is there. The
// longest session without a lost connection can be as long.
const tokenLife = 30 * 24 * time.Hour

// parked is a session that has ended, for as long as it can be resumed.
type parked struct {
	session *session
	until   time.Time
	over    bool // it was ended on purpose, and can't
}

// resumeToken is what an answer says of it; nil where the server resumes nothing.
func (c *call) resumeToken() *resumeGrant {
	if _, ok := c.server.Directory.(Resumer); !ok || c.server.limits.ResumeTime < 0 {
		return nil
	}
	return &resumeGrant{Token: secret(rand.Text()), Lifetime: seconds(c.server.limits.ResumeTime)}
}

// keepSession has the directory remember the token that begin has given out. A
// session that can't be kept has to log in again when its connection is lost.
func (c *call) keepSession(ctx context.Context) {
	if c.given == nil {
		return
	}
	kept := voiceapp.Resumption{Session: c.session.id, User: c.session.user, Device: c.device, Expires: time.Now().Add(tokenLife)}
	err := c.server.roster.do(func(*roster) error { kept.Name = c.session.name; return nil })
	if err != nil {
		return // the server is stopping
	}
	err = c.server.Directory.(Resumer).KeepSession(ctx, kept, hashToken(string(c.given.Token)))
	if err != nil {
		c.log.Warn("a session can't be kept; it will have to log in again", "session", c.session.id, "error", err)
	}
}

// resume answers session.resume: no password is hashed.
func (c *call) resume(ctx context.Context, p resumeParams) error {
	if err := checkOpening(p.Protocol, p.Keepalive); err != nil {
		return err
	}
	err := c.resumeSession(ctx, p.Token)
	c.server.logins.count(err)
	if err != nil {
		c.loginRefused(err)
		return err
	}
	c.opened(p.Keepalive)
	return nil
}

func (c *call) resumeSession(ctx context.Context, token secret) error {
	resumer, err := ability[Resumer](c.server, "sessions to be resumed")
	if err != nil {
		return err
	}
	c.given = c.resumeToken()
	if c.given == nil {
		return voiceapp.NewError(voiceapp.Forbidden, "this server keeps no sessions to be resumed").With(voiceapp.NotOffered)
	}
	var kept voiceapp.Resumption
	err = c.throttled("", func() (err error) {
		kept, err = resumer.Resume(ctx, hashToken(string(token)), hashToken(string(c.given.Token)), time.Now().Add(tokenLife))
		return err
	})
	if err != nil {
		return err
	}
	err = c.takeUp(ctx, kept)
	if errors.Is(err, voiceapp.BadCredentials) { // it was over before the directory knew
		err = errors.Join(err, resumer.EndSession(ctx, kept.Session))
	}
	return err
}

// takeUp checks what a login checks, but for the password, and begins the session
// again.
func (c *call) takeUp(ctx context.Context, kept voiceapp.Resumption) error {
	c.device = kept.Device
	if kept.User == 0 {
		release, err := c.reserveGuest(ctx, kept.Name, func(s *session) bool { return s.id != kept.Session })
		if err != nil {
			return err
		}
		defer release()
	}
	look := func(ctx context.Context) (err error) {
		if kept, err = c.server.present(ctx, kept); err != nil {
			return err
		}
		return c.checkAccount(ctx, kept.User, kept.Role)
	}
	return c.server.settled(ctx, look, func(r *roster) error { return c.goOn(r, kept) })
}

// present gives a kept session the name and the role that its account has now.
func (s *Server) present(ctx context.Context, kept voiceapp.Resumption) (voiceapp.Resumption, error) {
	accounts, ok := s.Directory.(Accounts)
	if !ok || kept.User == 0 {
		return kept, nil
	}
	user, err := accounts.User(ctx, kept.User)
	if errors.Is(err, voiceapp.NotFound) {
		err = errNotResumable()
	}
	kept.Name, kept.Role = user.Name, user.Role
	return kept, err
}

// goOn, in the loop, begins a session again: with its number, where it was and as
// it was, if it was lost a moment ago or is not yet known to be.
func (c *call) goOn(r *roster, kept voiceapp.Resumption) error {
	if kept.User != 0 {
		r.align(voiceapp.User{ID: kept.User, Name: kept.Name, Role: kept.Role})
	}
	old, ok := r.takeOver(kept, time.Now())
	if !ok {
		return errNotResumable()
	}
	fresh := old.again(c.conn, kept)
	if r.sessions[fresh.id] != nil {
		fresh.id = r.nextSession() // another has it since the server was started
	}
	if err := c.beginAs(r, fresh); err != nil {
		return err
	}
	if ch, ok := r.tree.channel(oldChannel(old)); ok && r.mayEnter(fresh, ch) == nil {
		return r.enter(fresh, ch)
	}
	return nil
}

// again makes a session that goes on as old, which is nil when nothing is known of
// it any more, but for its place and its voice.
func (old *session) again(c *conn, kept voiceapp.Resumption) *session {
	fresh := new(session)
	if old != nil {
		*fresh = *old
	}
	fresh.id, fresh.conn, fresh.user, fresh.name, fresh.role = kept.Session, c, kept.User, kept.Name, kept.Role
	fresh.channel, fresh.grant, fresh.route = 0, nil, voiceapp.Route{}
	return fresh
}

// takeOver gives the session that a token stands for, which is nil when nothing is
// known of it any more, and ends it where its connection is only thought to be
// there. ok is false when it was ended on purpose, or too long ago.
func (r *roster) takeOver(kept voiceapp.Resumption, now time.Time) (old *session, ok bool) {
	r.flush() // so that it comes after it has gone
	if p, lost := r.parked[kept.Session]; lost && p.session.isOf(kept) {
		delete(r.parked, kept.Session)
		r.seekVacant() // it may go elsewhere
		return p.session, !p.over && now.Before(p.until)
	}
	old = r.sessions[kept.Session]
	switch {
	case old == nil || !old.isOf(kept):
		return nil, true
	case old.conn.dismissed.Load():
		return nil, false
	}
	was := *old // with the channel that remove takes it out of
	r.remove(old)
	r.flush()
	old.conn.cut()
	return &was, true
}

// isOf reports whether it is the session of who has kept it.
func (s *session) isOf(kept voiceapp.Resumption) bool {
	return s.user == kept.User && (s.user != 0 || naming.Fold(s.name) == naming.Fold(kept.Name))
}

func oldChannel(old *session) voiceapp.ChannelID {
	if old == nil {
		return 0
	}
	return old.channel
}

// park, in the loop, keeps what is known of a session that ends.
func (r *roster) park(was session, over bool, now time.Time) {
	was.conn = nil // which holds far more than the rest
	r.parked[was.id] = parked{session: &was, until: now.Add(r.limits.ResumeTime), over: over}
}

// unpark, in the loop, forgets the sessions that can be resumed no longer, and
// returns them.
func (r *roster) unpark(now time.Time) (gone []voiceapp.SessionID) {
	for id, p := range r.parked {
		if !now.Before(p.until) {
			gone = append(gone, id)
			delete(r.parked, id)
		}
	}
	r.seekVacant()
	return gone
}

// expireParked ends what is good for nothing any more in the directory, too. It is
// a goroutine of the server's, from Serve to the end of the last connection.
func (s *Server) expireParked(resumer Resumer) {
	defer close(s.expired)
	tick := time.NewTicker(max(s.limits.ResumeTime/4, time.Second))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.base.Done():
			return
		}
		var gone []voiceapp.SessionID
		_ = s.roster.do(func(r *roster) error { gone = r.unpark(time.Now()); return nil })
		for _, id := range gone {
			endSession(s.base, resumer, id, s.log)
		}
	}
}

// endSession makes the tokens of a session worthless.
func endSession(ctx context.Context, resumer Resumer, id voiceapp.SessionID, log *slog.Logger) {
	if err := resumer.EndSession(ctx, id); err != nil && ctx.Err() == nil {
		log.Warn("the token of a session that has ended could not be ended", "session", id, "error", err)
	}
}
