package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// KeepSession remembers a session that just logged in, so that the token with
// that SHA-256 can resume it until Expires. Name is a guest's; for an account it
// plays no part, nor does Role.
//
// NotFound when there is no such User, Conflict when the token is in use, Invalid
// when a value can't be or Expires is over.
func (s *Store) KeepSession(ctx context.Context, session voiceapp.Resumption, token [sha256.Size]byte) error {
	if err := checkResumption(session, s.now()); err != nil {
		return err
	}
	if session.User != 0 {
		session.Name = ""
	}
	return s.write(ctx, func(c *conn) error {
		return resumptionFault(c.exec(`
INSERT INTO resumptions (hash, lineage, session, user_id, name, device, expires)
VALUES (?, (SELECT ifnull(max(lineage), 0) + 1 FROM resumptions), ?, ?, ?, ?, ?)`,
			token[:], int64(session.Session), orNull(int64(session.User)), session.Name, orNull(session.Device), session.Expires.UnixMilli()))
	})
}

func checkResumption(session voiceapp.Resumption, now time.Time) error {
	if session.Session == 0 {
		return voiceapp.NewError(voiceapp.Invalid, "a session has a number")
	}
	if session.User == 0 {
		if err := naming.Check(session.Name); err != nil {
			return err
		}
	}
	if err := voiceapp.CheckDevice(session.Device); err != nil {
		return err
	}
	return checkExpiry(session.Expires, now)
}

func checkExpiry(expires, now time.Time) error {
	if err := checkTime("the token's expiry", expires); err != nil {
		return err
	}
	if !toMillis(expires).After(now) {
		return voiceapp.NewError(voiceapp.Invalid, "the token would have expired already")
	}
	return nil
}

func resumptionFault(err error) error {
	switch {
	case errors.Is(err, sqlite3.CONSTRAINT_FOREIGNKEY):
		return voiceapp.WrapError(voiceapp.NotFound, "there is no such account", err)
	case errors.Is(err, sqlite3.CONSTRAINT_PRIMARYKEY):
		return voiceapp.WrapError(voiceapp.Conflict, "the token is in use", err)
	default:
		return err
	}
}

const resumable = `
SELECT session, user_id, ifnull(users.name, resumptions.name), ifnull(users.role, 0), device, expires
FROM resumptions LEFT JOIN users ON users.id = user_id WHERE resumptions.hash = ? AND expires > ?`

// Resume takes a session up again by the token with that SHA-256 and remembers
// next as its new token, until expires. The token that was used stays valid until
// next is first used, so that an answer that is lost costs nothing; then it ends,
// as does a next that was given out before and never used. Of many at once with
// one token all succeed, and the next of one of them counts.
//
// BadCredentials when no such token is open, Conflict when next is in use,
// Invalid when expires is over.
func (s *Store) Resume(ctx context.Context, token, next [sha256.Size]byte, expires time.Time) (session voiceapp.Resumption, err error) {
	now := s.now()
	if err := checkExpiry(expires, now); err != nil {
		return voiceapp.Resumption{}, err
	}
	err = s.write(ctx, func(c *conn) (err error) {
		session, err = c.resume(token, next, expires, now)
		return resumptionFault(err)
	})
	if err != nil {
		return voiceapp.Resumption{}, err
	}
	return session, nil
}

func (c *conn) resume(token, next [sha256.Size]byte, expires, now time.Time) (session voiceapp.Resumption, err error) {
	found, err := c.row(resumable, []any{token[:], now.UnixMilli()}, func(stmt *sqlite3.Stmt) { session = scanResumption(stmt) })
	if err != nil {
		return session, err
	}
	if !found {
		return session, voiceapp.NewError(voiceapp.BadCredentials, "the session can't be resumed: log in again").With(voiceapp.SessionOver)
	}
	session.Expires = toMillis(expires)
	err = c.exec("DELETE FROM resumptions WHERE hash <> ?1 AND lineage = (SELECT lineage FROM resumptions WHERE hash = ?1)", token[:])
	if err != nil {
		return session, err
	}
	return session, c.exec(`
INSERT INTO resumptions (hash, lineage, session, user_id, name, device, expires)
SELECT ?2, lineage, session, user_id, name, device, ?3 FROM resumptions WHERE hash = ?1`, token[:], next[:], expires.UnixMilli())
}

func scanResumption(stmt *sqlite3.Stmt) voiceapp.Resumption {
	return voiceapp.Resumption{
		Session: voiceapp.SessionID(stmt.ColumnInt64(0)),
		User:    voiceapp.UserID(stmt.ColumnInt64(1)),
		Name:    stmt.ColumnText(2),
		Role:    voiceapp.Role(stmt.ColumnInt(3)),
		Device:  stmt.ColumnText(4),
		Expires: fromMillis(stmt.ColumnInt64(5)),
	}
}

// EndSession makes the tokens of a session worthless. That there are none is no
// error.
func (s *Store) EndSession(ctx context.Context, session voiceapp.SessionID) error {
	return s.write(ctx, func(c *conn) error {
		return c.exec("DELETE FROM resumptions WHERE session = ?", int64(session))
	})
}

// EndSessions makes the tokens of all sessions of an account, its device tokens, and
// the tokens of all sessions from a device, worthless, and raises the account's
// [Store.Epoch]. 0 and "" are none.
func (s *Store) EndSessions(ctx context.Context, user voiceapp.UserID, device string) error {
	return s.write(ctx, func(c *conn) error { return c.endSessions(user, device) })
}

func (c *conn) endSessions(user voiceapp.UserID, device string) error {
	if err := c.exec("DELETE FROM resumptions WHERE user_id = ? OR device = ?", orNull(int64(user)), orNull(device)); err != nil {
		return err
	}
	if err := c.exec("DELETE FROM device_tokens WHERE user_id = ?", int64(user)); err != nil {
		return err
	}
	return c.exec("UPDATE users SET epoch = epoch + 1 WHERE id = ?", int64(user))
}
