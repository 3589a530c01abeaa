package relay

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to come.
const patience = 10 * time.Second

// server is a relay that serves one socket with so many loops.
type server struct {
	*Relay
	addr netip.AddrPort
}

func serve(t testing.TB, network, address string, loops int) server {
	t.Helper()
	conn := listen(t, network, address)
	r := New(Config{Logger: slog.New(slog.DiscardHandler)})
	ended := make(chan error, loops)
	for range loops {
		go func() { ended <- r.Serve(conn) }()
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		for range loops {
			if err := <-ended; !errors.Is(err, ErrClosed) || !errors.Is(err, net.ErrClosed) {
				t.Errorf("Serve ended with %v", err)
			}
		}
	})
	port := conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	return server{r, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)}
}

func listen(t testing.TB, network, address string) *net.UDPConn {
	t.Helper()
	udp, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP(network, udp)
	if err != nil {
		t.Skip(err) // no IPv6 here
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func serveLoopback(t testing.TB) server { return serve(t, "udp4", "127.0.0.1:0", 1) }

var lobby = voiceapp.Route{Channel: 1, Bitrate: 64_000}

// [VOICE-7] [VOICE-14]
func TestFramesReachTheOthersInTheChannel(t *testing.T) {
	s := serveLoopback(t)
	anna, ben, cleo := s.join(t, 1, lobby), s.join(t, 2, lobby), s.join(t, 0xfffffffe, lobby)
	elsewhere := s.join(t, 4, voiceapp.Route{Channel: 2, Bitrate: 64_000})
	deaf := s.join(t, 5, voiceapp.Route{Channel: 1, Bitrate: 64_000, Deaf: true})

	anna.say("hello")
	for _, listener := range []*client{ben, cleo} {
		heard := settle(anna, listener)
		if len(heard) != 1 || string(heard[0].Payload) != "hello" || heard[0].Speaker != 1 || heard[0].Sequence != 1 || heard[0].Level != 20 {
			t.Errorf("session %d heard %+v", listener.grant.Session, heard)
		}
	}
	for _, other := range []*client{anna, elsewhere, deaf} {
		if heard := settle(anna, other); len(heard) != 0 {
			t.Errorf("session %d heard %+v", other.grant.Session, heard)
		}
	}
	deaf.say("deaf, not mute")
	if heard := settle(deaf, ben); len(heard) != 1 || heard[0].Speaker != 5 {
		t.Errorf("of a deaf speaker: %+v", heard)
	}
}

// [VOICE-9]
func TestReportsAreKept(t *testing.T) {
	s := serveLoopback(t)
	anna := s.join(t, 1, lobby)
	if stats, err := s.SessionStats(1); err != nil || !stats.Reported.IsZero() {
		t.Errorf("before: %+v, %v", stats, err)
	}
	want := packet.Report{Highest: 1 << 40, Received: 5, Jitter: 480, Late: 2}
	before := time.Now().Add(-time.Second)
	anna.send(anna.seal(want.AppendTo(nil)))
	anna.sync()
	stats, err := s.SessionStats(1)
	if err != nil || stats.Report != want || stats.Reported.Before(before) || stats.Reported.After(time.Now()) {
		t.Errorf("%+v, %v", stats, err)
	}
	if n := s.Stats().Reports; n != 1 {
		t.Errorf("%d reports", n)
	}
}
