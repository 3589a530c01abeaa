package store

import (
	"context"
	"errors"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// secretTables hold what lets somebody in, or lets the server show that it is
// itself. What they are in a schema that has them is all or nothing.
var secretTables = []string{"tokens", "invites", "resumptions", "device_tokens", "api_keys", "webhooks"}

// removedHash takes the place of a password's hash. It fits no password.
const removedHash = "$removed"

// Redact takes out of a database file that nobody else has open, such as a copy,
// what could let anybody in: the hashes of passwords and all tokens and keys; and
// direct messages, which are for those alone between whom they are. No page of the
// file holds them any more. Accounts, channels, bans, what was said in channels, and
// the audit log stay. The errors are those of [Open].
func Redact(ctx context.Context, file string) error {
	if _, err := Check(ctx, file); err != nil {
		return err
	}
	c, err := Options{}.withDefaults(file).connect(file, sqlite3.OPEN_READWRITE)
	if err != nil {
		return fault(ctx, explain(file, err))
	}
	restore := c.interruptible(ctx)
	err = c.redact()
	restore()
	return fault(ctx, explain(file, errors.Join(err, c.close())))
}

func (c *conn) redact() error {
	var there []string
	err := c.rows("SELECT name FROM sqlite_schema WHERE type = 'table'", nil, func(stmt *sqlite3.Stmt) {
		there = append(there, stmt.ColumnText(0))
	})
	if err != nil {
		return err
	}
	if err := c.exec("PRAGMA foreign_keys = on"); err != nil {
		return err
	}
	if err := c.exec("UPDATE users SET hash = ?", removedHash); err != nil {
		return err
	}
	for _, table := range secretTables {
		if !slices.Contains(there, table) {
			continue
		}
		if err := c.exec("DELETE FROM " + table); err != nil {
			return err
		}
	}
	if slices.Contains(there, "messages") {
		if err := c.exec("DELETE FROM messages WHERE to_id IS NOT NULL"); err != nil {
			return err
		}
	}
	return c.exec("VACUUM")
}
