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

// resting is a sink that has rested for as long as it is told.
type resting struct {
	taken
	samples int
}

func (r *resting) Ready() error             { return nil }
func (r *resting) Rest(<-chan struct{}) int { return r.samples }

// While the loudspeaker rests, what is heard goes on. What is played then comes to the
// canceller exactly as much later as it did before.
func TestReferenceKeepsTimeOverARest(t *testing.T) {
	echo := &stages{}
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: hiss(120 * voice.SampleRate)}, EchoCanceller: echo})
	speaker := &resting{}
	sink := c.Reference(speaker, 1).(voice.RestingSink)
	played, heard := 0, 0
	turn := func(write bool) {
		if write {
			_ = sink.WritePCM(ramp(1000+played, 960))
			played += 960
		}
		if _, err := c.ReadPCM(make([]float32, 960)); err != nil {
			t.Fatal(err)
		}
		heard += 960
	}
	behind := func() int { return 1000 + played - 1 - int(echo.far[len(echo.far)-1]) }
	for range 200 {
		turn(true)
	}
	before, resets := behind(), echo.resets
	for _, frames := range []int{7, 60, 500, 3000} {
		for range frames {
			turn(false)
		}
		speaker.samples = frames * 960
		wake := make(chan struct{})
		close(wake)
		if got := sink.Rest(wake); got != speaker.samples {
			t.Fatalf("it rested for %d samples, not %d", got, speaker.samples)
		}
		played += speaker.samples // of silence
		for range 200 {
			turn(true)
		}
		if got := behind(); got != before {
			t.Errorf("after %d frames of rest it is %d samples behind, %d before", frames, got, before)
		}
	}
	if echo.resets != resets {
		t.Errorf("the canceller was reset %d times", echo.resets-resets)
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
