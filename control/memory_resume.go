package control

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// resumption is a session that a token can take up again. The tokens that came of
// one login are a lineage: at most two of them are open.
type resumption struct {
	voiceapp.Resumption
	lineage int64
}

// KeepSession remembers a session that just logged in, so that the token with that
// SHA-256 can resume it until Expires. NotFound when there is no such User, Conflict
// when the token is in use, Invalid when a value can't be or Expires is over.
func (m *Memory) KeepSession(_ context.Context, session voiceapp.Resumption, token [sha256.Size]byte) error {
	if err := checkResumption(session); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if session.User != 0 && m.account(session.User) == nil {
		return errNoAccount()
	}
	m.lastLineage++
	return m.keep(resumption{session, m.lastLineage}, token)
}

func checkResumption(session voiceapp.Resumption) error {
	if session.Session == 0 {
		return voiceapp.NewError(voiceapp.Invalid, "a session has a number")
	}
	if session.User == 0 {
		if err := naming.Check(session.Name); err != nil {
			return err
		}
	}
	if session.Device != "" {
		if _, err := voiceapp.ParseFingerprint(session.Device); err != nil {
			return err
		}
	}
	return checkExpiry(session.Expires)
}

func checkExpiry(expires time.Time) error {
	if !expires.After(time.Now()) || expires.Year() > 9999 {
		return voiceapp.NewError(voiceapp.Invalid, "the token would have expired already")
	}
	return nil
}

// keep, under mu, adds a token, and forgets those that have expired.
func (m *Memory) keep(kept resumption, token [sha256.Size]byte) error {
	m.endWhere(func(r resumption) bool { return !r.Expires.After(time.Now()) })
	if _, used := m.resumptions[token]; used {
		return voiceapp.NewError(voiceapp.Conflict, "the token is in use")
	}
	if m.resumptions == nil {
		m.resumptions = make(map[[sha256.Size]byte]resumption)
	}
	m.resumptions[token] = kept
	return nil
}

// Resume takes a session up again by the token with that SHA-256 and remembers next
// as its new token, until expires. The token that was used stays valid until next
// is first used; then it ends, as does a next that was given out before and never
// used. BadCredentials when no such token is open, Conflict when next is in use,
// Invalid when expires is over.
func (m *Memory) Resume(_ context.Context, token, next [sha256.Size]byte, expires time.Time) (voiceapp.Resumption, error) {
	if err := checkExpiry(expires); err != nil {
		return voiceapp.Resumption{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old, ok := m.resumptions[token]
	if !ok || !old.Expires.After(time.Now()) {
		return voiceapp.Resumption{}, errNotResumable()
	}
	kept := old
	kept.Expires = expires
	if err := m.keep(kept, next); err != nil {
		return voiceapp.Resumption{}, err
	}
	for other, r := range m.resumptions {
		if r.lineage == old.lineage && other != token && other != next {
			delete(m.resumptions, other)
		}
	}
	if a := m.account(kept.User); a != nil {
		kept.Name, kept.Role = a.user.Name, a.user.Role
	}
	return kept.Resumption, nil
}

func errNotResumable() error {
	return voiceapp.NewError(voiceapp.BadCredentials, "the session can't be resumed: log in again").With(voiceapp.SessionOver)
}

// EndSession makes the tokens of a session worthless. That there are none is no
// error.
func (m *Memory) EndSession(_ context.Context, session voiceapp.SessionID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endWhere(func(r resumption) bool { return r.Session == session })
	return nil
}

// EndSessions makes the tokens of all sessions of an account, its device tokens, and
// the tokens of all sessions from a device, worthless. 0 and "" are none.
func (m *Memory) EndSessions(_ context.Context, user voiceapp.UserID, device string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endSessions(user, device)
	return nil
}

// endSessions, under mu, is EndSessions.
func (m *Memory) endSessions(user voiceapp.UserID, device string) {
	m.endWhere(func(r resumption) bool {
		return user != 0 && r.User == user || device != "" && r.Device == device
	})
	m.endDevices(user)
	if a := m.account(user); a != nil {
		a.epoch++
	}
}

// endWhere, under mu, forgets tokens.
func (m *Memory) endWhere(over func(resumption) bool) {
	for token, r := range m.resumptions {
		if over(r) {
			delete(m.resumptions, token)
		}
	}
}
