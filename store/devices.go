package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"log/slog"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// usedStep is how exactly the last use of a device token is noted: most logins
// write nothing.
const usedStep = time.Hour

const deviceTokenColumns = "id, user_id, name, created, used"

func scanDeviceToken(stmt *sqlite3.Stmt) voiceapp.DeviceToken {
	return voiceapp.DeviceToken{
		ID:      voiceapp.DeviceTokenID(stmt.ColumnInt64(0)),
		User:    voiceapp.UserID(stmt.ColumnInt64(1)),
		Name:    stmt.ColumnText(2),
		Created: fromMillis(stmt.ColumnInt64(3)),
		Used:    fromMillis(stmt.ColumnInt64(4)),
	}
}

// NewDeviceToken makes a device token for an account, and returns it with the token
// itself: 26 letters and digits with 130 random bits, of which only the SHA-256 is
// kept. Beyond [voiceapp.MaxDeviceTokens] it takes the place of the one that was
// used least lately. It ends like what [Store.EndSessions] ends, and with
// [Store.SetPassword].
//
// NotFound when there is no such account, Invalid when the name can't be one.
func (s *Store) NewDeviceToken(ctx context.Context, user voiceapp.UserID, name string) (made voiceapp.DeviceToken, token string, err error) {
	if err := voiceapp.CheckName(name); err != nil {
		return voiceapp.DeviceToken{}, "", err
	}
	now := s.now()
	made = voiceapp.DeviceToken{User: user, Name: name, Created: now, Used: now}
	token = rand.Text()
	hash := sha256.Sum256([]byte(token))
	err = s.write(ctx, func(c *conn) error {
		id, err := c.insert("INSERT INTO device_tokens (hash, user_id, name, created, used) VALUES (?, ?, ?, ?, ?)",
			hash[:], int64(user), name, now.UnixMilli(), now.UnixMilli())
		if errors.Is(err, sqlite3.CONSTRAINT_FOREIGNKEY) {
			return noUser()
		}
		if err != nil {
			return err
		}
		made.ID = voiceapp.DeviceTokenID(id)
		return c.exec(`
DELETE FROM device_tokens WHERE user_id = ?1 AND id NOT IN
(SELECT id FROM device_tokens WHERE user_id = ?1 ORDER BY used DESC, id DESC LIMIT ?2)`, int64(user), int64(voiceapp.MaxDeviceTokens))
	})
	if err != nil {
		return voiceapp.DeviceToken{}, "", err
	}
	return made, token, nil
}

// DeviceTokens returns the device tokens of an account that are still good, in the
// order of their ids. The slice is the caller's.
func (s *Store) DeviceTokens(ctx context.Context, user voiceapp.UserID) ([]voiceapp.DeviceToken, error) {
	return page(ctx, s, voiceapp.MaxDeviceTokens, "SELECT "+deviceTokenColumns+" FROM device_tokens WHERE user_id = ?2 AND used > ?3 ORDER BY id LIMIT ?1",
		scanDeviceToken, int64(user), s.usedSince())
}

// usedSince is the time of use, in ms, after which a device token is still good.
func (s *Store) usedSince() int64 { return s.now().Add(-voiceapp.DeviceTokenLifetime).UnixMilli() }

const deviceTokenUser = `
SELECT users.id, users.name, users.role, users.created, device_tokens.id, used
FROM device_tokens JOIN users ON users.id = user_id WHERE device_tokens.hash = ? AND used > ?`

// UseDeviceToken returns the account that the token with that SHA-256 logs in to,
// and notes the time. BadCredentials when there is no such token, or it was not
// used for too long.
func (s *Store) UseDeviceToken(ctx context.Context, token [sha256.Size]byte) (user voiceapp.User, err error) {
	var id int64
	var used time.Time
	err = s.read(ctx, func(c *conn) error {
		found, err := c.row(deviceTokenUser, []any{token[:], s.usedSince()}, func(stmt *sqlite3.Stmt) {
			user, id, used = scanUser(stmt), stmt.ColumnInt64(4), fromMillis(stmt.ColumnInt64(5))
		})
		if err == nil && !found {
			err = errForgotten()
		}
		return err
	})
	if err != nil {
		return voiceapp.User{}, err
	}
	s.noteUse(ctx, id, used)
	return user, nil
}

func errForgotten() error {
	return voiceapp.NewError(voiceapp.BadCredentials, "this device is not remembered any more: log in with the password").With(voiceapp.DeviceForgotten)
}

// noteUse notes that a device token is used. That it can't, as on a full disk,
// keeps nobody out.
func (s *Store) noteUse(ctx context.Context, id int64, used time.Time) {
	now := s.now()
	if now.Sub(used) < usedStep {
		return
	}
	err := s.write(ctx, func(c *conn) error {
		return c.exec("UPDATE device_tokens SET used = max(used, ?) WHERE id = ?", now.UnixMilli(), id)
	})
	if err != nil {
		s.options.Log.Warn("the use of a device token could not be noted", slog.Any("error", err))
	}
}

// RevokeDeviceToken ends a device token of an account. NotFound when the account
// has none with that id.
func (s *Store) RevokeDeviceToken(ctx context.Context, user voiceapp.UserID, id voiceapp.DeviceTokenID) error {
	return s.write(ctx, func(c *conn) error {
		err := c.exec("DELETE FROM device_tokens WHERE user_id = ? AND id = ?", int64(user), int64(id))
		if err == nil && !c.changed() {
			err = voiceapp.NewError(voiceapp.NotFound, "there is no such device")
		}
		return err
	})
}

const forgetDevice = "DELETE FROM device_tokens WHERE hash = ? RETURNING " + deviceTokenColumns

// ForgetDevice ends the device token with that SHA-256, whosever it is, and returns what it
// was. BadCredentials when there is none.
func (s *Store) ForgetDevice(ctx context.Context, token [sha256.Size]byte) (ended voiceapp.DeviceToken, err error) {
	err = s.write(ctx, func(c *conn) error {
		found, err := c.row(forgetDevice, []any{token[:]}, func(stmt *sqlite3.Stmt) {
			ended = scanDeviceToken(stmt)
		})
		if err == nil && !found {
			err = errForgotten()
		}
		return err
	})
	return ended, err
}
