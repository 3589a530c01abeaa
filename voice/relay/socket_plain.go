//go:build !linux || nobatch

package relay

import (
	"net"
	"net/netip"
	"time"
)

// hasPatience says whether receive can wait for so long and no longer.
const hasPatience = false

// socket receives and sends one datagram for each system call, on every system
// that Go knows. It belongs to one goroutine.
type socket struct {
	conn   *net.UDPConn
	short  bool          // never: the system does not say
	buffer [1 << 16]byte // some systems give an error in place of a datagram that does not fit
	one    [1]datagram
}

func newSocket(conn *net.UDPConn, buffer int) (*socket, error) {
	s := &socket{conn: conn}
	if buffer < 0 {
		return s, nil
	}
	if err := conn.SetReadBuffer(buffer); err != nil {
		return nil, err
	}
	return s, conn.SetWriteBuffer(buffer)
}

// segments is never so here.
func (s *socket) segments() bool { return false }

// listen does nothing, nor does close: there is only the connection.
func (s *socket) listen() error { return nil }

func (s *socket) close() error { return nil }

// begin does nothing: here each datagram waits for room as long as it has to.
func (s *socket) begin() {}

// wake does nothing: here no loop owns channels.
func (s *socket) wake() {}

// receive waits for a datagram, valid until the next call. Its patience has no end: a
// deadline would be that of all loops that share the socket.
func (s *socket) receive(time.Duration) ([]datagram, error) {
	n, addr, err := s.conn.ReadFromUDPAddrPort(s.buffer[:])
	if err != nil {
		return nil, err
	}
	s.one[0] = datagram{data: s.buffer[:n], path: path{
		addr:  netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()),
		local: netip.Addr{}, // the kernel's choice
	}}
	return s.one[:], nil
}

// send sends the datagrams and returns how many the system refused. An error on
// one of them is not the others'.
func (s *socket) send(out []datagram) (refused int) {
	for i := range out {
		if _, err := s.conn.WriteToUDPAddrPort(out[i].data, out[i].addr); err != nil {
			refused++
		}
	}
	return refused
}
