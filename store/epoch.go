package store

import (
	"context"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

const userEpoch = "SELECT " + userColumns + ", epoch FROM users WHERE id = ?"

// Epoch returns an account as it is, and a number that rises with each change of
// what proves that one is it: [Store.SetRole] to another role, [Store.SetPassword],
// [Store.ClaimOwner], [Store.EndSessions]. A token that holds the number it was made
// with is good as long as that is the present one. NotFound when there is no such
// account.
func (s *Store) Epoch(ctx context.Context, id voiceapp.UserID) (user voiceapp.User, epoch uint64, err error) {
	err = s.read(ctx, func(c *conn) error {
		found, err := c.row(userEpoch, []any{int64(id)}, func(stmt *sqlite3.Stmt) {
			user, epoch = scanUser(stmt), uint64(stmt.ColumnInt64(4))
		})
		if err == nil && !found {
			err = noUser()
		}
		return err
	})
	return user, epoch, err
}
