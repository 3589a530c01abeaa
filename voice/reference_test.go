package voice_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

// taken is a sink that keeps what it gets.
type taken struct {
	pcm []float32
	err error
}

func (s *taken) WritePCM(pcm []float32) error {
	s.pcm = append(s.pcm, pcm...)
	return s.err
}

func TestReferencePassesOn(t *testing.T) {
	sink := &taken{err: errors.New("unplugged")}
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{}, EchoCanceller: &stages{}})
	if err := c.Reference(sink, 2).WritePCM([]float32{1, 2, 3, 4}); !errors.Is(err, sink.err) || len(sink.pcm) != 4 {
		t.Errorf("%v, error %v", sink.pcm, err)
	}
}

// ramp counts samples, so that one can see which are where.
func ramp(from, n int) []float32 {
	pcm := make([]float32, n)
	for i := range pcm {
		pcm[i] = float32(from + i)
	}
	return pcm
}

// What is played comes to the canceller in order, without a gap, whatever the frames
// are and however unevenly both come around.
func TestReferenceKeepsTime(t *testing.T) {
	echo := &stages{}
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: hiss(60 * voice.SampleRate)}, EchoCanceller: echo})
	sink := c.Reference(&taken{}, 1)
	r := rand.New(rand.NewPCG(1, 1))
	const origin = 1000
	for i := range 2000 {
		write := func() { _ = sink.WritePCM(ramp(origin+i*960, 960)) }
		late := i > 100 && r.IntN(2) == 0
		if !late {
			write()
		}
		if _, err := c.ReadPCM(make([]float32, 960)); err != nil {
			t.Fatal(err)
		}
		if late {
			write()
		}
	}
	settled := echo.far[10*voice.SampleRate:]
	for i, x := range settled {
		if x != settled[0]+float32(i) {
			t.Fatalf("sample %d is %v: something is missing or doubled", i, x)
		}
	}
	if moved := c.Stats().EchoMoved; moved > 3 || echo.resets != int(moved) {
		t.Errorf("it moved %d times, the canceller was reset %d times", moved, echo.resets)
	}
}

// A clock that is 2,000 ppm faster is followed, and one that stops does no harm.
func TestReferenceFollowsDrift(t *testing.T) {
	for name, every := range map[string]int{"slower": -60, "faster": 60} {
		echo := &stages{}
		c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: hiss(80 * voice.SampleRate)}, EchoCanceller: echo})
		sink, played := c.Reference(&taken{}, 1), 0
		for i := range 3000 {
			n := 960
			if i%10 == 0 {
				n += every / 3
			}
			_ = sink.WritePCM(ramp(played, n))
			played += n
			if _, err := c.ReadPCM(make([]float32, 960)); err != nil {
				t.Fatal(err)
			}
			if behind := played - int(echo.far[len(echo.far)-1]); i > 300 && echo.far[len(echo.far)-1] != 0 && (behind < 0 || behind > 5*960) {
				t.Fatalf("%s: after %d frames it is %d samples behind", name, i, behind)
			}
		}
		if moved := c.Stats().EchoMoved; moved < 1 || moved > 60 {
			t.Errorf("%s: in a minute it moved %d times", name, moved)
		}
		echo.far = echo.far[:0]
		for range 200 {
			if _, err := c.ReadPCM(make([]float32, 960)); err != nil {
				t.Fatal(err)
			}
		}
		if last := echo.far[len(echo.far)-480:]; slices.Max(last) != 0 {
			t.Errorf("%s: 4 s after the last sound the canceller still gets some", name)
		}
	}
}
