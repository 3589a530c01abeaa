package store

import (
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

// The WAL is cut back while reads and writes go on: no reader pins it.
func TestWALStaysSmall(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	channel := lobby(t, s)
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for n := range 150 {
				if err := s.write(t.Context(), func(c *conn) error {
					return c.exec("INSERT INTO settings VALUES (?, printf('%.*c', 40000, 'x'))", fmt.Sprintf("%d-%d", w, n))
				}); err != nil {
					t.Error(err)
				}
				if _, _, err := s.Access(t.Context(), 0, channel.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	size := fileSize(t, s.path+"-wal")
	if written := 8 * 150 * 40_000; size > int64(written)/2 {
		t.Errorf("the WAL has %d bytes after %d were written", size, written)
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
