package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// deed is a change that is under way.
type deed struct {
	actor voiceapp.Actor      // with the role that it has at present
	entry voiceapp.AuditEntry // what the audit log will say of it
}

// on names what the change is about, such as "channel" and its id. Of a name that
// the audit log would not take, which a client can send, the kind is left.
func (d *deed) on(kind string, id any) {
	d.entry.Target = fmt.Sprintf("%s:%v", kind, id)
	if err := d.entry.Check(); err != nil {
		d.entry.Target = kind
	}
}

// from and to say what the target was and what it has become.
func (d *deed) from(state any) { d.entry.Before = stateText(state) }
func (d *deed) to(state any)   { d.entry.After = stateText(state) }

func stateText(state any) string {
	text, err := json.Marshal(state)
	if err != nil {
		return ""
	}
	return string(text)
}

// needs reports, as [voiceapp.Forbidden], that the actor's role is below that one.
func (d *deed) needs(role voiceapp.Role) error {
	if d.actor.Role < role {
		return voiceapp.Refusal(d.actor.Role, role)
	}
	return nil
}

// because sets the reason, which is for people and the log.
func (d *deed) because(reason string) error {
	if err := voiceapp.CheckText("the reason", reason, voiceapp.MaxReasonLength); err != nil {
		return err
	}
	d.entry.Reason = reason
	return nil
}

// change makes a change, one at a time on the whole server, and leaves one entry
// in the audit log, whether it was done or refused (see [Server.worthAnEntry]). do checks whether the actor
// may, changes the directory, and brings who is here up to date by s.apply. When
// change returns, everyone present knows, and their voice follows.
func (s *Server) change(ctx context.Context, actor voiceapp.Actor, action string, do func(context.Context, *deed) error) error {
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.endTurn()
	d := &deed{actor: actor, entry: voiceapp.AuditEntry{Action: action, Address: addressText(actor)}}
	err := s.lookUp(ctx, &d.actor)
	if err == nil {
		err = do(ctx, d)
	}
	d.entry.Actor, d.entry.Name = d.actor.User, d.actor.Name
	if err == nil || s.worthAnEntry(d.actor) {
		s.audit(ctx, d.entry, err)
	}
	return err
}

// What one source is refused, below a moderator's role, has so many entries at once,
// and then one every so often: the audit log can't be filled from outside.
const (
	refusalBurst = 100
	refusalEvery = 10 * time.Second
)

// worthAnEntry reports whether another refusal goes into the audit log.
func (s *Server) worthAnEntry(actor voiceapp.Actor) bool {
	if actor.Role >= voiceapp.RoleModerator || s.refusals.take(sourceOf(actor.Address), time.Now()) == 0 {
		return true
	}
	s.counters.unaudited.Add(1)
	return false
}

func addressText(actor voiceapp.Actor) string {
	if !actor.Address.IsValid() {
		return ""
	}
	return actor.Address.String()
}

// takeTurn waits until no other change is under way.
func (s *Server) takeTurn(ctx context.Context) error {
	if s.started.Do(s.start); s.startErr != nil {
		return s.startErr
	}
	return s.await(ctx, s.turn)
}

func (s *Server) endTurn() { <-s.turn }

// await puts a token into a turn, which has room for one.
func (s *Server) await(ctx context.Context, turn chan<- struct{}) error {
	select {
	case turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.base.Done():
		return errStopping()
	}
}

// lookUp gives an actor the name and the role that it has at present, which only
// changes can change.
func (s *Server) lookUp(ctx context.Context, actor *voiceapp.Actor) error {
	err := error(nil)
	if actor.Session == 0 {
		err = s.lookUpAccount(ctx, actor)
	} else {
		err = s.roster.do(func(r *roster) error { return r.lookUp(actor) })
	}
	if actor.AtMost != 0 {
		actor.Role = min(actor.Role, actor.AtMost)
	}
	return err
}

// lookUp is that of an actor who has a session.
func (r *roster) lookUp(actor *voiceapp.Actor) error {
	session := r.sessions[actor.Session]
	if session == nil {
		return errEnded()
	}
	actor.User, actor.Name, actor.Role = session.user, session.name, session.role
	return nil
}

func errEnded() error {
	return voiceapp.NewError(voiceapp.Unavailable, "the session has ended")
}

func (s *Server) lookUpAccount(ctx context.Context, actor *voiceapp.Actor) error {
	accounts, ok := s.Directory.(Accounts)
	if !ok {
		return nil // the program answers for what it says
	}
	switch {
	case actor.Operator:
		actor.Role = voiceapp.RoleOwner
		return nil
	case actor.User == 0:
		actor.Role = voiceapp.RoleGuest
		return nil
	}
	user, err := accounts.User(ctx, actor.User)
	switch {
	case errors.Is(err, voiceapp.NotFound):
		return voiceapp.NewError(voiceapp.Forbidden, "the account that asks for it is no more")
	case err != nil:
		return err
	}
	actor.Name, actor.Role = user.Name, user.Role
	return nil
}

// apply has the loop act on a change that the directory has taken.
func (s *Server) apply(act func(*roster)) error {
	return s.roster.do(func(r *roster) error {
		r.version++
		act(r)
		return nil
	})
}

// settled reads the directory and acts on it in the loop, and does both again when
// a change came between.
func (s *Server) settled(ctx context.Context, read func(context.Context) error, act func(*roster) error) error {
	for range settleTries {
		var version uint64
		err := s.roster.do(func(r *roster) error { version = r.version; return nil })
		if err == nil {
			err = read(ctx)
		}
		if err != nil {
			return err
		}
		err = s.roster.do(func(r *roster) error {
			if r.version != version {
				return errStale
			}
			return act(r)
		})
		if err != errStale { //nolint:errorlint // it is never wrapped
			return err
		}
	}
	return voiceapp.NewError(voiceapp.Busy, "too much changes just now; try again")
}

const settleTries = 8

// errStale says that what was read has changed since.
var errStale = errors.New("control: stale")

// audit appends to the audit log, where the directory keeps one.
func (s *Server) audit(ctx context.Context, entry voiceapp.AuditEntry, result error) {
	kept, ok := s.Directory.(Audit)
	if !ok {
		return
	}
	if result != nil {
		entry.Result, entry.After = voiceapp.AsError(result).Code, ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limits.RequestTimeout)
	defer cancel()
	if _, err := kept.AppendAudit(ctx, entry); err != nil {
		s.log.Error("the audit log could not be written", "action", entry.Action, "target", entry.Target, "error", err)
	}
}

// reload reads the channels anew and tells everyone what has changed. The caller
// has the turn.
func (s *Server) reload(ctx context.Context) error {
	channels, err := s.Directory.Channels(ctx)
	if err != nil {
		return err
	}
	return s.apply(func(r *roster) { r.setTree(channels) })
}

// Reload reads the channels anew, for a Directory whose channels change by other
// means than the server's. Everyone present knows when it returns.
func (s *Server) Reload(ctx context.Context) error {
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	defer s.endTurn()
	return s.reload(ctx)
}

// ability returns what a directory can do beyond what each can.
func ability[T any](s *Server, what string) (T, error) {
	able, ok := s.Directory.(T)
	if !ok {
		return able, voiceapp.NewError(voiceapp.Forbidden, "this server keeps no "+what).With(voiceapp.NotOffered)
	}
	return able, nil
}
