package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice/relay/load"
)

// While its disk is full, a server carries voice, lets people in and around, and
// refuses what it would have to write with a code; once there is room it goes on
// as if nothing had been.
func TestVoiceGoesOnWhileTheDiskIsFull(t *testing.T) {
	data := t.TempDir()
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=4m,mode=700"); err != nil {
		t.Skip("mounting a tmpfs: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(data, 0); err != nil {
			t.Error(err)
		}
	})
	ready, stop := serve(t, "--data", data, "--listen", "127.0.0.1:0", "--backup-every", "0")
	defer stop()
	key, err := voiceapp.ParseFingerprint(word(ready, "fingerprint"))
	if err != nil {
		t.Fatal(err)
	}
	join := func(name string) *control.Client {
		client, err := control.Dial(t.Context(), word(ready, "control"), control.ClientConfig{Name: name, Fingerprint: key})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		if _, err := client.JoinPath(t.Context(), "Lobby"); err != nil {
			t.Fatal(err)
		}
		return client
	}
	var grants []voiceapp.Grant
	clients := []*control.Client{join("anna"), join("bo"), join("cy")}
	for _, client := range clients {
		grant, _ := client.VoiceGrant()
		grants = append(grants, grant)
	}

	full := fillDisk(t, data)
	heard := make(chan load.Result, 1)
	go func() {
		result, err := load.Run(t.Context(), grants, load.Config{Speakers: 2, Duration: time.Second})
		if err != nil {
			t.Error(err)
		}
		heard <- result
	}()
	if _, err := clients[0].Register(t.Context(), "dee", "a long password"); !errors.Is(err, voiceapp.Busy) {
		t.Errorf("an account on a full disk: %v", err)
	}
	join("eve") // guests and channels need no disk
	if result := <-heard; result.Sent == 0 || result.Loss() > 0 {
		t.Errorf("voice suffered: %+v", result)
	}

	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	if _, err := clients[0].Register(t.Context(), "dee", "a long password"); err != nil {
		t.Errorf("an account once there is room: %v", err)
	}
}

// fillDisk fills the disk of a directory and returns the file that takes the room.
func fillDisk(t *testing.T, dir string) (full string) {
	t.Helper()
	full = filepath.Join(dir, "full")
	file, err := os.Create(full)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{64 << 10, 4 << 10, 1} {
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(fmt.Errorf("the disk does not fill up: %w", err))
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return full
}
