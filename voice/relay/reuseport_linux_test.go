package relay

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/voiceapp-sdk/voiceapp"
)

// Sockets that share one address: each client is heard by the one that the kernel
// picks, and hears everyone.
func TestSocketsThatShareAnAddress(t *testing.T) {
	shared := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		if outer := raw.Control(func(fd uintptr) {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		}); outer != nil {
			return outer
		}
		return err
	}}
	r := New(Config{Logger: slog.New(slog.DiscardHandler)})
	ended := make(chan error)
	address := "127.0.0.1:0"
	const sockets = 3
	for range sockets {
		conn, err := shared.ListenPacket(t.Context(), "udp4", address)
		if err != nil {
			t.Fatal(err)
		}
		address = conn.LocalAddr().String()
		go func() { ended <- r.Serve(conn.(*net.UDPConn)) }()
	}
	t.Cleanup(func() {
		_ = r.Close()
		for range sockets {
			if err := <-ended; !errors.Is(err, ErrClosed) {
				t.Error(err)
			}
		}
	})
	s := server{r, netip.MustParseAddrPort(address)}
	clients := make([]*client, 12)
	for i := range clients {
		clients[i] = s.join(t, voiceapp.SessionID(i+1), lobby)
	}
	for _, speaker := range clients {
		speaker.say("to all")
	}
	for i, c := range clients {
		for len(c.heard) < len(clients)-1 {
			c.receive()
		}
		from := map[uint32]bool{}
		for _, a := range c.heard {
			from[a.Speaker] = true
		}
		if len(from) != len(clients)-1 || from[uint32(i+1)] {
			t.Errorf("session %d heard %v", i+1, from)
		}
	}
}
