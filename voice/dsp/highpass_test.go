package dsp_test

import (
	"math"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

func TestHighPassResponse(t *testing.T) {
	for _, test := range []struct{ cutoff, hz, want, within float64 }{
		{0, 80, -3.01, 0.02},
		{0, 40, -12.3, 0.1},
		{0, 20, -24.1, 0.1},
		{0, 160, -0.26, 0.02},
		{0, 1000, 0, 0.01},
		{0, 15000, 0, 0.01},
		{200, 200, -3.01, 0.02},
		{200, 50, -24.1, 0.1},
	} {
		for channels := 1; channels <= 2; channels++ {
			pcm := tone(48000, channels, 96000, test.hz, 0.5)
			h := dsp.HighPass{Cutoff: test.cutoff, Channels: channels}
			for block := range slices.Chunk(pcm, 960*channels) {
				h.Process(block)
			}
			left := dsp.Remix(nil, pcm, channels, 1)[48000:]
			got := toDB(power(left) / 0.125)
			if math.Abs(got-test.want) > test.within {
				t.Errorf("cutoff %v, %d channels: %v Hz comes through at %.2f dB, want %.2f",
					test.cutoff, channels, test.hz, got, test.want)
			}
		}
	}
}

func TestHighPassForgetsWhatIsNoNumber(t *testing.T) {
	var h dsp.HighPass
	h.Process([]float32{float32(math.NaN())})
	h.Process([]float32{float32(math.Inf(1)), 1})
	pcm := tone(48000, 1, 48000, 1000, 0.5)
	h.Process(pcm)
	if got := toDB(power(pcm[24000:]) / 0.125); math.Abs(got) > 0.01 {
		t.Errorf("it is broken for good: %v dB", got)
	}
}

func TestHighPassTakesDirectCurrent(t *testing.T) {
	pcm := slices.Repeat([]float32{0.5}, 48000)
	var h dsp.HighPass
	h.Process(pcm)
	if got := loudest(pcm[24000:]); got > 1e-6 {
		t.Errorf("after half a second %v is left of 0.5", got)
	}
}

func BenchmarkHighPass(b *testing.B) {
	var h dsp.HighPass
	pcm := tone(48000, 1, 960, 1000, 0.5)
	for b.Loop() {
		h.Process(pcm)
	}
	b.ReportMetric(0.02*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
}
