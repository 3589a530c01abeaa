//go:build desktop

package main

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

// A desktop that takes connections and never answers has a window of ours as soon as
// another.
func TestHungDesktop(t *testing.T) {
	devicetest.StartPulse(t)
	bus := filepath.Join(t.TempDir(), "bus")
	l, err := net.Listen("unix", bus)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	d, s := startDisplay(t), newServer(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+bus)
	t.Setenv("XDG_SESSION_TYPE", "x11") // for the window
	t.Setenv("WAYLAND_DISPLAY", "none") // for the keys, which the desktop has to give
	c := newClient(t, d, s, func(*settings.Settings) {})
	if took := c.start(); took > 5*time.Second {
		t.Errorf("the window is drawn after %v", took)
	}
}

// Who starts the client from a menu sees why there is none.
func TestNewerBookmarks(t *testing.T) {
	d, s := startDisplay(t), newServer(t)
	c := newClient(t, d, s, func(*settings.Settings) {})
	if err := os.WriteFile(filepath.Join(c.config, "bookmarks.toml"), []byte("version = 99\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.launch()
	until(t, "the window is drawn", d.painted)
	time.Sleep(time.Second) // all of it
	d.save("cant-start")
}
