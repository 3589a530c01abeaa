package bookmarks_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/adrg/xdg"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

var keyA, keyB = voiceapp.Fingerprint{1, 2}, voiceapp.Fingerprint{3, 4}

func open(t *testing.T, path string) *bookmarks.Pins {
	t.Helper()
	pins, err := bookmarks.OpenPins(path)
	if err != nil {
		t.Fatal(err)
	}
	return pins
}

func TestFirstContactPinsAndAChangeIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "known_servers")
	if err := open(t, path).TrustFirstUse("voice.example:7788", keyA); err != nil {
		t.Fatal(err)
	}
	pins := open(t, path)
	if err := pins.TrustFirstUse("voice.example:7788", keyA); err != nil {
		t.Errorf("the same key is refused: %v", err)
	}
	err := pins.TrustFirstUse("voice.example:7788", keyB)
	if !errors.Is(err, voiceapp.KeyChanged) {
		t.Fatalf("another key: %v; want key_changed", err)
	}
	for _, want := range []string{"voice.example:7788", keyA.String(), keyB.String(), path} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the refusal does not name %s: %v", want, err)
		}
	}
	if got, _ := open(t, path).Lookup("voice.example:7788"); got != keyA {
		t.Error("the refused key replaced the pinned one")
	}
	if err := pins.Check("other:7788", keyA); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("a server never met: %v; want not_found", err)
	}
}

func TestAServerIsPinnedOnlyWhenThePersonAgrees(t *testing.T) {
	pins := open(t, filepath.Join(t.TempDir(), "known_servers"))
	asked := 0
	answer := errors.New("no")
	trust := pins.TrustAsked(func(addr string, shown voiceapp.Fingerprint) error {
		if asked++; addr != "a:1" || shown != keyA {
			t.Errorf("asked about %s, %s", addr, shown)
		}
		return answer
	})
	if err := trust("a:1", keyA); !errors.Is(err, answer) {
		t.Errorf("refused by the person: %v", err)
	}
	if _, ok := pins.Lookup("a:1"); ok {
		t.Error("pinned against the person's will")
	}
	answer = nil
	for range 2 {
		if err := trust("a:1", keyA); err != nil {
			t.Error(err)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times, want 2: a pinned server is trusted", asked)
	}
	if err := trust("a:1", keyB); !errors.Is(err, voiceapp.KeyChanged) || asked != 2 {
		t.Errorf("another key: %v after %d questions; want key_changed without a question", err, asked)
	}
}

// While a person thinks, another program may have met the server too.
func TestAPinOfAnotherProgramIsNotReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "known_servers")
	mine, theirs := open(t, path), open(t, path)
	trust := mine.TrustAsked(func(addr string, _ voiceapp.Fingerprint) error { return theirs.TrustFirstUse(addr, keyA) })
	if err := trust("a:1", keyB); !errors.Is(err, voiceapp.KeyChanged) {
		t.Errorf("another key than the one pinned meanwhile: %v; want key_changed", err)
	}
	if err := mine.TrustFirstUse("a:1", keyB); !errors.Is(err, voiceapp.KeyChanged) {
		t.Errorf("and afterwards: %v", err)
	}
	if got, _ := open(t, path).Lookup("a:1"); got != keyA {
		t.Error("the pin was replaced")
	}
}

func TestPinsAreForTheUserAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "known_servers")
	if err := open(t, path).Pin("a:1", keyA); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", name, info.Mode().Perm(), err, want)
		}
	}
}

func TestParallelPinsAreAllKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "known_servers")
	pins := open(t, path)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := pins.Pin(fmt.Sprintf("host%d:1", i), keyA); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	again := open(t, path)
	for i := range 20 {
		if _, ok := again.Lookup(fmt.Sprintf("host%d:1", i)); !ok {
			t.Errorf("host%d is lost", i)
		}
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".known_servers-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left behind: %q, %v", left, err)
	}
}

func TestBadInput(t *testing.T) {
	for _, content := range []string{"a:1", "a:1 xyz", "a:1 " + keyA.String() + " more", "a:1 " + strings.Repeat("0", 63)} {
		path := filepath.Join(t.TempDir(), "known_servers")
		if err := os.WriteFile(path, []byte("# comment\n\n"+content+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := bookmarks.OpenPins(path); !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%q: %v; want invalid that names line 3", content, err)
		}
	}
	for _, addr := range []string{"", "a b:1", "a\n:1", "#a:1"} {
		if err := open(t, filepath.Join(t.TempDir(), "k")).Pin(addr, keyA); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("Pin(%q) = %v; want invalid", addr, err)
		}
	}
}

func TestDefaultPathFollowsTheUsersDirectories(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	xdg.Reload()
	t.Cleanup(xdg.Reload)
	if got, want := bookmarks.DefaultPinsPath(), filepath.Join(dir, "voiceapp", "known_servers"); got != want {
		t.Errorf("the default path is %s, want %s", got, want)
	}
}

func FuzzPins(f *testing.F) {
	f.Add([]byte("# x\na:1 " + keyA.String() + "\n"))
	f.Add([]byte("a:1 zz"))
	f.Add([]byte{0xff, 0, '\n'})
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "known_servers")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		pins, err := bookmarks.OpenPins(path)
		if err != nil {
			if !errors.Is(err, voiceapp.Invalid) {
				t.Errorf("error %v has no code", err)
			}
			return
		}
		if err := pins.Pin("added:1", keyB); err != nil {
			t.Fatal(err)
		}
		first, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := open(t, path).Pin("added:1", keyB); err != nil {
			t.Fatal(err)
		}
		if second, _ := os.ReadFile(path); !bytes.Equal(first, second) {
			t.Error("what was written does not read back as it was")
		}
	})
}
