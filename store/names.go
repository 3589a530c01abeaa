package store

import (
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// The names of a kind: which of them have to differ, and whose is kept where
// they don't.
const (
	userNames    = "SELECT id, 0, name FROM users ORDER BY role DESC, id"
	channelNames = "SELECT id, ifnull(parent_id, 0), name FROM channels ORDER BY id"
)

// refoldNames brings the keys of version 1, which knew only case, to what
// naming.Fold gives. Where that makes two names one, the account with the higher
// role keeps it, then the older one; the others, and likewise channels, get the
// first free of "Name (2)", "Name (3)" and so on. The audit log says so. Nobody
// loses an account, a password or a role by it.
func refoldNames(c *conn) error {
	if err := c.refold("users", "user", userNames); err != nil {
		return err
	}
	return c.refold("channels", "channel", channelNames)
}

type nameRow struct {
	id    int64
	group int64 // names have to differ within it
	name  string
}

type nameKey struct {
	group int64
	key   string
}

func (c *conn) refold(table, noun, names string) error {
	var all []nameRow
	err := c.rows(names, nil, func(stmt *sqlite3.Stmt) {
		all = append(all, nameRow{stmt.ColumnInt64(0), stmt.ColumnInt64(1), stmt.ColumnText(2)})
	})
	if err != nil {
		return err
	}
	// Keys that no name can have make room for the new ones.
	if err := c.exec("UPDATE " + table + " SET name_key = char(1) || id"); err != nil {
		return err
	}
	keys, renamed := keysFor(all)
	for i, row := range all {
		name, isNew := renamed[row.id]
		if !isNew {
			name = row.name
		} else if err := c.auditRename(noun, row, name); err != nil {
			return err
		}
		if err := c.exec("UPDATE "+table+" SET name = ?, name_key = ? WHERE id = ?", name, keys[i], row.id); err != nil {
			return err
		}
	}
	return nil
}

// keysFor gives each row its key, and another name to those whose key is taken.
func keysFor(all []nameRow) (keys []string, renamed map[int64]string) {
	keys, renamed = make([]string, len(all)), make(map[int64]string)
	taken := make(map[nameKey]bool)
	for i, row := range all {
		if key := naming.Fold(row.name); strings.TrimSpace(key) != "" && !taken[nameKey{row.group, key}] {
			taken[nameKey{row.group, key}] = true
			keys[i] = key
		}
	}
	for i, row := range all {
		for n := 2; keys[i] == ""; n++ {
			name := numbered(row.name, n)
			if key := naming.Fold(name); !taken[nameKey{row.group, key}] {
				taken[nameKey{row.group, key}] = true
				keys[i], renamed[row.id] = key, name
			}
		}
	}
	return keys, renamed
}

// numbered gives "Name (2)", cut to the length of a name.
func numbered(name string, n int) string {
	suffix := fmt.Sprintf(" (%d)", n)
	runes := []rune(name)
	return strings.TrimSpace(string(runes[:min(len(runes), voiceapp.MaxNameLength-len(suffix))])) + suffix
}

func (c *conn) auditRename(noun string, row nameRow, name string) error {
	return c.exec(`
INSERT INTO audit (time, actor, name, action, target, old_state, new_state, reason, result, address)
VALUES (CAST(unixepoch('subsec') * 1000 AS INTEGER), 0, '', ?1 || '.rename', ?1 || ':' || ?2,
    json_object('name', ?3), json_object('name', ?4), 'another has a name that looks the same', '', '')`,
		noun, row.id, row.name, name)
}
