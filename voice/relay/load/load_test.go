package load

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listen(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// withRelay serves a relay and returns grants for so many users of one channel.
func withRelay(t *testing.T, users int) []voiceapp.Grant {
	t.Helper()
	_, grants := withRooms(t, users, 1)
	return grants
}

// withRooms is withRelay with the users in channels in turn, and its relay.
func withRooms(t *testing.T, users, rooms int) (*relay.Relay, []voiceapp.Grant) {
	t.Helper()
	conn := listen(t)
	r := relay.New(relay.Config{Logger: slog.New(slog.DiscardHandler)})
	go func() { _ = r.Serve(conn) }()
	t.Cleanup(func() { _ = r.Close() })
	grants := make([]voiceapp.Grant, users)
	for i := range grants {
		grant, err := r.AddSession(voiceapp.SessionID(i + 1))
		if err == nil {
			err = r.SetRoute(grant.Session, voiceapp.Route{Channel: voiceapp.ChannelID(i%rooms + 1), Bitrate: 128_000})
		}
		if err != nil {
			t.Fatal(err)
		}
		grant.Addr = conn.LocalAddr().(*net.UDPAddr).AddrPort()
		grants[i] = grant
	}
	return r, grants
}

func TestRunCountsEveryFrame(t *testing.T) {
	for _, aligned := range []bool{false, true} {
		r, err := Run(t.Context(), withRelay(t, 12), Config{Speakers: 3, Duration: 300 * time.Millisecond, Aligned: aligned, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if r.Users != 12 || r.Speakers != 3 || r.Sent != 45 || r.Expected != 45*11 || r.Received != r.Expected || r.Loss() != 0 {
			t.Errorf("aligned %v: %+v", aligned, r)
		}
		if r.Duplicates != 0 || r.Corrupt != 0 || r.Refused != 0 || r.Datagrams == 0 || r.Datagrams > r.Received {
			t.Errorf("aligned %v: %+v", aligned, r)
		}
		if r.P50 <= 0 || r.P50 > r.P99 || r.P99 > r.P999 || r.P999 > r.Max || r.Opening <= 0 {
			t.Errorf("aligned %v: %+v", aligned, r)
		}
		if r.Speaking != 300*time.Millisecond || r.SentRate() != 150 || r.EgressRate() != 150*11 {
			t.Errorf("aligned %v: %v, %v, %v", aligned, r.Speaking, r.SentRate(), r.EgressRate())
		}
	}
}

// Those who make a storm are told of apart from the others.
func TestRunBesideAStorm(t *testing.T) {
	r, grants := withRooms(t, 9, 1)
	for _, g := range grants[3:] {
		if err := r.SetRoute(g.Session, voiceapp.Route{Channel: 2, Bitrate: 128_000}); err != nil {
			t.Fatal(err)
		}
	}
	var received uint64
	got, err := Run(t.Context(), grants, Config{
		Speakers: 1, Duration: 200 * time.Millisecond, Storm: 6, Pause: func(n uint64) error { received += n; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Users != 3 || got.Sent != 10 || got.Expected != 20 || got.Received != 20 || got.Corrupt+got.Duplicates+got.Refused != 0 {
		t.Errorf("of the others: %+v", got)
	}
	if s := got.Storm; s.Expected != 6*5*10 || s.Loss() != 0 || s.P99 <= 0 || received != 320 {
		t.Errorf("of the storm: %+v; %d in all", s, received)
	}
	for _, bad := range []Config{{Storm: -1}, {Storm: 10}, {Storm: 9}, {Storm: 7, Speakers: 3}} {
		if _, err := Run(t.Context(), grants, bad); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestRunInRoomsAndParts(t *testing.T) {
	var parts []uint64
	_, grants := withRooms(t, 7, 2)
	r, err := Run(t.Context(), grants, Config{
		Speakers: 3, Duration: 200 * time.Millisecond, Rooms: 2, Parts: 2,
		Pause: func(received uint64) error { parts = append(parts, received); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	// Two of the speakers have three listeners each, the other has two.
	if r.Sent != 30 || r.Received != 80 || r.Expected != 80 || r.Corrupt != 0 || r.Duplicates != 0 || r.Speaking != 200*time.Millisecond {
		t.Errorf("%+v", r)
	}
	if !slices.Equal(parts, []uint64{0, 40, 40}) {
		t.Errorf("parts of %v", parts)
	}
	over := errors.New("over")
	if _, err := Run(t.Context(), withRelay(t, 2), Config{Pause: func(uint64) error { return over }}); !errors.Is(err, over) {
		t.Errorf("a pause that ends it: %v", err)
	}
}

// Each kind of bad datagram comes to the relay as what it is, and nobody hears of it.
func TestFlood(t *testing.T) {
	relay, grants := withRooms(t, 3, 1)
	r, err := Run(t.Context(), grants, Config{Duration: 400 * time.Millisecond, Flood: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	if r.Received != r.Expected || r.Corrupt+r.Duplicates+r.Refused != 0 || r.Flooded < 500 || r.Flooded > 30_000 || r.FloodRate() > 11_000 {
		t.Errorf("%+v", r)
	}
	d := relay.Stats().Dropped
	for name, count := range map[string]uint64{"unknown": d.UnknownSession, "forged": d.NotAuthentic, "replayed": d.Replayed, "long": d.TooLong} {
		if count < r.Flooded/5 || count > r.Flooded/4+16 {
			t.Errorf("%d %s of %d", count, name, r.Flooded)
		}
	}
}

// The bare loop's datagrams come, and cost something.
func TestBare(t *testing.T) {
	b, err := NewBare(20, 143)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	cost, err := b.Run(10, -1)
	if runtime.GOOS != "linux" && errors.Is(err, voiceapp.Unavailable) {
		t.Skip(err)
	}
	if err != nil || cost.CPU <= 0 || cost.Round <= 0 {
		t.Errorf("%+v, %v", cost, err)
	}
	for range 100 {
		if b.Received() == 200 {
			return
		}
		<-time.After(20 * time.Millisecond)
	}
	t.Errorf("%d of 200 came", b.Received())
}

func TestRunRefuses(t *testing.T) {
	grants := []voiceapp.Grant{{Session: 1}}
	for _, c := range []Config{
		{Speakers: 2},
		{Speakers: -1},
		{PayloadSize: MinPayload - 1},
		{PayloadSize: MaxPayload + 1},
		{FrameDuration: time.Microsecond},
		{Duration: time.Millisecond},
		{Patience: -1},
		{Rooms: 2},
		{Flood: -1},
		{Duration: time.Second, Parts: 100},
		{}, // the last for want of an address
	} {
		if _, err := Run(t.Context(), grants, c); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	silent := listen(t)
	t.Cleanup(func() { _ = silent.Close() })
	grants[0].Addr = silent.LocalAddr().(*net.UDPAddr).AddrPort()
	if _, err := Run(t.Context(), grants, Config{Patience: 300 * time.Millisecond}); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("a relay that says nothing: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, grants, Config{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("paths that don't open: %v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, withRelay(t, 2), Config{Duration: time.Hour}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a run cut short: %v", err)
	}
}

// crooked is a relay for two users that does everything wrong in turn.
type crooked struct {
	conn    *net.UDPConn
	up      map[voiceapp.SessionID]*packet.Opener
	down    map[voiceapp.SessionID]*packet.Sealer
	clients map[voiceapp.SessionID]*net.UDPAddr
}

func (c *crooked) serve(t *testing.T) {
	var buf [1500]byte
	for {
		n, from, err := c.conn.ReadFromUDP(buf[:])
		if err != nil {
			return
		}
		h, _ := packet.ParseHeader(buf[:n])
		c.clients[h.Session] = from
		frames, _, err := c.up[h.Session].Open(nil, buf[:n])
		if err != nil {
			t.Error(err)
			return
		}
		kind, body, _, _ := packet.Next(frames)
		if kind == packet.KindProbe {
			p, _ := packet.ParseProbe(packet.KindProbeAnswer, body)
			c.send(h.Session, p.AppendTo(nil))
			continue
		}
		packet.StampSpeaker(body, h.Session)
		c.wrong(body[5]%8, frames, body)
	}
}

// wrong treats a frame of session 1, in the way that its sequence asks for.
func (c *crooked) wrong(how byte, frames, body []byte) {
	switch how {
	case 0:
		c.send(2, frames)
	case 1: // lost
	case 2: // twice
		c.send(2, frames)
		c.send(2, frames)
	case 3: // another payload
		body[len(body)-1] ^= 1
		c.send(2, frames)
	case 4: // another speaker
		packet.StampSpeaker(body, 7)
		c.send(2, frames)
	case 5: // to the speaker
		c.send(1, frames)
	case 6: // not sealed
		_, _ = c.conn.WriteToUDP(append(make([]byte, packet.Overhead), frames...), c.clients[2])
	case 7: // two in one datagram, of which the second is cut off
		c.send(2, append(slices.Clone(frames), 1, 0, 99))
	}
}

func (c *crooked) send(to voiceapp.SessionID, frames []byte) {
	datagram, err := c.down[to].Seal(nil, frames)
	if err == nil {
		_, _ = c.conn.WriteToUDP(datagram, c.clients[to])
	}
}

func TestRunSeesWhatIsWrong(t *testing.T) {
	c := &crooked{
		conn: listen(t), up: map[voiceapp.SessionID]*packet.Opener{},
		down: map[voiceapp.SessionID]*packet.Sealer{}, clients: map[voiceapp.SessionID]*net.UDPAddr{},
	}
	var grants []voiceapp.Grant
	for id := range voiceapp.SessionID(2) {
		id++
		g := voiceapp.Grant{Session: id, Up: voiceapp.Key{1, byte(id)}, Down: voiceapp.Key{2, byte(id)}, Addr: c.conn.LocalAddr().(*net.UDPAddr).AddrPort()}
		c.up[id], c.down[id] = packet.NewOpener(g.Up), packet.NewSealer(id, g.Down)
		grants = append(grants, g)
	}
	done := make(chan struct{})
	go func() { defer close(done); c.serve(t) }()
	r, err := Run(t.Context(), grants, Config{Duration: 160 * time.Millisecond, FrameDuration: 10 * time.Millisecond})
	_ = c.conn.Close()
	<-done
	if err != nil {
		t.Fatal(err)
	}
	// Sixteen frames, each wrong way twice; three of the eight arrive.
	if r.Sent != 16 || r.Expected != 16 || r.Received != 6 || r.Datagrams != 6 || r.Duplicates != 2 || r.Corrupt != 6 || r.Refused != 4 {
		t.Errorf("%+v", r)
	}
}

func TestTurns(t *testing.T) {
	users := make([]*user, 100)
	for i := range users {
		users[i] = &user{session: voiceapp.SessionID(i), speaks: true}
	}
	c := Config{Speakers: 100, Seed: 5}.withDefaults()
	one, two := turns(users, c), turns(users, c)
	c.Seed++
	other := turns(users, c)
	var sum time.Duration
	for i := range one {
		if one[i] != two[i] || i > 0 && one[i].phase < one[i-1].phase || one[i].phase >= c.FrameDuration {
			t.Fatalf("turn %d: %+v, %+v", i, one[i], two[i])
		}
		sum += one[i].phase
	}
	if slices.Equal(one, other) {
		t.Error("another seed gave the same phases")
	}
	if mean := sum / 100; mean < 8*time.Millisecond || mean > 12*time.Millisecond {
		t.Errorf("the mean phase is %v", mean)
	}
	c.Aligned = true
	for _, turn := range turns(users, c) {
		if turn.phase != 0 {
			t.Fatal("aligned speakers differ")
		}
	}
}

func TestHistogram(t *testing.T) {
	var h histogram
	if h.quantile(0.5) != 0 {
		t.Error("an empty one has a median")
	}
	for _, d := range []time.Duration{-1, 0, 1, 63, 64, 127, 128, 129, 1000, 12345, time.Millisecond, time.Hour, 1<<63 - 1} {
		upper := upperOf(bucketOf(d))
		if least := max(d, 0); upper < least || float64(upper-least) > 0.016*float64(least) {
			t.Errorf("%d is in the bucket up to %d", d, upper)
		}
	}
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Microsecond)
	}
	for q, want := range map[float64]time.Duration{0.5: 500, 0.99: 990, 0.999: 999, 1: 1000} {
		if got := h.quantile(q); got < want*time.Microsecond || got > want*time.Microsecond*102/100 {
			t.Errorf("quantile %v: %v", q, got)
		}
	}
}

func TestWindow(t *testing.T) {
	var w window
	for _, step := range []struct {
		number uint32
		fresh  bool
	}{{5, true}, {5, false}, {4, true}, {4, false}, {0, true}, {7, true}, {6, true}, {5, false}, {70, true}, {7, false}, {8, true}, {6, false}, {1000, true}, {937, true}, {936, false}, {1000, false}} {
		if got := w.accept(step.number); got != step.fresh {
			t.Errorf("frame %d: fresh %v", step.number, got)
		}
	}
}

func TestProcessCPU(t *testing.T) {
	own, err := ProcessCPU(os.Getpid())
	if runtime.GOOS != "linux" && errors.Is(err, voiceapp.Unavailable) {
		t.Skip(err)
	}
	if err != nil || own <= 0 {
		t.Errorf("%v, %v", own, err)
	}
	if _, err := ProcessCPU(1 << 30); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("no process: %v", err)
	}
	if parent, err := ProcessCPU(os.Getppid()); err != nil || parent < 0 {
		t.Errorf("the parent: %v, %v", parent, err)
	}
}

// What one delivered frame costs a listener, its socket apart.
func BenchmarkOpen(b *testing.B) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	g := &group{speaker: map[voiceapp.SessionID]*user{7: {}}, start: time.Now()}
	u, err := newUser(g, voiceapp.Grant{Session: 1, Addr: conn.LocalAddr().(*net.UDPAddr).AddrPort()}, Config{}.withDefaults())
	if err != nil {
		b.Fatal(err)
	}
	defer u.socket.close()
	u.place(1, 2, Config{}.withDefaults())
	sealer := packet.NewSealer(1, voiceapp.Key{})
	buf, payload := make([]byte, packet.MaxSize), make([]byte, 100)
	number := uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		writeStamp(payload, time.Since(g.start), number, 7)
		a := packet.Audio{Speaker: 7, Sequence: uint16(number), Payload: payload}
		datagram, err := sealer.Seal(buf[:0], a.AppendTo(buf[packet.HeaderSize:packet.HeaderSize]))
		if err != nil {
			b.Fatal(err)
		}
		u.open(datagram, 0)
		number++
	}
	if u.received != uint64(number) {
		b.Fatalf("%d of %d were received", u.received, number)
	}
}
