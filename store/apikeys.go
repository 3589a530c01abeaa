package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// keyPrefix begins the secret of every API key, so that it is known for one where it
// does not belong.
const keyPrefix = "vak_"

// keyStep is how exactly the last use of an API key is noted: most requests write
// nothing.
const keyStep = time.Minute

const keyColumns = "api_keys.id, api_keys.name, api_keys.user_id, api_keys.role, scopes, api_keys.created, used, expires"

func scanAPIKey(stmt *sqlite3.Stmt) voiceapp.APIKey {
	return voiceapp.APIKey{
		ID:      voiceapp.APIKeyID(stmt.ColumnInt64(0)),
		Name:    stmt.ColumnText(1),
		User:    voiceapp.UserID(stmt.ColumnInt64(2)),
		Role:    voiceapp.Role(stmt.ColumnInt(3)),
		Scopes:  strings.Fields(stmt.ColumnText(4)),
		Created: fromMillis(stmt.ColumnInt64(5)),
		Used:    fromMillis(stmt.ColumnInt64(6)),
		Expires: scanTime(stmt, 7),
	}
}

// NewAPIKey makes an API key and returns it with an ID and the time, and its secret:
// "vak_" and 52 letters and digits with 260 random bits, of which only the SHA-256 is
// kept. The ID, Created and Used that are given play no part. A key is not ended by
// what ends the sessions of its account; it rests while that is banned, and goes with it.
//
// NotFound when there is no such account, Conflict when it has
// [voiceapp.MaxAPIKeys], Invalid as [voiceapp.APIKey.Check] says.
func (s *Store) NewAPIKey(ctx context.Context, key voiceapp.APIKey) (made voiceapp.APIKey, secret string, err error) {
	now := s.now()
	key.Created, key.Used, key.Expires = now, now, toMillis(key.Expires)
	if err := key.Check(now); err != nil {
		return voiceapp.APIKey{}, "", err
	}
	key.Scopes = append([]string{}, key.Scopes...)
	secret = keyPrefix + rand.Text() + rand.Text()
	err = s.write(ctx, func(c *conn) (err error) {
		key.ID, err = c.insertAPIKey(key, sha256.Sum256([]byte(secret)))
		return err
	})
	if err != nil {
		return voiceapp.APIKey{}, "", err
	}
	return key, secret, nil
}

func (c *conn) insertAPIKey(key voiceapp.APIKey, hash [sha256.Size]byte) (voiceapp.APIKeyID, error) {
	id, err := c.insert("INSERT INTO api_keys (hash, name, user_id, role, scopes, created, used, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		hash[:], key.Name, int64(key.User), int64(key.Role), strings.Join(key.Scopes, " "), key.Created.UnixMilli(), key.Used.UnixMilli(), millisOrNull(key.Expires))
	if errors.Is(err, sqlite3.CONSTRAINT_FOREIGNKEY) {
		return 0, noUser()
	}
	if err != nil {
		return 0, err
	}
	return voiceapp.APIKeyID(id), c.checkKeyCount(key.User)
}

// checkKeyCount refuses the last of too many keys of an account.
func (c *conn) checkKeyCount(user voiceapp.UserID) error {
	many, err := c.row("SELECT 1 FROM api_keys WHERE user_id = ? LIMIT 1 OFFSET ?", []any{int64(user), int64(voiceapp.MaxAPIKeys)}, func(*sqlite3.Stmt) {})
	if err == nil && many {
		err = voiceapp.NewError(voiceapp.Conflict, fmt.Sprintf("the account has %d API keys: revoke one first", voiceapp.MaxAPIKeys))
	}
	return err
}

// APIKeys returns a page of the API keys, those that have expired too until
// [Store.Prune], in the order of their ids, from the first after that id on. limit is
// as for [Store.Users].
func (s *Store) APIKeys(ctx context.Context, after voiceapp.APIKeyID, limit int) ([]voiceapp.APIKey, error) {
	return page(ctx, s, limit, "SELECT "+keyColumns+" FROM api_keys WHERE id > ?2 ORDER BY id LIMIT ?1", scanAPIKey, int64(after))
}

const apiKeyUser = "SELECT " + keyColumns + `, users.id, users.name, users.role, users.created
FROM api_keys JOIN users ON users.id = api_keys.user_id WHERE api_keys.hash = ?1 AND (expires IS NULL OR expires > ?2)
AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.user_id = users.id AND (until IS NULL OR until > ?2))`

// UseAPIKey returns the API key whose secret has that SHA-256, and the account for
// which it acts, both as they are, and notes the minute without waiting for that.
// BadCredentials when there is no such key, it has expired, or the account is banned.
func (s *Store) UseAPIKey(ctx context.Context, secret [sha256.Size]byte) (key voiceapp.APIKey, user voiceapp.User, err error) {
	now := s.now()
	err = s.read(ctx, func(c *conn) error {
		found, err := c.row(apiKeyUser, []any{secret[:], now.UnixMilli()}, func(stmt *sqlite3.Stmt) {
			key, user = scanAPIKey(stmt), scanUserAt(stmt, 8)
		})
		if err == nil && !found {
			err = voiceapp.NewError(voiceapp.BadCredentials, "the API key is wrong, or was revoked, or has expired, or its account is banned")
		}
		return err
	})
	if err != nil {
		return voiceapp.APIKey{}, voiceapp.User{}, err
	}
	if now.Sub(key.Used) >= keyStep {
		s.uses.note(s, key.ID, now)
	}
	return key, user, nil
}

// RevokeAPIKey ends an API key. NotFound when there is none with that id.
func (s *Store) RevokeAPIKey(ctx context.Context, id voiceapp.APIKeyID) error {
	return s.write(ctx, func(c *conn) error {
		err := c.exec("DELETE FROM api_keys WHERE id = ?", int64(id))
		if err == nil && !c.changed() {
			err = voiceapp.NewError(voiceapp.NotFound, "there is no such API key")
		}
		return err
	})
}
