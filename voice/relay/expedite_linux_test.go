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
