//go:build linux

package hotkey

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey/hotkeytest"
)

func TestPortal(t *testing.T) {
	d := startDesktop(t)
	keys, _ := run(t, Config{AppID: "org.voiceapp.desktop"})
	if app := d.now().app; keys.Way() != Portal || app != "org.voiceapp.desktop" {
		t.Fatalf("the way is %q, for %q", keys.Way(), app)
	}
	told := newRecord()
	bind(t, keys, told.binding(t, "talk", "Ctrl+Alt+Space"), told.binding(t, "mute", "Mouse4"))
	if got := text(d.now().shortcuts[0].Options["preferred_trigger"]); got != "CTRL+ALT+space" {
		t.Errorf("offered %q", got)
	}
	if v, ok := d.now().shortcuts[1].Options["preferred_trigger"]; ok {
		t.Errorf("offered %v for a mouse button", v)
	}
	if got := keys.Trigger("talk"); got != "Press talk" {
		t.Errorf("what to press is %q", got)
	}
	d.press("talk")
	d.press("talk") // some desktops repeat
	d.press("mute")
	d.press("unknown")
	d.release("mute")
	d.release("talk")
	told.want(t, "talk down", "mute down", "mute up", "talk up")

	d.emit(portalPath, shortcutsInterface+".ShortcutsChanged", d.now().session,
		[]shortcut{{"mute", map[string]dbus.Variant{"trigger_description": dbus.MakeVariant("Press F1")}}})
	d.press("mute")
	told.want(t, "mute down")
	if got := keys.Trigger("mute"); got != "Press F1" {
		t.Errorf("after a change it is %q", got)
	}
}

// Each Bind has a session of its own, and signals of the one before count for nothing.
func TestPortalBindAnew(t *testing.T) {
	d := startDesktop(t)
	keys, _ := run(t, Config{})
	told := newRecord()
	bind(t, keys, told.binding(t, "talk", "F9"))
	first := d.now().session
	d.press("talk")
	told.want(t, "talk down")
	bind(t, keys, told.binding(t, "talk", "F10"))
	told.want(t, "talk up")
	for range 3 { // two dialogues and a session that was closed
		<-d.asked
	}
	if now := d.now(); len(now.closed) != 1 || now.closed[0] != first || now.session == first {
		t.Errorf("closed %v, had %v, has %v", now.closed, first, now.session)
	}
	d.emit(portalPath, shortcutsInterface+".Activated", first, "talk", uint64(1), map[string]dbus.Variant{})
	d.emit(first, sessionInterface+".Closed", map[string]dbus.Variant{})
	d.press("talk")
	d.release("talk")
	told.want(t, "talk down", "talk up")
}

func TestPortalDenied(t *testing.T) {
	d := startDesktop(t)
	keys, _ := run(t, Config{})
	told := newRecord()
	for answer, want := range map[uint32]voiceapp.Detail{1: Refused, 2: NotSetUp} {
		d.mu.Lock()
		d.answer = answer
		d.mu.Unlock()
		if err := keys.Bind(t.Context(), told.binding(t, "talk", "F9")); !errors.Is(err, want) {
			t.Errorf("answer %d: %v, want %v", answer, err, want)
		}
		if got := keys.Trigger("talk"); got != "" {
			t.Errorf("answer %d: bound to %q", answer, got)
		}
	}
}

// A dialogue that nobody answers is taken away when one no longer waits.
func TestPortalUnanswered(t *testing.T) {
	d := startDesktop(t)
	d.mu.Lock()
	d.silent = true
	d.mu.Unlock()
	keys, _ := run(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-d.asked
		cancel()
	}()
	if err := keys.Bind(ctx, newRecord().binding(t, "talk", "F9")); !errors.Is(err, context.Canceled) {
		t.Errorf("Bind returned %v", err)
	}
	for range 2 { // the request and the session
		<-d.asked
	}
	now := d.now()
	isRequest := func(p dbus.ObjectPath) bool { return strings.Contains(string(p), "/request/") }
	if !slices.Contains(now.closed, now.session) || !slices.ContainsFunc(now.closed, isRequest) {
		t.Errorf("closed %v", now.closed)
	}
}

func TestPortalEnds(t *testing.T) {
	for name, end := range map[string]func(*desktop){
		"the session is closed": func(d *desktop) { d.emit(d.now().session, sessionInterface+".Closed", map[string]dbus.Variant{}) },
		"the portal goes away":  func(d *desktop) { d.conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			d := startDesktop(t)
			keys, ended := run(t, Config{})
			told := newRecord()
			bind(t, keys, told.binding(t, "talk", "F9"))
			d.press("talk")
			told.want(t, "talk down")
			end(d)
			told.want(t, "talk up")
			if err := <-ended; !errors.Is(err, voiceapp.Unavailable) || errors.Is(err, ErrClosed) {
				t.Errorf("Run returned %v", err)
			}
		})
	}
}

// What takes a connection and says nothing holds nobody up for longer than was said.
func TestOpenSilent(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "x:0")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
	t.Setenv("DISPLAY", socket)
	for _, wayland := range []string{"", "wayland-0"} {
		t.Setenv("WAYLAND_DISPLAY", wayland)
		t.Setenv("XDG_SESSION_TYPE", "")
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if _, err := Open(ctx, Config{}); !errors.Is(err, voiceapp.Unavailable) {
			t.Errorf("Open returned %v", err)
		}
		cancel()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if BusAnswers(ctx) {
		t.Error("the bus says nothing, and is thought to answer")
	}
}

// Where nothing can be had the error names what always works.
func TestNoWay(t *testing.T) {
	hotkeytest.StartBus(t)
	if !BusAnswers(t.Context()) {
		t.Error("there is a bus, and it is not found")
	}
	_, err := Open(t.Context(), Config{})
	if !errors.Is(err, voiceapp.Unavailable) || !strings.Contains(err.Error(), "voiceapp-desktop ptt") {
		t.Errorf("on a bus without a portal: %v", err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("XDG_SESSION_TYPE", "")
	if BusAnswers(t.Context()) {
		t.Error("there is no bus, and it is thought to answer")
	}
	if _, err = Open(t.Context(), Config{}); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("without a bus and an X server: %v", err)
	}
}
