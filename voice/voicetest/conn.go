package voicetest

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// Conn is one end of a [Network]. It is used as a *net.UDPConn is: by several
// goroutines, with deadlines, as a [net.PacketConn], or as a [net.Conn] when it
// was dialled. Writes never block and never report a loss.
type Conn struct {
	network       *Network
	local, remote netip.AddrPort // immutable; remote is zero unless dialled

	mu       sync.Mutex
	queue    schedule[datagram]
	changed  chan struct{} // closed, and replaced, when a reader has to look again
	deadline time.Time
	closed   bool
}

type datagram struct {
	from    netip.AddrPort
	payload []byte
}

// take queues a datagram, and reports whether there was room.
func (c *Conn) take(at time.Time, d datagram) bool {
	if c.remote.IsValid() && d.from != c.remote {
		return true // to a dialled socket the rest of the world does not exist
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.queue.add(at, d) {
		return false
	}
	c.wakeLocked()
	return true
}

func (c *Conn) wakeLocked() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// receive waits for the next datagram.
func (c *Conn) receive() (datagram, error) {
	for {
		d, ok, wait, changed, err := c.next(time.Now())
		if ok || err != nil {
			return d, err
		}
		c.sleep(wait, changed)
	}
}

// sleep waits until something changed, and at most for the given time when that
// is positive.
func (c *Conn) sleep(wait time.Duration, changed <-chan struct{}) {
	if wait <= 0 {
		<-changed
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}

// next returns a datagram that has arrived, or how long to wait before looking
// again (0 is until changed is closed).
func (c *Conn) next(now time.Time) (d datagram, ok bool, wait time.Duration, changed <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return d, false, 0, nil, net.ErrClosed
	case !c.deadline.IsZero() && !now.Before(c.deadline):
		return d, false, 0, nil, os.ErrDeadlineExceeded
	}
	if d, ok, wait = c.queue.next(now); ok {
		return d, true, 0, nil, nil
	}
	if left := c.deadline.Sub(now); !c.deadline.IsZero() && (wait == 0 || left < wait) {
		wait = left
	}
	return d, false, wait, c.changed, nil
}

// ReadFromUDPAddrPort waits for the next datagram, copies it to b and returns
// its length and sender. What does not fit into b is lost. The errors are
// *net.OpError with net.ErrClosed or os.ErrDeadlineExceeded.
func (c *Conn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	d, err := c.receive()
	if err != nil {
		return 0, netip.AddrPort{}, c.failed("read", err)
	}
	return copy(b, d.payload), d.from, nil
}

// ReadFrom is [Conn.ReadFromUDPAddrPort] for a [net.PacketConn]; the address is a
// *net.UDPAddr.
func (c *Conn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// Read is [Conn.ReadFromUDPAddrPort] for a [net.Conn].
func (c *Conn) Read(b []byte) (int, error) {
	n, _, err := c.ReadFromUDPAddrPort(b)
	return n, err
}

// WriteToUDPAddrPort sends a copy of b. Like UDP it knows nothing of its fate.
// The errors are *net.OpError with net.ErrClosed, net.ErrWriteToConnected or
// EMSGSIZE.
func (c *Conn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if c.remote.IsValid() {
		return 0, c.failed("write", net.ErrWriteToConnected)
	}
	return c.write(b, to)
}

// WriteTo is [Conn.WriteToUDPAddrPort] for a [net.PacketConn].
func (c *Conn) WriteTo(b []byte, to net.Addr) (int, error) {
	addr, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, c.failed("write", syscall.EINVAL)
	}
	return c.WriteToUDPAddrPort(b, addr.AddrPort())
}

// Write sends a copy of b to the address that was dialled.
func (c *Conn) Write(b []byte) (int, error) {
	if !c.remote.IsValid() {
		return 0, c.failed("write", syscall.EDESTADDRREQ)
	}
	return c.write(b, c.remote)
}

func (c *Conn) write(b []byte, to netip.AddrPort) (int, error) {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	switch {
	case closed:
		return 0, c.failed("write", net.ErrClosed)
	case len(b) > maxDatagram:
		return 0, c.failed("write", syscall.EMSGSIZE)
	}
	c.network.send(c.local, netip.AddrPortFrom(to.Addr().Unmap(), to.Port()), b)
	return len(b), nil
}

func (c *Conn) failed(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// LocalAddr returns the address of this end, a *net.UDPAddr.
func (c *Conn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.local) }

// RemoteAddr returns the address that was dialled, a *net.UDPAddr, or nil.
func (c *Conn) RemoteAddr() net.Addr {
	if !c.remote.IsValid() {
		return nil
	}
	return net.UDPAddrFromAddrPort(c.remote)
}

// AddrPort returns the address of this end.
func (c *Conn) AddrPort() netip.AddrPort { return c.local }

// SetDeadline sets the time at which reads end; writes never wait. The zero time
// is never.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline sets the time at which reads end, those that wait now too.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.failed("set", net.ErrClosed)
	}
	c.deadline = t
	c.wakeLocked()
	return nil
}

// SetWriteDeadline does nothing: writes never wait.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// Close ends all reads and makes the address free. A second Close returns
// net.ErrClosed in a *net.OpError, as a *net.UDPConn does.
func (c *Conn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return c.failed("close", net.ErrClosed)
	}
	c.closed = true
	c.queue = schedule[datagram]{}
	c.wakeLocked()
	c.mu.Unlock()
	c.network.remove(c)
	return nil
}
