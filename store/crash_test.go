package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// helper is a running process of this test binary.
type helper struct {
	cmd   *exec.Cmd
	stdin io.Closer
	lines *bufio.Scanner
}

func startHelper(t *testing.T, name, path string) *helper {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, path)
	cmd.Env = append(os.Environ(), helperVariable+"="+name)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &helper{cmd, stdin, bufio.NewScanner(stdout)}
}

// expect fails unless the helper's next line is want.
func (h *helper) expect(t *testing.T, want string) {
	t.Helper()
	if !h.lines.Scan() || h.lines.Text() != want {
		t.Fatalf("the helper said %q, want %q", h.lines.Text(), want)
	}
}

// killAfter lets the helper write for so long, then ends it as the system would,
// and returns the lines that it had written by then.
func (h *helper) killAfter(t *testing.T, d time.Duration) []string {
	t.Helper()
	timer := time.AfterFunc(d, func() { _ = h.cmd.Process.Kill() })
	defer timer.Stop()
	var rest []string
	for h.lines.Scan() {
		rest = append(rest, h.lines.Text())
	}
	_ = h.cmd.Wait() // "signal: killed"
	return rest
}

// createUsersForever makes accounts from several goroutines and prints the name
// of each that was acknowledged.
func createUsersForever(path string) error {
	ctx := context.Background()
	s, err := Open(ctx, path, quiet)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for range 4 {
		go func() {
			for n := 0; ; n++ {
				name := fmt.Sprintf("user-%d-%p-%d", os.Getpid(), &n, n)
				if _, err := s.CreateUser(ctx, name, someHash, voiceapp.RoleMember); err != nil {
					failed <- err
					return
				}
				fmt.Println(name)
			}
		}()
	}
	return <-failed
}

// crashCycles is how often the tests here crash: VOICEAPP_CRASH times, 20 where
// that is not set. `make crash` sets 300.
func crashCycles(t *testing.T) int {
	t.Helper()
	text := os.Getenv("VOICEAPP_CRASH")
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("VOICEAPP_CRASH is %q, not a number of crashes", text)
	}
	return n
}

// What was acknowledged is there after kill -9, whenever it comes.
func TestKillWhileWriting(t *testing.T) {
	path := newPath(t)
	var total, lost, damaged int
	var restarts []time.Duration
	cycles := crashCycles(t)
	for range cycles {
		h := startHelper(t, "create-users", path)
		if !h.lines.Scan() {
			t.Fatal("the helper wrote nothing")
		}
		acknowledged := append([]string{h.lines.Text()}, h.killAfter(t, 10*time.Millisecond+rand.N(490*time.Millisecond))...)
		total += len(acknowledged)

		began := time.Now()
		s, err := Open(t.Context(), path, quiet)
		if err != nil {
			t.Fatal(err)
		}
		restarts = append(restarts, time.Since(began))
		lost += missing(t, s, acknowledged)
		if err := s.read(t.Context(), (*conn).checkIntegrity); err != nil {
			damaged++
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	slices.Sort(restarts)
	t.Logf("kills=%d acked=%d lost=%d integrity_failures=%d restart_p95_ms=%.1f", cycles, total, lost, damaged,
		float64(restarts[len(restarts)*95/100].Microseconds())/1000)
	if lost > 0 || damaged > 0 {
		t.Error("what was acknowledged is lost, or the database is damaged")
	}
}

// missing counts the accounts that should be there and are not.
func missing(t *testing.T, s *Store, names []string) (n int) {
	t.Helper()
	for _, name := range names {
		if _, _, err := s.Credential(t.Context(), name); err != nil {
			t.Logf("%q was acknowledged: %v", name, err)
			n++
		}
	}
	return n
}
