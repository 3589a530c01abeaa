//go:build unix

package store

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// Files are private, and usable by their owner, whatever the umask.
func TestOpenWithAnyUmask(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o777} {
		path := newPath(t)
		old := syscall.Umask(umask)
		s := openTest(t, path, quiet)
		member(t, s, "Anna")
		backup := s.Backup(t.Context(), filepath.Join(filepath.Dir(path), "copy.db"))
		syscall.Umask(old)
		if backup != nil {
			t.Error(backup)
		}
		checkMode(t, filepath.Join(filepath.Dir(path), "copy.db"), 0o600)
		for _, suffix := range []string{"", "-wal", "-shm"} {
			checkMode(t, path+suffix, 0o600)
		}
	}
}

// A link leads to the database, and its files are private where it is.
func TestOpenLink(t *testing.T) {
	path := newPath(t)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	openTest(t, link, quiet)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		checkMode(t, path+suffix, 0o600)
	}
}

// A file that was there gets no other mode before it is known to be ours.
func TestOpenLeavesForeignMode(t *testing.T) {
	path := newPath(t)
	rawExec(t, path, "CREATE TABLE bookmarks (url)")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), path, quiet)
	checkSentence(t, err, voiceapp.Invalid, "move it away")
	checkMode(t, path, 0o644)
}

// Without the right to write there, the error says so.
func TestOpenWithoutRights(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	path := thaw(t, 1)
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), path, quiet)
	checkSentence(t, err, voiceapp.Unavailable, "give this user the right")
	if err := os.Chmod(filepath.Dir(path), 0o500); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := os.Chmod(filepath.Dir(path), 0o700); err != nil { // so that it can be removed
			t.Error(err)
		}
	}()
	_, err = Open(t.Context(), filepath.Join(filepath.Dir(path), "new.db"), quiet)
	checkSentence(t, err, voiceapp.Unavailable, "give this user the right")
}
