package relay

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// rig is a loop that a test turns by hand: what it hands in came together.
type rig struct {
	server
	*loop
	now time.Duration
}

func newRig(t testing.TB) *rig {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	r := New(Config{MaxWait: -1})
	s, err := newSocket(conn, DefaultSocketBuffer)
	if err == nil {
		err = s.listen()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.close() })
	return &rig{server: server{r, conn.LocalAddr().(*net.UDPAddr).AddrPort()}, loop: newLoop(r, s)}
}

// processors has the relays that a test makes take so many for the machine's.
func processors(t testing.TB, n int) {
	t.Helper()
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// helped has the helpers of a machine with so many processors send by the rig's socket.
// They end with the test.
func (r *rig) helped(t testing.TB, n int) {
	t.Helper()
	processors(t, n)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.startHelpers()
	t.Cleanup(func() { r.mu.Lock(); defer r.mu.Unlock(); r.stopHelpers() })
	for _, b := range r.helpers {
		if err := b.adopt(r.loop.socket.conn); err != nil {
			t.Fatal(err)
		}
	}
}

// member adds a session whose address the relay knows.
func (r *rig) member(t testing.TB, id voiceapp.SessionID, to voiceapp.Route) *client {
	t.Helper()
	c := r.add(t, id, to)
	r.together(c.datagram())
	return c
}

// datagram seals audio frames with these payloads as the relay would receive it.
func (c *client) datagram(payloads ...string) datagram {
	c.t.Helper()
	var frames []byte
	for _, p := range payloads {
		c.sequence++
		a := packet.Audio{Sequence: c.sequence, Payload: []byte(p)}
		frames = a.AppendTo(frames)
	}
	return datagram{data: c.seal(frames), path: path{addr: c.conn.LocalAddr().(*net.UDPAddr).AddrPort()}}
}

func (r *rig) together(in ...datagram) {
	r.now += 20 * time.Millisecond
	r.loop.take(r.now, in)
}

// hears returns the payloads of each datagram that came, with their speakers.
func (c *client) hears() (datagrams []string) {
	c.t.Helper()
	var buf [2000]byte
	for {
		_ = c.conn.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		n, err := c.conn.Read(buf[:])
		if err != nil {
			return datagrams
		}
		c.heard = nil
		if c.open(buf[:n]); len(c.heard) == 0 {
			continue // a note of the relay's
		}
		var all []string
		for _, a := range c.heard {
			all = append(all, fmt.Sprintf("%d:%.4s", a.Speaker, a.Payload))
		}
		datagrams = append(datagrams, strings.Join(all, " "))
	}
}

// [VOICE-13] [VOICE-14] What arrives together leaves together, for each listener
// in as few datagrams as hold it, in order, without his own.
func TestFramesShareDatagrams(t *testing.T) {
	r := newRig(t)
	other := voiceapp.Route{Channel: 2, Bitrate: 64_000}
	anna, ben, cleo, dora := r.member(t, 1, lobby), r.member(t, 2, lobby), r.member(t, 3, lobby), r.member(t, 4, lobby)
	eve, finn := r.member(t, 5, other), r.member(t, 6, other)
	long := func(s string) string { return s + strings.Repeat(".", 500) }
	tests := []struct {
		in   []datagram
		want map[*client][]string
	}{
		{
			in:   []datagram{anna.datagram("a1")},
			want: map[*client][]string{ben: {"1:a1"}, cleo: {"1:a1"}, dora: {"1:a1"}},
		},
		{
			in: []datagram{anna.datagram("a1"), eve.datagram("e1"), ben.datagram("b1", "b2"), anna.datagram("a2"), cleo.datagram("c1")},
			want: map[*client][]string{
				anna: {"2:b1 2:b2 3:c1"}, ben: {"1:a1 1:a2 3:c1"}, cleo: {"1:a1 2:b1 2:b2 1:a2"},
				dora: {"1:a1 2:b1 2:b2 1:a2 3:c1"}, finn: {"5:e1"},
			},
		},
		{
			in: []datagram{anna.datagram(long("a1")), ben.datagram(long("b1")), cleo.datagram(long("c1"))},
			want: map[*client][]string{
				anna: {"2:b1.. 3:c1.."}, ben: {"1:a1.. 3:c1.."}, cleo: {"1:a1.. 2:b1.."}, dora: {"1:a1.. 2:b1..", "3:c1.."},
			},
		},
		{in: []datagram{{data: []byte("not this one")}}},
	}
	for i, test := range tests {
		r.now += time.Second // nobody is over a rate
		r.together(test.in...)
		for _, c := range []*client{anna, ben, cleo, dora, eve, finn} {
			if got := c.hears(); fmt.Sprint(got) != fmt.Sprint(test.want[c]) {
				t.Errorf("turn %d: session %d heard %q, want %q", i, c.grant.Session, got, test.want[c])
			}
		}
	}
	stats := r.counts.stats()
	if stats.Frames != 1+6+3 || stats.Forwarded != 3+(3+3+4+5+1)+(2+2+2+3) || stats.Sent-stats.Notes != 3+5+5 {
		t.Errorf("%+v", stats)
	}
}

// More listeners than one batch holds, and frames of the greatest size.
func TestManyListeners(t *testing.T) {
	r := newRig(t)
	loud := voiceapp.Route{Channel: 1, Bitrate: voiceapp.MaxBitrate}
	speaker := r.member(t, 1, loud)
	listeners := make([]*client, 2*batchSize+5)
	for i := range listeners {
		listeners[i] = r.member(t, voiceapp.SessionID(i+2), loud)
	}
	r.together(speaker.datagram(strings.Repeat("x", packet.MaxPayload)))
	for i, c := range listeners {
		if got := c.hears(); len(got) != 1 || got[0] != "1:xxxx" {
			t.Fatalf("listener %d heard %q", i, got)
		}
	}
	if stats := r.counts.stats(); stats.Sent-stats.Notes != uint64(len(listeners)) {
		t.Errorf("%+v", stats)
	}
}

// The kernel refuses one destination in the middle of a batch; the others get
// theirs.
func TestOneRefusedDestination(t *testing.T) {
	r := newRig(t)
	speaker := r.member(t, 1, lobby)
	listeners := make([]*client, 9)
	for i := range listeners {
		listeners[i] = r.member(t, voiceapp.SessionID(i+2), lobby)
	}
	for _, i := range []int{0, 4, 8} {
		lost := listeners[i].datagram()
		lost.addr = addrOf(t, "[2001:db8::1]:9") // on an IPv4 socket
		r.together(lost)
	}
	r.together(speaker.datagram("on"))
	for i, c := range listeners {
		if got, want := len(c.hears()), 1; i%4 != 0 && got != want {
			t.Errorf("listener %d heard %d datagrams, want %d", i, got, want)
		}
	}
	if stats := r.counts.stats(); stats.Dropped.Refused != 3 || stats.Sent != 6 || stats.Forwarded != 9 {
		t.Errorf("%+v", stats)
	}
}

// FuzzTake hands frames of any form to a loop, in an authentic datagram, beside
// the same bytes as a datagram.
func FuzzTake(f *testing.F) {
	a := packet.Audio{Sequence: 1, Payload: []byte("payload")}
	f.Add(a.AppendTo(packet.Probe{Kind: packet.KindProbe}.AppendTo(packet.Report{Late: 1}.AppendTo(nil))))
	f.Add([]byte{1, 0xff, 0xff, 0})
	f.Add([]byte{})
	r := newRig(f)
	speaker, listener := r.member(f, 1, lobby), r.member(f, 2, lobby)
	f.Fuzz(func(t *testing.T, frames []byte) {
		if len(frames) > packet.MaxFrames {
			return
		}
		speaker.t, listener.t = t, t
		sealed := datagram{data: speaker.seal(frames), path: path{addr: speaker.conn.LocalAddr().(*net.UDPAddr).AddrPort()}}
		r.now += time.Second
		again := datagram{data: bytes.Clone(sealed.data), path: path{addr: sealed.addr}}
		r.together(sealed, datagram{data: bytes.Clone(frames)}, again)
		if len(r.loop.out) != 0 || len(r.loop.frames) != 0 {
			t.Fatal("the turn has left something behind")
		}
		listener.drain(50 * time.Microsecond) // whole datagrams of frames that can be parsed, or it fails
		speaker.drain(50 * time.Microsecond)
	})
}

// fanOut is a rig with one speaker and so many listeners.
func fanOutRig(t testing.TB, listeners int) (r *rig, speaker *client) {
	t.Helper()
	r = newRig(t)
	speaker = r.member(t, 1, lobby)
	for i := range listeners {
		r.member(t, voiceapp.SessionID(i+2), lobby)
	}
	return r, speaker
}

// forward takes one frame through the whole way, the kernel's socket included.
func (r *rig) forward(t testing.TB, speaker *client, buf []byte) {
	a := packet.Audio{Sequence: 1, Payload: buf[1200:1300]}
	datagram, err := speaker.sealer.Seal(buf[:0], a.AppendTo(buf[packet.HeaderSize:packet.HeaderSize]))
	if err == nil {
		_, err = speaker.conn.Write(datagram)
	}
	if err != nil {
		t.Fatal(err)
	}
	in, err := r.loop.socket.receive(-1)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Since(r.start)
	r.now += 20 * time.Millisecond
	r.loop.take(r.now, in)
	r.loop.measure(begun)
}

func BenchmarkForward(b *testing.B) {
	for _, listeners := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("listeners=%d", listeners), func(b *testing.B) {
			r, speaker := fanOutRig(b, listeners)
			r.helped(b, runtime.GOMAXPROCS(0))
			buf := make([]byte, packet.MaxSize)
			b.ReportAllocs()
			for b.Loop() {
				r.forward(b, speaker, buf)
			}
			own, helpers := r.counts.stats(), r.Stats()
			if own.Dropped != (Dropped{}) || helpers.Dropped != (Dropped{}) {
				b.Fatalf("%+v, the helpers %+v", own, helpers)
			}
			b.ReportMetric(float64(helpers.Forwarded)/float64(own.Forwarded+helpers.Forwarded), "helped")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*listeners), "ns/egress")
		})
	}
}

// A datagram that fails, from the socket's buffer to the counter.
func BenchmarkRefuse(b *testing.B) {
	r, speaker := fanOutRig(b, 1)
	badTag, replayed := speaker.datagram("x"), speaker.datagram(strings.Repeat("x", 100))
	badTag.data = append(badTag.data, make([]byte, 100)...)
	unknown := datagram{data: append([]byte{9}, badTag.data[1:]...)}
	r.together(speaker.datagram("x"))
	for name, d := range map[string]datagram{"bad tag": badTag, "no session": unknown, "replay": replayed, "too short": {}} {
		b.Run(name, func(b *testing.B) {
			in, data := []datagram{{path: d.path}}, make([]byte, len(d.data))
			b.ReportAllocs()
			for b.Loop() {
				in[0].data = data[:copy(data, d.data)] // it is opened in place
				r.loop.take(0, in)
			}
		})
	}
}

// Who has few listeners does not wait for who has many, whichever came first.
func TestSmallRoomsGoFirst(t *testing.T) {
	r := newRig(t)
	to := in(2)
	to.Whisper = []voiceapp.Target{{Channels: []voiceapp.ChannelID{1}, Sessions: []voiceapp.SessionID{11}}}
	big := r.member(t, 1, in(1))
	for id := range voiceapp.SessionID(8) {
		r.member(t, id+2, in(1))
	}
	one, two := r.member(t, 10, to), r.member(t, 11, in(2))
	sent := func() (to []netip.AddrPort) {
		for i := range r.out {
			to = append(to, r.out[i].addr)
		}
		return to
	}
	whisper := packet.Audio{Speaker: 1, Sequence: 7, Payload: []byte("w")}
	r.loop.begin(r.now)
	for _, d := range []datagram{big.datagram("big"), {data: one.seal(whisper.AppendTo(nil)), path: one.datagram().path}, two.datagram("small")} {
		r.open(&d)
	}
	r.deliver()
	r.loop.end()
	got, first := sent(), one.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	if len(got) != 1+8+10 || got[0] != first || got[1] == first {
		t.Errorf("%d datagrams, the first to %v", len(got), got)
	}
}

// A fault of the relay's own ends a turn, and neither the loop nor what comes next; what
// waits does not bring it back, what was sealed does not come late, and the log is not
// filled with it.
func TestFaultEndsATurn(t *testing.T) {
	r := newRig(t)
	var log bytes.Buffer
	r.logger = slog.New(slog.NewTextHandler(&log, nil))
	anna, ben := r.member(t, 1, lobby), r.member(t, 2, lobby)
	for range 3 {
		r.hold(r.room(r.channels.get(1)), voiced{channel: r.channels.get(1)}, 0) // nobody says it
		r.together(anna.datagram("sealed before"))
		r.together()
	}
	if r.counts.stats().Faults != 3 || strings.Count(log.String(), "given up") != 1 {
		t.Errorf("%+v: %s", r.counts.stats(), log.String())
	}
	r.together(anna.datagram("on"))
	if got := fmt.Sprint(ben.hears()); got != "[1:on]" {
		t.Errorf("heard %s", got)
	}
}
