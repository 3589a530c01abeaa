package guard

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// conn is a connection that is counted, and ends when nobody takes what is written.
type conn struct {
	net.Conn
	guard *Guard
	from  source
	stall time.Duration

	closed sync.Once
	bound  atomic.Bool // somebody else has set a deadline for writing
}

// Write gives each write the time of the limit, unless another deadline is set.
func (c *conn) Write(b []byte) (int, error) {
	if !c.bound.Load() {
		if err := c.Conn.SetWriteDeadline(deadline(c.stall)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(b)
}

// SetWriteDeadline implements [net.Conn].
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.bound.Store(!t.IsZero())
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline implements [net.Conn].
func (c *conn) SetDeadline(t time.Time) error {
	c.bound.Store(!t.IsZero())
	return c.Conn.SetDeadline(t)
}

// Close ends the connection and counts it out.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.closed.Do(func() { c.guard.leave(c.from) })
	return err
}
