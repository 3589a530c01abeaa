package voice_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// ears are a receiver to which speakers say numbers, frame by frame.
type ears struct {
	*voice.Receiver
	channels int
	frames   int
}

// hear lets each speaker say his number for so many frames, and returns what the
// last one sounds like in its middle, in numbers.
func (e *ears) hear(frames int, numbers map[uint32]int) (left, right float64) {
	pcm := make([]float32, frame*e.channels)
	for range frames {
		now := time.Duration(e.frames) * 20 * ms
		for speaker, n := range numbers {
			e.Put(number(speaker, e.frames, n), now)
		}
		e.Read(pcm, now)
		e.frames++
	}
	middle := pcm[frame/2*e.channels:]
	return float64(middle[0] / unit), float64(middle[e.channels-1] / unit)
}

func newEars(t *testing.T, channels int) *ears {
	return &ears{newReceiver(t, voice.ReceiverConfig{Channels: channels}), channels, 0}
}

func near(got, want float64) bool { return math.Abs(got-want) <= math.Abs(want)/1000+0.01 }

func TestVolumeOfEachSpeaker(t *testing.T) {
	for channels := 1; channels <= 2; channels++ {
		e := newEars(t, channels)
		for _, step := range []struct {
			speaker voiceapp.SessionID
			volume  float32
			want    float64
		}{
			{9, 2, 300},   // who is not here
			{1, 0.5, 250}, // 100 and 200
			{2, 3, 650},
			{1, 0, 600},
			{2, 1, 200},
			{1, 1, 300},
			{1, voice.MaxVolume, 1200},
		} {
			if err := e.SetVolume(step.speaker, step.volume); err != nil {
				t.Fatal(err)
			}
			if left, right := e.hear(10, map[uint32]int{1: 100, 2: 200}); !near(left, step.want) || left != right {
				t.Errorf("%+v: heard %v and %v", step, left, right)
			}
		}
		for _, bad := range []float32{-1, 11, float32(math.NaN())} {
			if err := e.SetVolume(1, bad); !errors.Is(err, voiceapp.Invalid) {
				t.Errorf("volume %v: %v", bad, err)
			}
		}
	}
}

// What is set before a speaker comes counts from his first sample on, and still does
// when he comes back.
func TestVolumeOutlastsSilence(t *testing.T) {
	e := newEars(t, 1)
	if err := e.SetVolume(1, 0.5); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, _ := e.hear(3, map[uint32]int{1: 100}); !near(got, 50) {
			t.Errorf("his first frame sounds like %v", got)
		}
		e.hear(50*15, nil)
		if n := len(e.Stats().Speakers); n != 0 {
			t.Errorf("%d speakers are held after 15 s", n)
		}
	}
}

func TestMute(t *testing.T) {
	e := newEars(t, 1)
	said := map[uint32]int{1: 100, 2: 200}
	e.hear(10, said)
	e.SetMuted(1, true)
	if got, _ := e.hear(10, said); !near(got, 200) {
		t.Errorf("muted: heard %v", got)
	}
	e.SetMuted(1, false)
	if got, _ := e.hear(10, said); !near(got, 300) {
		t.Errorf("no longer muted: heard %v", got)
	}
}

// Somebody with priority who is muted does not turn the others down.
func TestMutedPriority(t *testing.T) {
	e := newEars(t, 1)
	e.SetMuted(2, true)
	for range 20 {
		a := number(2, e.frames, 200)
		a.Flags = packet.FlagPriority
		e.Put(a, time.Duration(e.frames)*20*ms)
		e.hear(1, map[uint32]int{1: 100})
	}
	if got, _ := e.hear(1, map[uint32]int{1: 100}); !near(got, 100) {
		t.Errorf("heard %v", got)
	}
}

func TestPan(t *testing.T) {
	for pan, want := range map[float32][2]float64{0: {100, 100}, -1: {100, 0}, 1: {0, 100}, -0.5: {100, 50}, 0.25: {75, 100}} {
		e := newEars(t, 2)
		if err := e.SetPan(1, pan); err != nil {
			t.Fatal(err)
		}
		if left, right := e.hear(10, map[uint32]int{1: 100}); !near(left, want[0]) || !near(right, want[1]) {
			t.Errorf("pan %v: heard %v and %v", pan, left, right)
		}
		mono := newEars(t, 1)
		if err := mono.SetPan(1, pan); err != nil {
			t.Fatal(err)
		}
		if got, _ := mono.hear(10, map[uint32]int{1: 100}); !near(got, 100) {
			t.Errorf("pan %v: heard %v in mono", pan, got)
		}
	}
	for _, bad := range []float32{-1.1, 2, float32(math.NaN())} {
		if err := newEars(t, 2).SetPan(1, bad); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("pan %v: %v", bad, err)
		}
	}
}

// A change takes a frame: nothing clicks.
func TestVolumeChangesSmoothly(t *testing.T) {
	e := newEars(t, 1)
	said := map[uint32]int{1: 20000}
	e.hear(10, said)
	last, steepest := float32(20000*unit), 0.0
	pcm := make([]float32, frame)
	for i := range 20 {
		if err := e.SetVolume(1, float32(i%2)); err != nil {
			t.Fatal(err)
		}
		now := time.Duration(e.frames) * 20 * ms
		e.Put(number(1, e.frames, 20000), now)
		e.Read(pcm, now)
		e.frames++
		for _, x := range pcm {
			steepest = max(steepest, math.Abs(float64(x-last)))
			last = x
		}
	}
	if most := 20000 * unit / frame * 1.01; steepest > most {
		t.Errorf("a step of %v, want at most %v", steepest, most)
	}
}

func TestNormalizedLevels(t *testing.T) {
	const target = 6553.6 // -20 dBFS
	for said, want := range map[int]float64{3000: target, 15000: target, 500: 500 * 3.98, 6500: target} {
		e := newEars(t, 1)
		e.SetNormalize(true)
		e.hear(50*5, nil)
		if got, _ := e.hear(50*5, map[uint32]int{1: said}); math.Abs(20*math.Log10(got/want)) > 1 {
			t.Errorf("%d becomes %.0f, want %.0f", said, got, want)
		}
		e.SetNormalize(false)
		if got, _ := e.hear(50*5, map[uint32]int{1: said}); !near(got, float64(said)) {
			t.Errorf("no longer normalized, %d is %.0f", said, got)
		}
	}
}

func TestHearingOfASession(t *testing.T) {
	w := newWorld(t)
	defer w.close()
	deaf := join(t, newSignaling(w.admit(1, 0)), voice.Config{Source: &counting{last: 1}, Conn: w.conn()})
	defer deaf.Close()
	hearing := join(t, newSignaling(w.admit(2, 0)), voice.Config{Sink: &tape{}, Conn: w.conn(), Normalize: true})
	defer hearing.Close()
	for i, s := range []*voice.Session{deaf, hearing} {
		for _, err := range []error{s.SetVolume(1, 2), s.SetMuted(1, true), s.SetPan(1, 1), s.SetNormalize(false)} {
			if errors.Is(err, voiceapp.Invalid) != (i == 0) {
				t.Errorf("session %d: %v", i, err)
			}
		}
	}
	if err := hearing.SetVolume(1, -1); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("volume -1: %v", err)
	}
}
