//go:build !linux

package load

import (
	"net"
	"net/netip"
)

// burstSize is how many datagrams are sent in a row.
const burstSize = 64

// burst is datagrams that are sent again and again.
type burst struct {
	conn *net.UDPConn
	data [][]byte
	to   []netip.AddrPort // nil: the socket is connected
}

func newBurst(conn *net.UDPConn, data [][]byte, to []netip.AddrPort) (*burst, error) {
	return &burst{conn: conn, data: data, to: to}, nil
}

// send sends them once. What the system does not take is lost.
func (b *burst) send() {
	for i, d := range b.data {
		if b.to == nil {
			_, _ = b.conn.Write(d)
		} else {
			_, _ = b.conn.WriteToUDPAddrPort(d, b.to[i])
		}
	}
}
