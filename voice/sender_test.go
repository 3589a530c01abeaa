package voice_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// sent is a frame, and when it was sent.
type sent struct {
	at time.Duration
	packet.Audio
}

// sendAll runs a sender to its end, in a bubble, and returns what it sent.
func sendAll(t *testing.T, cfg voice.SenderConfig) (frames []sent, stats voice.SenderStats) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		cfg.Send = func(datagram []packet.Audio) error {
			for _, a := range datagram {
				one := sent{time.Since(begun), a}
				one.Payload = append([]byte(nil), a.Payload...)
				frames = append(frames, one)
			}
			return nil
		}
		if cfg.Encoder == nil {
			cfg.Encoder = &numberEncoder{channels: 1}
		}
		s, err := voice.NewSender(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		stats = s.Stats()
	})
	return frames, stats
}

// slow is a source whose reads take time, as those of a busy disk do.
type slow struct {
	voice.Source
	take func(i int) time.Duration
	i    int
}

func (s *slow) ReadPCM(pcm []float32) (int, error) {
	s.i++
	time.Sleep(s.take(s.i))
	return s.Source.ReadPCM(pcm)
}

// TestSenderKeepsItsSchedule lets reads take up to 15 ms for an hour: the
// last frame is sent when it should be.
func TestSenderKeepsItsSchedule(t *testing.T) {
	last := 6 * 50 * 60 * minutes
	source := &slow{Source: &counting{last: last}, take: func(i int) time.Duration { return time.Duration(i%16) * ms }}
	frames, stats := sendAll(t, voice.SenderConfig{Source: source})
	for i, f := range frames[:last] {
		if due := time.Duration(i) * 20 * ms; f.at < due || f.at > due+15*ms {
			t.Fatalf("frame %d is sent at %v, is due at %v", i, f.at, due)
		}
	}
	if stats.FramesSent != uint64(last+1) || stats.Skipped != 0 {
		t.Errorf("%+v", stats)
	}
}

// clocked is a source with a clock of its own.
type clocked struct{ slow }

func (c *clocked) Clocked() bool { return true }

func TestSenderFollowsTheSourcesClock(t *testing.T) {
	// The clock is 300 ppm fast. Its frames are sent when it gives them.
	source := &clocked{slow{Source: &counting{last: 5000}, take: func(int) time.Duration { return 20*ms - 6*time.Microsecond }}}
	frames, stats := sendAll(t, voice.SenderConfig{Source: source})
	for i, f := range frames[:5000] {
		if want := time.Duration(i+1) * (20*ms - 6*time.Microsecond); f.at != want {
			t.Fatalf("frame %d is sent at %v, not %v", i, f.at, want)
		}
	}
	if stats.Skipped != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestSenderBlockingSource(t *testing.T) {
	source := &slow{Source: &counting{last: 500}, take: func(int) time.Duration { return 20 * ms }}
	frames, _ := sendAll(t, voice.SenderConfig{Source: source})
	for i, f := range frames[:500] {
		if want := time.Duration(i+1) * 20 * ms; f.at != want {
			t.Fatalf("frame %d is sent at %v, not %v", i, f.at, want)
		}
	}
}

// TestSenderStall: what is lost when all stands still becomes silence in media
// time, for sources of both kinds, and less than that is caught up.
func TestSenderStall(t *testing.T) {
	for name, source := range map[string]func(slow) voice.Source{
		"paced":   func(s slow) voice.Source { return &s },
		"clocked": func(s slow) voice.Source { return &clocked{s} },
	} {
		frames, stats := sendAll(t, voice.SenderConfig{Source: source(slow{
			Source: &counting{last: 10},
			take: func(i int) time.Duration {
				if i == 5 {
					return 3 * time.Second
				}
				return 20 * ms
			},
		})})
		for i := 6; i < 10; i++ {
			media := frames[i].MediaTime - frames[0].MediaTime
			if real := uint32((frames[i].at - frames[0].at) / ms * 48); media < real-960 || media > real+960 {
				t.Errorf("%s: frame %d: media time %d after %d", name, i, media, real)
			}
		}
		if stats.Skipped < 2900*ms || stats.Skipped > 3*time.Second {
			t.Errorf("%s: %+v", name, stats)
		}
	}
}

func TestSenderNumbersAndSpurts(t *testing.T) {
	frames, stats := sendAll(t, voice.SenderConfig{
		Source:        &counting{last: 7, quiet: func(n int) bool { return n == 3 || n == 4 }},
		FrameDuration: 40 * ms,
	})
	want := []struct {
		slot  int // of 40 ms
		flags packet.Flags
		size  int
	}{{0, 0, 5}, {1, 0, 5}, {2, packet.FlagEnd, 0}, {4, 0, 5}, {5, 0, 5}, {6, 0, 5}, {7, packet.FlagEnd, 0}}
	if len(frames) != len(want) {
		t.Fatalf("%d frames: %+v", len(frames), frames)
	}
	for i, w := range want {
		f := frames[i]
		if f.at != time.Duration(w.slot)*40*ms || f.Flags != w.flags || len(f.Payload) != w.size ||
			f.Sequence-frames[0].Sequence != uint16(i) || f.MediaTime-frames[0].MediaTime != uint32(w.slot*1920) {
			t.Errorf("frame %d: %+v, want %+v", i, f, w)
		}
	}
	if stats.FramesSent != 7 || stats.BytesSent != 25 || stats.Talking {
		t.Errorf("%+v", stats)
	}
	if level := frames[0].Level; level < 90 || level > 100 {
		t.Errorf("a constant of 1/65536 has level %d, is -96 dBov", level)
	}
}

// parts is a source that gives each of its parts once.
type parts struct{ sizes []int }

func (p *parts) ReadPCM(pcm []float32) (int, error) {
	if len(p.sizes) == 0 {
		return 0, io.EOF
	}
	n := p.sizes[0]
	p.sizes = p.sizes[1:]
	fill(pcm, 9) // beyond n it means nothing
	fill(pcm[:n], unit)
	if len(p.sizes) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func TestSenderPadsTheLastPart(t *testing.T) {
	encoder := &lastFrame{}
	frames, _ := sendAll(t, voice.SenderConfig{Source: &parts{[]int{960, 100, 960, 7}}, Encoder: encoder})
	var flags []packet.Flags
	for _, f := range frames {
		flags = append(flags, f.Flags)
	}
	if len(flags) != 4 || flags[0] != 0 || flags[1] != packet.FlagEnd || flags[2] != 0 || flags[3] != packet.FlagEnd {
		t.Errorf("flags %v", flags)
	}
	if encoder.pcm[6] == 0 || encoder.pcm[7] != 0 || encoder.pcm[959] != 0 {
		t.Error("the last part is not filled up with silence")
	}
}

type lastFrame struct {
	numberEncoder
	pcm []float32
}

func (e *lastFrame) Encode(dst []byte, pcm []float32) ([]byte, error) {
	e.channels, e.pcm = 1, append([]float32(nil), pcm...)
	return e.numberEncoder.Encode(dst, pcm)
}

// ready is a source of Opus; an empty packet is silence.
type ready struct{ packets [][]byte }

func (*ready) ReadPCM([]float32) (int, error) { panic("Opus is there") }

func (r *ready) ReadOpus(dst []byte) ([]byte, uint8, error) {
	if len(r.packets) == 0 {
		return dst, 0, io.EOF
	}
	next := r.packets[0]
	r.packets = r.packets[1:]
	return append(dst, next...), 30, nil
}

func TestSenderReadyOpus(t *testing.T) {
	ten, sixty := []byte{tocs[480], 1}, []byte{tocs[2880], 2}
	frames, stats := sendAll(t, voice.SenderConfig{Source: &ready{[][]byte{ten, sixty, {}, ten, make([]byte, 1400), {3, 63}, ten}}})
	want := []struct {
		at    time.Duration
		flags packet.Flags
	}{{0, 0}, {10 * ms, 0}, {70 * ms, packet.FlagEnd}, {90 * ms, 0}, {140 * ms, 0}, {150 * ms, packet.FlagEnd}}
	if len(frames) != len(want) {
		t.Fatalf("%+v", frames)
	}
	for i, w := range want {
		if f := frames[i]; f.at != w.at || f.Flags != w.flags || f.MediaTime-frames[0].MediaTime != uint32(w.at/ms*48) {
			t.Errorf("frame %d: %+v, want %+v", i, f, w)
		}
	}
	if frames[0].Level != 30 || stats.FramesUnencoded != 2 {
		t.Errorf("level %d, %+v", frames[0].Level, stats)
	}
}

func TestSenderEndsTheSpurtWhenStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var last packet.Audio
		s, err := voice.NewSender(voice.SenderConfig{
			Source:  &counting{last: 1000},
			Encoder: &numberEncoder{channels: 1},
			Send:    func(frames []packet.Audio) error { last = frames[0]; return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Run(ctx); !errors.Is(err, context.DeadlineExceeded) || last.Flags != packet.FlagEnd {
			t.Errorf("%v, the last frame is %+v", err, last)
		}
	})
}

func TestNewSenderRefuses(t *testing.T) {
	send := func([]packet.Audio) error { return nil }
	for name, cfg := range map[string]voice.SenderConfig{
		"no source":  {Encoder: &numberEncoder{}, Send: send},
		"no encoder": {Source: &counting{}, Send: send},
		"no way":     {Source: &counting{}, Encoder: &numberEncoder{}},
		"15 ms":      {Source: &counting{}, Encoder: &numberEncoder{}, Send: send, FrameDuration: 15 * ms},
	} {
		if _, err := voice.NewSender(cfg); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
