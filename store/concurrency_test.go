package store

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// Many readers and writers at once, on more goroutines than connections: no call
// fails, and no write is lost.
func TestNeverLocked(t *testing.T) {
	const (
		readers, reads  = 50, 200
		writers, writes = 10, 50
	)
	s := openTest(t, newPath(t), quiet)
	channel := lobby(t, s)
	anna := member(t, s, "Anna")
	var all sync.WaitGroup
	for range readers {
		all.Go(func() {
			for range reads {
				if _, role, err := s.Access(t.Context(), anna.ID, channel.ID); err != nil || role != voiceapp.RoleMember {
					t.Errorf("Access = %v, %v", role, err)
				}
				if channels, err := s.Channels(t.Context()); err != nil || len(channels) != 1 {
					t.Errorf("Channels = %v, %v", channels, err)
				}
			}
		})
	}
	for w := range writers {
		all.Go(func() {
			for n := range writes {
				if _, err := s.CreateUser(t.Context(), fmt.Sprintf("user-%d-%d", w, n), someHash, voiceapp.RoleMember); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := s.read(t.Context(), func(c *conn) error {
		rows, err := c.number("SELECT count(*) FROM users")
		if rows != writers*writes+1 {
			t.Errorf("there are %d accounts, want %d", rows, writers*writes+1)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	stats := s.Stats()
	if stats.Readers > 8 {
		t.Errorf("%d connections read, want at most 8", stats.Readers)
	}
	if stats.Writes != writers*writes+2 || stats.Commits > stats.Writes {
		t.Errorf("stats are %+v", stats)
	}
	t.Logf("%.1f writes a commit", float64(stats.Writes)/float64(stats.Commits))
}

// Two stores on one file stand for two processes: they wait for each other.
func TestTwoStoresOnOneFile(t *testing.T) {
	path := newPath(t)
	stores := []*Store{openTest(t, path, quiet), openTest(t, path, quiet)}
	var all sync.WaitGroup
	for w, s := range stores {
		for g := range 4 {
			all.Go(func() {
				for n := range 25 {
					name := fmt.Sprintf("user-%d-%d-%d", w, g, n)
					if _, err := s.CreateUser(t.Context(), name, someHash, voiceapp.RoleMember); err != nil {
						t.Error(err)
					}
					if _, _, err := stores[1-w].Credential(t.Context(), name); err != nil {
						t.Errorf("the other store does not see %q: %v", name, err)
					}
				}
			})
		}
	}
	all.Wait()
}

// The WAL stays short while reads follow each other so closely that there is
// always one.
func TestWALStaysShort(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	release := hold(s)
	s.writer.wal.crowd = 2 * checkpointPages // in place of 16 MiB, to be quicker
	release()
	ctx, stop := context.WithCancel(t.Context())
	var readers, writers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if err := s.read(t.Context(), slowly); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for w := range 4 {
		writers.Go(func() {
			for n := range 120 {
				if err := s.write(t.Context(), func(c *conn) error {
					return c.exec("INSERT INTO settings VALUES (?, ?)", fmt.Sprintf("%d-%d", w, n), filler)
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	stop()
	readers.Wait()
	if size, most := fileSize(t, s.path+"-wal"), int64(3*checkpointPages*4096); size > most {
		t.Errorf("the WAL has %d bytes after %d were written, want at most %d", size, 4*120*len(filler), most)
	}
}

// filler takes ten pages.
var filler = strings.Repeat("x", 40_000)

// slowly reads from the database for longer than a commit takes.
func slowly(c *conn) error {
	_, err := c.number(`
WITH RECURSIVE n (i) AS (SELECT count(*) * 0 FROM settings UNION ALL SELECT i + 1 FROM n WHERE i < 500)
SELECT max(i) FROM n`)
	return err
}

// A read that takes long keeps the WAL only for as long as it takes.
func TestWALAfterLongRead(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	fill := func() {
		for range 2 * checkpointPages / 10 {
			if err := s.write(t.Context(), func(c *conn) error {
				return c.exec("INSERT OR REPLACE INTO settings VALUES ('filler', ?)", filler)
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	length := func() int {
		defer hold(s)()
		return s.writer.wal.pages
	}
	if err := s.read(t.Context(), func(c *conn) error {
		_, err := c.row("SELECT count(*) FROM settings", nil, func(*sqlite3.Stmt) { fill() })
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if got := length(); got < 2*checkpointPages {
		t.Errorf("the WAL has %d pages while an old read needs them, want at least %d", got, 2*checkpointPages)
	}
	fill()
	if got := length(); got > checkpointPages+100 {
		t.Errorf("the WAL has %d pages after the read, want at most %d", got, checkpointPages+100)
	}
}

// What the server asks at each join and login is looked up, never searched for.
func TestReadsUseIndexes(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	for _, sql := range []string{channelAccess, userByName} {
		if err := s.read(t.Context(), func(c *conn) error {
			return c.rows("EXPLAIN QUERY PLAN "+sql, nil, func(stmt *sqlite3.Stmt) {
				if step := stmt.ColumnText(3); !strings.HasPrefix(step, "SEARCH") {
					t.Errorf("%s in\n%s", step, sql)
				}
			})
		}); err != nil {
			t.Error(err)
		}
	}
}
