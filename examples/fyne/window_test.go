//go:build desktop

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey/hotkeytest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

// A program that is ended by the session of its user remembers how large its window was.
func TestSignalRemembersTheWindow(t *testing.T) {
	devicetest.StartPulse(t)
	d, s := startDisplay(t), newServer(t)
	c := newClient(t, d, s, func(*settings.Settings) {})
	c.start()
	if out, err := exec.Command("xdotool", "search", "--name", "^voiceapp$", "windowsize", "--sync", "900", "650").CombinedOutput(); err != nil {
		t.Fatalf("xdotool: %v, %s", err, out)
	}
	until(t, "the window is drawn in its new size", func() bool {
		img := d.shot()
		return img.RGBAAt(1000, 300) == img.RGBAAt(displayWidth-1, displayHeight-1) && img.RGBAAt(20, 615) != img.RGBAAt(20, 500)
	})
	kept, err := settings.Open(filepath.Join(c.config, "desktop.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if kept.Get().Look.Width == 900 {
		t.Fatal("it is remembered before the end")
	}
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if kept, err = settings.Open(filepath.Join(c.config, "desktop.toml")); err != nil {
		t.Fatal(err)
	}
	if look := kept.Get().Look; look.Width != 900 || look.Height != 650 {
		t.Errorf("remembered: %v by %v", look.Width, look.Height)
	}
}

// entry is a line of the tray's menu, as a desktop's panel gets it.
type entry struct {
	ID         int32
	Properties map[string]dbus.Variant
	Children   []dbus.Variant
}

// panel is the part of a desktop that shows trays.
type panel struct {
	t    *testing.T
	menu dbus.BusObject
}

// entry returns the line of a text; ok: there is one.
func (p *panel) entry(text string) (found entry, ok bool) {
	var revision uint32
	var menu entry
	if err := p.menu.Call("com.canonical.dbusmenu.GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &menu); err != nil {
		return entry{}, false
	}
	for _, child := range menu.Children {
		if child.Store(&found) == nil && found.Properties["label"].Value() == text {
			return found, true
		}
	}
	return entry{}, false
}

// click clicks a line.
func (p *panel) click(text string) {
	p.t.Helper()
	var line entry
	until(p.t, text+" in the tray's menu", func() (ok bool) { line, ok = p.entry(text); return ok })
	if err := p.menu.Call("com.canonical.dbusmenu.Event", 0, line.ID, "clicked", dbus.MakeVariant(""), uint32(0)).Err; err != nil {
		p.t.Fatal(err)
	}
}

// A desktop's tray mutes, shows that one is muted, and ends the program.
func TestTray(t *testing.T) {
	hotkeytest.StartBus(t)
	devicetest.StartPulse(t)
	d, s := startDisplay(t), newServer(t)
	c := newClient(t, d, s, func(*settings.Settings) {})
	c.start()
	c.connect()
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Close() })
	p := &panel{t: t, menu: bus.Object(fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", c.cmd.Process.Pid), "/StatusNotifierItem/menu")}
	until(t, "where one is", func() bool { _, ok := p.entry("Home · Lobby"); return ok })
	p.click("Mute the microphone")
	until(t, "one is muted", c.says("muted=true"))
	until(t, "its item is checked", func() bool {
		line, ok := p.entry("Mute the microphone")
		return ok && fmt.Sprint(line.Properties["toggle-state"].Value()) == "1"
	})
	p.click("Quit")
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}
