//go:build cgo && !nospeex

package speex_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
	"github.com/voiceapp-sdk/voiceapp/voice/speex"
)

func denoise(t testing.TB, pcm []float32) []float32 {
	t.Helper()
	noise, err := speex.NewDenoiser(speex.DenoiserConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer noise.Close()
	out := append(slices.Clone(pcm), make([]float32, speex.FrameSize)...)
	for frame := range slices.Chunk(out, speex.FrameSize) {
		if err := noise.Denoise(frame); err != nil {
			t.Fatal(err)
		}
	}
	return out[speex.FrameSize:]
}

// likeness is how much of what was heard is what was said, against all the rest,
// in dB: what was lost of it counts as noise.
func likeness(said, heard []float32) float64 {
	var both, a, b float64
	for i := range said {
		x, y := float64(said[i]), float64(heard[i])
		both, a, b = both+x*y, a+x*x, b+y*y
	}
	signal := both * both / a
	return 10 * math.Log10(signal/(b-signal))
}

func TestFanIsLowered(t *testing.T) {
	const begin, end = 5 * second, 15 * second
	silence := make([]float32, 5*second)
	for dB, who := range map[float64]voices{-25: speechtest.Woman, -40: robot} {
		said := slices.Concat(silence, who(t, -20), silence)
		noise := speechtest.Fan(len(said), dB)
		heard := add(said, noise)
		left := denoise(t, heard)
		before := speechtest.Level(noise) - speechtest.Level(left[2*second:begin])
		after := speechtest.Level(noise) - speechtest.Level(left[end+second:])
		r := compare(t, said[begin:end], left[begin:end])
		cleaner := likeness(said[begin:end], left[begin:end]) - likeness(said[begin:end], heard[begin:end])
		better := speechtest.SNRI(said, heard, left)
		t.Logf("a fan of %v dBFS: lowered by %.1f and %.1f dB in pauses; the voice %.1f dB further above it, as waveform %.1f dB cleaner; %v", dB, before, after, better, cleaner, r)
		if before < 12 || after < 12 {
			t.Errorf("a fan of %v dBFS is lowered by %.1f and %.1f dB in pauses", dB, before, after)
		}
		if better < 6 {
			t.Errorf("the voice is only %.1f dB further above a fan of %v dBFS", better, dB)
		}
		if cleaner < 2 {
			t.Errorf("with a fan of %v dBFS the voice is only %.1f dB cleaner", dB, cleaner)
		}
		if r.Similarity < 0.9 {
			t.Errorf("with a fan of %v dBFS the voice is left with %v", dB, r)
		}
	}
}

func ExampleDenoiser() {
	noise, err := speex.NewDenoiser(speex.DenoiserConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer noise.Close()
	heard := make([]float32, speex.FrameSize)
	fmt.Println(noise.Denoise(heard), speex.DenoiserDelay)
	// Output: <nil> 10ms
}

func BenchmarkDenoiser(b *testing.B) {
	_, noise := newPair(b)
	pcm := speechtest.Fan(speex.FrameSize, -30)
	frame := slices.Clone(pcm)
	for b.Loop() {
		copy(frame, pcm)
		if err := noise.Denoise(frame); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0.01*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
}
