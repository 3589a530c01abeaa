package speechtest

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

const second = 48000

// Woman returns ten seconds of a woman who reads, at this level.
func Woman(t testing.TB, dB float64) []float32 {
	t.Helper()
	return ToLevel(PCM(t)[:10*second], dB)
}

// Man returns the same, slower and deeper, from its middle on.
func Man(t testing.TB, dB float64) []float32 {
	t.Helper()
	r, err := dsp.NewResampler(40000, 48000, 1)
	if err != nil {
		t.Fatal(err)
	}
	slow := r.Flush(r.AppendTo(nil, Woman(t, dB)))
	return append(slow[6*second:], slow...)[:10*second]
}

// Fan returns noise as of a fan, mostly low, and a hum.
func Fan(n int, dB float64) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	pcm := make([]float32, n)
	low, lower := 0.0, 0.0
	for i := range pcm {
		x := r.NormFloat64()
		low += 0.1 * (x - low) // from 800 Hz on 6 dB an octave less
		lower += 0.02 * (low - lower)
		pcm[i] = float32(low + 2*lower + 0.02*x + 0.1*math.Sin(2*math.Pi*120*float64(i)/second))
	}
	return ToLevel(pcm, dB)
}

// Room returns what a microphone hears of a loudspeaker: its sound, so much later and so
// much louder, and how that dies away between the walls, 60 dB in 200 ms.
func Room(played []float32, delay time.Duration, dB float64) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	heard := make([]float32, len(played))
	start := int(delay.Seconds() * second)
	for after := 0; after < second/5; after += 97 {
		gain := float32(0.3 * r.NormFloat64() * math.Exp(-6.9*float64(after)/(second/5)))
		if after == 0 {
			gain = 1
		}
		for i := start + after; i < len(heard); i++ {
			heard[i] += gain * played[i-start-after]
		}
	}
	return ToLevel(heard, Level(played)+dB)
}

// Level is the RMS in dBFS.
func Level(pcm []float32) float64 {
	var sum float64
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return 10 * math.Log10(sum/float64(len(pcm))+1e-20)
}

// ToLevel brings pcm to this level, in place, and returns it.
func ToLevel(pcm []float32, dB float64) []float32 {
	gain := float32(math.Pow(10, (dB-Level(pcm))/20))
	for i := range pcm {
		pcm[i] *= gain
	}
	return pcm
}
