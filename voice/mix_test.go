package voice_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

func ExampleMixer() {
	mixer := voice.NewMixer(2)
	mixer.Add([]float32{0.25, 0.5}, 1)           // mono
	mixer.Add([]float32{0.25, 0, 0.25, -0.5}, 2) // stereo
	out := make([]float32, 2*960)                // 20 ms
	mixer.Mix(out)
	late := 2 * int(math.Round(voice.MixerDelay.Seconds()*voice.SampleRate))
	fmt.Println(out[late : late+6])
	// Output: [0.5 0.25 0.75 0 0 0]
}

func TestMixerToMono(t *testing.T) {
	mixer, out := voice.NewMixer(1), make([]float32, frame)
	mixer.Add([]float32{0.5, 0, -0.5, -0.25}, 2)
	mixer.Mix(out)
	if out[late] != 0.25 || out[late+1] != -0.375 {
		t.Errorf("mixed %v", out[late:late+2])
	}
}

func sine(from int, amplitude float64) []float32 {
	pcm := make([]float32, frame)
	for i := range pcm {
		pcm[i] = float32(amplitude * math.Sin(2*math.Pi*200*float64(from+i)/voice.SampleRate))
	}
	return pcm
}

// TestMixerStaysWithinBounds lets twenty people shout.
func TestMixerStaysWithinBounds(t *testing.T) {
	mixer, out := voice.NewMixer(1), make([]float32, frame)
	last := float32(0)
	for i := range 50 {
		for range 20 {
			mixer.Add(sine(i*frame, 0.9), 1)
		}
		mixer.Mix(out)
		for k, x := range out {
			if !(x >= -1 && x <= 1) {
				t.Fatalf("frame %d, sample %d is %v", i, k, x)
			}
			// Once it is turned down it is a sine again, not a square.
			if step := math.Abs(float64(x - last)); i > 0 && step > 0.03 {
				t.Fatalf("frame %d, sample %d: a step of %v", i, k, step)
			}
			last = x
		}
	}
	for range 200 { // and comes back
		mixer.Mix(out)
	}
	isExact(t, mixer, sine(0, 0.5))
}

func TestMixerWildSamples(t *testing.T) {
	mixer := voice.NewMixer(1)
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	mixer.Add([]float32{nan, inf, -inf, 0.5}, 1)
	out := make([]float32, frame)
	mixer.Mix(out)
	for i, x := range out {
		if !(x >= -1 && x <= 1) {
			t.Errorf("sample %d is %v", i, x)
		}
	}
}

func TestMixerIsExactBelowFullScale(t *testing.T) {
	isExact(t, voice.NewMixer(1), sine(0, 0.85))
}

// isExact fails unless what is mixed comes as it is.
func isExact(t *testing.T, mixer *voice.Mixer, pcm []float32) {
	t.Helper()
	out, rest := make([]float32, len(pcm)), make([]float32, late)
	mixer.Add(pcm, 1)
	mixer.Mix(out)
	mixer.Mix(rest)
	out = append(out[late:], rest...)
	for i := range pcm {
		if out[i] != pcm[i] {
			t.Fatalf("sample %d: %v became %v", i, pcm[i], out[i])
		}
	}
}
