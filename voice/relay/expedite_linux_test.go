//go:build !nobatch

package relay

import (
	"bytes"
	"log/slog"
	"math"
	"net"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// What leaves is marked as DSCP EF, whatever the family.
func TestExpeditedForwarding(t *testing.T) {
	for network, address := range map[string]string{"udp4": "127.0.0.1:0", "udp": "[::]:0"} {
		conn := listen(t, network, address)
		s, err := newSocket(conn, -1)
		if err != nil {
			t.Fatal(err)
		}
		options := map[int]int{unix.SOL_IP: unix.IP_TOS}
		if s.ipv6 {
			options[unix.SOL_IPV6] = unix.IPV6_TCLASS
		}
		for level, option := range options {
			if got := sockopt(t, conn, level, option); got != 0xb8 {
				t.Errorf("%s: level %d says %#x", network, level, got)
			}
		}
	}
}

// Datagrams are not cut until one is too large for its path: that one is tried again, and
// so is not lost, and what is too large for IP takes no other with it.
func TestWholeDatagrams(t *testing.T) {
	s, client, to := ends(t, "udp4", "127.0.0.1:0", "127.0.0.1")
	how := func() int { return sockopt(t, s.conn, unix.SOL_IP, unix.IP_MTU_DISCOVER) }
	if refused := s.send(row(to, 1200, 100)); refused != 0 || how() != unix.IP_PMTUDISC_DO {
		t.Fatalf("%d refused, mode %d", refused, how())
	}
	for range 2 {
		if refused := s.send(row(to, 100, 1<<16, 300)); refused != 1 || how() != unix.IP_PMTUDISC_WANT {
			t.Fatalf("%d refused, mode %d", refused, how())
		}
	}
	if heard, want := got(t, client, 6), "a1200 b100 a100 c300 a100 c300"; heard != want {
		t.Errorf("%s, not %s", heard, want)
	}
}

func sockopt(t *testing.T, conn *net.UDPConn, level, option int) (value int) {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if outer := raw.Control(func(fd uintptr) { value, err = unix.GetsockoptInt(int(fd), level, option) }); outer != nil || err != nil {
		t.Fatal(outer, err)
	}
	return value
}

// A kernel that gives less than was asked for is named once, however many sockets there
// are; one that gives it is not.
func TestSmallBuffersAreSaidOnce(t *testing.T) {
	for buffer, want := range map[int]int{math.MaxInt32: 1, 4096: 0, -1: 0} {
		var log bytes.Buffer
		r := New(Config{Logger: slog.New(slog.NewTextHandler(&log, nil)), SocketBuffer: buffer})
		for range 2 {
			l, err := r.begin(listen(t, "udp4", "127.0.0.1:0"))
			if err != nil {
				t.Fatal(err)
			}
			defer r.end(l)
		}
		if got := strings.Count(log.String(), "smaller buffers"); got != want {
			t.Errorf("a buffer of %d: said %d times: %s", buffer, got, log.String())
		}
	}
}
