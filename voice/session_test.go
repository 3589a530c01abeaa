package voice_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// TestConversation checks, sample by sample, what a listener hears of a speaker
// with pauses, at every frame duration.
func TestConversation(t *testing.T) {
	for _, duration := range []time.Duration{10 * ms, 20 * ms, 40 * ms, 60 * ms} {
		for _, channels := range []int{1, 2} {
			synctest.Test(t, func(t *testing.T) { converse(t, duration, channels) })
		}
	}
}

func converse(t *testing.T, duration time.Duration, channels int) {
	w := newWorld(t)
	defer w.close()
	w.network.Impair(netip.AddrPort{}, netip.AddrPort{}, voicetest.Impairment{Delay: 15 * ms})
	tape := &tape{}
	listener := join(t, newSignaling(w.admit(1, 0)), voice.Config{Sink: tape, Conn: w.conn(), FrameDuration: duration, Channels: channels})
	time.Sleep(100 * ms)
	source := &counting{last: 12, quiet: func(n int) bool { return n%4 == 0 }}
	speaker := join(t, newSignaling(w.admit(2, 0)), voice.Config{Source: source, Conn: w.conn(), FrameDuration: duration, Channels: channels})
	defer speaker.Close()
	<-speaker.Finished()
	time.Sleep(time.Second)
	elapsed := time.Since(tape.begun)
	_ = listener.Close()

	// A frame that is read at t is sent at t and arrives 30 ms later, 15 each way;
	// it is heard 40 ms after that, and what the mixer takes.
	length := int(duration/ms) * 48 * channels
	from := int(source.begun.Sub(tape.begun)/ms+70)*48*channels + late*channels
	want := 1
	for _, r := range tape.runs() {
		if r.number == 0 {
			continue
		}
		if r != (run{want, from + (want-1)*length, length}) {
			t.Fatalf("%v: heard %+v, want number %d at %d", duration, r, want, from+(want-1)*length)
		}
		want++
		if want%4 == 0 {
			want++
		}
	}
	if want != 13 {
		t.Errorf("%v: the last heard is before %d", duration, want)
	}
	got := listener.Stats()
	if got.Path != voice.PathUp || got.RoundTrip != 30*ms || got.Received.FramesPlayed != 9 || got.Received.ConcealedSamples != 0 {
		t.Errorf("%v: %+v", duration, got)
	}
	if sent := speaker.Stats().Sent; sent.FramesSent != 9+3 || sent.FramesUnsent != 0 {
		t.Errorf("%v: %+v", duration, sent)
	}
	if heard := len(tape.heard); heard < int(elapsed/ms)*48*channels {
		t.Errorf("%v: the sink got %d samples in %v", duration, heard, elapsed)
	}
	if received := w.mostReported(); received < 12 {
		t.Errorf("%v: %d datagrams were reported", duration, received)
	}
}

// TestLossyNetwork is the promise of a plain jitter buffer over ten minutes: at
// 10 % random loss at most 11 % is made up, and at most 11 % goes unheard; nothing
// is heard twice; nothing drifts.
func TestLossyNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frames := 50 * 60 * minutes
		w := newWorld(t)
		defer w.close()
		tape := &tape{}
		conn := w.conn()
		w.network.Impair(w.addr, conn.AddrPort(), voicetest.Impairment{
			Seed: 1, Loss: 0.1, Delay: 20 * ms, Jitter: 2 * ms, Reorder: 0.02, Duplicate: 0.02,
		})
		listener := join(t, newSignaling(w.admit(1, 0)), voice.Config{Sink: tape, Conn: conn})
		defer listener.Close()
		time.Sleep(100 * ms)
		source := &counting{last: frames}
		speaker := join(t, newSignaling(w.admit(2, 0)), voice.Config{Source: source, Conn: w.conn()})
		defer speaker.Close()
		<-speaker.Finished()
		time.Sleep(time.Second)

		begun := int(source.begun.Sub(tape.begun)/ms) * 48
		heard, made, last := 0, 0, 0
		least, most := 1<<30, 0
		for _, r := range tape.runs() {
			switch {
			case r.number < 0:
				made += r.samples
			case r.number > 0:
				if r.number <= last {
					t.Fatalf("%d is heard after %d", r.number, last)
				}
				last = r.number
				heard++
				if r.samples == frame {
					delay := r.from - begun - (r.number-1)*frame
					least, most = min(least, delay), max(most, delay)
				}
			}
		}
		if share := float64(made) / float64(frames*frame); share > 0.11 {
			t.Errorf("%.2f %% is made up", 100*share)
		}
		if share := float64(frames-heard) / float64(frames); share > 0.11 || share < 0.05 {
			t.Errorf("%.2f %% goes unheard", 100*share)
		}
		if most-least > 1 || least < 60*48 || most > 75*48 {
			t.Errorf("from said to heard it takes %d to %d samples", least, most)
		}
		got := listener.Stats().Received
		if got.ConcealedSamples != uint64(made) || got.FramesPlayed != uint64(heard) {
			t.Errorf("made up %d samples, heard %d frames, but %+v", made, heard, got)
		}
	})
}

func TestGrants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		tape := &tape{}
		listener := join(t, newSignaling(w.admit(1, 0)), voice.Config{Sink: tape, Conn: w.conn()})
		defer listener.Close()
		time.Sleep(100 * ms)

		// There is no voice yet: the source has to wait.
		sig := newSignaling(voiceapp.Grant{})
		codec := &numbers{}
		speaker := join(t, sig, voice.Config{Codec: codec, Source: &counting{last: 300}, Conn: w.conn(), Bitrate: 48_000})
		defer speaker.Close()
		time.Sleep(time.Second)
		if got := listener.Stats().Received.FramesReceived; got != 0 {
			t.Fatalf("%d frames without a grant", got)
		}
		first := w.admit(2, 0)
		sig.replace(first)
		time.Sleep(time.Second)

		// Another bitrate changes the encoder alone: the counters go on.
		lower := first
		lower.Bitrate = 16_000
		sig.replace(lower)
		time.Sleep(time.Second + 5*ms) // between two frames
		if before := listener.Stats().Received; before.FramesReceived < 99 || before.FramesLost != 0 {
			t.Errorf("after the bitrate: %+v", before)
		}

		// New keys, as after a resume: the path is opened at once.
		sig.replace(w.admit(2, 1))
		time.Sleep(ms)
		if got := speaker.Stats().Path; got != voice.PathUp {
			t.Errorf("the new path is %v", got)
		}
		<-speaker.Finished()
		time.Sleep(time.Second)
		got := listener.Stats().Received
		if got.FramesPlayed != 300 || got.ConcealedSamples != 0 || got.Restarts != 0 {
			t.Errorf("%+v", got)
		}
		if rates := codec.encoders[0].bitrates; len(rates) < 3 || rates[1] != 48_000 || rates[2] != 16_000 {
			t.Errorf("bitrates %v", rates)
		}
	})
}

func TestBadDatagrams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		tape := &tape{}
		conn := w.conn()
		listener := join(t, newSignaling(w.admit(1, 0)), voice.Config{Sink: tape, Conn: conn})
		defer listener.Close()
		time.Sleep(100 * ms)
		w.mu.Lock()
		c := w.clients[1]
		audio := packet.Audio{Speaker: 5, Payload: []byte{tocs[960], 0, 0, 0, 7}}
		good := w.send(c, audio.AppendTo(nil))
		w.send(c, []byte{byte(packet.KindAudio), 0, 99, 1}) // a length beyond the end
		w.send(c, []byte{99, 0, 1, 0})                      // a kind of the future
		w.send(c, []byte{byte(packet.KindAudio), 0, 1, 0})  // too short for audio
		spoilt := packet.Audio{Speaker: 6, Payload: []byte{tocs[960], 1, 2, 3}}
		w.send(c, spoilt.AppendTo(nil))
		w.mu.Unlock()

		stranger := w.conn()
		to := conn.AddrPort()
		for _, datagram := range [][]byte{{}, good[:20], good[:packet.Overhead+3], make([]byte, 1401), good, make([]byte, 65_507)} {
			_, _ = w.server.WriteToUDPAddrPort(datagram, to)
			_, _ = stranger.WriteToUDPAddrPort(datagram, to)
		}
		time.Sleep(200 * ms)
		w.mu.Lock()
		audio.Sequence, audio.MediaTime, audio.Payload[4] = 1, 30_000, 8
		w.send(c, audio.AppendTo(nil))
		w.mu.Unlock()
		time.Sleep(200 * ms)

		got := listener.Stats()
		want := voice.Drops{Foreign: 6, Size: 4, Unauthentic: 1, Replayed: 1, Malformed: 2}
		if got.Drops != want {
			t.Errorf("dropped %+v, want %+v", got.Drops, want)
		}
		if got.Received.FramesPlayed != 3 || got.Received.FramesSpoilt != 1 {
			t.Errorf("%+v", got.Received)
		}
	})
}

// brokenConn fails each second read, as a socket does that gets ICMP
// errors.
type brokenConn struct {
	*voicetest.Conn
	reads int
}

func (c *brokenConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	if c.reads++; c.reads%2 == 0 {
		return 0, netip.AddrPort{}, &net.OpError{Op: "read", Net: "udp", Err: syscall.ECONNREFUSED}
	}
	return c.Conn.ReadFromUDPAddrPort(b)
}

func TestSocketErrorsEndNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		tape := &tape{}
		listener := join(t, newSignaling(w.admit(1, 0)), voice.Config{Sink: tape, Conn: &brokenConn{Conn: w.conn()}})
		defer listener.Close()
		time.Sleep(100 * ms)
		speaker := join(t, newSignaling(w.admit(2, 0)), voice.Config{Source: &counting{last: 50}, Conn: w.conn()})
		defer speaker.Close()
		<-speaker.Finished()
		time.Sleep(100 * ms)
		if got := listener.Stats(); got.Received.FramesPlayed != 50 || got.SocketErrors < 50 {
			t.Errorf("%+v", got)
		}
	})
}

// TestNobodyThere uses the real socket: the kernel answers with ICMP.
func TestNobodyThere(t *testing.T) {
	probe, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	grant := voiceapp.Grant{Session: 1, Addr: probe.LocalAddr().(*net.UDPAddr).AddrPort(), Bitrate: 64_000}
	if err := probe.Close(); err != nil {
		t.Fatal(err)
	}
	session := join(t, newSignaling(grant), voice.Config{Source: &counting{last: 10}, FrameDuration: 10 * ms})
	<-session.Finished()
	if got := session.Stats(); got.Path == voice.PathUp {
		t.Errorf("%+v", got)
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
}

// TestRealSockets joins over the kernel's UDP, by IPv4 and IPv6, with sockets of
// the sessions' own.
func TestRealSockets(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", "::1"} {
		server, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(ip)})
		if err != nil {
			t.Skip(err) // no IPv6 here
		}
		w := newWorldAt(t, server, server.LocalAddr().(*net.UDPAddr).AddrPort())
		heard := make(chan int32, 1000)
		listener := join(t, newSignaling(w.admit(1, 0)), voice.Config{Sink: ear(heard), FrameDuration: 10 * ms})
		for listener.Stats().Path != voice.PathUp {
			<-heard // time goes on
		}
		speaker := join(t, newSignaling(w.admit(2, 0)), voice.Config{Source: &counting{last: 500}, FrameDuration: 10 * ms})
		for number := range heard {
			if number > 20 {
				break
			}
		}
		speaker.Close()
		listener.Close()
		if got := listener.Stats(); got.Drops != (voice.Drops{}) || got.RoundTrip <= 0 {
			t.Errorf("%s: %+v", ip, got)
		}
		w.close()
	}
}

// ear tells which number it hears.
type ear chan int32

func (e ear) WritePCM(pcm []float32) error {
	select {
	case e <- int32(pcm[0] / unit):
	default: // nobody listens any more
	}
	return nil
}

func TestPathGoesDownAndUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		session := join(t, newSignaling(w.admit(1, 0)), voice.Config{Conn: w.conn()})
		defer session.Close()
		states := []struct {
			loss float64
			want voice.PathState
		}{{0, voice.PathUp}, {1, voice.PathDown}, {0, voice.PathUp}}
		for _, s := range states {
			w.network.Impair(netip.AddrPort{}, netip.AddrPort{}, voicetest.Impairment{Loss: s.loss})
			time.Sleep(15 * time.Second)
			if got := session.Stats().Path; got != s.want {
				t.Errorf("loss %v: the path is %v", s.loss, got)
			}
		}
	})
}

func TestFirstProbeIsRepeatedSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		w.network.Impair(netip.AddrPort{}, netip.AddrPort{}, voicetest.Impairment{Loss: 1})
		session := join(t, newSignaling(w.admit(1, 0)), voice.Config{Conn: w.conn()})
		defer session.Close()
		time.Sleep(100 * ms)
		w.network.Impair(netip.AddrPort{}, netip.AddrPort{}, voicetest.Impairment{})
		time.Sleep(500 * ms)
		if got := session.Stats().Path; got != voice.PathUp {
			t.Errorf("the path is %v", got)
		}
	})
}

// brokenSink takes ten frames.
type brokenSink struct{ frames int }

var errBroken = errors.New("the disk is full")

func (s *brokenSink) WritePCM([]float32) error {
	if s.frames++; s.frames > 10 {
		return errBroken
	}
	return nil
}

type brokenSource struct{}

func (brokenSource) ReadPCM([]float32) (int, error) { return 0, errBroken }

func TestWaitSaysWhy(t *testing.T) {
	endings := []struct {
		name string
		cfg  voice.Config
		end  func(s *voice.Session, sig *signaling, cancel context.CancelFunc)
		want error
	}{
		{"Close", voice.Config{}, func(s *voice.Session, _ *signaling, _ context.CancelFunc) { _ = s.Close() }, nil},
		{"context", voice.Config{}, func(_ *voice.Session, _ *signaling, cancel context.CancelFunc) { cancel() }, context.Canceled},
		{"control", voice.Config{}, func(_ *voice.Session, sig *signaling, _ context.CancelFunc) { close(sig.done) }, voiceapp.Unavailable},
		{"sink", voice.Config{Sink: &brokenSink{}}, nil, errBroken},
		{"source", voice.Config{Source: brokenSource{}}, nil, errBroken},
	}
	for _, e := range endings {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			defer w.close()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			sig := newSignaling(w.admit(1, 0))
			e.cfg.Codec, e.cfg.Conn = &numbers{}, w.conn()
			session, err := voice.Join(ctx, sig, e.cfg)
			if err != nil {
				t.Fatal(err)
			}
			if e.end != nil {
				e.end(session, sig, cancel)
			}
			if err := session.Wait(); !errors.Is(err, e.want) {
				t.Errorf("%s: Wait says %v, want %v", e.name, err, e.want)
			}
			<-session.Done()
			if err := session.Close(); err != nil {
				t.Errorf("%s: a second end: %v", e.name, err)
			}
		})
	}
}

func TestJoinRefuses(t *testing.T) {
	for name, cfg := range map[string]voice.Config{
		"no codec":   {},
		"5 channels": {Codec: &numbers{}, Channels: 5},
		"30 ms":      {Codec: &numbers{}, FrameDuration: 30 * ms},
		"early":      {Codec: &numbers{}, Delay: -ms},
		"an hour":    {Codec: &numbers{}, Delay: time.Hour},
		"wide":       {Codec: &numbers{}, MinDelay: 2 * time.Second},
		"wider":      {Codec: &numbers{}, MaxDelay: time.Hour},
		"no time":    {Codec: &numbers{}, MaxDelay: -ms},
		"crossed":    {Codec: &numbers{}, MinDelay: 100 * ms, MaxDelay: 80 * ms},
		"bitrate -1": {Codec: &numbers{}, Bitrate: -1},
		"bitrate 1":  {Codec: &numbers{}, Bitrate: 1},
		"slot -1":    {Codec: &numbers{}, Target: -1},
		"slot 31":    {Codec: &numbers{}, Target: 31},
	} {
		if _, err := voice.Join(t.Context(), newSignaling(voiceapp.Grant{}), cfg); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := voice.Join(t.Context(), nil, voice.Config{Codec: &numbers{}}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("no signaling: %v", err)
	}
}
