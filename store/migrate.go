package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"

	"github.com/voiceapp-sdk/voiceapp"
)

// applicationID marks a database as voiceapp's: "vapp".
const applicationID = 0x76617070

//go:embed migrations/*.sql
var scripts embed.FS

// migration takes a database from one version of the schema to the next, inside
// a transaction.
type migration func(*conn) error

// migrations lists all there ever were; the n-th leads to version n. It is only
// ever appended to.
var migrations = []migration{
	script("migrations/001.sql"),
	both(script("migrations/002.sql"), refoldNames),
	script("migrations/003.sql"),
	script("migrations/004.sql"),
	script("migrations/005.sql"),
}

// script is a migration in SQL alone.
func script(name string) migration {
	return func(c *conn) error {
		sql, err := scripts.ReadFile(name)
		if err != nil {
			return err
		}
		return c.db.Exec(string(sql))
	}
}

// both is a migration in two parts.
func both(first, second migration) migration {
	return func(c *conn) error {
		if err := first(c); err != nil {
			return err
		}
		return second(c)
	}
}

// migrate brings the schema up to date from a version. A kill at any moment
// leaves either the old version or a newer one whole.
func (s *Store) migrate(ctx context.Context, c *conn, version int, steps []migration) error {
	if version == len(steps) {
		return nil
	}
	if version > 0 {
		if err := s.backupBefore(ctx, version); err != nil {
			return err
		}
	}
	for n := version; n < len(steps); n++ {
		if err := c.transact(step(steps[n], n)); err != nil {
			return fmt.Errorf("migration %d: %w", n+1, err)
		}
	}
	s.options.Log.Info("database schema brought up to date", slog.String("path", s.path), slog.Int("from", version), slog.Int("to", len(steps)))
	return nil
}

// schema returns the version of the database, 0 for an empty one. latest is the
// newest that this program knows.
func (c *conn) schema(path string, latest int) (int, error) {
	id, version, objects, err := c.identity()
	switch {
	case err != nil:
		return 0, err
	case id == 0 && version == 0 && objects == 0:
		return 0, nil
	case id != applicationID || version <= 0:
		return 0, foreign(path, fmt.Errorf("application_id is %#x, user_version %d", id, version))
	case version > int64(latest):
		return 0, voiceapp.NewError(voiceapp.Conflict, fmt.Sprintf(
			"the database %q has version %d, this program knows versions up to %d: run the newer voiceapp, or restore a backup from before it",
			path, version, latest))
	}
	return int(version), nil
}

// identity reads what tells one database from another, all at one moment.
func (c *conn) identity() (id, version, objects int64, err error) {
	if err := c.exec("BEGIN"); err != nil {
		return 0, 0, 0, err
	}
	id, err = c.number("PRAGMA application_id")
	if err == nil {
		version, err = c.number("PRAGMA user_version")
	}
	if err == nil {
		objects, err = c.number("SELECT count(*) FROM sqlite_schema")
	}
	return id, version, objects, errors.Join(err, c.exec("COMMIT"))
}

// step is one migration and the version to which it leads, or nothing when
// another process was faster.
func step(m migration, from int) func(*conn) error {
	return func(c *conn) error {
		now, err := c.number("PRAGMA user_version")
		if err != nil || now > int64(from) {
			return err
		}
		if err := m(c); err != nil {
			return err
		}
		return c.db.Exec("PRAGMA user_version = " + strconv.Itoa(from+1))
	}
}

// backupBefore copies the database as it is at a version, before that changes.
func (s *Store) backupBefore(ctx context.Context, version int) error {
	if err := createDir(s.options.BackupDir); err != nil {
		return cannotBackup(s.options.BackupDir, err)
	}
	name := fmt.Sprintf("before-version-%d-%s.db", version+1, s.now().Format("20060102T150405.000Z"))
	file := filepath.Join(s.options.BackupDir, name)
	if err := s.Backup(ctx, file); err != nil {
		return err
	}
	s.options.Log.Info("database backed up before its migration", slog.String("backup", file))
	return nil
}
