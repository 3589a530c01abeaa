package voice_test

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// tunnel is a signaling that carries datagrams to a world and back. It never loses
// one.
type tunnel struct {
	*signaling
	world *world
	down  chan []byte

	mu       sync.Mutex
	counters []uint64 // of what went up by it
}

var _ voice.Tunnel = (*tunnel)(nil)

func (w *world) tunnel(grant voiceapp.Grant) *tunnel {
	w.mu.Lock()
	defer w.mu.Unlock()
	tun := &tunnel{signaling: newSignaling(grant), world: w, down: make(chan []byte, 1000)}
	w.clients[grant.Session].tunnel = tun
	return tun
}

func (c *client) tunneled() bool { return c.tunnel != nil && time.Now().Before(c.hold) }

func (u *tunnel) SendDatagram(datagram []byte) error {
	header, err := packet.ParseHeader(datagram)
	if err != nil {
		return err
	}
	u.mu.Lock()
	u.counters = append(u.counters, header.Counter)
	u.mu.Unlock()
	u.world.mu.Lock()
	defer u.world.mu.Unlock()
	c := u.world.clients[u.grant.Session]
	frames, _, err := c.opener.Open(nil, slices.Clone(datagram))
	if err == nil {
		u.world.pass(c, frames, true)
	}
	return err
}

func (u *tunnel) Datagrams() <-chan []byte { return u.down }

// report tells a speaker each second that it is heard. The world's mutex is held.
func (w *world) report(to *client) {
	if now := time.Now(); now.Sub(to.told) >= time.Second {
		to.told = now
		r := packet.Report{}
		r.Highest, r.Received = to.opener.Highest()
		w.send(to, r.AppendTo(nil))
	}
}

// underway is how many frames are sent and not yet played at any moment: their
// playout delay, a frame that is being made, and one that is being played.
const underway = 4

// blocked loses everything.
var blocked = voicetest.Impairment{Loss: 1}

// spell is a time in which UDP does not get through in some directions.
type spell struct {
	name         string
	speaker, ear voicetest.Impairment // up from the speaker; down to the listener
	echo, whole  voicetest.Impairment // down to the speaker; up from the listener
	up, down     voice.Way            // of the speaker's, and the listener's, at its end
	speakerDown  voice.Way
	listenerUp   voice.Way
	unheard      int // frames at most
}

// [VOICE-17] Whatever direction UDP fails in, voice goes on inside TCP in that
// direction within seconds, and by UDP again when UDP does.
func TestVoiceGoesOnInsideTCP(t *testing.T) {
	spells := []spell{
		{name: "all is well"},
		{name: "up", speaker: blocked, up: voice.WayTCP, speakerDown: voice.WayTCP, unheard: 150},
		{name: "healed"},
		{name: "down", ear: blocked, down: voice.WayTCP, unheard: 100},
		{name: "healed again"},
		{
			name: "all", speaker: blocked, ear: blocked, echo: blocked, whole: blocked,
			up: voice.WayTCP, down: voice.WayTCP, speakerDown: voice.WayTCP, listenerUp: voice.WayTCP, unheard: 200,
		},
		{name: "healed at last"},
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		tape := &tape{}
		earConn, mouthConn := w.conn(), w.conn()
		ears, mouths := w.tunnel(w.admit(1, 0)), w.tunnel(w.admit(2, 0))
		listener := join(t, ears, voice.Config{Sink: tape, Conn: earConn})
		defer listener.Close()
		time.Sleep(100 * ms)
		speaker := join(t, mouths, voice.Config{Source: &counting{last: 1 << 30}, Conn: mouthConn})
		defer speaker.Close()
		for _, spell := range spells {
			w.network.Impair(mouthConn.AddrPort(), w.addr, spell.speaker)
			w.network.Impair(w.addr, mouthConn.AddrPort(), spell.echo)
			w.network.Impair(w.addr, earConn.AddrPort(), spell.ear)
			w.network.Impair(earConn.AddrPort(), w.addr, spell.whole)
			heard := tape.distinct()
			time.Sleep(20 * time.Second)
			unheard := 1000 - (tape.distinct() - heard)
			s, l := speaker.Stats(), listener.Stats()
			if s.Up != spell.up || l.Down != spell.down || s.Down != spell.speakerDown || l.Up != spell.listenerUp {
				t.Errorf("%s: the speaker's ways are %v and %v, the listener's %v and %v", spell.name, s.Up, s.Down, l.Up, l.Down)
			}
			if unheard > spell.unheard+underway || s.Path != voice.PathUp || l.Path != voice.PathUp {
				t.Errorf("%s: %d frames were not heard, want %d at most; paths %v and %v", spell.name, unheard, spell.unheard, s.Path, l.Path)
			}
			t.Logf("%s: %d of 1000 frames not heard", spell.name, unheard)
		}
		if drops := listener.Stats().Drops; drops != (voice.Drops{}) {
			t.Errorf("the listener dropped %+v", drops)
		}
	})
}

// distinct is how many numbers were heard.
func (s *tape) distinct() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, last := 0, int32(0)
	for _, x := range s.heard {
		if x > last { // the numbers rise
			n, last = n+1, x
		}
	}
	return n
}

// Nobody home for UDP from the first moment on: voice begins inside TCP within a
// second.
func TestVoiceBeginsInsideTCP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		w.network.Impair(netip.AddrPort{}, netip.AddrPort{}, blocked)
		tape := &tape{}
		listener := join(t, w.tunnel(w.admit(1, 0)), voice.Config{Sink: tape, Conn: w.conn()})
		defer listener.Close()
		speaker := join(t, w.tunnel(w.admit(2, 0)), voice.Config{Source: &counting{last: 100}, Conn: w.conn()})
		defer speaker.Close()
		time.Sleep(3 * time.Second)
		if heard := tape.distinct(); heard < 50 {
			t.Errorf("%d of 100 frames heard", heard)
		}
		if s := speaker.Stats(); s.Up != voice.WayTCP || s.Path != voice.PathUp || s.SocketErrors != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// [VOICE-3] A session that sends by UDP and inside TCP at once uses each counter
// once.
func TestNoCounterIsUsedTwiceByTwoWays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		grant := w.admit(2, 0)
		conn := w.conn()
		sniffed := &sniffer{Conn: conn}
		w.network.Impair(w.addr, conn.AddrPort(), blocked)
		tun := w.tunnel(grant)
		speaker := join(t, tun, voice.Config{Source: &counting{last: 1 << 30}, Sink: &tape{}, Conn: sniffed})
		for range 10 {
			w.network.Impair(conn.AddrPort(), w.addr, blocked)
			time.Sleep(12 * time.Second)
			w.network.Impair(conn.AddrPort(), w.addr, voicetest.Impairment{})
			time.Sleep(12 * time.Second)
		}
		_ = speaker.Close()
		if len(tun.counters) < 1000 || len(sniffed.counters) < 1000 {
			t.Fatalf("%d datagrams inside TCP, %d by UDP: too few to tell", len(tun.counters), len(sniffed.counters))
		}
		used := map[uint64]bool{}
		for _, counter := range append(tun.counters, sniffed.counters...) {
			if used[counter] || counter == 0 {
				t.Fatalf("counter %d was used twice", counter)
			}
			used[counter] = true
		}
	})
}

// sniffer writes down the counters that go out.
type sniffer struct {
	voice.Conn
	mu       sync.Mutex
	counters []uint64
}

func (s *sniffer) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if header, err := packet.ParseHeader(b); err == nil {
		s.mu.Lock()
		s.counters = append(s.counters, header.Counter)
		s.mu.Unlock()
	}
	return s.Conn.WriteToUDPAddrPort(b, to)
}
