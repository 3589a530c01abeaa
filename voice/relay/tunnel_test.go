package relay

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// inner is a client whose datagrams come by the tunnel.
type inner struct {
	*client
	relay *Relay

	mu   sync.Mutex
	came [][]byte
}

// tunnelTo gives a client a way down by the tunnel.
func (s server) tunnelTo(c *client) *inner {
	c.t.Helper()
	n := &inner{client: c, relay: s.Relay}
	err := s.SetTunnel(c.grant.Session, func(datagram []byte) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.came = append(n.came, bytes.Clone(datagram))
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

func (n *inner) send(frames []byte) { n.relay.Tunnel(n.grant.Session, n.seal(frames)) }

func (n *inner) ask() { n.send(packet.Probe{Kind: packet.KindProbe, Sent: 1}.AppendTo(nil)) }

// takeIn opens what came by the tunnel and returns how many datagrams that were.
func (n *inner) takeIn() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	count := len(n.came)
	for _, datagram := range n.came {
		n.open(datagram)
	}
	n.came = nil
	return count
}

func sound(payload string) []byte {
	a := packet.Audio{Payload: []byte(payload)}
	return a.AppendTo(nil)
}

// Up by the tunnel, down by UDP: what comes by the tunnel is heard like the rest,
// and asks for nothing to come back that way.
func TestTunnelUp(t *testing.T) {
	s := serveLoopback(t)
	speaker := s.tunnelTo(s.add(t, 1, lobby))
	listener := s.join(t, 2, lobby)
	speaker.send(sound("hello"))
	if heard := settle(listener, listener); len(heard) != 1 || string(heard[0].Payload) != "hello" || heard[0].Speaker != 1 {
		t.Fatalf("heard %+v", heard)
	}
	listener.say("can you hear me?")
	listener.sync()
	if n := speaker.takeIn(); n != 0 {
		t.Errorf("%d datagrams came by the tunnel, without a probe by it", n)
	}
	stats, err := s.VoiceStats(1)
	if err != nil || !stats.Up.Tunnel || stats.Down.Tunnel || stats.Up.Received != 1 {
		t.Errorf("%+v, %v", stats, err)
	}
}

// A probe by the tunnel makes it the way down, for 6 s, also where a path by UDP
// is known.
func TestTunnelDown(t *testing.T) {
	r := newRig(t)
	r.relayServes()
	speaker := r.member(t, 1, lobby)
	n := r.tunnelTo(r.member(t, 2, lobby))
	hear := func() (byUDP, byTunnel int) {
		r.now += 20 * time.Millisecond
		r.together(speaker.datagram("x"))
		return len(n.hears()), n.takeIn()
	}
	if udp, tunnel := hear(); udp != 1 || tunnel != 0 {
		t.Errorf("before: %d by UDP, %d by the tunnel", udp, tunnel)
	}
	probe := n.datagram()
	probe.data = n.seal(packet.Probe{Kind: packet.KindProbe, Sent: 7}.AppendTo(nil))
	probe.path = inTunnel
	r.together(probe)
	if got := n.takeIn(); got != 1 {
		t.Errorf("the probe got %d answers", got)
	}
	if udp, tunnel := hear(); udp != 0 || tunnel != 1 {
		t.Errorf("after the probe: %d by UDP, %d by the tunnel", udp, tunnel)
	}
	r.now += tunnelHold
	if udp, tunnel := hear(); udp != 1 || tunnel != 0 {
		t.Errorf("6 s later: %d by UDP, %d by the tunnel", udp, tunnel)
	}
}

// relayServes has the rig's relay settle with the rig's loop, too.
func (r *rig) relayServes() { r.Relay.loops[r.loop] = struct{}{} }

// While the tunnel is the way down, a probe by UDP is answered both ways: the
// client learns which of its two directions gets through.
func TestProbeIsAnsweredBothWays(t *testing.T) {
	s := serveLoopback(t)
	n := s.tunnelTo(s.add(t, 1, lobby))
	n.ask()
	n.takeIn()
	n.sync() // the answer by UDP
	if got := n.takeIn(); got != 1 {
		t.Errorf("%d answers by the tunnel", got)
	}
}

func TestTunnelRefuses(t *testing.T) {
	s := serveLoopback(t)
	n, other := s.tunnelTo(s.add(t, 1, lobby)), s.join(t, 2, lobby)
	s.Tunnel(1, other.seal(sound("not mine")))
	s.Tunnel(1, nil)
	s.Tunnel(1, make([]byte, 2000))
	s.Tunnel(9, n.seal(sound("nobody's")))
	if got, want := s.Stats().Dropped, (Dropped{UnknownSession: 2, TooShort: 1, TooLong: 1}); got != want {
		t.Errorf("dropped %+v, want %+v", got, want)
	}
	if err := s.SetTunnel(9, func([]byte) {}); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("a tunnel to nobody: %v", err)
	}
	n.ask()
	if err := s.SetTunnel(1, nil); err != nil {
		t.Error(err)
	}
	before := n.takeIn()
	other.say("x")
	other.sync()
	if n.takeIn() != 0 || before != 1 {
		t.Error("a tunnel that was taken away was used")
	}
}

// What comes by the tunnel leaves by the sockets that are served at the time.
func TestTunnelFollowsTheSockets(t *testing.T) {
	r := New(Config{})
	defer r.Close()
	listen := func() (*net.UDPConn, chan error) {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- r.Serve(conn) }()
		return conn, ended
	}
	grant, err := r.AddSession(1)
	if err == nil {
		err = r.SetRoute(1, lobby)
	}
	if err != nil {
		t.Fatal(err)
	}
	up := packet.NewSealer(1, grant.Up)
	say := func() {
		datagram, _ := up.Seal(nil, sound("x"))
		r.Tunnel(1, datagram)
	}
	for range 2 {
		conn, ended := listen()
		s := server{r, conn.LocalAddr().(*net.UDPAddr).AddrPort()}
		listener := s.join(t, 2, lobby)
		say()
		if heard := settle(listener, listener); len(heard) != 1 {
			t.Errorf("heard %q", payloads(heard))
		}
		_ = conn.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		before := r.Stats().Dropped.Refused
		say()
		if got := r.Stats().Dropped.Refused - before; got != 1 {
			t.Errorf("%d datagrams were refused without a socket", got)
		}
		r.RemoveSession(2)
	}
}

// [VOICE-3] [VOICE-14] Whatever is sealed for a listener at once, by the loops and
// by tunnels, for UDP and for the tunnel, no counter is used twice; and what has
// changed by SetRoute has changed for the tunnel too.
func TestNoNonceIsUsedTwiceWithATunnel(t *testing.T) {
	s := serve(t, "udp4", "127.0.0.1:0", 3)
	listener := s.tunnelTo(s.join(t, 1, lobby))
	stop := s.crowd(t, 100, 10, lobby)
	quit := make(chan struct{})
	var wg sync.WaitGroup
	for id := range voiceapp.SessionID(3) {
		speaker := s.tunnelTo(s.add(t, 200+id, lobby))
		wg.Go(func() {
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-quit:
					return
				case <-tick.C:
					speaker.send(sound("x"))
				}
			}
		})
	}
	for range 50 {
		listener.ask() // down by the tunnel
		listener.sync()
		listener.relay.sessions.get(1).hold.Store(0) // and back to UDP
		listener.sync()
		listener.receive()
	}
	listener.ask()
	if err := s.SetRoute(1, voiceapp.Route{}); err != nil {
		t.Fatal(err)
	}
	listener.takeIn()
	for range 3 {
		listener.sync() // the loops go on
	}
	if heard := len(listener.heard); heard == 0 {
		t.Error("nothing was heard")
	}
	listener.heard = nil
	listener.takeIn() // the answers to sync
	if len(listener.heard) != 0 {
		t.Errorf("%d frames took the old way", len(listener.heard))
	}
	close(quit)
	wg.Wait()
	stop()
	listener.drain(2 * time.Millisecond)
	used := map[uint64]bool{}
	for _, counter := range listener.counters {
		if used[counter] || counter == 0 {
			t.Fatalf("counter %d was used twice", counter)
		}
		used[counter] = true
	}
	if len(used) < 200 {
		t.Errorf("%d datagrams are too few to tell", len(used))
	}
}
