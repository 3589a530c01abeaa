package dsp_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// echoed is a sound in a room, so much later.
func echoed(pcm []float32, delay time.Duration) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	heard := make([]float32, len(pcm))
	start := int(delay.Seconds() * 48000)
	for after := 0; after < 9600; after += 331 {
		gain := float32(0.3 * r.NormFloat64() * math.Exp(-6.9*float64(after)/9600))
		if after == 0 {
			gain = 0.5
		}
		for i := start + after; i < len(heard); i++ {
			heard[i] += gain * pcm[i-start-after]
		}
	}
	return heard
}

func listen(e *dsp.EchoDelay, played, heard []float32) {
	for i := 0; i+480 <= len(played); i += 480 {
		e.Add(played[i:i+480], heard[i:i+480])
	}
}

func TestEchoDelay(t *testing.T) {
	played := scale(speech(t), 0.3)
	for _, delay := range []time.Duration{0, 30 * time.Millisecond, 165 * time.Millisecond, 400 * time.Millisecond, 600 * time.Millisecond} {
		for _, dB := range []float64{-80, -45} { // noise in the room
			var e dsp.EchoDelay
			heard := sum(echoed(played, delay), noise(len(played), dB, 1))
			listen(&e, played[:6*48000], heard)
			if got, ok := e.Delay(); !ok || got < delay-20*time.Millisecond || got > delay+20*time.Millisecond {
				t.Errorf("an echo after %v, with noise of %v dBFS: %v, %v", delay, dB, got, ok)
			}
		}
	}
}

// Somebody speaks in the room, too.
func TestEchoDelayInDoubleTalk(t *testing.T) {
	played := scale(speech(t), 0.3)
	other := append(slices.Clone(played[5*48000:]), played[:5*48000]...)
	var e dsp.EchoDelay
	const delay = 250 * time.Millisecond
	listen(&e, played, sum(echoed(played, delay), scale(other, 0.3)))
	if got, ok := e.Delay(); ok && (got < delay-20*time.Millisecond || got > delay+20*time.Millisecond) {
		t.Errorf("%v, want %v or nothing", got, delay)
	}
}

func TestEchoDelayWithoutEcho(t *testing.T) {
	played := scale(speech(t), 0.3)
	other := append(slices.Clone(played[5*48000:]), played[:5*48000]...)
	silence := make([]float32, len(played))
	for name, test := range map[string][2][]float32{
		"nothing":           {silence, silence},
		"nothing is played": {silence, other},
		"headphones":        {played, silence},
		"a quiet room":      {played, noise(len(played), -60, 1)},
		"somebody else":     {played, other},
		"no numbers":        {slices.Repeat([]float32{float32(math.NaN())}, 48000), slices.Repeat([]float32{float32(math.Inf(1))}, 48000)},
	} {
		var e dsp.EchoDelay
		listen(&e, test[0], test[1])
		if got, ok := e.Delay(); ok {
			t.Errorf("%s: an echo after %v", name, got)
		}
	}
}

func BenchmarkEchoDelay(b *testing.B) {
	var e dsp.EchoDelay
	pcm := noise(480, -30, 1)
	for b.Loop() {
		e.Add(pcm, pcm)
	}
	b.ReportMetric(0.01*float64(b.N)/b.Elapsed().Seconds(), "x_realtime")
}
