package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/voiceapp-sdk/voiceapp"
)

// A closed store answers everything with Unavailable, and Close may be repeated.
func TestClosed(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	channel := lobby(t, s)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, _, access := s.Access(t.Context(), 0, channel.ID)
	_, create := s.CreateUser(t.Context(), "Anna", someHash, voiceapp.RoleMember)
	_, channels := s.Channels(t.Context())
	_, _, credential := s.Credential(t.Context(), "Anna")
	_, claim := s.ClaimOwner(t.Context(), [32]byte{}, "Anna", someHash)
	_, token := s.NewOwnerToken(t.Context())
	_, first := s.Init(t.Context(), nil)
	_, made := s.CreateChannel(t.Context(), voiceapp.Channel{Name: "Late"})
	backup := s.Backup(t.Context(), filepath.Join(t.TempDir(), "copy.db"))
	for i, err := range []error{access, create, channels, credential, claim, token, first, made, backup} {
		if !errors.Is(err, voiceapp.Unavailable) {
			t.Errorf("call %d: %v, want Unavailable", i, err)
		}
	}
}

// Close while everything is in use: each call either worked or is Unavailable,
// and what worked is there afterwards.
func TestCloseWhileBusy(t *testing.T) {
	path := newPath(t)
	s := openTest(t, path, Options{Log: quiet.Log, Readers: 2})
	channel := lobby(t, s)
	var (
		all  sync.WaitGroup
		mu   sync.Mutex
		made []string
	)
	started := make(chan struct{}, 16)
	for w := range 16 {
		all.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("user-%d-%d", w, n)
				_, err := s.CreateUser(t.Context(), name, someHash, voiceapp.RoleMember)
				if err == nil {
					mu.Lock()
					made = append(made, name)
					mu.Unlock()
					_, _, err = s.Access(t.Context(), 0, channel.ID)
				}
				if n == 3 {
					started <- struct{}{}
				}
				if err != nil {
					if !errors.Is(err, voiceapp.Unavailable) {
						t.Error(err)
					}
					return
				}
			}
		})
	}
	all.Go(func() {
		for {
			err := s.Backup(t.Context(), filepath.Join(filepath.Dir(path), "copy.db"))
			if err != nil {
				if !errors.Is(err, voiceapp.Unavailable) {
					t.Error(err)
				}
				return
			}
		}
	})
	for range 16 {
		<-started
	}
	for range 3 {
		all.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()

	again := openTest(t, path, quiet)
	for _, name := range made {
		if _, _, err := again.Credential(t.Context(), name); err != nil {
			t.Errorf("%q was made: %v", name, err)
		}
	}
}

// Close waits for what runs.
func TestCloseWaits(t *testing.T) {
	for name, running := range map[string]func(*Store) chan struct{}{
		"write":  func(s *Store) chan struct{} { return s.writer.turn },
		"read":   func(s *Store) chan struct{} { return s.readers.slots },
		"backup": func(s *Store) chan struct{} { return s.backups },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := openTest(t, newPath(t), quiet)
				tokens := running(s)
				<-tokens
				closed := make(chan error, 1)
				go func() { closed <- s.Close() }()
				synctest.Wait()
				select {
				case err := <-closed:
					t.Errorf("Close did not wait: %v", err)
				default:
				}
				tokens <- struct{}{}
				if err := <-closed; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Close ends a backup rather than wait for the whole of it.
func TestCloseEndsBackup(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	ctx, cancel := s.untilClose(t.Context())
	defer cancel()
	if err := ctx.Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
}

// A closed database is one file again.
func TestCloseLeavesOneFile(t *testing.T) {
	path := newPath(t)
	s := openTest(t, path, quiet)
	member(t, s, "Anna")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside the database there are %v, %v", entries, err)
	}
}
