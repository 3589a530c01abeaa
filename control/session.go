package control

import (
	"context"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// session is one who is here. All but id and conn belong to the loop.
type session struct {
	id   voiceapp.SessionID
	conn *conn

	user    voiceapp.UserID // 0: a guest
	name    string
	role    voiceapp.Role
	channel voiceapp.ChannelID
	grant   *voiceapp.Grant // nil: text only
	route   voiceapp.Route  // as the voice was told last

	muted, deaf         bool // by the server
	selfMuted, selfDeaf bool
	priority, recording bool

	listens  []voiceapp.ChannelID // further channels, as it asked for; replaced, never altered
	whispers []voiceapp.Target    // by slot, likewise
}

func (s *session) presence() voiceapp.Presence {
	return voiceapp.Presence{
		Session: s.id, User: s.user, Name: s.name, Role: s.role, Channel: s.channel,
		Muted: s.muted, Deaf: s.deaf, SelfMuted: s.selfMuted, SelfDeaf: s.selfDeaf,
		Priority: s.priority, Recording: s.recording,
	}
}

// actor is who asks for a change when this connection does; change looks up the
// rest.
func (c *call) actor() voiceapp.Actor {
	return voiceapp.Actor{Session: c.session.id, Address: addrPortOf(c.raw).Addr()}
}

// open answers session.open.
func (c *call) open(ctx context.Context, p openParams) error {
	err := c.login(ctx, p)
	c.server.logins.count(err)
	if err != nil {
		c.loginRefused(err)
		return err
	}
	c.opened(p.Keepalive)
	c.keepSession(ctx)
	return nil
}

// opened says that there is a session from now on.
func (c *conn) opened(keepalive int) {
	c.lines.limit = MaxLine
	c.keepalive = time.Duration(keepalive) * time.Second
	var name string // which another session of the account may be changing
	_ = c.server.roster.do(func(*roster) error { name = c.session.name; return nil })
	c.log.Info("a session has begun", "session", c.session.id, "name", name)
}

// begin, in the loop, makes the session of someone who may come in and answers.
func (c *call) begin(r *roster, user voiceapp.User) error {
	c.given = c.resumeToken()
	return c.beginAs(r, &session{id: r.nextSession(), conn: c.conn, user: user.ID, name: user.Name, role: user.Role})
}

// beginAs, in the loop, is begin with a session that is made.
func (c *call) beginAs(r *roster, s *session) error {
	if err := r.add(s); err != nil {
		return err
	}
	c.session = s
	c.server.counters.sessions.Add(1)
	c.server.gate.loggedIn(c.conn)
	result := openResult{Session: s.id, User: s.user, Name: s.name, Role: s.role, Server: c.server.info(), Resume: c.given}
	if s.grant != nil {
		voice := wireGrant(*s.grant)
		result.Voice = &voice
	}
	c.reply(result)
	c.push(r.talkingNow(s.role))
	return nil
}

// close answers session.close.
func (c *call) close(context.Context, empty) error {
	c.leaving = true
	c.reply(empty{})
	return nil
}

// add lets a session in, gives it a voice and tells the others. The errors are
// [voiceapp.Busy] and [voiceapp.Limited].
func (r *roster) add(s *session) error {
	folded := naming.Fold(s.name)
	switch {
	case len(r.sessions) >= r.limits.MaxSessions:
		return voiceapp.NewError(voiceapp.Busy, "the server is full").With(voiceapp.ServerFull)
	case len(r.names[folded]) >= r.limits.MaxPerAccount:
		return voiceapp.NewError(voiceapp.Limited, "this account has too many open sessions").With(voiceapp.TooManySessions)
	}
	if marks := s.marks(); len(marks) > 0 {
		s.muted, s.deaf = r.sanctions.silencing(marks)
	}
	if err := r.grantVoice(s); err != nil {
		return err
	}
	if s.user != 0 {
		r.evictGuests(folded)
	}
	r.sessions[s.id] = s
	r.batch.join(s)
	at, _ := slices.BinarySearch(r.order, s.id)
	r.order = slices.Insert(r.order, at, s.id)
	r.takeName(s)
	return nil
}

// nextSession gives a number that nobody has. Numbers are used again only after
// all others.
func (r *roster) nextSession() voiceapp.SessionID {
	for {
		r.lastSession++
		_, taken := r.sessions[r.lastSession]
		_, lost := r.parked[r.lastSession]
		if !taken && !lost && r.lastSession != 0 {
			return r.lastSession
		}
	}
}

// evictGuests ends the sessions of guests under a name that is an account's.
func (r *roster) evictGuests(folded string) {
	for _, s := range r.names[folded] {
		if s.user == 0 {
			s.conn.farewell(voiceapp.NewError(voiceapp.Exists, "the name belongs to an account, whose owner has come").With(voiceapp.NameRegistered))
		}
	}
}

// remove ends a session and tells the others. It is idempotent.
func (r *roster) remove(s *session) {
	if r.sessions[s.id] != s {
		return
	}
	if r.voice != nil {
		r.voice.RemoveSession(s.id)
	}
	delete(r.sessions, s.id)
	if at, ok := slices.BinarySearch(r.order, s.id); ok {
		r.order = slices.Delete(r.order, at, at+1)
	}
	r.dropName(s)
	r.activity.forgetTalker(s.id)
	r.place(s, 0)
	r.batch.leave(s)
}
