package store

import (
	"context"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

const userByName = "SELECT id, name, role, created, iif(external IS NULL, hash, '') FROM users WHERE name_key = ?"

// Credential returns the account of that name, or of one that looks the same (see
// the package's Names), and its password hash in PHC string form, "" for an
// account of [Store.ExternalUser]. NotFound when there is none. It is the only way
// out for a hash.
func (s *Store) Credential(ctx context.Context, name string) (user voiceapp.User, hash string, err error) {
	err = s.read(ctx, func(c *conn) error {
		found, err := c.row(userByName, []any{naming.Fold(name)},
			func(stmt *sqlite3.Stmt) { user, hash = scanUser(stmt), stmt.ColumnText(4) })
		if err == nil && !found {
			err = voiceapp.NewError(voiceapp.NotFound, "there is no account of that name").With(voiceapp.NoAccount)
		}
		return err
	})
	return user, hash, err
}

// scanUser reads the columns id, name, role and created.
func scanUser(stmt *sqlite3.Stmt) voiceapp.User { return scanUserAt(stmt, 0) }

// scanUserAt reads them where others are before them.
func scanUserAt(stmt *sqlite3.Stmt, first int) voiceapp.User {
	return voiceapp.User{
		ID:      voiceapp.UserID(stmt.ColumnInt64(first)),
		Name:    stmt.ColumnText(first + 1),
		Role:    voiceapp.Role(stmt.ColumnInt(first + 2)),
		Created: fromMillis(stmt.ColumnInt64(first + 3)),
	}
}

// CreateUser makes an account. hash is a password hash in PHC string form.
// Exists when the name is taken, Invalid when the name, the hash or the role
// can't be.
func (s *Store) CreateUser(ctx context.Context, name, hash string, role voiceapp.Role) (voiceapp.User, error) {
	if err := checkAccount(name, hash); err != nil {
		return voiceapp.User{}, err
	}
	if err := checkRole(role); err != nil {
		return voiceapp.User{}, err
	}
	user := voiceapp.User{Name: name, Role: role, Created: s.now()}
	err := s.write(ctx, func(c *conn) (err error) {
		user.ID, err = c.insertUser(user, hash)
		return err
	})
	if err != nil {
		return voiceapp.User{}, err
	}
	return user, nil
}

func (c *conn) insertUser(user voiceapp.User, hash string) (voiceapp.UserID, error) {
	id, err := c.insert("INSERT INTO users (name, name_key, hash, role, created) VALUES (?, ?, ?, ?, ?)",
		user.Name, naming.Fold(user.Name), hash, int64(user.Role), user.Created.UnixMilli())
	return voiceapp.UserID(id), userFault(err)
}

// userFault says that a name is taken.
func userFault(err error) error {
	if taken(err) {
		return voiceapp.WrapError(voiceapp.Exists, "the name is taken", err).With(voiceapp.NameTaken)
	}
	return err
}

func checkRole(role voiceapp.Role) error {
	if !role.Valid() {
		return voiceapp.NewError(voiceapp.Invalid, role.String()+" is none that an account can have")
	}
	return nil
}

// checkAccount refuses a name that no account can have, and a hash that is none:
// a password that got here in its place is not kept.
func checkAccount(name, hash string) error {
	if err := naming.Check(name); err != nil {
		return err
	}
	return checkHash(hash)
}

func checkHash(hash string) error {
	if len(hash) < 2 || !strings.HasPrefix(hash, "$") {
		return voiceapp.NewError(voiceapp.Invalid, "a password hash is a PHC string, which begins with $")
	}
	return nil
}
