package control

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

const (
	lingerTime  = time.Second // for a client to close its side after the server has
	lingerBytes = 1 << 20
)

// conn is one connection. Its fields belong to the goroutine of serve but for out,
// which anyone may use, as bye and cut.
type conn struct {
	server *Server
	raw    net.Conn
	tls    *tls.Conn
	log    *slog.Logger
	source netip.Addr // what sourceOf gives
	device string     // "": none was proved; set before login

	challenge *challenge // for a device to sign; nil: none is open
	came      time.Time  // set by the gate
	lines     lineReader
	out       queue

	loginBy   time.Time
	keepalive time.Duration // within which the client has promised each next line; 0: none
	meter     meter
	voiced    datagrams
	faults    int // refused logins
	leaving   bool
	given     *resumeGrant // with which the client comes back; nil: not
	dismissed atomic.Bool  // it may not come back by itself

	session *session // nil before login; set by the loop while serve waits for it
}

func newConn(s *Server, raw net.Conn) *conn {
	c := &conn{
		server: s,
		raw:    raw,
		log:    s.log.With("remote", raw.RemoteAddr().String()),
		source: sourceOf(addressOf(raw)),
		out:    queue{limit: s.limits.QueueBytes, wake: make(chan struct{}, 1)},
		meter:  newMeter(s.limits, time.Now()),
		voiced: datagrams{bucket: newBucket(datagramRate, datagramBurst, time.Now())},
	}
	c.tls = tls.Server(raw, s.tls)
	c.lines = lineReader{source: c.tls, limit: MaxLineBeforeLogin}
	return c
}

// addressOf gives the other side's address; it is not valid on what is no network of
// addresses.
func addressOf(raw net.Conn) netip.Addr {
	at, ok := raw.RemoteAddr().(interface{ AddrPort() netip.AddrPort })
	if !ok {
		return netip.Addr{}
	}
	return at.AddrPort().Addr().Unmap()
}

// serve is the connection's life.
func (c *conn) serve() {
	defer c.server.forget(c)
	defer func() { _ = c.raw.Close() }()
	if err := c.handshake(); err != nil {
		c.server.counters.handshakesFailed.Add(1)
		c.log.Debug("the TLS handshake failed", "error", err)
		return
	}
	written := make(chan struct{})
	go c.write(written)
	c.read()
	c.leave()
	c.out.close(nil)
	<-written
	c.linger()
}

func (c *conn) handshake() error {
	if err := watchPeer(c.raw); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.server.open, c.server.limits.HandshakeTimeout)
	defer cancel()
	c.loginBy = time.Now().Add(c.server.limits.LoginTimeout)
	return c.tls.HandshakeContext(ctx)
}

// read takes one line after the other until the connection ends.
func (c *conn) read() {
	for !c.leaving {
		line, err := c.next()
		if err != nil {
			c.explain(err)
			return
		}
		if !c.handle(line) {
			return
		}
	}
}

// unreadBytes is how much may wait for a client before it is asked what else it wants:
// who does not read what he has asked for is not given more to hold.
const unreadBytes = 64 << 10

// next waits for a line, first until what was asked for is on its way. The deadline is set before the queue is looked at: once
// that is closed, write sets one that ends the wait.
func (c *conn) next() ([]byte, error) {
	c.out.until(unreadBytes)
	if err := c.raw.SetReadDeadline(c.lineBy()); err != nil {
		return nil, err
	}
	if c.out.isClosed() {
		return nil, net.ErrClosed
	}
	line, err := c.lines.next()
	if err == nil && c.out.isClosed() {
		err = net.ErrClosed
	}
	return line, err
}

// lineBy is when the next line has to be here; the zero time: whenever.
func (c *conn) lineBy() time.Time {
	switch {
	case c.session == nil:
		return c.loginBy
	case c.keepalive > 0:
		return time.Now().Add(c.keepalive)
	default:
		return time.Time{}
	}
}

// explain tells the client why no more of its lines will be read.
func (c *conn) explain(err error) {
	switch {
	case errors.Is(err, errLineTooLong):
		c.server.counters.badLines.Add(1)
		c.bye(voiceapp.TooLarge, "the line is too long")
	case !errors.Is(err, os.ErrDeadlineExceeded):
		c.log.Debug("the connection has ended", "error", err)
	case c.session == nil:
		c.bye(voiceapp.LoginRequired, "there was no session.open in time")
	default:
		c.bye(voiceapp.Unavailable, "nothing was heard for as long as the client had promised")
	}
}

// write sends what is queued until the queue is closed and empty, then ends the
// server's half of the connection.
func (c *conn) write(done chan<- struct{}) {
	defer close(done)
	var b []byte
	for more := true; more; {
		b, more = c.out.take(b)
		if err := c.writeLines(b); err != nil {
			c.cut()
			return
		}
		if cap(b) > keptBuffer {
			b = nil
		}
	}
	_ = c.tls.CloseWrite()
	_ = c.raw.SetReadDeadline(time.Now().Add(lingerTime))
}

// keptBuffer is the most bytes that a connection keeps for its next lines: most
// connections are idle most of the time.
const keptBuffer = 512

func (c *conn) writeLines(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if err := c.raw.SetWriteDeadline(time.Now().Add(c.server.limits.WriteTimeout)); err != nil {
		return err
	}
	_, err := c.tls.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.slow()
	}
	return err
}

// slow counts a client that does not read what it is sent.
func (c *conn) slow() {
	c.server.counters.slowReaders.Add(1)
	c.log.Info("a client does not read what it is sent; its connection is cut")
}

// linger waits for the client to close its side, so that the network does not
// take back the last lines because there was something left to read.
//
// The deadline is set here, and not by write: a request that was being answered
// when the queue was closed has set another since.
func (c *conn) linger() {
	if err := c.raw.SetReadDeadline(time.Now().Add(lingerTime)); err != nil {
		return
	}
	b := make([]byte, 512)
	for read := 0; read < lingerBytes; {
		n, err := c.raw.Read(b)
		if err != nil {
			return
		}
		read += n
	}
}

// bye ends the connection with session.closed, after what is already queued. Only
// after [voiceapp.Unavailable] and [voiceapp.Internal] its session can be resumed.
// Any goroutine may call it.
func (c *conn) bye(code voiceapp.Code, text string) {
	c.farewell(voiceapp.NewError(code, text))
}

// farewell is bye with all that there is to say.
func (c *conn) farewell(e *voiceapp.Error) {
	if e.Code != voiceapp.Unavailable && e.Code != voiceapp.Internal {
		c.dismissed.Store(true)
	}
	last := closedEvent{Code: e.Code, Detail: e.Detail, Message: e.Message, RetryAfter: seconds(e.RetryAfter), Until: e.Until, Reason: e.Reason}
	c.out.close(mustEncode(outgoing{Method: eventClosed, Params: last}))
}

// cut ends the connection at once. Any goroutine may call it; it does not wait.
func (c *conn) cut() {
	c.out.abort()
	_ = c.raw.Close()
}

// push queues a line, and cuts a client that does not read. It does not wait.
func (c *conn) push(line []byte) {
	if len(line) > 0 && !c.out.push(line) {
		c.slow()
		c.cut()
	}
}

// leave ends the session, if there is one.
func (c *conn) leave() {
	if c.session == nil {
		return
	}
	defer func() { c.survive(recover(), methodClose, 0) }()
	over := c.leaving || c.dismissed.Load()
	_ = c.server.roster.do(func(r *roster) error {
		if was := *c.session; r.sessions[was.id] == c.session && c.given != nil {
			r.park(was, over, time.Now())
		}
		r.remove(c.session)
		return nil
	})
	if resumer, ok := c.server.Directory.(Resumer); ok && over && c.given != nil {
		endSession(c.server.base, resumer, c.session.id, c.log)
	}
	c.server.counters.sessions.Add(-1)
	c.log.Info("a session has ended", "session", c.session.id)
}
