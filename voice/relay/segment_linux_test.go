//go:build linux && !nobatch

package relay

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// ends is a relay's socket, and a client's that is connected to it.
func ends(t *testing.T, network, address, ip string) (*socket, *net.UDPConn, path) {
	t.Helper()
	conn := listen(t, network, address)
	s, err := newSocket(conn, -1)
	if err != nil {
		t.Fatal(err)
	}
	if !s.segments() {
		t.Fatal("this kernel has no segmentation")
	}
	local := netip.MustParseAddr(ip)
	client := dial(t, netip.AddrPortFrom(local, conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()))
	addr := client.LocalAddr().(*net.UDPAddr).AddrPort()
	return s, client, path{addr: netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()), local: local}
}

// row is datagrams of these sizes to one client.
func row(to path, sizes ...int) (out []datagram) {
	for i, size := range sizes {
		out = append(out, datagram{data: []byte(strings.Repeat(string(rune('a'+i)), size)), path: to})
	}
	return out
}

// got reads what has come, as letters and sizes.
func got(t *testing.T, c *net.UDPConn, n int) string {
	t.Helper()
	var all []string
	var buf [2000]byte
	for range n {
		size, err := c.Read(buf[:])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%c%d", buf[0], size))
	}
	return strings.Join(all, " ")
}

// Datagrams in a row to one client are one message, whatever the socket is bound to, and
// come as they are.
func TestSegments(t *testing.T) {
	for _, at := range [][3]string{{"udp4", "127.0.0.1:0", "127.0.0.1"}, {"udp4", "0.0.0.0:0", "127.0.0.2"}, {"udp", "[::]:0", "127.0.0.2"}, {"udp", "[::]:0", "::1"}} {
		s, one, to := ends(t, at[0], at[1], at[2])
		two := dial(t, netip.AddrPortFrom(to.local, s.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()))
		addr := two.LocalAddr().(*net.UDPAddr).AddrPort()
		other := path{addr: netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()), local: to.local}
		for _, test := range []struct {
			sizes    []int
			messages int
		}{
			{[]int{1200}, 1},
			{[]int{1200, 1200, 1200, 300}, 1},
			{[]int{1180, 1172, 1190, 40, 40}, 3}, // each message ends with who is shorter than the first, or before who is longer
			{[]int{300, 1200}, 2},
		} {
			out := append(row(to, test.sizes...), row(other, 100)...)
			if refused := s.send(out); refused != 0 || s.end != test.messages+1 {
				t.Errorf("%v, %v: %d refused, %d messages", at, test.sizes, refused, s.end)
			}
			var want []string
			for i, size := range test.sizes {
				want = append(want, fmt.Sprintf("%c%d", 'a'+i, size))
			}
			if heard := got(t, one, len(test.sizes)); heard != strings.Join(want, " ") {
				t.Errorf("%v, %v: heard %s", at, test.sizes, heard)
			}
			got(t, two, 1)
		}
		if out := row(to, make([]int, batchSize)...); s.cut.row(out) != maxSegments {
			t.Error("a message has no bound")
		}
	}
}

// Where the kernel refuses messages in segments, as it does without checksums and where a
// network card can't, the datagrams go alone, nothing is lost, and soon none is made.
func TestSegmentsAreGivenUp(t *testing.T) {
	s, client, to := ends(t, "udp4", "127.0.0.1:0", "127.0.0.1")
	checksums := func(off int) {
		if err := s.raw.Control(func(fd uintptr) {
			if err := unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_NO_CHECK, off); err != nil {
				t.Error(err)
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	send := func() {
		t.Helper()
		if refused := s.send(row(to, 500, 500, 80)); refused != 0 {
			t.Fatalf("%d are refused", refused)
		}
		if heard := got(t, client, 3); heard != "a500 b500 c80" {
			t.Fatalf("heard %s", heard)
		}
	}
	checksums(1)
	for range maxRefusals - 1 {
		send()
	}
	checksums(0)
	send() // it was a passing trouble
	checksums(1)
	for i := range maxRefusals {
		if !s.segments() {
			t.Errorf("given up after %d", i)
		}
		send()
	}
	if send(); s.segments() || s.end != 3 {
		t.Errorf("%d messages: it is not given up", s.end)
	}
}
