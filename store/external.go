package store

import (
	"context"
	"errors"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// externalHash stands where an account of another program has no hash. It is no
// password's.
const externalHash = "$external"

const maxExternalKey = 512

const userByExternal = "SELECT " + userColumns + " FROM users WHERE external = ?"

// ExternalUser returns the account that another program, which checks its password,
// knows by a key. It gets the name and the role that it has there; but the role of
// an admin stays, and the name where the new one is another's. Where there is no
// such account one is made. [Store.Credential] gives no hash of it, and an owner
// token that names it makes it an account with a password here.
//
// Exists when there is none and the name is another's; Invalid when the name can't
// be one, the key is empty or longer than 512 bytes, or the role is an admin's or
// above.
func (s *Store) ExternalUser(ctx context.Context, key, name string, role voiceapp.Role) (user voiceapp.User, err error) {
	if err := checkExternal(key, name, role); err != nil {
		return voiceapp.User{}, err
	}
	err = s.read(ctx, func(c *conn) (err error) {
		user, err = c.userRow(userByExternal, key)
		return err
	})
	isNew := errors.Is(err, voiceapp.NotFound)
	switch {
	case isNew:
	case err != nil:
		return voiceapp.User{}, err
	case user.Name == name && (user.Role == role || user.Role >= voiceapp.RoleAdmin):
		return user, nil // nothing to write, so that a full disk keeps nobody out
	}
	now := s.now()
	return s.changeUser(ctx, func(c *conn) (voiceapp.User, error) {
		user, err := c.userRow(userByExternal, key)
		if errors.Is(err, voiceapp.NotFound) {
			return c.insertExternal(voiceapp.User{Name: name, Role: role, Created: now}, key)
		}
		if err != nil {
			return user, err
		}
		return c.updateExternal(user, name, role)
	})
}

func checkExternal(key, name string, role voiceapp.Role) error {
	if key == "" || len(key) > maxExternalKey {
		return voiceapp.NewError(voiceapp.Invalid, "an account of another program is known by a key of 1 to 512 bytes")
	}
	if role < voiceapp.RoleGuest || role >= voiceapp.RoleAdmin {
		return voiceapp.NewError(voiceapp.Invalid, "another program can't give the role "+role.String())
	}
	return naming.Check(name)
}

func (c *conn) insertExternal(user voiceapp.User, key string) (voiceapp.User, error) {
	id, err := c.insertUser(user, externalHash)
	if err == nil {
		user.ID = id
		err = c.exec("UPDATE users SET external = ? WHERE id = ?", key, int64(id))
	}
	return user, err
}

// updateExternal gives an account its new role, and its new name where that is
// free.
func (c *conn) updateExternal(user voiceapp.User, name string, role voiceapp.Role) (voiceapp.User, error) {
	if user.Role >= voiceapp.RoleAdmin {
		role = user.Role
	}
	return c.userRow(`
UPDATE users SET role = ?1, epoch = epoch + (role <> ?1),
    name     = iif(EXISTS (SELECT 1 FROM users WHERE name_key = ?3 AND id <> ?4), name, ?2),
    name_key = iif(EXISTS (SELECT 1 FROM users WHERE name_key = ?3 AND id <> ?4), name_key, ?3)
WHERE id = ?4 RETURNING `+userColumns, int64(role), name, naming.Fold(name), int64(user.ID))
}
