//go:build cgo

package relay

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// bridge lets a relay serve a network in memory, on a simulated clock: what comes goes
// in by the relay's tunnels, and what these are given goes out. It returns when conn is
// closed.
func bridge(r *Relay, conn *voicetest.Conn, ids ...voiceapp.SessionID) error {
	addrs := map[voiceapp.SessionID]netip.AddrPort{} // r.Tunnel sends before it returns
	for _, id := range ids {
		if err := r.SetTunnel(id, func(datagram []byte) {
			if to := addrs[id]; to.IsValid() {
				_, _ = conn.WriteToUDPAddrPort(datagram, to) // it may be lost
			}
		}); err != nil {
			return err
		}
	}
	buf := make([]byte, 2*packet.MaxSize)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return nil
		}
		header, err := packet.ParseHeader(buf[:n])
		if err != nil {
			return err
		}
		addrs[header.Session] = from
		for _, id := range ids { // who is not known to probe by the tunnel gets nothing by it
			r.sessions.get(id).hold.Store(int64(time.Since(r.start) + tunnelHold))
		}
		r.Tunnel(header.Session, buf[:n])
	}
}

// granted is signaling with one grant.
type granted struct{ voiceapp.Grant }

func (g granted) VoiceGrant() (voiceapp.Grant, <-chan struct{}) { return g.Grant, nil }
func (granted) Done() <-chan struct{}                           { return nil }

// recitation is a recording, again and again.
type recitation struct {
	pcm []float32
	at  int
}

func (s *recitation) ReadPCM(pcm []float32) (int, error) {
	for i := range pcm {
		pcm[i] = s.pcm[s.at]
		s.at = (s.at + 1) % len(s.pcm)
	}
	return len(pcm), nil
}

// A tenth of the datagrams is lost, on the speaker's way, the listener's, or both: of
// what is heard 2 % are made up at most, the first seconds included, in which nobody
// knows of the loss yet.
func TestTenthLost(t *testing.T) {
	for _, c := range []struct {
		name     string
		up, down float64
	}{{"up", 0.1, 0}, {"down", 0, 0.1}, {"half each", 0.0513, 0.0513}} {
		var first, whole voice.ReceiverStats
		for seed := range uint64(3) {
			synctest.Test(t, func(t *testing.T) {
				up := voicetest.Impairment{Seed: 1 + seed, Loss: c.up, Delay: 20 * time.Millisecond, Jitter: 5 * time.Millisecond}
				down := up
				down.Loss = c.down
				begun, all := minuteOfTalk(t, 0, up, down)
				first.Add(begun.Stats)
				whole.Add(all.Stats)
			})
		}
		share := func(concealed, all uint64) float64 { return 100 * float64(concealed) / float64(all) }
		later := share(whole.ConcealedSamples-first.ConcealedSamples, whole.TotalSamplesReceived-first.TotalSamplesReceived)
		all := share(whole.ConcealedSamples, whole.TotalSamplesReceived)
		t.Logf("%s: %.2f %% made up, %.2f of the first 5 s, %.2f after; %.0f ms in the jitter buffer", c.name, all,
			share(first.ConcealedSamples, first.TotalSamplesReceived), later, 1000*whole.JitterBufferDelay/float64(whole.JitterBufferEmittedCount))
		if all > 2 || later > 2 || whole.TotalSamplesReceived < 3*58*voice.SampleRate {
			t.Errorf("%s: of %d samples %.2f %% are made up, after the first 5 s %.2f", c.name, whole.TotalSamplesReceived, all, later)
		}
	}
}

// Frames of any length get through an unsteady network that loses some: all is played,
// the delay follows by stretching, and little is made up.
func TestFramesOfAllLengths(t *testing.T) {
	for _, length := range []time.Duration{10, 20, 40, 60} {
		synctest.Test(t, func(t *testing.T) {
			bad := voicetest.Impairment{Seed: 5, Loss: 0.05, Delay: 20 * time.Millisecond, Jitter: 15 * time.Millisecond}
			_, s := minuteOfTalk(t, length*time.Millisecond, bad, voicetest.Impairment{})
			made := 100 * float64(s.ConcealedSamples) / float64(s.TotalSamplesReceived)
			t.Logf("%d ms: %.2f %% made up, %d samples inserted, %d removed, %.0f ms in the jitter buffer", length, made,
				s.InsertedSamplesForDeceleration, s.RemovedSamplesForAcceleration, 1000*s.JitterBufferDelay/float64(s.JitterBufferEmittedCount))
			if made > 1.5 || s.TotalSamplesReceived < 58*voice.SampleRate || s.FramesMalformed+s.FramesSpoilt+s.Restarts != 0 {
				t.Errorf("%d ms: %.2f %% made up, %+v", length, made, s.Stats)
			}
			if s.InsertedSamplesForDeceleration == 0 || s.RemovedSamplesForAcceleration == 0 {
				t.Errorf("%d ms: nothing is stretched", length)
			}
		})
	}
}

// minuteOfTalk has somebody talk for a minute, by a relay, over ways that are as bad as
// told, in frames of this length, and returns what the listener counted in the first 5 s,
// and in all.
func minuteOfTalk(t *testing.T, length time.Duration, up, down voicetest.Impairment) (first, all voice.ReceiverStats) {
	t.Helper()
	network := &voicetest.Network{}
	server, err := network.Listen(netip.MustParseAddrPort("10.9.9.9:7788"))
	if err != nil {
		t.Fatal(err)
	}
	r := New(Config{})
	mouth, ear := newEnd(t, r, network, server.AddrPort(), 1), newEnd(t, r, network, server.AddrPort(), 2)
	network.Impair(mouth.conn.AddrPort(), netip.AddrPort{}, up)
	network.Impair(netip.AddrPort{}, ear.conn.AddrPort(), down)
	ended := make(chan error)
	go func() { ended <- bridge(r, server, 1, 2) }()
	listener := ear.join(t, voice.Config{Sink: &voice.Pipe{}})
	speaker := mouth.join(t, voice.Config{Source: &recitation{pcm: speechtest.PCM(t)}, FrameDuration: length})
	time.Sleep(5 * time.Second)
	first = listener.Stats().Received
	time.Sleep(55 * time.Second)
	all = listener.Stats().Received
	for _, end := range []interface{ Close() error }{speaker, listener, server, r} {
		if err := end.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return first, all
}

// end is one end of a conversation.
type end struct {
	grant voiceapp.Grant
	conn  *voicetest.Conn
}

func newEnd(t *testing.T, r *Relay, network *voicetest.Network, server netip.AddrPort, id voiceapp.SessionID) end {
	t.Helper()
	grant, err := r.AddSession(id)
	if err != nil {
		t.Fatal(err)
	}
	grant.Addr, grant.Bitrate = server, voiceapp.DefaultBitrate
	if err := r.SetRoute(id, voiceapp.Route{Channel: 1, Bitrate: grant.Bitrate}); err != nil {
		t.Fatal(err)
	}
	conn, err := network.Listen(netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	return end{grant, conn}
}

func (e end) join(t *testing.T, cfg voice.Config) *voice.Session {
	t.Helper()
	cfg.Codec, cfg.Conn = voice.NewCodec(opus.NewEncoder, opus.NewDecoder), e.conn
	session, err := voice.Join(t.Context(), granted{e.grant}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return session
}
