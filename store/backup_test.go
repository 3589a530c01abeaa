package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// inFiles reports whether the database's files hold a string.
func inFiles(t *testing.T, path, what string) bool {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), what) {
			return true
		}
	}
	return false
}

// A copy made while writes go on holds all that were acknowledged before it.
func TestBackupWhileWriting(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	ctx, stop := context.WithCancel(t.Context())
	var (
		all  sync.WaitGroup
		mu   sync.Mutex
		made []string
	)
	for w := range 4 {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				name := fmt.Sprintf("user-%d-%d", w, n)
				if _, err := s.CreateUser(ctx, name, someHash, voiceapp.RoleMember); err == nil {
					mu.Lock()
					made = append(made, name)
					mu.Unlock()
				}
			}
		})
	}
	defer all.Wait()
	defer stop()
	dir := t.TempDir()
	file := filepath.Join(dir, "copy.db")
	for range 5 {
		mu.Lock()
		before := made[:len(made):len(made)]
		mu.Unlock()
		if err := s.Backup(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		checkMode(t, file, 0o600)
		if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 1 {
			t.Errorf("beside the copy there are %v, %v", left, err)
		}
		checkCopyHas(t, file, before)
	}
}

// checkCopyHas opens a copy of the copy: what is made beside an open one would
// be in the way of the next backup.
func checkCopyHas(t *testing.T, file string, names []string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	path := newPath(t)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, path, quiet)
	checkDatabase(t, s)
	for _, name := range names {
		if _, _, err := s.Credential(t.Context(), name); err != nil {
			t.Errorf("%q was made before the backup: %v", name, err)
		}
	}
}

// A backup that fails leaves what was there, and nothing else.
func TestBackupFails(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	dir := t.TempDir()
	file := filepath.Join(dir, "copy.db")
	if err := os.WriteFile(file, []byte("the one before"), 0o600); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Backup(ended, file); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("a backup whose context ended: %v", err)
	}
	checkSentence(t, s.Backup(t.Context(), filepath.Join(dir, "none", "copy.db")), voiceapp.Unavailable, "choose another place")
	checkSentence(t, s.Backup(t.Context(), dir), voiceapp.Unavailable, "choose another place")

	content, err := os.ReadFile(file)
	if err != nil || string(content) != "the one before" {
		t.Errorf("the backup before is %q, %v", content, err)
	}
	for _, place := range []string{dir, filepath.Dir(dir)} {
		if left, err := filepath.Glob(filepath.Join(place, "*.part")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
}
