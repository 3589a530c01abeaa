package dsp_test

import (
	"math"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// Need is exact: with one frame less there is less than was asked for.
func TestResamplerNeed(t *testing.T) {
	for _, rates := range ratePairs {
		r := newResampler(t, rates.in, rates.out, 2)
		have := 0
		for want := 1; want < 3000; want = want*3 + 1 {
			need := r.Need(want)
			before := r.AppendTo(nil, make([]float32, 2*max(0, need-1)))
			if need > 0 && len(before) >= 2*want {
				t.Errorf("%d to %d: %d frames came out of less than %d", rates.in, rates.out, want, need)
			}
			after := r.AppendTo(before, make([]float32, 2*min(1, need)))
			if have = len(after) / 2; have < want {
				t.Errorf("%d to %d: %d of %d frames came out of %d", rates.in, rates.out, have, want, need)
			}
		}
	}
}

// What is at one moment stays there: an impulse comes out symmetric about its time.
func TestResamplerImpulse(t *testing.T) {
	const at = 2000
	for _, rates := range ratePairs {
		in := make([]float32, 2*at)
		in[at] = 1
		r := newResampler(t, rates.in, rates.out, 1)
		var sum, moment float64
		for i, v := range r.Flush(r.AppendTo(nil, in)) {
			sum += float64(v) * float64(v)
			moment += float64(i) * float64(v) * float64(v)
		}
		got := moment / sum / float64(rates.out)
		want := at / float64(rates.in)
		if step := 1 / float64(min(rates.in, rates.out)); math.Abs(got-want) > 0.02*step {
			t.Errorf("%d to %d: the impulse is at %.3f us, want %.3f", rates.in, rates.out, 1e6*got, 1e6*want)
		}
	}
}

// Any rates, and any lengths of what goes in at once: as much comes out as went in,
// and the same as in one go.
func FuzzResamplerSizes(f *testing.F) {
	f.Add(44100, 48000, true, []byte{1, 200, 0, 3, 255, 17})
	f.Add(48000, 16000, false, []byte{255, 255, 255, 1})
	f.Add(8000, 384000, true, []byte{0, 1, 2})
	f.Add(44101, 47999, false, []byte{9, 9, 9, 9})
	f.Fuzz(func(t *testing.T, from, to int, stereo bool, sizes []byte) {
		channels := 1
		if stereo {
			channels = 2
		}
		r, err := dsp.NewResampler(from, to, channels)
		if err != nil || len(sizes) > 64 {
			return
		}
		var all, parts []float32
		for i, size := range sizes {
			piece := tone(from, 1, int(size)*channels, 440+float64(i), 0.5)
			all, parts = append(all, piece...), r.AppendTo(parts, piece)
		}
		parts = r.Flush(parts)
		if frames := len(all) / channels; from != to && len(parts)/channels != (frames*to+from-1)/from {
			t.Errorf("%d frames became %d", frames, len(parts)/channels)
		}
		if whole := r.Flush(r.AppendTo(nil, all)); !slices.Equal(whole, parts) {
			t.Error("in one go it is another signal")
		}
	})
}
