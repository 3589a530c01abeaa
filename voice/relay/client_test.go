package relay

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// client is the other end of a session.
type client struct {
	t        testing.TB
	conn     *net.UDPConn
	to       netip.AddrPort
	grant    voiceapp.Grant
	sealer   *packet.Sealer
	opener   *packet.Opener
	sequence uint16
	asked    uint64
	heard    []packet.Audio
	probe    packet.Probe  // the relay's latest
	report   packet.Report // the relay's latest
	reported packet.Report // that it sent last
	counters []uint64      // of the datagrams that were received
}

// join adds a session with a route and opens its path.
func (s server) join(t testing.TB, id voiceapp.SessionID, to voiceapp.Route) *client {
	t.Helper()
	c := s.add(t, id, to)
	c.sync()
	return c
}

// add is join without a word to the relay.
func (s server) add(t testing.TB, id voiceapp.SessionID, to voiceapp.Route) *client {
	t.Helper()
	grant, err := s.AddSession(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetRoute(id, to); err != nil {
		t.Fatal(err)
	}
	return &client{
		t: t, conn: dial(t, s.addr), to: s.addr, grant: grant,
		sealer: packet.NewSealer(id, grant.Up), opener: packet.NewOpener(grant.Down),
	}
}

func dial(t testing.TB, to netip.AddrPort) *net.UDPConn {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (c *client) seal(frames []byte) []byte {
	c.t.Helper()
	datagram, err := c.sealer.Seal(nil, frames)
	if err != nil {
		c.t.Fatal(err)
	}
	return datagram
}

func (c *client) send(datagram []byte) {
	c.t.Helper()
	if _, err := c.conn.Write(datagram); err != nil {
		c.t.Fatal(err)
	}
}

// say sends one audio frame.
func (c *client) say(payload string) {
	c.t.Helper()
	c.sequence++
	a := packet.Audio{Sequence: c.sequence, Level: 20, Payload: []byte(payload)}
	c.send(c.seal(a.AppendTo(nil)))
}

// sync probes and waits for the answer. What comes before it is kept in heard.
func (c *client) sync() {
	c.t.Helper()
	c.asked++
	probe := c.seal(packet.Probe{Kind: packet.KindProbe, Sent: c.asked}.AppendTo(nil))
	c.send(probe)
	for {
		size, answer := c.receive()
		if answer != nil && answer.Sent == c.asked {
			if size != len(probe) {
				c.t.Fatalf("a probe of %d bytes was answered with %d", len(probe), size)
			}
			return
		}
	}
}

// receive takes in one datagram; answer is the probe's answer in it, if any.
func (c *client) receive() (size int, answer *packet.Probe) {
	c.t.Helper()
	var buf [2000]byte
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	size, err := c.conn.Read(buf[:])
	if err != nil {
		c.t.Fatal(err)
	}
	return size, c.open(buf[:size])
}

func (c *client) open(datagram []byte) (answer *packet.Probe) {
	c.t.Helper()
	header, err := packet.ParseHeader(datagram)
	if err != nil || header.Session != c.grant.Session {
		c.t.Fatalf("%+v, %v", header, err)
	}
	c.counters = append(c.counters, header.Counter)
	frames, _, err := c.opener.Open(nil, datagram)
	for err == nil && len(frames) > 0 {
		var kind packet.Kind
		var body []byte
		if kind, body, frames, err = packet.Next(frames); err != nil {
			break
		}
		switch kind {
		case packet.KindAudio:
			var a packet.Audio
			a, err = packet.ParseAudio(body)
			c.heard = append(c.heard, a)
		case packet.KindProbeAnswer:
			var p packet.Probe
			p, err = packet.ParseProbe(kind, body)
			answer = &p
		case packet.KindProbe:
			c.probe, err = packet.ParseProbe(kind, body)
		case packet.KindReport:
			c.report, err = packet.ParseReport(body)
		default:
			c.t.Errorf("the relay sent a frame of kind %d", kind)
		}
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return answer
}

// settle makes sure that all that the speaker has sent is through, and returns
// what the listener heard since the last time.
func settle(speaker, listener *client) []packet.Audio {
	speaker.t.Helper()
	speaker.sync()  // the relay has taken it: the turn may still be under way
	listener.sync() // a later turn
	heard := listener.heard
	listener.heard = nil
	return heard
}

func payloads(heard []packet.Audio) (all []string) {
	for _, a := range heard {
		all = append(all, string(a.Payload))
	}
	return all
}

// expectSilence checks that nothing is in the socket's buffer. Loopback delivers
// before it returns to the sender, so whoever has synced knows.
func expectSilence(t *testing.T, conn *net.UDPConn) {
	t.Helper()
	var buf [2000]byte
	_ = conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	if n, err := conn.Read(buf[:]); err == nil {
		t.Errorf("%d bytes were sent: %x", n, buf[:n])
	}
}
