package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// hold keeps the turn to write until the function it returns is called.
func hold(s *Store) (release func()) {
	<-s.writer.turn
	return func() { s.writer.turn <- struct{}{} }
}

// Writes that wait together share a transaction, and each gets its own outcome.
func TestWritesShareATransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openTest(t, newPath(t), quiet)
		member(t, s, "Anna")
		before := s.Stats()
		release := hold(s)
		outcomes := make(map[string]error)
		var mu sync.Mutex
		var all sync.WaitGroup
		names := []string{"Berta", "anna", "Carl", "ANNA", "Dora"}
		for _, name := range names {
			all.Go(func() {
				_, err := s.CreateUser(t.Context(), name, someHash, voiceapp.RoleMember)
				mu.Lock()
				defer mu.Unlock()
				outcomes[name] = err
			})
		}
		synctest.Wait()
		release()
		all.Wait()

		for _, name := range names {
			isTaken := name == "anna" || name == "ANNA"
			if err := outcomes[name]; errors.Is(err, voiceapp.Exists) != isTaken || (err == nil) == isTaken {
				t.Errorf("CreateUser(%q): %v", name, err)
			}
			if _, _, err := s.Credential(t.Context(), name); err != nil {
				t.Errorf("Credential(%q): %v", name, err)
			}
		}
		after := s.Stats()
		if writes, commits := after.Writes-before.Writes, after.Commits-before.Commits; writes != 3 || commits != 1 {
			t.Errorf("%d writes in %d commits, want 3 in 1", writes, commits)
		}
	})
}

// A change of several statements that fails half-way leaves none of them, and
// the rest of its group stands.
func TestFailedChangeIsUndoneAlone(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	_, err := s.Init(t.Context(), []voiceapp.Channel{{ID: 1, Name: "Lobby"}, {ID: 2, Name: "LOBBY"}})
	if !errors.Is(err, voiceapp.Exists) {
		t.Fatalf("Init with one name twice: %v", err)
	}
	channels, err := s.Channels(t.Context())
	if err != nil || len(channels) != 0 {
		t.Errorf("channels are %v, %v; want none", channels, err)
	}
	if token, err := s.Init(t.Context(), nil); err != nil || token == "" {
		t.Errorf("Init after one that failed gave %q, %v", token, err)
	}
}

// A panic in a change comes through. It leaves no transaction open and nobody
// waiting.
func TestPanicInAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openTest(t, newPath(t), quiet)
		release := hold(s)
		type outcome struct {
			recovered any
			err       error
		}
		outcomes := make(chan outcome, 2)
		change := func(change func(*conn) error) {
			var o outcome
			defer func() {
				o.recovered = recover()
				outcomes <- o
			}()
			o.err = s.write(t.Context(), change)
		}
		go change(func(c *conn) error {
			return c.exec("INSERT INTO settings VALUES ('left', 'behind')")
		})
		synctest.Wait()
		go change(func(*conn) error { panic("boom") })
		synctest.Wait()
		release()

		panics, failures := 0, 0
		for range 2 {
			o := <-outcomes
			if o.recovered == "boom" {
				panics++
			}
			if errors.Is(o.err, voiceapp.Internal) {
				failures++
			}
		}
		if panics != 1 || failures != 1 {
			t.Errorf("%d panics and %d failures, want one of each", panics, failures)
		}
		member(t, s, "Anna")
		if err := s.read(t.Context(), func(c *conn) error {
			rows, err := c.number("SELECT count(*) FROM settings WHERE key = 'left'")
			if rows != 0 {
				t.Error("a change was committed with a panic in its group")
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

// A context ends the wait for the turn, and then nothing was changed.
func TestContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openTest(t, newPath(t), Options{Log: quiet.Log, Readers: 1})
		channel := lobby(t, s)
		release := hold(s)
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() {
			_, err := s.CreateUser(ctx, "Anna", someHash, voiceapp.RoleMember)
			failed <- err
		}()
		synctest.Wait()
		cancel()
		checkEnded(t, <-failed)
		release()
		member(t, s, "Berta")
		if _, _, err := s.Credential(t.Context(), "Anna"); !errors.Is(err, voiceapp.NotFound) {
			t.Errorf("Credential of an account whose making was cancelled: %v", err)
		}

		_, err := s.CreateUser(ctx, "Anna", someHash, voiceapp.RoleMember)
		checkEnded(t, err)
		_, _, err = s.Access(ctx, 0, channel.ID)
		checkEnded(t, err)
		<-s.readers.slots
		ctx, cancel = context.WithCancel(t.Context())
		go func() {
			_, err := s.Channels(ctx)
			failed <- err
		}()
		cancel()
		checkEnded(t, <-failed)
		s.readers.slots <- struct{}{}
		if _, _, err := s.Access(t.Context(), 0, channel.ID); err != nil {
			t.Errorf("the next read: %v", err)
		}
	})
}

func checkEnded(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, voiceapp.Unavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v; want Unavailable, with context.Canceled as its cause", err)
	}
}

// A context ends a read that runs, and the connection is as good as before.
func TestContextEndsARead(t *testing.T) {
	s := openTest(t, newPath(t), Options{Log: quiet.Log, Readers: 1})
	ctx, cancel := context.WithCancel(t.Context())
	err := s.read(ctx, func(c *conn) error {
		return c.rows("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", nil,
			func(stmt *sqlite3.Stmt) {
				if stmt.ColumnInt(0) == 1000 {
					cancel()
				}
			})
	})
	checkEnded(t, err)
	if _, err := s.Channels(t.Context()); err != nil {
		t.Errorf("the next read: %v", err)
	}
}

// Reads can't write, and say so with a code.
func TestReadersCanNotWrite(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	err := s.read(t.Context(), func(c *conn) error { return c.exec("DELETE FROM settings") })
	checkSentence(t, err, voiceapp.Unavailable, "nothing was changed")
}

// A disk with no room refuses writes and goes on reading; with room again it
// works without a restart.
func TestDatabaseFull(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	member(t, s, "Anna")
	limit := func(pages string) {
		defer hold(s)()
		if _, err := s.writer.conn.text("PRAGMA max_page_count = " + pages); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // SQLite makes it the present size
	var err error
	n := 0
	for ; err == nil && n < 10_000; n++ {
		_, err = s.CreateUser(t.Context(), fmt.Sprint("user-", n), someHash, voiceapp.RoleMember)
	}
	checkSentence(t, err, voiceapp.Busy, "disk is full")
	if _, _, err := s.Credential(t.Context(), "Anna"); err != nil {
		t.Errorf("a read while it is full: %v", err)
	}
	limit("1000000")
	member(t, s, fmt.Sprint("user-", n-1))
	checkDatabase(t, s)
}

// Another process that holds the database is waited for, then Busy.
func TestAnotherProcessHoldsTheDatabase(t *testing.T) {
	path := newPath(t)
	s := openTest(t, path, Options{Log: quiet.Log, BusyTimeout: 1})
	other, err := Options{BusyTimeout: 1}.connect(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { closeAll(t, closer(other.close)) }()
	if err := other.exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	_, err = s.CreateUser(t.Context(), "Anna", someHash, voiceapp.RoleMember)
	checkSentence(t, err, voiceapp.Busy, "try again")
	if _, err := s.Channels(t.Context()); err != nil {
		t.Errorf("a read meanwhile: %v", err)
	}
	if err := other.exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	member(t, s, "Anna")
}
