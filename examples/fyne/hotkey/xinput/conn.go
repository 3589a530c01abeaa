package xinput

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Kind is of an [Event].
type Kind int

// The kinds.
const (
	KeyDown    Kind = iota + 1 // Code is the key's
	KeyUp                      // Code is the key's
	ButtonDown                 // Code is the mouse button's: 1 left, 2 middle, 3 right, 8 back, 9 forward
	ButtonUp                   // Code is the mouse button's
	Mapped                     // the keyboard has another mapping: Conn.Mapping
	Held                       // what [Conn.AskHeld] asked for: Keys are down
)

// Event is one thing that happened.
type Event struct {
	Kind Kind
	Code byte
	Keys Keycodes
}

// Conn is a connection to an X server. One goroutine at a time may use it; Close is for any.
type Conn struct {
	conn      net.Conn
	in        *bufio.Reader
	setup     setup
	extension byte // the major opcode of the X Input Extension
	mapping   Mapping

	sent    uint16    // the number of the last request
	pending []pending // replies that are still to come, oldest first

	closing sync.Once
}

type pending struct {
	number uint16
	op     byte
}

// Dial connects to the server of a display such as ":0", or of $DISPLAY for "", and selects the raw
// events of its keyboards and mice. The error is [voiceapp.Unavailable] or [voiceapp.Invalid].
func Dial(ctx context.Context, displayName string) (*Conn, error) {
	if displayName == "" {
		displayName = os.Getenv("DISPLAY")
	}
	d, err := parseDisplay(displayName)
	if err != nil {
		return nil, err
	}
	conn, err := d.dial(ctx)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the X server can't be reached", err)
	}
	c := &Conn{conn: conn, in: bufio.NewReaderSize(conn, maxMessage)}
	stop := context.AfterFunc(ctx, c.Close)
	err = c.start(cookie(d.number))
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		c.Close()
		return nil, lost(err)
	}
	return c, nil
}

// start introduces itself and asks for what is needed.
func (c *Conn) start(cookie []byte) error {
	if err := c.introduce(cookie); err != nil {
		return err
	}
	reply, err := c.ask(queryExtension("XInputExtension"))
	if err != nil {
		return err
	}
	if reply[8] == 0 {
		return voiceapp.NewError(voiceapp.Unavailable, "the X server has no X Input Extension")
	}
	c.extension = reply[9]
	reply, err = c.ask(queryVersion(c.extension))
	if err != nil {
		return err
	}
	if major, minor := wire.Uint16(reply[8:]), wire.Uint16(reply[10:]); major < 2 || major == 2 && minor < 1 {
		return voiceapp.NewError(voiceapp.Unavailable, "the X server's X Input Extension is older than 2.1")
	}
	if err := c.send(selectRaw(c.extension, c.setup.root)); err != nil {
		return err
	}
	reply, err = c.ask(getKeyboardMapping(c.setup.firstCode, c.setup.numbers))
	if err != nil {
		return err
	}
	c.mapping, err = parseMapping(c.setup.firstCode, reply)
	return err
}

func (c *Conn) introduce(cookie []byte) error {
	if _, err := c.conn.Write(setupRequest(cookie)); err != nil {
		return err
	}
	b, err := c.in.Peek(8)
	if err != nil {
		return err
	}
	accepted, reason := b[0] == 1, int(b[1])
	b, err = c.read(8 + 4*int(wire.Uint16(b[6:])))
	if err != nil {
		return err
	}
	if !accepted {
		text := string(b[8:min(8+reason, len(b))])
		return voiceapp.NewError(voiceapp.Unavailable, "the X server refuses: "+strings.TrimSpace(strings.ToValidUTF8(text, "?")))
	}
	c.setup, err = parseSetup(b)
	return err
}

// read takes n bytes. They are valid until the next call. What an elapsed deadline cut off stays
// where it is.
func (c *Conn) read(n int) ([]byte, error) {
	if n > maxMessage {
		return nil, errShort
	}
	b, err := c.in.Peek(n)
	if err != nil {
		return nil, err
	}
	_, err = c.in.Discard(n)
	return b, err
}

// message takes the next one.
func (c *Conn) message() ([]byte, error) {
	b, err := c.in.Peek(head)
	if err != nil {
		return nil, err
	}
	n, err := messageLength(b)
	if err != nil {
		return nil, err
	}
	return c.read(n)
}

func (c *Conn) send(request []byte) error {
	c.sent++
	_, err := c.conn.Write(request)
	return err
}

// ask sends a request and waits for its reply, before events are of interest.
func (c *Conn) ask(request []byte) ([]byte, error) {
	if err := c.send(request); err != nil {
		return nil, err
	}
	for {
		b, err := c.message()
		if err != nil {
			return nil, err
		}
		switch {
		case b[0] == isReply && wire.Uint16(b[2:]) == c.sent:
			return slices.Clone(b), nil
		case b[0] == isError:
			return nil, voiceapp.NewError(voiceapp.Unavailable, "the X server does not do what was asked")
		}
	}
}

// later sends a request whose reply comes by Next.
func (c *Conn) later(request []byte) error {
	if err := c.send(request); err != nil {
		return lost(err)
	}
	c.pending = append(c.pending, pending{c.sent, request[0]})
	return nil
}

// AskHeld asks which keys are down now; a Held event is the answer.
func (c *Conn) AskHeld() error { return c.later(queryKeymap()) }

// Mapping returns the keyboard's.
func (c *Conn) Mapping() Mapping { return c.mapping }

// Next waits for an event. The error is [os.ErrDeadlineExceeded] when none came before the
// deadline (the zero time: none), net.ErrClosed after Close, and [voiceapp.Unavailable]
// when the server has gone.
func (c *Conn) Next(deadline time.Time) (Event, error) {
	if err := c.conn.SetReadDeadline(deadline); err != nil {
		return Event{}, lost(err)
	}
	for {
		b, err := c.message()
		if err != nil {
			return Event{}, lost(err)
		}
		e, ok, err := c.event(b)
		if err != nil {
			return Event{}, lost(err)
		}
		if ok {
			return e, nil
		}
	}
}

// event makes one of a message; ok is false when there is nothing to tell.
func (c *Conn) event(b []byte) (e Event, ok bool, err error) {
	switch b[0] & 0x7f {
	case isGeneric:
		if b[1] != c.extension {
			return Event{}, false, nil
		}
		e, ok = parseRaw(b)
		return e, ok, nil
	case isMappingNotify:
		return Event{}, false, c.later(getKeyboardMapping(c.setup.firstCode, c.setup.numbers))
	case isReply:
		return c.reply(b)
	default: // errors too: the only requests are ones that can't fail
		return Event{}, false, nil
	}
}

func (c *Conn) reply(b []byte) (Event, bool, error) {
	if len(c.pending) == 0 || c.pending[0].number != wire.Uint16(b[2:]) {
		return Event{}, false, nil
	}
	op := c.pending[0].op
	c.pending = c.pending[1:]
	if op == opQueryKeymap {
		keys, err := parseKeymap(b)
		return Event{Kind: Held, Keys: keys}, true, err
	}
	mapping, err := parseMapping(c.setup.firstCode, b)
	if err != nil {
		return Event{}, false, err
	}
	c.mapping = mapping
	return Event{Kind: Mapped}, true, nil
}

// Lost is the detail of a connection that has ended.
const Lost voiceapp.Detail = "keys_lost"

// lost makes an error of a connection one for people, but for those that Next's users look for.
func lost(err error) error {
	var told *voiceapp.Error
	switch {
	case errors.As(err, &told), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, net.ErrClosed):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return voiceapp.NewError(voiceapp.Unavailable, "the X server has hung up").With(Lost)
	default:
		return voiceapp.WrapError(voiceapp.Unavailable, "the X server is lost", err).With(Lost)
	}
}

// Close hangs up. It may be called again, and ends a call to Next.
func (c *Conn) Close() { c.closing.Do(func() { c.conn.Close() }) }
