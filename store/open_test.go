package store

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func newLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func checkMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s is %o, want %o", path, got, want)
	}
}

// checkSentence fails unless err has the code, and a message of one line that
// contains what to do.
func checkSentence(t *testing.T, err error, code voiceapp.Code, advice string) {
	t.Helper()
	var typed *voiceapp.Error
	if !errors.As(err, &typed) || typed.Code != code {
		t.Fatalf("error is %v, want code %q", err, code)
	}
	if !strings.Contains(typed.Message, advice) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %q, want one line with %q in its message", err, advice)
	}
}

func TestOptionsHaveDefaults(t *testing.T) {
	options := reflect.ValueOf(Options{}.withDefaults("dir/voiceapp.db"))
	for i := range options.NumField() {
		if options.Type().Field(i).IsExported() && options.Field(i).IsZero() {
			t.Errorf("%s has no default", options.Type().Field(i).Name)
		}
	}
}

func TestOpenMakesPrivateFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(dir, "voiceapp.db")
	s := openTest(t, path, quiet)
	member(t, s, "Anna")
	checkMode(t, dir, 0o700)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		checkMode(t, path+suffix, 0o600)
	}
}

func TestOpenTightensFiles(t *testing.T) {
	path := thaw(t, 1)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	openTest(t, path, quiet)
	checkMode(t, path, 0o600)
}

// No character of a path means anything to SQLite.
func TestOpenAnyPath(t *testing.T) {
	for _, name := range []string{"file:x?mode=memory", "a b%20c#d.db", "ünï'\".db", ":memory:"} {
		if runtime.GOOS == "windows" && strings.ContainsAny(name, `:?"`) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			openTest(t, name, quiet)
			if _, err := os.Stat(name); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	foreign := filepath.Join(dir, "foreign.db")
	rawExec(t, foreign, "CREATE TABLE bookmarks (url)")
	versioned := filepath.Join(dir, "versioned.db")
	rawExec(t, versioned, "PRAGMA user_version = 1")
	for _, bad := range []struct {
		name, path string
		code       voiceapp.Code
		advice     string
	}{
		{"directory", dir, voiceapp.Invalid, "name a file in it"},
		{"text", write("notes.txt", strings.Repeat("this is no database\n", 300)), voiceapp.Invalid, "move it away"},
		{"short text", write("short.txt", "hello"), voiceapp.Invalid, "move it away"},
		{"other program's", foreign, voiceapp.Invalid, "move it away"},
		{"other program's version", versioned, voiceapp.Invalid, "move it away"},
		{"under a file", filepath.Join(write("file", ""), "voiceapp.db"), voiceapp.Unavailable, "choose another data directory"},
	} {
		t.Run(bad.name, func(t *testing.T) {
			before, _ := os.ReadFile(bad.path)
			s, err := Open(t.Context(), bad.path, quiet)
			if s != nil {
				t.Error("a store came with the error")
			}
			checkSentence(t, err, bad.code, bad.advice)
			if after, _ := os.ReadFile(bad.path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}

// A damaged file is told from one that is none, at start or when it is read.
func TestDamagedFile(t *testing.T) {
	path := thaw(t, 1)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 200; i < len(content); i++ {
		content[i] ^= 0x5a
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path, quiet)
	if err == nil {
		_, err = s.Channels(t.Context())
		closeAll(t, s)
	}
	checkSentence(t, err, voiceapp.Internal, "restore a backup")
}

func TestOpenEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Open(ctx, newPath(t), quiet)
	if !errors.Is(err, voiceapp.Unavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestLibraryVersion(t *testing.T) {
	for version, ok := range map[string]bool{
		"3.51.3": true, "3.51.4": true, "3.52.0": true, "4.0.0": true, "3.54.1": true,
		"3.51.2": false, "3.50.9": false, "2.99.99": false, "": false, "three": false,
	} {
		if err := checkLibraryVersion(version); (err == nil) != ok {
			t.Errorf("version %q: %v", version, err)
		}
	}
}

// A PRAGMA that SQLite does not take is an error, not a surprise later.
func TestPragmaNotTaken(t *testing.T) {
	c := openTest(t, newPath(t), quiet).writer.conn
	err := c.transact(func(c *conn) error { return c.set(pragma{"foreign_keys", "off", "0"}) })
	if _, ok := errors.AsType[*pragmaError](err); !ok {
		t.Errorf("foreign_keys can't be set in a transaction, but the error is %v", err)
	}
}
