package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

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

// kill ends the helper as the system would, and returns the lines that it still
// had written.
func (h *helper) kill(t *testing.T) []string {
	t.Helper()
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
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

// What was acknowledged is there after kill -9, whenever it comes.
func TestKillWhileWriting(t *testing.T) {
	path := newPath(t)
	total := 0
	for round := range 8 {
		h := startHelper(t, "create-users", path)
		var acknowledged []string
		for len(acknowledged) < 20+37*round && h.lines.Scan() {
			acknowledged = append(acknowledged, h.lines.Text())
		}
		acknowledged = append(acknowledged, h.kill(t)...)
		total += len(acknowledged)

		s, err := Open(t.Context(), path, quiet)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		checkDatabase(t, s)
		for _, name := range acknowledged {
			if _, _, err := s.Credential(t.Context(), name); err != nil {
				t.Errorf("round %d: %q was acknowledged: %v", round, name, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if total < 8*20 {
		t.Errorf("only %d writes were acknowledged", total)
	}
}
