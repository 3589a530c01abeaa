package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// load is writers on a store whose disk will fail.
type load struct {
	mu    sync.Mutex
	acked []string
	done  sync.WaitGroup
}

// start begins writers that go on until a write fails, or for good when goOn says
// so of its error.
func (l *load) start(t *testing.T, s *Store, writers int, goOn func(error) bool) {
	t.Helper()
	for w := range writers {
		l.done.Go(func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("user-%d-%d", w, n)
				_, err := s.CreateUser(t.Context(), name, someHash, voiceapp.RoleMember)
				if err == nil {
					l.mu.Lock()
					l.acked = append(l.acked, name)
					l.mu.Unlock()
				} else if !goOn(err) {
					return
				}
			}
		})
	}
}

func never(error) bool { return false }

// openOn opens a store on a disk that can fail.
func openOn(t *testing.T, d *disk) (*Store, error) {
	t.Helper()
	return Open(t.Context(), newPath(t), Options{Log: quiet.Log, vfs: d.name})
}

// What was acknowledged is there after a power cut, whenever it comes, also while
// the database is made: what was not synced is gone, and the last page is torn.
func TestPowerCut(t *testing.T) {
	total, lost := 0, 0
	cuts := crashCycles(t)
	for range cuts {
		acked, missed := cutPower(t, 1+rand.Int64N(60))
		total += acked
		lost += missed
	}
	t.Logf("cuts=%d acked=%d lost=%d", cuts, total, lost)
	if lost > 0 {
		t.Error("what was acknowledged is lost")
	}
}

// cutPower cuts the power after so many syncs.
func cutPower(t *testing.T, after int64) (acked, lost int) {
	t.Helper()
	d, left := newDisk(t), t.TempDir()
	d.cutAt(after)
	var l load
	s, err := openOn(t, d)
	if err == nil {
		l.start(t, s, 4, never)
		l.done.Wait()
		_ = s.Close() // it can't end in order
	}
	d.cut(t, left)
	again := openTest(t, filepath.Join(left, "voiceapp.db"), quiet)
	checkDatabase(t, again)
	return len(l.acked), missing(t, again, l.acked)
}

// A sync that fails is never acknowledged, also when the system forgets what it
// could not keep: the write fails with a code, the next ones work, and a power cut
// leaves what was acknowledged.
func TestFailingSync(t *testing.T) {
	d, left := newDisk(t), t.TempDir()
	s, err := openOn(t, d)
	if err != nil {
		t.Fatal(err)
	}
	var l load
	refused := 0
	for n := range 200 {
		if n%3 == 0 {
			d.mu.Lock()
			d.failSync = 1 + n%4
			d.mu.Unlock()
		}
		name := fmt.Sprint("user-", n)
		_, err := s.CreateUser(t.Context(), name, someHash, voiceapp.RoleMember)
		switch {
		case err == nil:
			l.acked = append(l.acked, name)
		case errors.Is(err, voiceapp.Internal):
			refused++
			if _, _, err := s.Credential(t.Context(), name); !errors.Is(err, voiceapp.NotFound) {
				t.Errorf("%s was refused, and is there: %v", name, err)
			}
		default:
			t.Errorf("%s: %v", name, err)
		}
	}
	if refused < 50 || len(l.acked) < 50 {
		t.Errorf("%d were refused, %d acknowledged: the disk did not fail as it should", refused, len(l.acked))
	}
	d.cut(t, left)
	_ = s.Close() // it can't end in order
	again := openTest(t, filepath.Join(left, "voiceapp.db"), quiet)
	checkDatabase(t, again)
	if n := missing(t, again, l.acked); n > 0 {
		t.Errorf("%d of %d that were acknowledged are lost", n, len(l.acked))
	}
}

// What the system says to a write tells why SQLite could not.
func TestReadOnlyIsSaidInWords(t *testing.T) {
	for _, cause := range []error{syscall.EROFS, syscall.EACCES} {
		err := fault(t.Context(), fmt.Errorf("%w: %w", sqlite3.IOERR, cause))
		checkSentence(t, err, voiceapp.Unavailable, "can't be written")
	}
}

// A disk that turns read-only under an open database refuses writes with a code,
// goes on reading, and works again when it can be written again.
func TestDiskTurnsReadOnly(t *testing.T) {
	d := newDisk(t)
	s, err := openOn(t, d)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	member(t, s, "before")
	setReadOnly := func(is bool) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.readOnly = is
	}
	setReadOnly(true)
	for range 3 {
		_, err = s.CreateUser(t.Context(), "during", someHash, voiceapp.RoleMember)
		checkSentence(t, err, voiceapp.Internal, "nothing was changed") // the system's own files can be written here
	}
	if _, _, err := s.Credential(t.Context(), "before"); err != nil {
		t.Errorf("reading: %v", err)
	}
	setReadOnly(false)
	member(t, s, "after")
	if _, _, err := s.Credential(t.Context(), "during"); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("what was refused is there: %v", err)
	}
	checkDatabase(t, s)
}
