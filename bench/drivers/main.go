// Command drivers puts the load of `voiceapp-bench store` on SQLite by other
// drivers, with the tables that it reads and writes, WAL, and a sync for each
// commit, as a careful program would use them: one connection that writes, as many
// that read as ours has. It is a module of its own, so that nobody who imports
// voiceapp gets them.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver sqlite3
	_ "modernc.org/sqlite"          // the driver sqlite

	"github.com/voiceapp-sdk/voiceapp/store/load"
)

const readers = 8

func main() {
	driver := flag.String("driver", "mattn", "mattn or modernc")
	duration := flag.Duration("dur", 30*time.Second, "of the readers and writers together; the rest takes two thirds of it more")
	flag.Parse()
	if err := bench(context.Background(), *driver, *duration); err != nil {
		fmt.Fprintln(os.Stderr, "drivers:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, driver string, d time.Duration) (err error) {
	dir, err := os.MkdirTemp("", "voiceapp-bench-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	t, err := open(ctx, driver, filepath.Join(dir, "bench.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	result, err := load.Run(ctx, t, load.Config{Duration: d})
	if err == nil {
		fmt.Println(result)
	}
	return err
}

// sources are the names by which the drivers open a file, with what each
// connection is to have.
var sources = map[string]struct{ driver, format string }{
	"mattn":   {"sqlite3", "file:%s?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_busy_timeout=5000&_txlock=immediate"},
	"modernc": {"sqlite", "file:%s?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_txlock=immediate"},
}

// target is a database by one of the drivers.
type target struct {
	read, write  *sql.DB
	access, keep *sql.Stmt
}

const schema = `
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, role INTEGER NOT NULL);
CREATE TABLE channels (id INTEGER PRIMARY KEY, name TEXT NOT NULL, parent_id INTEGER, required_role INTEGER NOT NULL, bitrate INTEGER NOT NULL);
CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, channel_id INTEGER, user_id INTEGER, name TEXT NOT NULL, text TEXT NOT NULL, sent INTEGER NOT NULL);
CREATE INDEX messages_of_channel ON messages (channel_id, id);
CREATE INDEX messages_by_time ON messages (sent);`

func open(ctx context.Context, name, path string) (*target, error) {
	source, ok := sources[name]
	if !ok {
		return nil, fmt.Errorf("there is no driver %q: use mattn or modernc", name)
	}
	t := &target{}
	var err error
	if t.write, err = sql.Open(source.driver, fmt.Sprintf(source.format, path)); err != nil {
		return nil, err
	}
	t.write.SetMaxOpenConns(1)
	if err := t.fill(ctx); err != nil {
		return nil, errors.Join(err, t.write.Close())
	}
	if t.read, err = sql.Open(source.driver, fmt.Sprintf(source.format, path)); err != nil {
		return nil, errors.Join(err, t.write.Close())
	}
	t.read.SetMaxOpenConns(readers)
	t.read.SetMaxIdleConns(readers)
	t.access, err = t.read.PrepareContext(ctx, `
SELECT c.name, c.parent_id, c.required_role, c.bitrate, u.role FROM channels c, users u WHERE c.id = ? AND u.id = ?`)
	if err == nil {
		t.keep, err = t.write.PrepareContext(ctx, "INSERT INTO messages (channel_id, user_id, name, text, sent) VALUES (?, ?, ?, ?, ?)")
	}
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// fill makes the tables, the accounts and the channels.
func (t *target) fill(ctx context.Context) error {
	tx, err := t.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, schema)
	for n := 0; err == nil && n < load.Accounts; n++ {
		_, err = tx.ExecContext(ctx, "INSERT INTO users (name, role) VALUES (?, 10)", fmt.Sprint("user-", n))
	}
	for n := 0; err == nil && n < load.Channels; n++ {
		_, err = tx.ExecContext(ctx, "INSERT INTO channels (name, required_role, bitrate) VALUES (?, 0, 64000)", fmt.Sprint("channel-", n))
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (t *target) close() error { return errors.Join(t.read.Close(), t.write.Close()) }

// Read is what joining a channel asks.
func (t *target) Read(ctx context.Context, n int) error {
	var name string
	var parent sql.NullInt64
	var required, bitrate, role int
	return t.access.QueryRowContext(ctx, 1+n%load.Channels, 1+n%load.Accounts).Scan(&name, &parent, &required, &bitrate, &role)
}

// Write keeps a message of chat.
func (t *target) Write(ctx context.Context, n int) error {
	_, err := t.keep.ExecContext(ctx, 1+n%load.Channels, 1+n%load.Accounts, "somebody", "good evening, everybody", time.Now().UnixMilli())
	return err
}

func (t *target) Locked(err error) bool { return load.Locked(err) }
