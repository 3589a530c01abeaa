package store

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/voiceapp-sdk/voiceapp"
)

// foldName gives the key by which names are told apart. It is NFKC, case-folded,
// without the characters that show nothing, and with one space in place of
// several. Folding a key changes nothing.
func foldName(name string) string {
	if !utf8.ValidString(name) {
		return name // no account and no channel has it
	}
	for {
		folded := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(oneSpace(strings.Map(visible, name)))))
		if folded == name {
			return name
		}
		name = folded
	}
}

// visible drops a character that shows nothing by itself.
func visible(r rune) rune {
	if unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
		return -1
	}
	return r
}

// oneSpace puts one space where there is space of any width.
func oneSpace(s string) string {
	inSpace := false
	return strings.Map(func(r rune) rune {
		was := inSpace
		inSpace = unicode.IsSpace(r)
		switch {
		case inSpace && was:
			return -1
		case inSpace:
			return ' '
		default:
			return r
		}
	}, s)
}

// checkName refuses what can't be the name of a user or a channel. A character
// that Unicode has not given out yet could fold to another one later: keys that
// are kept may not depend on that.
func checkName(name string) error {
	if err := voiceapp.CheckName(name); err != nil {
		return err
	}
	for _, r := range name {
		if !unicode.IsGraphic(r) {
			return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("the name holds a character that is not known: %U", r))
		}
	}
	if strings.TrimSpace(foldName(name)) == "" {
		return voiceapp.NewError(voiceapp.Invalid, "the name shows nothing")
	}
	return nil
}

// The names of a kind: which of them have to differ, and whose is kept where
// they don't.
const (
	userNames    = "SELECT id, 0, name FROM users ORDER BY role DESC, id"
	channelNames = "SELECT id, ifnull(parent_id, 0), name FROM channels ORDER BY id"
)

// refoldNames brings the keys of version 1, which knew only case, to what
// foldName gives. Where that makes two names one, the account with the higher
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
		if key := foldName(row.name); strings.TrimSpace(key) != "" && !taken[nameKey{row.group, key}] {
			taken[nameKey{row.group, key}] = true
			keys[i] = key
		}
	}
	for i, row := range all {
		for n := 2; keys[i] == ""; n++ {
			name := numbered(row.name, n)
			if key := foldName(name); !taken[nameKey{row.group, key}] {
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
