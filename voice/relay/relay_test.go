package relay

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
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

func TestServeAndClose(t *testing.T) {
	r := New(Config{Logger: slog.New(slog.DiscardHandler), SocketBuffer: -1})
	lost := listen(t, "udp4", "127.0.0.1:0")
	_ = lost.Close()
	if err := r.Serve(lost); err == nil || errors.Is(err, ErrClosed) {
		t.Errorf("Serve on a closed socket: %v", err)
	}
	ended := make(chan error)
	taken := listen(t, "udp4", "127.0.0.1:0")
	go func() { ended <- r.Serve(taken) }()
	_ = taken.Close() // by its owner, not by Close
	if err := <-ended; err == nil || errors.Is(err, ErrClosed) {
		t.Errorf("Serve on a socket that was taken away: %v", err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	late := listen(t, "udp4", "127.0.0.1:0")
	if err := r.Serve(late); !errors.Is(err, ErrClosed) {
		t.Errorf("Serve after Close: %v", err)
	}
	if err := late.Close(); !errors.Is(err, net.ErrClosed) {
		t.Error("Serve did not close the socket")
	}
	if _, err := r.AddSession(1); !errors.Is(err, ErrClosed) || !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("AddSession after Close: %v", err)
	}
}

// Serve that begins as Close goes on, on a socket that Close closes by way of
// another loop, says that the relay is closed, not that the socket is of no use.
func TestServeAsCloseGoesOn(t *testing.T) {
	const loops = 4
	for range 200 {
		r := New(Config{Logger: slog.New(slog.DiscardHandler), SocketBuffer: -1})
		conn := listen(t, "udp4", "127.0.0.1:0")
		ended := make(chan error, loops)
		for range loops {
			go func() { ended <- r.Serve(conn) }()
		}
		_ = r.Close()
		for range loops {
			if err := <-ended; !errors.Is(err, ErrClosed) {
				t.Fatalf("Serve ended with %v", err)
			}
		}
	}
}

// A socket that gives nothing but errors for a while is served on, and does not
// keep a processor busy meanwhile.
func TestErrorsDoNotEndTheLoop(t *testing.T) {
	s := serveLoopback(t)
	anna := s.join(t, 1, lobby)
	var conn *net.UDPConn
	s.mu.Lock()
	for l := range s.loops {
		conn = l.socket.conn
	}
	s.mu.Unlock()
	began := time.Now()
	_ = conn.SetReadDeadline(began) // each receive fails at once from now on
	for s.Stats().ReceiveErrors < 1000 {
		runtime.Gosched()
	}
	if took := time.Since(began); took < 8*time.Millisecond {
		t.Errorf("1000 errors in a row took %v", took)
	}
	_ = conn.SetReadDeadline(time.Time{})
	anna.sync()
}

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

func addrOf(t testing.TB, s string) netip.AddrPort {
	t.Helper()
	addr, err := netip.ParseAddrPort(s)
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

func TestServeWithoutASocket(t *testing.T) {
	r := New(Config{})
	defer r.Close()
	if err := r.Serve(nil); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("Serve(nil): %v", err)
	}
}
