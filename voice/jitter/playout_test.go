package jitter

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// humming is a tone that goes on where frames are missing.
type humming struct {
	tone
	made  int   // samples since a packet came
	asked []int // lengths of what was made up
}

func (d *humming) Decode(pcm []float32, payload []byte) (int, error) {
	d.made = 0
	return d.tone.Decode(pcm, payload)
}

func (d *humming) Conceal(pcm []float32) error {
	d.asked = append(d.asked, len(pcm)/d.channels)
	for i := range pcm {
		pcm[i] = d.sample(d.at + d.made + i/d.channels)
	}
	d.made += len(pcm) / d.channels
	return nil
}

// listen plays frames of 20 ms that arrive as at says, in blocks of 5 ms.
func listen(p *Playout, frames int, at func(i int) time.Duration) []float32 {
	s := talker{}
	var pcm []float32
	var held []arrival
	block := make([]float32, 5*samplesPerMs)
	for now := time.Duration(0); now < time.Duration(frames+5)*20*ms; now += 5 * ms {
		if now%(20*ms) == 0 && now < time.Duration(frames)*20*ms {
			flags := packet.Flags(0)
			if now == time.Duration(frames-1)*20*ms {
				flags = packet.FlagEnd
			}
			if a, late := s.frame(20*ms, flags), at(int(now/(20*ms))); late >= 0 {
				held = append(held, arrival{now + late, a})
			}
		}
		for len(held) > 0 && held[0].at <= now {
			p.Put(held[0].a, held[0].at)
			held = held[1:]
		}
		p.Read(block, now)
		pcm = append(pcm, block...)
	}
	return pcm
}

// What is made up comes from the decoder in pieces of 10 ms, whatever length is
// needed, and leads over to the next frame.
func TestConcealmentHasCleanSeams(t *testing.T) {
	for name, at := range map[string]func(i int) time.Duration{
		"lost": func(i int) time.Duration {
			if i%10 == 5 {
				return -1
			}
			return 0
		},
		"late": func(i int) time.Duration {
			if i%25 == 20 {
				return 63 * ms
			}
			return 0
		},
	} {
		d := &humming{tone: tone{channels: 1}} // of 200 Hz, so that a frame has whole periods
		if name == "late" {
			d.hertz = 213
		}
		p := NewPlayout(PlayoutConfig{Decoder: d, Config: Config{MinDelay: 20 * ms}})
		pcm := listen(p, 200, at)
		if len(d.asked) < 4 || slices.ContainsFunc(d.asked, func(n int) bool { return n != concealPiece }) {
			t.Errorf("%s: the decoder was asked for %v samples", name, d.asked)
		}
		from, to := SampleRate/10, len(pcm)-SampleRate/5 // without the beginning and the end of the tone
		if got, own := steps(pcm[from:to], 1), ownSteps(&d.tone); got > 1.2*own {
			t.Errorf("%s: steps of %.4f, the tone has %.4f", name, got, own)
		}
		if s := p.Stats(); s.ConcealedSamples == 0 || s.FramesSpoilt > 0 {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// deaf is a decoder that makes nothing of any packet.
type deaf struct{ humming }

func (*deaf) Decode([]float32, []byte) (int, error) { return 0, errors.ErrUnsupported }

func TestPlayoutOfWhatIsNoPacket(t *testing.T) {
	p := NewPlayout(PlayoutConfig{Decoder: &deaf{humming{tone: tone{channels: 1}}}})
	listen(p, 50, func(int) time.Duration { return 0 })
	if s := p.Stats(); s.FramesSpoilt != 50 || s.FramesSpoilt != s.FramesPlayed || p.Speaking() {
		t.Errorf("%+v", s)
	}
}

// wild is a tone with samples that are no numbers, or of no sound that there is.
type wild struct {
	tone
	value float32
}

func (d *wild) Decode(pcm []float32, payload []byte) (int, error) {
	n, err := d.tone.Decode(pcm, payload)
	for i := d.at / n % 7; i < n; i += 7 {
		pcm[i] = d.value
	}
	return n, err
}

func (d *wild) Conceal(pcm []float32) error { fill(pcm, d.value); return nil }

func (d *wild) DecodeFEC(pcm []float32, _ []byte) error { fill(pcm, d.value); return nil }

func fill(pcm []float32, value float32) {
	for i := range pcm {
		pcm[i] = value
	}
}

// Whatever a decoder gives, what is heard are numbers, and what is no sound is counted.
func TestPlayoutOfWhatIsNoSound(t *testing.T) {
	for _, value := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat32, 1e20} {
		p := NewPlayout(PlayoutConfig{Decoder: &wild{tone{channels: 1}, float32(value)}})
		pcm := listen(p, 300, func(i int) time.Duration {
			if i%10 == 5 {
				return -1
			}
			return time.Duration(i*i%31) * ms
		})
		for i, x := range pcm {
			if !(x >= -2 && x <= 2) {
				t.Fatalf("%v: sample %d is %v", value, i, x)
			}
		}
		if s := p.Stats(); s.FramesSpoilt != s.FramesPlayed || s.FramesPlayed < 200 || s.ConcealedSamples == 0 {
			t.Errorf("%v: %+v", value, s)
		}
	}
}

// The counters never go back, whatever is stretched, made up or skipped.
func TestCountersNeverGoBack(t *testing.T) {
	var p *Playout
	var before reflect.Value
	p = NewPlayout(PlayoutConfig{Decoder: &tone{channels: 1}, Observe: func(Piece) {
		now := reflect.ValueOf(p.Stats())
		for i := range now.NumField() {
			name := now.Type().Field(i).Name
			if before.IsValid() && name != "Jitter" && now.Field(i).CanUint() && now.Field(i).Uint() < before.Field(i).Uint() {
				t.Fatalf("%s went from %d to %d", name, before.Field(i).Uint(), now.Field(i).Uint())
			}
		}
		before = now
	}})
	rng := rand.New(rand.NewPCG(5, 6))
	listen(p, 3000, func(i int) time.Duration {
		if rng.IntN(10) == 0 {
			return -1
		}
		return time.Duration(rng.IntN(8))*ms + time.Duration(i/20%2)*30*ms
	})
	if s := p.Stats(); s.InsertedSamplesForDeceleration == 0 || s.RemovedSamplesForAcceleration == 0 || s.ConcealedSamples == 0 {
		t.Errorf("%+v", s)
	}
}
