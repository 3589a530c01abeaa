package dsp_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
)

// speech returns ten seconds of a woman who reads, mono at 48 kHz, with its peak at
// full scale.
func speech(t testing.TB) []float32 {
	t.Helper()
	pcm := speechtest.PCM(t)[:48000*10]
	return scale(pcm, 1/loudest(pcm))
}

func scale(pcm []float32, gain float64) []float32 {
	for i := range pcm {
		pcm[i] *= float32(gain)
	}
	return pcm
}

func loudest(pcm []float32) (most float64) {
	for _, x := range pcm {
		most = max(most, math.Abs(float64(x)))
	}
	return most
}

// steepest returns the largest step from one sample to the next.
func steepest(pcm []float32) (most float64) {
	for i := range pcm[1:] {
		most = max(most, math.Abs(float64(pcm[i+1]-pcm[i])))
	}
	return most
}

// noise is white, with so many dBFS.
func noise(n int, dB float64, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, seed))
	pcm := make([]float32, n)
	for i := range pcm {
		pcm[i] = float32(r.NormFloat64() * math.Pow(10, dB/20))
	}
	return pcm
}

func sum(a, b []float32) []float32 {
	c := slices.Clone(a)
	for i := range c {
		c[i] += b[i]
	}
	return c
}

func toDB(power float64) float64 { return 10 * math.Log10(power+1e-20) }

// fan is noise as of a fan: mostly low, and a hum with its harmonics.
func fan(n int, dB float64, seed uint64) []float32 {
	pcm := noise(n, 0, seed)
	low, lower := 0.0, 0.0
	for i := range pcm {
		x := float64(pcm[i])
		low += 0.1 * (x - low) // from 800 Hz on 6 dB an octave less
		lower += 0.02 * (low - lower)
		sin, _ := math.Sincos(2 * math.Pi * 120 * float64(i) / 48000)
		pcm[i] = float32(low + 2*lower + 0.02*x + 0.1*sin)
	}
	return scale(pcm, math.Sqrt(math.Pow(10, dB/10)/power(pcm)))
}
