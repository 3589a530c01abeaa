//go:build linux

package xinput

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey/hotkeytest"
)

func dial(t *testing.T) *Conn {
	t.Helper()
	c, err := Dial(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// next waits for an event. That the keyboard is mapped anew is told whenever another one, such as
// xdotool's, comes into use.
func next(t *testing.T, c *Conn) Event {
	t.Helper()
	for {
		e, err := c.Next(time.Now().Add(5 * time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind != Mapped {
			return e
		}
	}
}

const f9 = 0xffc6

func isF9(c *Conn, code byte) bool {
	keys := c.Mapping().Keys(f9)
	return keys.Len() == 1 && keys.Has(code)
}

func TestNext(t *testing.T) {
	x := hotkeytest.StartX(t)
	c := dial(t)
	x.Do("keydown", "F9")
	if e := next(t, c); e.Kind != KeyDown || !isF9(c, e.Code) {
		t.Errorf("a key down came as %+v", e)
	}
	if err := c.AskHeld(); err != nil {
		t.Fatal(err)
	}
	keys := c.Mapping().Keys(f9)
	if e := next(t, c); e.Kind != Held || e.Keys != keys {
		t.Errorf("held is %+v, want %v", e, keys)
	}
	x.Do("keyup", "F9", "click", "9")
	for _, want := range []Kind{KeyUp, ButtonDown, ButtonUp} {
		if e := next(t, c); e.Kind != want || e.Kind == ButtonUp && e.Code != 9 {
			t.Errorf("got %+v, want the kind %d", e, want)
		}
	}
	if _, err := c.Next(time.Now().Add(10 * time.Millisecond)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("without an event: %v", err)
	}
	x.Do("key", "F9")
	if e := next(t, c); e.Kind != KeyDown {
		t.Errorf("after a deadline %+v came", e)
	}
}

// A program that has grabbed the keyboard, as games and menus do, keeps nothing from us.
func TestGrabbed(t *testing.T) {
	x := hotkeytest.StartX(t)
	c, game := dial(t), dial(t)
	const grabKeyboard, asynchronous = 31, 1
	b := wire.AppendUint32(request(grabKeyboard, 0), game.setup.root)
	b = append(b, 0, 0, 0, 0, asynchronous, asynchronous, 0, 0)
	reply, err := game.ask(finish(b))
	if err != nil || reply[1] != 0 {
		t.Fatalf("the keyboard can't be grabbed: %v, %v", reply, err)
	}
	x.Do("keydown", "F9")
	if e := next(t, c); e.Kind != KeyDown || !isF9(c, e.Code) {
		t.Errorf("a key down came as %+v", e)
	}
}

func TestMapped(t *testing.T) {
	x := hotkeytest.StartX(t)
	c := dial(t)
	const odiaeresis = 0xf6
	if keys := c.Mapping().Keys(odiaeresis); keys.Len() != 0 {
		t.Fatalf("an American keyboard has an ö: %v", keys)
	}
	x.Map("de")
	for c.Mapping().Keys(odiaeresis) == (Keycodes{}) {
		if e, err := c.Next(time.Now().Add(5 * time.Second)); err != nil || e.Kind != Mapped {
			t.Fatalf("got %+v, %v", e, err)
		}
	}
}

func TestDialRefused(t *testing.T) {
	x := hotkeytest.StartX(t)
	t.Setenv("XAUTHORITY", filepath.Join(t.TempDir(), "none"))
	if _, err := Dial(t.Context(), ""); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("without the cookie: %v", err)
	}
	x.Kill()
	if _, err := Dial(t.Context(), ""); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("to no server: %v", err)
	}
	if _, err := Dial(t.Context(), "nowhere"); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("to what is no display: %v", err)
	}
}

func TestLost(t *testing.T) {
	x := hotkeytest.StartX(t)
	c, closed := dial(t), dial(t)
	closed.Close()
	closed.Close()
	if _, err := closed.Next(time.Time{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	x.Kill()
	if _, err := c.Next(time.Time{}); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("when the server was killed: %v", err)
	}
}

// A server that says nothing holds nobody up.
func TestDialSilent(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "x:0")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Dial(ctx, socket); err == nil {
		t.Error("it is connected")
	}
}
