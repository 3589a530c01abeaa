package store

import (
	"errors"
	"log/slog"

	"github.com/ncruces/go-sqlite3"
)

const (
	// checkpointPages is how much the WAL grows, in pages of 4 KiB, before it is
	// folded back into the file.
	checkpointPages = 1000

	// crowdedPages is the length at which reads are held for a moment: they
	// follow each other so closely that the WAL never comes to start again.
	crowdedPages = walLimit / 4096
)

// wal keeps the write-ahead log short. It belongs to whoever has the turn to
// write.
type wal struct {
	log   *slog.Logger
	pause func() (resume func()) // holds all reads
	crowd int                    // the length at which to hold them: crowdedPages

	pages int // its length after the last commit
	next  int // the length at which to fold it back
}

// grown is told the length at each commit. It takes the place of SQLite's own
// checkpoints, for which the writes that wait would wait too.
func (w *wal) grown(_ *sqlite3.Conn, _ string, pages int) error {
	if pages < w.pages || w.next == 0 { // it started again
		w.next = checkpointPages
	}
	w.pages = pages
	return nil
}

// checkpoint folds the WAL back when it is time. Reads go on meanwhile, unless
// it is crowded; then they are held for the last part of it, so that the next
// write finds the WAL unused and starts it again.
func (w *wal) checkpoint(c *conn) {
	if w.next == 0 || w.pages < w.next {
		return
	}
	w.next = w.pages + checkpointPages
	w.foldBack(c)
	if w.pages >= w.crowd {
		defer w.pause()()
		w.foldBack(c)
	}
}

// foldBack copies what no reader still needs from the WAL. What fails here is
// tried again later; no write is lost by it.
func (w *wal) foldBack(c *conn) {
	_, _, err := c.db.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
	if err != nil && !errors.Is(err, sqlite3.BUSY) {
		w.log.Warn("the write-ahead log can't be folded back into the database", slog.Any("error", err))
	}
}
