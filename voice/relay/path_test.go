package relay

import (
	"net"
	"net/netip"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// The port of a listener that is gone answers with ICMP. The others hear on.
func TestGoneListenerHarmsNobody(t *testing.T) {
	for _, network := range []string{"udp4", "udp"} {
		t.Run(network, func(t *testing.T) {
			s := serve(t, network, ":0", 1)
			anna, ben, gone := s.join(t, 1, lobby), s.join(t, 2, lobby), s.join(t, 3, lobby)
			_ = gone.conn.Close()
			for range 30 {
				anna.say("x")
			}
			if heard := settle(anna, ben); len(heard) != 30 {
				t.Errorf("%d frames were heard, want 30", len(heard))
			}
		})
	}
}

// [VOICE-11] [VOICE-4] A client moves with its newest datagram, and not with an
// older or a repeated one.
func TestRoaming(t *testing.T) {
	s := serveLoopback(t)
	anna, ben := s.join(t, 1, lobby), s.join(t, 2, lobby)
	old := anna.conn
	overtaken := anna.seal(packet.Probe{Kind: packet.KindProbe, Sent: 99}.AppendTo(nil))

	anna.conn = dial(t, s.addr)
	anna.sync()
	at := anna.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	if stats, err := s.SessionStats(1); err != nil || stats.Addr != at || stats.Lost != 1 {
		t.Fatalf("%+v, %v, want the address %v and 1 lost", stats, err, at)
	}

	moved := anna.conn
	for range 2 { // the second is a replay, and gets no answer
		if _, err := old.Write(overtaken); err != nil {
			t.Fatal(err)
		}
	}
	ben.sync()
	anna.conn = old
	if _, answer := anna.receive(); answer == nil || answer.Sent != 99 {
		t.Errorf("the probe that was overtaken was answered with %+v", answer)
	}
	expectSilence(t, old)
	if stats, _ := s.SessionStats(1); stats.Addr != at || stats.Lost != 0 {
		t.Errorf("%+v, want the address %v and 0 lost", stats, at)
	}
	anna.conn = moved
	ben.say("still there")
	if heard := settle(ben, anna); len(heard) != 1 {
		t.Errorf("heard %v", payloads(heard))
	}
	if d := s.Stats().Dropped; d.Replayed != 1 {
		t.Errorf("%+v", d)
	}
}

// [VOICE-11] An IPv4 client of a dual-stack socket has an IPv4 address.
func TestMappedAddresses(t *testing.T) {
	s := serve(t, "udp", "[::]:0", 1)
	four := s.join(t, 1, lobby)
	s.addr = netip.AddrPortFrom(netip.IPv6Loopback(), s.addr.Port())
	six := s.join(t, 2, lobby)
	for _, c := range []*client{four, six} {
		want := c.conn.LocalAddr().(*net.UDPAddr).AddrPort()
		if stats, err := s.SessionStats(c.grant.Session); err != nil || stats.Addr != want || stats.Addr.Addr().Is4In6() {
			t.Errorf("%+v, %v, want %v", stats, err, want)
		}
	}
	four.say("over")
	if heard := settle(four, six); len(heard) != 1 {
		t.Errorf("IPv4 to IPv6: %v", payloads(heard))
	}
	six.say("and back")
	if heard := settle(six, four); len(heard) != 1 {
		t.Errorf("IPv6 to IPv4: %v", payloads(heard))
	}
}

func addrOf(t testing.TB, s string) netip.AddrPort {
	t.Helper()
	addr, err := netip.ParseAddrPort(s)
	if err != nil {
		t.Fatal(err)
	}
	return addr
}
