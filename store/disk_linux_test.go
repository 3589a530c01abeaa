package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// mount makes a small disk of its own.
func mount(t *testing.T, options string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Skip("mounting a tmpfs: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func remount(t *testing.T, dir string, flags uintptr, options string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|flags, options); err != nil {
		t.Fatal(err)
	}
}

// A disk that fills up refuses writes with a code, keeps what it has, goes on
// reading, and works again once there is room.
func TestDiskFull(t *testing.T) {
	dir := mount(t, "size=1m,mode=700")
	s := openTest(t, filepath.Join(dir, "voiceapp.db"), quiet)
	var made []string
	var err error
	for n := 0; err == nil && n < 100_000; n++ {
		name := fmt.Sprint("user-", n)
		if _, err = s.CreateUser(t.Context(), name, someHash, voiceapp.RoleMember); err == nil {
			made = append(made, name)
		}
	}
	checkSentence(t, err, voiceapp.Busy, "disk is full")
	checkSentence(t, s.Backup(t.Context(), filepath.Join(dir, "copy.db")), voiceapp.Busy, "make room")
	for _, name := range made {
		if _, _, err := s.Credential(t.Context(), name); err != nil {
			t.Fatalf("Credential(%q) on the full disk: %v", name, err)
		}
	}
	remount(t, dir, 0, "size=8m")
	member(t, s, "After")
	checkDatabase(t, s)
	if left, err := filepath.Glob(filepath.Join(dir, "*.part")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A full disk at start is told from a place without the right to write.
func TestOpenOnBadDisk(t *testing.T) {
	full := mount(t, "size=8k,mode=700")
	_, err := Open(t.Context(), filepath.Join(full, "voiceapp.db"), quiet)
	checkSentence(t, err, voiceapp.Busy, "make room")

	readOnly := mount(t, "size=8m,mode=700")
	path := filepath.Join(readOnly, "voiceapp.db")
	closeAll(t, openTest(t, path, quiet))
	remount(t, readOnly, syscall.MS_RDONLY, "size=8m")
	_, err = Open(t.Context(), path, quiet)
	checkSentence(t, err, voiceapp.Unavailable, "choose another data directory")
	if !errors.Is(err, syscall.EROFS) {
		t.Errorf("the log has no cause: %v", err)
	}
	_, err = Open(t.Context(), filepath.Join(readOnly, "new", "voiceapp.db"), quiet)
	checkSentence(t, err, voiceapp.Unavailable, "choose another data directory")
}
