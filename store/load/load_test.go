package load_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/store/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var line = regexp.MustCompile(`^reads_s=[1-9]\d* writes_s=[1-9]\d* locked=0 errors=0 check_p50_us=\d+ check_p99_us=[1-9]\d* ungrouped_writes_s=[1-9]\d* ratio=\d+\.\d$`)

// A store under load is never locked, and fails nobody.
func TestStore(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "voiceapp.db"), store.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	target, err := load.Store(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	result, err := load.Run(t.Context(), target, load.Config{Duration: 600 * time.Millisecond})
	if err != nil || !line.MatchString(result.String()) {
		t.Errorf("%v, %v", result, err)
	}
	t.Log(result)
}

// slow takes 2 ms to read and 10 to write; each tenth call finds it locked or
// broken.
type slow struct{}

var errLocked, errBroken = errors.New("database is locked"), errors.New("broken")

func (slow) Read(_ context.Context, n int) error {
	time.Sleep(2 * time.Millisecond)
	if n%10 == 0 {
		return errLocked
	}
	return nil
}

func (slow) Write(_ context.Context, n int) error {
	time.Sleep(10 * time.Millisecond)
	if n%10 == 0 {
		return errBroken
	}
	return nil
}

func (slow) Locked(err error) bool { return load.Locked(err) }

// The figures are those of a target whose speed is known, and failures are no
// reads and no writes.
func TestFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := load.Run(t.Context(), slow{}, load.Config{Duration: 3 * time.Second, Readers: 4, Writers: 2, Checks: 100})
		if err != nil {
			t.Fatal(err)
		}
		between := func(what string, got, least, most float64) {
			if got < least || got > most {
				t.Errorf("%s is %v, want %v to %v", what, got, least, most)
			}
		}
		between("Reads", r.Reads, 4*500*0.85, 4*500*0.95)
		between("Writes", r.Writes, 2*100*0.8, 2*100*0.99)
		between("Ungrouped", r.Ungrouped, 100*0.8, 100*0.99)
		if r.CheckP50 != 2*time.Millisecond || r.CheckP99 != 2*time.Millisecond {
			t.Errorf("a check takes %v, %v", r.CheckP50, r.CheckP99)
		}
		if r.Locked == 0 || r.Errors == 0 {
			t.Errorf("no failure was counted: %v", r)
		}
	})
}

func ExampleResult() {
	fmt.Println(load.Result{Reads: 41_000, Writes: 9_000, Ungrouped: 3_000, CheckP50: 40 * time.Microsecond, CheckP99: 150 * time.Microsecond})
	// Output: reads_s=41000 writes_s=9000 locked=0 errors=0 check_p50_us=40 check_p99_us=150 ungrouped_writes_s=3000 ratio=3.0
}
