package store

import (
	"context"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

const userColumns = "id, name, role, created"

// Users returns a page of the accounts in the order of their ids, from the first
// after that id on (0: from the beginning). limit is the most to return; 0 means
// 100, the most is 500. The slice is the caller's.
func (s *Store) Users(ctx context.Context, after voiceapp.UserID, limit int) ([]voiceapp.User, error) {
	return page(ctx, s, limit, "SELECT "+userColumns+" FROM users WHERE id > ?2 ORDER BY id LIMIT ?1", scanUser, int64(after))
}

// FindUsers returns a page of the accounts whose names hold a text, folded as names
// are told apart (see the package's Names), in the order of their ids; the rest is as
// for [Store.Users]. "" is in all names. It looks at every account that there is.
func (s *Store) FindUsers(ctx context.Context, text string, after voiceapp.UserID, limit int) ([]voiceapp.User, error) {
	return page(ctx, s, limit, "SELECT "+userColumns+" FROM users WHERE id > ?2 AND instr(name_key, ?3) > 0 ORDER BY id LIMIT ?1",
		scanUser, int64(after), strings.TrimSpace(naming.Fold(text)))
}

// User returns an account. NotFound when there is none with that id.
func (s *Store) User(ctx context.Context, id voiceapp.UserID) (user voiceapp.User, err error) {
	err = s.read(ctx, func(c *conn) (err error) {
		user, err = c.userRow("SELECT "+userColumns+" FROM users WHERE id = ?", int64(id))
		return err
	})
	return user, err
}

// userRow runs SQL that gives one account. NotFound when it gives none.
func (c *conn) userRow(sql string, args ...any) (user voiceapp.User, err error) {
	found, err := c.row(sql, args, func(stmt *sqlite3.Stmt) { user = scanUser(stmt) })
	if err == nil && !found {
		err = noUser()
	}
	return user, err
}

// RenameUser gives an account another name and returns it as it is. NotFound when
// there is none, Exists when the name is another's, Invalid when it can't be one.
func (s *Store) RenameUser(ctx context.Context, id voiceapp.UserID, name string) (voiceapp.User, error) {
	if err := naming.Check(name); err != nil {
		return voiceapp.User{}, err
	}
	return s.changeUser(ctx, func(c *conn) (voiceapp.User, error) {
		user, err := c.userRow("UPDATE users SET name = ?, name_key = ? WHERE id = ? RETURNING "+userColumns, name, naming.Fold(name), int64(id))
		return user, userFault(err)
	})
}

// SetRole gives an account another role and returns it as it is. NotFound when
// there is none, Conflict when it is the last owner's, Invalid when it can't be a
// role.
func (s *Store) SetRole(ctx context.Context, id voiceapp.UserID, role voiceapp.Role) (voiceapp.User, error) {
	if err := checkRole(role); err != nil {
		return voiceapp.User{}, err
	}
	return s.changeUser(ctx, func(c *conn) (voiceapp.User, error) {
		if role != voiceapp.RoleOwner {
			if err := c.keepAnOwner(id); err != nil {
				return voiceapp.User{}, err
			}
		}
		return c.userRow("UPDATE users SET role = ?1, epoch = epoch + (role <> ?1) WHERE id = ?2 RETURNING "+userColumns, int64(role), int64(id))
	})
}

// SetPassword gives an account another password hash, in PHC string form, and
// ends what could be resumed without the new password, and its device tokens.
// NotFound when there is no such account, Conflict when its password is another
// program's to keep, Invalid when hash is no hash.
func (s *Store) SetPassword(ctx context.Context, id voiceapp.UserID, hash string) error {
	if err := checkHash(hash); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		if err := c.exec("UPDATE users SET hash = ? WHERE id = ? AND external IS NULL", hash, int64(id)); err != nil {
			return err
		}
		if !c.changed() {
			return c.noPassword(id)
		}
		return c.endSessions(id, "")
	})
}

// noPassword says why an account's password can't be set.
func (c *conn) noPassword(id voiceapp.UserID) error {
	if _, err := c.userRow("SELECT "+userColumns+" FROM users WHERE id = ?", int64(id)); err != nil {
		return err
	}
	return voiceapp.NewError(voiceapp.Conflict, "the account's password is kept by another program")
}

// UpgradeHash puts a hash, in PHC string form, in the place of another of the same
// password. What can be resumed stays so. That the account has gone, or has another
// hash by now, is no error and changes nothing. Invalid when better is no hash.
func (s *Store) UpgradeHash(ctx context.Context, id voiceapp.UserID, old, better string) error {
	if err := checkHash(better); err != nil {
		return err
	}
	return s.write(ctx, func(c *conn) error {
		return c.exec("UPDATE users SET hash = ? WHERE id = ? AND hash = ?", better, int64(id), old)
	})
}

// DeleteUser removes an account. What it said, did and suffered stays under its
// id, which is never given out again. NotFound when there is none, Conflict when
// it is the last owner's.
func (s *Store) DeleteUser(ctx context.Context, id voiceapp.UserID) error {
	return s.write(ctx, func(c *conn) error {
		if err := c.keepAnOwner(id); err != nil {
			return err
		}
		err := c.exec("DELETE FROM users WHERE id = ?", int64(id))
		if err == nil && !c.changed() {
			err = noUser()
		}
		return err
	})
}

// changeUser carries out a write that gives an account.
func (s *Store) changeUser(ctx context.Context, change func(*conn) (voiceapp.User, error)) (user voiceapp.User, err error) {
	err = s.write(ctx, func(c *conn) (err error) {
		user, err = change(c)
		return err
	})
	if err != nil {
		return voiceapp.User{}, err
	}
	return user, nil
}

// keepAnOwner refuses to let go of an owner while there is no other.
func (c *conn) keepAnOwner(id voiceapp.UserID) error {
	last, err := c.row(`
SELECT 1 FROM users WHERE id = ?1 AND role = 40 AND NOT EXISTS (SELECT 1 FROM users WHERE role = 40 AND id <> ?1)`,
		[]any{int64(id)}, func(*sqlite3.Stmt) {})
	if err == nil && last {
		err = voiceapp.NewError(voiceapp.Conflict, "this is the last owner: make another one first").With(voiceapp.LastOwner)
	}
	return err
}
