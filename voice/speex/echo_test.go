//go:build cgo && !nospeex

package speex_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
	"github.com/voiceapp-sdk/voiceapp/voice/speex"
)

func newPair(t testing.TB) (*speex.EchoCanceller, *speex.Denoiser) {
	t.Helper()
	echo, err := speex.NewEchoCanceller(speex.EchoConfig{})
	if err != nil {
		t.Fatal(err)
	}
	noise, err := speex.NewDenoiser(speex.DenoiserConfig{Echo: echo})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(noise.Close(), echo.Close()); err != nil {
			t.Error(err)
		}
	})
	return echo, noise
}

// clean takes the echo of far, and noise, out of what was heard.
func clean(t testing.TB, heard, far []float32) []float32 {
	t.Helper()
	echo, noise := newPair(t)
	out := slices.Clone(heard)
	for i := 0; i < len(out); i += speex.FrameSize {
		frame := out[i : i+speex.FrameSize]
		if err := echo.Cancel(frame, far[i:i+speex.FrameSize]); err != nil {
			t.Fatal(err)
		}
		if err := noise.Denoise(frame); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

type voices func(t testing.TB, dB float64) []float32

var dialogues = map[string]struct {
	far, near voices
	delay     time.Duration // of the echo
}{
	"a man far, a woman near": {speechtest.Man, speechtest.Woman, 60 * time.Millisecond},
	"a woman far, a man near": {speechtest.Woman, speechtest.Man, 10 * time.Millisecond},
}

func TestEchoIsLowered(t *testing.T) {
	for name, who := range dialogues {
		far := who.far(t, -20)
		heard := speechtest.Room(far, who.delay, -6)
		left := clean(t, heard, far)
		lowered := speechtest.Level(heard[2*second:]) - speechtest.Level(left[2*second:])
		t.Logf("%s: %.1f dB", name, lowered)
		if lowered < 20 {
			t.Errorf("%s, %v later: after 2 s the echo is lowered by %.1f dB", name, who.delay, lowered)
		}
	}
}

// The near voice begins after three seconds, a little quieter than the far one.
func TestDoubleTalkKeepsTheNearVoice(t *testing.T) {
	for name, who := range dialogues {
		far, near := who.far(t, -20), who.near(t, -23)
		clear(near[:3*second])
		left := clean(t, add(speechtest.Room(far, who.delay, -6), near), far)
		r := compare(t, near[3*second:], left[3*second:])
		t.Logf("%s: %v", name, r)
		if r.Similarity < 0.8 || math.Abs(r.LevelDB) > 6 {
			t.Errorf("%s, %v later: the near voice is left with %v", name, who.delay, r)
		}
	}
}

// A voice to which nothing is added keeps its shape.
func TestEchoCancellerLeavesAVoiceAlone(t *testing.T) {
	echo, _ := newPair(t)
	said := speechtest.Woman(t, -20)
	heard, silence := slices.Clone(said), make([]float32, speex.FrameSize)
	for frame := range slices.Chunk(heard, speex.FrameSize) {
		if err := echo.Cancel(frame, silence); err != nil {
			t.Fatal(err)
		}
	}
	if r := compare(t, said, heard); r.Similarity < 0.9 || math.Abs(r.LevelDB) > 1 || r.Lag != 0 {
		t.Errorf("%v", r)
	}
}

func TestEchoCancellerReset(t *testing.T) {
	echo, _ := newPair(t)
	far := speechtest.Woman(t, -20)
	run := func() []float32 {
		heard := speechtest.Room(far, 10*time.Millisecond, -6)[:2*second]
		for i := 0; i < len(heard); i += speex.FrameSize {
			if err := echo.Cancel(heard[i:i+speex.FrameSize], far[i:i+speex.FrameSize]); err != nil {
				t.Fatal(err)
			}
		}
		return heard
	}
	first := run()
	learnt := run()
	if speechtest.Level(learnt[:second]) > speechtest.Level(first[:second])-3 {
		t.Errorf("it learnt nothing: %.1f and then %.1f dBFS", speechtest.Level(first[:second]), speechtest.Level(learnt[:second]))
	}
	echo.Reset()
	if anew := run(); math.Abs(speechtest.Level(anew)-speechtest.Level(first)) > 1.5 {
		t.Errorf("after Reset %.1f dBFS are left, at first %.1f", speechtest.Level(anew), speechtest.Level(first))
	}
}

func TestStereo(t *testing.T) {
	echo, err := speex.NewEchoCanceller(speex.EchoConfig{Channels: 2, FarChannels: 2, Tail: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	noise, err := speex.NewDenoiser(speex.DenoiserConfig{Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer noise.Close()
	said := speechtest.Woman(t, -20)
	pcm, far := make([]float32, 2*speex.FrameSize), make([]float32, 2*speex.FrameSize)
	var left, right []float32
	for frame := range slices.Chunk(said, speex.FrameSize) {
		for i, x := range frame {
			pcm[2*i], pcm[2*i+1] = x, -x/2
		}
		if err := errors.Join(echo.Cancel(pcm, far), noise.Denoise(pcm)); err != nil {
			t.Fatal(err)
		}
		for i := range frame {
			left, right = append(left, pcm[2*i]), append(right, -pcm[2*i+1])
		}
	}
	if r := compare(t, said, left); r.Similarity < 0.85 {
		t.Errorf("left: %v", r)
	}
	if r := compare(t, said, right); r.Similarity < 0.85 || math.Abs(r.LevelDB+6) > 1.5 {
		t.Errorf("right: %v", r)
	}
}

func TestRefusals(t *testing.T) {
	for _, cfg := range []speex.EchoConfig{{Channels: 3}, {FarChannels: 3}, {Tail: time.Millisecond}, {Tail: -1}, {Tail: time.Minute}} {
		if _, err := speex.NewEchoCanceller(cfg); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	for _, cfg := range []speex.DenoiserConfig{
		{Channels: 3}, {Suppression: -1}, {Suppression: 61}, {Suppression: math.NaN()}, {Echo: &speex.EchoCanceller{}},
	} {
		if _, err := speex.NewDenoiser(cfg); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	echo, noise := newPair(t)
	frame, short := make([]float32, speex.FrameSize), make([]float32, speex.FrameSize-1)
	for i, err := range []error{
		echo.Cancel(short, frame), echo.Cancel(frame, short), noise.Denoise(short), noise.Denoise(nil),
		(&speex.EchoCanceller{}).Cancel(frame, frame), (&speex.Denoiser{}).Denoise(frame),
	} {
		if !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

func TestClose(t *testing.T) {
	echo, noise := newPair(t)
	frame := make([]float32, speex.FrameSize)
	echo.Close()
	if err := noise.Denoise(frame); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a denoiser whose canceller is closed: %v", err)
	}
	for range 2 {
		if err := errors.Join(noise.Close(), echo.Close()); err != nil {
			t.Error(err)
		}
	}
	echo.Reset()
	if err := echo.Cancel(frame, frame); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a closed canceller: %v", err)
	}
	if err := noise.Denoise(frame); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a closed denoiser: %v", err)
	}
}

func TestWildSamples(t *testing.T) {
	echo, noise := newPair(t)
	frame, far := make([]float32, speex.FrameSize), make([]float32, speex.FrameSize)
	copy(frame, []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1e30, -7})
	copy(far, frame)
	for range 3 {
		if err := errors.Join(echo.Cancel(frame, far), noise.Denoise(frame)); err != nil {
			t.Fatal(err)
		}
		for i, x := range frame {
			if !(x >= -4 && x <= 4) {
				t.Fatalf("sample %d is %v", i, x)
			}
		}
	}
}

func ExampleEchoCanceller() {
	echo, err := speex.NewEchoCanceller(speex.EchoConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer echo.Close()
	played := make([]float32, speex.FrameSize) // what went to the loudspeaker
	heard := make([]float32, speex.FrameSize)  // what came from the microphone
	fmt.Println(echo.Cancel(heard, played))
	// Output: <nil>
}

func BenchmarkEchoCanceller(b *testing.B) {
	echo, _ := newPair(b)
	far := speechtest.Woman(b, -20)[:speex.FrameSize]
	heard := slices.Clone(far)
	for b.Loop() {
		if err := echo.Cancel(heard, far); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0.01*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
}
