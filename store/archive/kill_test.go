package archive

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/store"
)

// killed is how far a restore got before the process was killed.
type killed struct{}

// fillServer makes a data directory whose files all say who they are of.
func fillServer(t *testing.T, dir, who string) {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(dir, Database), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.CreateUser(t.Context(), who, "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$c3Vt", 0)
	if err := errors.Join(err, db.Close(), os.MkdirAll(filepath.Join(dir, "tls"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, name := range names[1:] {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(who), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// whose tells whose files all of a data directory are.
func whose(t *testing.T, dir string) string {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(dir, Database), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	users, err := db.Users(t.Context(), 0, 1)
	if err := errors.Join(err, db.Close()); err != nil || len(users) != 1 {
		t.Fatal(users, err)
	}
	for _, name := range names[1:] {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(text) != users[0].Name {
			t.Errorf("the database is %s's, %s is %q, %v", users[0].Name, name, text, err)
		}
	}
	return users[0].Name
}

// A restore that is killed at any step is finished by the next start, or has
// changed nothing: each step is a file that was moved, and any number of them may
// have been.
func TestKilledAtEachStep(t *testing.T) {
	from, file := t.TempDir(), filepath.Join(t.TempDir(), "new.tar")
	fillServer(t, from, "new")
	if _, err := Create(t.Context(), from, file, Options{}); err != nil {
		t.Fatal(err)
	}
	steps := 0
	for kill := 0; ; kill++ {
		dir := t.TempDir()
		fillServer(t, dir, "old")
		if err := os.WriteFile(filepath.Join(dir, Database+"-wal"), []byte("stale"), 0o600); err != nil {
			t.Fatal(err)
		}
		done := restoreUntil(t, file, dir, kill)
		if done {
			steps = kill
			break
		}
		if !Pending(dir) {
			t.Fatalf("killed after %d moves: nothing is pending", kill)
		}
		if result, err := Finish(dir); err != nil || result == nil || result.Aside == "" {
			t.Fatalf("killed after %d moves: %+v, %v", kill, result, err)
		}
		if got := whose(t, dir); got != "new" || Pending(dir) {
			t.Errorf("killed after %d moves, then finished: the server is the %s one", kill, got)
		}
	}
	if want := 2*len(names) + 1; steps != want {
		t.Errorf("%d moves, want %d", steps, want)
	}
}

// restoreUntil restores, and is killed after so many moves; done is true when it
// needed no more.
func restoreUntil(t *testing.T, file, dir string, moves int) (done bool) {
	t.Helper()
	if err := os.Mkdir(filepath.Join(dir, partDir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := stage(context.Background(), file, dir); err != nil {
		t.Fatal(err)
	}
	p, err := readPlan(filepath.Join(dir, readyDir, planName))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		fault := recover()
		if _, wasKilled := fault.(killed); fault != nil && !wasKilled {
			panic(fault)
		}
	}()
	p.moved = func() {
		if moves == 0 {
			panic(killed{})
		}
		moves--
	}
	if err := p.carryOut(dir); err != nil {
		t.Fatal(err)
	}
	return true
}

// A kill before the new state holds leaves the old one.
func TestKilledWhileUnpacking(t *testing.T) {
	dir := t.TempDir()
	fillServer(t, dir, "old")
	part := filepath.Join(dir, partDir)
	if err := errors.Join(os.Mkdir(part, 0o700), os.WriteFile(filepath.Join(part, Database), []byte("half"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if result, err := Finish(dir); result != nil || err != nil {
		t.Errorf("%+v, %v", result, err)
	}
	if _, err := os.Stat(part); !errors.Is(err, os.ErrNotExist) || whose(t, dir) != "old" {
		t.Errorf("what was laid out is left, or taken: %v", err)
	}
}
