package control

import "time"

// datagramQueue is how many datagrams wait for whoever reads [Client.Datagrams].
const datagramQueue = 64

// tunnel is a client's side of voice inside the control connection.
type tunnel struct {
	out     lane
	wake    chan struct{} // holds a token when out has something
	in      chan []byte
	pumping bool // guarded by Client.mu
}

func (t *tunnel) init(in chan []byte) {
	t.wake = make(chan struct{}, 1)
	t.in = in
}

// SendDatagram sends a sealed datagram of voice inside the connection, for where UDP
// does not get through. It does not wait: what can't be sent within 200 ms is
// dropped. The datagram is the caller's again when it returns. The error is the
// reason why the connection has ended.
func (c *Client) SendDatagram(datagram []byte) error {
	if err := c.startPump(); err != nil {
		return err
	}
	c.tunnel.out.push(encodeDatagram(datagram), time.Now())
	c.wakePump()
	return nil
}

func (c *Client) wakePump() {
	select {
	case c.tunnel.wake <- struct{}{}:
	default:
	}
}

// Datagrams returns the channel of those that the server sends inside the
// connection. They are the reader's; when nobody reads, the oldest are lost.
func (c *Client) Datagrams() <-chan []byte { return c.tunnel.in }

// startPump begins to write datagrams, at the first one.
func (c *Client) startPump() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil && !c.tunnel.pumping {
		c.tunnel.pumping = true
		c.wg.Add(1) // pump
		go c.pump()
	}
	return c.err
}

// pump writes datagrams, a few at a time, so that requests come between them.
func (c *Client) pump() {
	defer c.wg.Done()
	for {
		select {
		case <-c.tunnel.wake:
		case <-c.done:
			return
		}
		lines, more := c.tunnel.out.take(nil, time.Now())
		if more {
			c.wakePump()
		}
		if len(lines) > 0 && c.writeLine(lines) != nil {
			return
		}
	}
}

// datagram, in read, takes one that has come.
func (c *Client) datagram(e datagramEvent) {
	for {
		select {
		case c.tunnel.in <- e.Data:
			return
		default:
		}
		select {
		case <-c.tunnel.in: // the oldest
		default:
		}
	}
}
