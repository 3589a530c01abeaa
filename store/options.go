package store

import (
	"log/slog"
	"path/filepath"
	"time"
)

// Options adjusts a [Store]. The zero value works.
type Options struct {
	// Readers is the most connections that read at once. Each takes about
	// 2 MiB once it was needed. 0 means 8.
	Readers int

	// BusyTimeout is how long to wait while another process holds the
	// database. 0 means 5 s.
	BusyTimeout time.Duration

	// BackupDir is where Open puts a copy of a database before it migrates it.
	// "" means "backups" beside the database file. It is made when needed.
	BackupDir string

	// Log gets a line for each migration and backup. nil means slog.Default().
	Log *slog.Logger

	// Now is the clock for all times that are kept and for what expires, called
	// from any goroutine. nil means time.Now.
	Now func() time.Time

	vfs    string // of SQLite, for tests; "": the system's files
	window int64  // how many ids one read of a search goes back; 0: searchWindow
}

func (o Options) withDefaults(path string) Options {
	if o.Readers <= 0 {
		o.Readers = 8
	}
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = 5 * time.Second
	}
	if o.BackupDir == "" {
		o.BackupDir = filepath.Join(filepath.Dir(path), "backups")
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.window <= 0 {
		o.window = searchWindow
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
