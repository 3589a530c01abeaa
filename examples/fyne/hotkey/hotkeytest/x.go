//go:build linux

// Package hotkeytest gives tests desktops of their own: an X server whose keys a program
// presses, and a message bus.
package hotkeytest

import (
	"bufio"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// X is an X server without a screen that anybody sees.
type X struct {
	t       testing.TB
	Display string // such as ":1"
	command *exec.Cmd
}

// StartX starts a server that wants a cookie, has this process and its children use it, and
// stops it when the test is over.
func StartX(t testing.TB) *X {
	t.Helper()
	authority := filepath.Join(t.TempDir(), "authority")
	if err := os.WriteFile(authority, wildCookie([]byte("sixteen bytes...")), 0o600); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	x := &X{t: t, command: exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "320x240x24", "-nolisten", "tcp", "-noreset", "-auth", authority)}
	x.command.ExtraFiles = []*os.File{w}
	err = x.command.Start()
	w.Close()
	if err != nil {
		t.Fatalf("Xvfb is needed (apt-get install xvfb xdotool x11-xkb-utils): %v", err)
	}
	t.Cleanup(x.Kill)
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb does not start: %v", err)
	}
	x.Display = ":" + strings.TrimSpace(number)
	t.Setenv("XAUTHORITY", authority)
	t.Setenv("DISPLAY", x.Display)
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("XDG_SESSION_TYPE", "x11")
	return x
}

// wildCookie is an authority file with a cookie for any display.
func wildCookie(cookie []byte) []byte {
	b := []byte{0xff, 0xff}
	for _, field := range []string{"", "", "MIT-MAGIC-COOKIE-1", string(cookie)} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(field)))
		b = append(b, field...)
	}
	return b
}

// Do runs xdotool, which waits until the server has done it: keydown F9, keyup F9, mousedown 8.
func (x *X) Do(args ...string) {
	x.t.Helper()
	x.run("xdotool", args...)
}

func (x *X) run(program string, args ...string) {
	x.t.Helper()
	command := exec.Command(program, args...)
	command.Env = append(os.Environ(), "DISPLAY="+x.Display) // a test may have another
	if out, err := command.CombinedOutput(); err != nil {
		x.t.Fatalf("%s %v: %v, %s", program, args, err, out)
	}
}

// Map has a keyboard of another layout, such as "de".
func (x *X) Map(layout string) {
	x.t.Helper()
	x.run("setxkbmap", layout)
}

// Kill ends the server without a word, as a crash does.
func (x *X) Kill() {
	_ = x.command.Process.Signal(syscall.SIGKILL) // it may have ended
	_ = x.command.Wait()                          // how is of no interest
}
