package relay

import (
	"net"
	"sync"
)

// borrower is a loop that receives nothing by itself: it takes turns on the goroutines
// of those who call the relay, or a helper's, one at a time, and what it forwards leaves by
// a served socket.
type borrower struct {
	mu   sync.Mutex // held during a turn; taken after Relay.mu where both are
	loop *loop      // its socket is nil while none is served
}

// lend has the borrowers send by that socket who have none. The caller holds mu.
func (r *Relay) lend(conn *net.UDPConn) error {
	for _, b := range [...]*borrower{&r.tunnel, &r.peers} {
		if err := b.adopt(conn); err != nil {
			return err
		}
	}
	return nil
}

// reclaim has nobody use that socket any more, and another one instead. The caller
// holds mu.
func (r *Relay) reclaim(conn *net.UDPConn) {
	for _, b := range [...]*borrower{&r.tunnel, &r.peers} {
		b.abandon(conn)
	}
	for other := range r.loops {
		if r.lend(other.socket.conn) == nil {
			return
		}
	}
}

func (b *borrower) adopt(conn *net.UDPConn) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.loop.socket != nil {
		return nil
	}
	s, err := newSocket(conn, -1)
	if err == nil {
		b.loop.socket = s
	}
	return err
}

func (b *borrower) abandon(conn *net.UDPConn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.loop.socket != nil && b.loop.socket.conn == conn {
		b.loop.socket = nil
	}
}

// conn returns the socket that the borrower sends by, or nil.
func (b *borrower) conn() *net.UDPConn {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.loop.socket == nil {
		return nil
	}
	return b.loop.socket.conn
}
