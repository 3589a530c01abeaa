//go:build !nobatch

package relay

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

// What a datagram has waited in the kernel's queue is known, whatever other control
// messages come with it.
func TestTimeInTheKernelsQueue(t *testing.T) {
	for network, address := range map[string]string{"udp4": "127.0.0.1:0", "udp": "[::]:0"} {
		t.Run(network, func(t *testing.T) {
			conn := listen(t, network, address)
			s, err := newSocket(conn, -1)
			if err == nil {
				err = s.listen()
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.close() }()
			port := conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
			sender := dial(t, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port))
			waited := time.Duration(0)
			// The kernel may begin to stamp a moment after it was asked to.
			for begun := time.Now(); waited < 29*time.Millisecond && time.Since(begun) < patience; {
				if _, err := sender.Write([]byte("waits")); err != nil {
					t.Fatal(err)
				}
				_ = sender.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
				if n, err := sender.Read(make([]byte, 1)); err == nil {
					t.Fatalf("%d bytes came out of nowhere", n)
				}
				in, err := s.receive(-1)
				if err != nil || len(in) != 1 || string(in[0].data) != "waits" {
					t.Fatalf("%v, %v", in, err)
				}
				if local := in[0].local; s.any != (local == netip.MustParseAddr("127.0.0.1")) {
					t.Fatalf("the local address is %v", local)
				}
				waited = in[0].waited
			}
			if waited < 29*time.Millisecond || waited > patience {
				t.Errorf("it has waited %v", waited)
			}
		})
	}
}
