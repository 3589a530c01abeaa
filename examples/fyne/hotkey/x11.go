package hotkey

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey/xinput"
)

// checkEvery is how often the X server is asked whether what is down still is: half a second of
// an open microphone is the most that a release costs which never came.
const checkEvery = 500 * time.Millisecond

// x11 is the way by an X server.
type x11 struct {
	board *board
	conn  *xinput.Conn // run's, but for Close

	mu      sync.Mutex
	mapping xinput.Mapping // guarded by mu
	wanted  []combination  // guarded by mu

	keys    xinput.Keycodes // run's: which are down
	buttons uint32          // run's: which are down, by their bits
}

// combination is a binding's key on the keyboard at hand: all of its parts are down when it is.
type combination struct {
	name   string
	key    Key
	parts  []xinput.Keycodes // any key of each part will do
	button byte              // 0: none
}

func openX11(ctx context.Context, _ Config, b *board) (way, error) {
	if os.Getenv("DISPLAY") == "" {
		return nil, voiceapp.NewError(voiceapp.Unavailable, "there is no X server: DISPLAY is not set")
	}
	conn, err := xinput.Dial(ctx, "")
	if err != nil {
		return nil, err
	}
	return &x11{board: b, conn: conn, mapping: conn.Mapping()}, nil
}

func (x *x11) name() Way { return X11 }
func (x *x11) close()    { x.conn.Close() }

func (x *x11) bind(_ context.Context, bindings []Binding) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var wanted []combination
	for _, b := range bindings {
		if b.Key.IsZero() {
			return voiceapp.NewError(voiceapp.Invalid, "a binding needs a key")
		}
		c := combination{name: b.Name, key: b.Key}
		if !c.locate(x.mapping) {
			return voiceapp.NewError(voiceapp.NotFound, "this keyboard has no "+b.Key.String()+"; choose another key").With(NoSuch).Of(b.Key.String())
		}
		wanted = append(wanted, c)
	}
	x.wanted = wanted
	x.board.replace(bindings)
	return nil
}

// The symbols of the modifiers, in the order of the bits.
var modifierSymbols = [...][]uint32{
	{0xffe3, 0xffe4}, // Control_L, Control_R
	{0xffe9, 0xffea}, // Alt_L, Alt_R
	{0xffe1, 0xffe2}, // Shift_L, Shift_R
	{0xffeb, 0xffec}, // Super_L, Super_R
}

// locate finds the keys on a keyboard, and reports whether all are there.
func (c *combination) locate(m xinput.Mapping) bool {
	c.parts = nil
	for i, symbols := range modifierSymbols {
		if c.key.modifiers&(1<<i) != 0 {
			c.parts = append(c.parts, m.Keys(symbols...))
		}
	}
	named := c.key.named()
	if c.button = named.button; c.button == 0 {
		c.parts = append(c.parts, m.Keys(named.symbols...))
	}
	for _, p := range c.parts {
		if p.Len() == 0 {
			return false
		}
	}
	return true
}

func (x *x11) run() error {
	if err := x.conn.AskHeld(); err != nil { // a modifier may be down already
		return err
	}
	var check time.Time
	for {
		switch down := x.board.anyDown(); {
		case !down:
			check = time.Time{}
		case check.IsZero():
			check = time.Now().Add(checkEvery)
		}
		e, err := x.conn.Next(check)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			check = time.Now().Add(checkEvery)
			err = x.conn.AskHeld()
		}
		if err != nil {
			return err
		}
		x.apply(e)
	}
}

func (x *x11) apply(e xinput.Event) {
	switch e.Kind {
	case xinput.KeyDown, xinput.KeyUp:
		x.keys.Set(e.Code, e.Kind == xinput.KeyDown)
	case xinput.ButtonDown:
		x.buttons |= 1 << (e.Code & 31)
	case xinput.ButtonUp:
		x.buttons &^= 1 << (e.Code & 31)
	case xinput.Held:
		x.keys = e.Keys
	case xinput.Mapped:
		x.remap()
	}
	x.tell()
}

// remap looks for the keys on a keyboard that has changed. What is no longer there can't be pressed
// until it is back.
func (x *x11) remap() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.mapping = x.conn.Mapping()
	for i := range x.wanted {
		x.wanted[i].locate(x.mapping)
	}
}

func (x *x11) tell() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range x.wanted {
		x.board.set(x.wanted[i].name, x.isDown(&x.wanted[i]))
	}
}

func (x *x11) isDown(c *combination) bool {
	for i := range c.parts {
		if !x.keys.Meets(&c.parts[i]) {
			return false
		}
	}
	return c.button == 0 || x.buttons&(1<<c.button) != 0
}
