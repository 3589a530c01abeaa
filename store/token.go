package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// OwnerTokenLifetime is how long a one-time owner token can be used.
const OwnerTokenLifetime = 24 * time.Hour

const purposeOwner = "owner"

// NewOwnerToken makes a one-time owner token and puts an end to the one before
// it. The token is 26 letters and digits with 130 random bits; it is returned
// once, and only the SHA-256 of its characters is kept. It can be used for
// [OwnerTokenLifetime].
func (s *Store) NewOwnerToken(ctx context.Context) (token string, err error) {
	now := s.now()
	err = s.write(ctx, func(c *conn) (err error) {
		token, err = c.replaceOwnerToken(now)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

func (c *conn) replaceOwnerToken(now time.Time) (string, error) {
	if err := c.exec("DELETE FROM tokens WHERE purpose = ?", purposeOwner); err != nil {
		return "", err
	}
	token := rand.Text()
	hash := sha256.Sum256([]byte(token))
	err := c.exec("INSERT INTO tokens (hash, purpose, created, expires) VALUES (?, ?, ?, ?)",
		hash[:], purposeOwner, now.UnixMilli(), now.Add(OwnerTokenLifetime).UnixMilli())
	return token, err
}

// ClaimOwner makes an account with the owner's role, or gives the account of
// that name that role and this password hash, and uses up the owner token with
// that SHA-256, all in one step: of many at once, one succeeds. An account that
// was there keeps its name as it was typed then.
//
// BadCredentials when no such token is open, Invalid when the name or the hash
// can't be; the token then stays open.
func (s *Store) ClaimOwner(ctx context.Context, token [sha256.Size]byte, name, hash string) (voiceapp.User, error) {
	if err := checkAccount(name, hash); err != nil {
		return voiceapp.User{}, err
	}
	user := voiceapp.User{Name: name, Role: voiceapp.RoleOwner, Created: s.now()}
	err := s.write(ctx, func(c *conn) (err error) {
		if err := c.useToken(token, purposeOwner, user.Created); err != nil {
			return err
		}
		user, err = c.makeOwner(user, hash)
		return err
	})
	if err != nil {
		return voiceapp.User{}, err
	}
	return user, nil
}

// useToken deletes an open token. Whoever deleted it has used it.
func (c *conn) useToken(token [sha256.Size]byte, purpose string, now time.Time) error {
	err := c.exec("DELETE FROM tokens WHERE hash = ? AND purpose = ? AND expires > ?", token[:], purpose, now.UnixMilli())
	if err == nil && !c.changed() {
		err = voiceapp.NewError(voiceapp.BadCredentials, "the token is wrong, or was used, or is too old")
	}
	return err
}

// makeOwner inserts an account, or raises the one of that name to its role.
func (c *conn) makeOwner(user voiceapp.User, hash string) (voiceapp.User, error) {
	_, err := c.row(`
INSERT INTO users (name, name_key, hash, role, created) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (name_key) DO UPDATE SET hash = excluded.hash, role = excluded.role, external = NULL, epoch = epoch + 1
RETURNING id, name, role, created`,
		[]any{user.Name, naming.Fold(user.Name), hash, int64(user.Role), user.Created.UnixMilli()},
		func(stmt *sqlite3.Stmt) { user = scanUser(stmt) })
	return user, err
}
