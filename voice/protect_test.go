package voice_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// datagrams runs a sender that loses so much to its end, and returns its datagrams
// as text, where it keeps to a bitrate (0: to none): the sequences of the frames, with END as "." and copies in brackets.
func datagrams(t *testing.T, loss float64, cfg voice.SenderConfig, bitrate int) (text string, stats voice.SenderStats) {
	t.Helper()
	var sent []string
	var first *uint16
	cfg.Send = func(frames []packet.Audio) error {
		var d strings.Builder
		size := 0
		for _, a := range frames {
			if first == nil {
				first = &a.Sequence
			}
			size += a.Size()
			one := fmt.Sprint(a.Sequence - *first)
			if a.Flags&packet.FlagEnd != 0 {
				one += "."
			}
			if a.Flags&packet.FlagRedundant != 0 {
				one = "(" + one + ")"
			}
			d.WriteString(one)
		}
		if size > packet.MaxFrames {
			t.Errorf("a datagram with %d bytes of frames", size)
		}
		sent = append(sent, d.String())
		return nil
	}
	if cfg.Encoder == nil {
		cfg.Encoder = &numberEncoder{channels: 1}
	}
	synctest.Test(t, func(t *testing.T) {
		s, err := voice.NewSender(cfg)
		if err != nil {
			t.Fatal(err)
		}
		s.SetLoss(loss)
		s.SetBitrate(bitrate)
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		stats = s.Stats()
	})
	return strings.Join(sent, " "), stats
}

// Copies are spaced, follow the end of a spurt, and do not run into the next.
func TestCopiesOfFrames(t *testing.T) {
	quiet := func(n int) bool { return n > 5 && n < 13 }
	for _, c := range []struct {
		name string
		loss float64
		cfg  voice.SenderConfig
		want string
	}{
		{"none", 0.015, voice.SenderConfig{}, "0 1 2 3 4 5. 6 7 8."},
		{"one", 0.02, voice.SenderConfig{}, "0 1 2 3(0) 4(1) 5.(2) (3) (4) (5.) 6 7 8. (6) (7) (8.)"},
		{"two", 0.1, voice.SenderConfig{}, "0 1 2(0) 3(1) 4(2) 5.(3)(0) (4)(1) (5.)(2) (3) (4) (5.) 6 7 8.(6) (7) (8.) (6) (7) (8.)"},
		{"long frames", 0.1, voice.SenderConfig{FrameDuration: 60 * ms}, "0 1(0) 2(1)(0) 3(2)(1) 4(3)(2) 5.(4)(3) (5.)(4) (5.) 6 7(6) 8.(7)(6) (8.)(7) (8.)"},
	} {
		c.cfg.Source = &counting{last: 14, quiet: quiet}
		got, stats := datagrams(t, c.loss, c.cfg, 0)
		if got != c.want {
			t.Errorf("%s: sent %s\nwant %s", c.name, got, c.want)
		}
		if copies := uint64(strings.Count(got, "(")); stats.FramesSent != 9 || stats.CopiesSent != copies {
			t.Errorf("%s: %+v", c.name, stats)
		}
	}
}

// Where a datagram has no room for copies, they are left out.
func TestCopiesFit(t *testing.T) {
	large := make([]byte, 1000)
	large[0] = tocs[frame]
	var packets [][]byte
	for range 8 {
		packets = append(packets, large)
	}
	got, _ := datagrams(t, 0.1, voice.SenderConfig{Source: &ready{packets}}, 0)
	if !strings.HasPrefix(got, "0 1 2 3 4 5 6 7 8.") {
		t.Errorf("sent %s", got)
	}
}

// The mean rate goes down, so that copies do not load the line further, and there are
// no more of them than leave enough to the frame itself.
func TestCopiesKeepToTheBitrate(t *testing.T) {
	for _, c := range []struct {
		rate   int
		loss   float64
		copies int
		want   string
	}{
		{64_000, 0, 0, "[64000]"},
		{64_000, 0.03, 1, "[32000]"},
		{64_000, 0.1, 2, "[21333]"},
		{36_000, 0.1, 2, "[12000]"},
		{32_000, 0.1, 1, "[16000]"},
		{24_000, 0.1, 1, "[12000]"},
		{16_000, 0.03, 1, "[8000]"},
		{15_000, 0.1, 0, "[15000]"},
		{6_000, 0.5, 0, "[6000]"},
	} {
		encoder := &numberEncoder{channels: 1}
		_, stats := datagrams(t, c.loss, voice.SenderConfig{Source: &counting{last: 30}, Encoder: encoder}, c.rate)
		if got := fmt.Sprint(encoder.bitrates); got != c.want || stats.Copies != c.copies {
			t.Errorf("at %d bit/s and a loss of %v: bitrates %s and %d copies, want %s and %d", c.rate, c.loss, got, stats.Copies, c.want, c.copies)
		}
	}
}

// The rate of ready Opus can't be lowered: it is copied as far as the line has room.
func TestCopiesOfReadyOpusKeepToTheBitrate(t *testing.T) {
	for rate, copies := range map[int]int{0: 2, 64_000: 0, 127_000: 0, 129_000: 1, 200_000: 2} {
		var packets [][]byte
		for i := range 100 { // 64 kbit/s on average
			packets = append(packets, append([]byte{tocs[frame]}, make([]byte, 129+i%2*60)...))
		}
		if _, stats := datagrams(t, 0.1, voice.SenderConfig{Source: &ready{packets}}, rate); stats.Copies != copies {
			t.Errorf("at %d bit/s: %d copies, want %d", rate, stats.Copies, copies)
		}
	}
}

// A tenth of what goes up is lost: within seconds hardly any of it is missed. What
// is lost on the way down alone costs the speaker nothing.
func TestLossOnTheWayUp(t *testing.T) {
	for _, c := range []struct {
		name      string
		up, down  voicetest.Impairment
		copies    bool
		concealed float64 // percent at most, from the fifth second on
	}{
		{"up", voicetest.Impairment{Seed: 3, Loss: 0.1}, voicetest.Impairment{}, true, 2},
		{"bursts", voicetest.Impairment{Seed: 4, Loss: 0.1, Burst: 2}, voicetest.Impairment{}, true, 2},
		{"down", voicetest.Impairment{}, voicetest.Impairment{Seed: 3, Loss: 0.1}, false, 12},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			mouth, ear := w.conn(), w.conn()
			w.network.Impair(mouth.AddrPort(), netip.AddrPort{}, c.up)
			w.network.Impair(netip.AddrPort{}, ear.AddrPort(), c.down)
			tape := &tape{}
			source := &counting{last: 3000}
			listener := join(t, newSignaling(w.admit(2, 0)), voice.Config{Sink: tape, Conn: ear, Delay: 120 * ms})
			speaker := join(t, newSignaling(w.admit(1, 0)), voice.Config{Source: source, Conn: mouth})
			<-speaker.Finished()
			time.Sleep(time.Second)
			sent := speaker.Stats().Sent
			for _, s := range []*voice.Session{speaker, listener} {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
			w.close()
			if got := sent.CopiesSent > 0; got != c.copies {
				t.Errorf("%s: %d copies were sent", c.name, sent.CopiesSent)
			}
			made, all := 0, 0
			for _, r := range tape.runs() {
				if r.from < 5*voice.SampleRate || r.number == 0 {
					continue
				}
				all += r.samples
				if r.number < 0 {
					made += r.samples
				}
			}
			percent := 100 * float64(made) / float64(all)
			t.Logf("%s: %.2f %% made up, %d copies at the end", c.name, percent, sent.Copies)
			if percent > c.concealed || all < 50*voice.SampleRate {
				t.Errorf("%s: %.2f %% of %d samples are made up", c.name, percent, all)
			}
		})
	}
}

// lossEncoder is one that is told of loss.
type lossEncoder struct {
	numberEncoder
	told []int
}

func (e *lossEncoder) SetLoss(percent int) error {
	e.told = append(e.told, percent)
	return nil
}

// The encoder is told when loss begins to matter, changes much, and no longer matters.
func TestEncoderIsToldOfLoss(t *testing.T) {
	encoder := &lossEncoder{numberEncoder: numberEncoder{channels: 1}}
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		var s *voice.Sender
		var err error
		s, err = voice.NewSender(voice.SenderConfig{
			Source: &counting{last: 40}, Encoder: encoder, Send: func([]packet.Audio) error {
				switch sent++; sent {
				case 10:
					s.SetLoss(0.085)
				case 20:
					s.SetLoss(0.05) // two copies stay
				case 25:
					s.SetLoss(0.3) // the same
				case 30:
					s.SetLoss(0)
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	if got := fmt.Sprint(encoder.told); got != "[9 30 0]" {
		t.Errorf("told %s", got)
	}
}
