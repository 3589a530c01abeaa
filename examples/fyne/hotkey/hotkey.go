package hotkey

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey/xinput"
)

// Way is how keys are heard.
type Way string

// The ways.
const (
	X11    Way = "X11"
	Portal Way = "desktop portal"
)

// ErrClosed is what [Hotkeys.Run] returns after Close.
var ErrClosed = voiceapp.NewError(voiceapp.Unavailable, "the keys were closed")

// The details of errors about keys.
const (
	BadKey   voiceapp.Detail = "bad_key"         // [voiceapp.Invalid]: About: what is no key
	NoSuch   voiceapp.Detail = "no_such_key"     // [voiceapp.NotFound]: About: the key that this keyboard has not
	Refused  voiceapp.Detail = "keys_refused"    // [voiceapp.Forbidden]: in the desktop's dialogue
	NotSetUp voiceapp.Detail = "keys_not_set_up" // [voiceapp.Unavailable]: the desktop has not
	Ended    voiceapp.Detail = "keys_ended"      // [voiceapp.Unavailable]: by the desktop
	Lost     voiceapp.Detail = xinput.Lost       // [voiceapp.Unavailable]: the connection with the desktop
)

// Config says how to listen. Its zero value works.
type Config struct {
	AppID  string       // for the portal: the name of the program's .desktop file without its end; "": it is not told
	Logger *slog.Logger // of ways that could not be had; nil: none
}

// Binding is a key and what it does.
type Binding struct {
	Name        string          // of its own among the bindings, stable from one run to the next: the desktop remembers its key by it
	Description string          // for people, in the desktop's dialogue
	Key         Key             // on the portal: what the user is offered; the zero value is no offer there, and an error on X11
	On          func(down bool) // called with true, then false, in turns; it must not block, nor call methods of Hotkeys
}

// Hotkeys are global keys. [Open] makes them. The methods may be called by several goroutines at
// once.
type Hotkeys struct {
	way   way   // immutable
	board board // has its own lock

	running sync.WaitGroup // Run

	mu     sync.Mutex
	begun  bool // guarded by mu; Run was called
	closed bool // guarded by mu
}

// way is one of the two.
type way interface {
	name() Way
	bind(ctx context.Context, bindings []Binding) error
	run() error // until close is called or the way is lost
	close()     // may be called again
}

// Open finds a way, see the package's documentation. ctx bounds that alone. The error is
// [voiceapp.Unavailable], and its message tells a user what to do instead.
func Open(ctx context.Context, cfg Config) (*Hotkeys, error) {
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	h := &Hotkeys{}
	var reasons []error
	for _, open := range ways() {
		w, err := open(ctx, cfg, &h.board)
		if err == nil {
			h.way = w
			return h, nil
		}
		log.Debug("a way to global keys can't be had", "err", err)
		reasons = append(reasons, err)
	}
	return nil, voiceapp.WrapError(voiceapp.Unavailable,
		"global keys can't be had on this desktop; have it run \"voiceapp-desktop ptt toggle\", or \"ptt on\" and \"ptt off\", at a key of its own", errors.Join(reasons...))
}

// ways lists those to try.
func ways() []func(context.Context, Config, *board) (way, error) {
	switch {
	case os.Getenv("WAYLAND_DISPLAY") != "" || os.Getenv("XDG_SESSION_TYPE") == "wayland":
		return []func(context.Context, Config, *board) (way, error){openPortal}
	default:
		return []func(context.Context, Config, *board) (way, error){openX11, openPortal}
	}
}

// Way says which way serves.
func (h *Hotkeys) Way() Way { return h.way.name() }

// Bind has these bindings and no others; what was down of earlier ones is released. On the portal
// it may open a dialogue and wait for a person until ctx ends, so all bindings are given at
// once. The errors are [voiceapp.Invalid] for bindings that can't be, [voiceapp.NotFound] for a key that this
// keyboard has not, [voiceapp.Forbidden] when the person said no, and [voiceapp.Unavailable]; after [voiceapp.Invalid]
// and NotFound the earlier bindings stay.
func (h *Hotkeys) Bind(ctx context.Context, bindings ...Binding) error {
	names := map[string]bool{}
	for _, b := range bindings {
		if b.Name == "" || b.On == nil || names[b.Name] {
			return voiceapp.NewError(voiceapp.Invalid, "a binding needs a name of its own and something to do")
		}
		names[b.Name] = true
	}
	return h.way.bind(ctx, bindings)
}

// Trigger says, for people, what to press for a binding; "" when there is nothing. On the portal it is
// in the desktop's words.
func (h *Hotkeys) Trigger(name string) string { return h.board.trigger(name) }

// Run tells of keys until ctx ends, Close is called or the way is lost, and returns ctx's error,
// [ErrClosed] or [voiceapp.Unavailable]. Whatever was down is released before. It may be called once; to go on after a loss,
// Open others.
func (h *Hotkeys) Run(ctx context.Context) error {
	if !h.begin() {
		return ErrClosed
	}
	defer h.running.Done()
	defer h.board.replace(nil)
	stop := context.AfterFunc(ctx, h.way.close)
	defer stop()
	err := h.way.run()
	h.way.close()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case h.isClosed():
		return ErrClosed
	default:
		return err
	}
}

// begin counts Run, unless it is too late.
func (h *Hotkeys) begin() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.begun || h.closed {
		return false
	}
	h.begun = true
	h.running.Add(1) // Done by Run
	return true
}

func (h *Hotkeys) isClosed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

// Close ends Run, waits for it, and releases what is down. It may be called again.
func (h *Hotkeys) Close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.way.close()
	h.running.Wait()
	h.board.replace(nil)
}
