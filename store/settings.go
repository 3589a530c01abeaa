package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// maxSetting is the most bytes of a setting's value.
const maxSetting = 64 << 10

// Settings returns all settings that were set. The map is the caller's.
func (s *Store) Settings(ctx context.Context) (map[string]string, error) {
	settings := make(map[string]string)
	err := s.read(ctx, func(c *conn) error {
		return c.rows("SELECT key, value FROM settings", nil,
			func(stmt *sqlite3.Stmt) { settings[stmt.ColumnText(0)] = stmt.ColumnText(1) })
	})
	if err != nil {
		return nil, err
	}
	return settings, nil
}

// SetSettings changes the settings that are named, all or none, and leaves the
// others. "" removes one. Invalid when a key is not 1 to 64 lower-case letters,
// digits, dots and underscores that begin with a letter, or a value is longer
// than 64 KiB or not valid UTF-8.
func (s *Store) SetSettings(ctx context.Context, settings map[string]string) error {
	for key, value := range settings {
		if !validKey(key) {
			return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("no setting can be named %.100q", key))
		}
		if len(value) > maxSetting || !utf8.ValidString(value) {
			return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("the setting %q is longer than 64 KiB, or not valid UTF-8", key))
		}
	}
	return s.write(ctx, func(c *conn) error {
		for key, value := range settings {
			if err := c.setSetting(key, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// validKey reports whether a setting can have that key.
func validKey(key string) bool {
	rest := strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789_.")
	return rest == "" && key != "" && len(key) <= 64 && key[0] >= 'a'
}

func (c *conn) setSetting(key, value string) error {
	if value == "" {
		return c.exec("DELETE FROM settings WHERE key = ?", key)
	}
	return c.exec("INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
}
