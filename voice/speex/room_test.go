//go:build cgo && !nospeex

package speex_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/similarity"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
	"github.com/voiceapp-sdk/voiceapp/voice/speex"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

const second = speex.SampleRate

// woman returns ten seconds of a woman who reads, mono, at a level in dBFS.
func woman(t testing.TB, dB float64) []float32 {
	t.Helper()
	file, err := audiofile.Open("../../testdata/speech/speech.wav", audiofile.Format{Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	pcm := make([]float32, 10*second)
	if n, err := file.ReadPCM(pcm); n != len(pcm) {
		t.Fatal(n, err)
	}
	return toLevel(pcm, dB)
}

// man is the woman, slower and deeper, who begins in the middle.
func man(t testing.TB, dB float64) []float32 {
	t.Helper()
	r, err := dsp.NewResampler(40000, 48000, 1)
	if err != nil {
		t.Fatal(err)
	}
	slow := r.Flush(r.AppendTo(nil, woman(t, dB)))
	return append(slow[6*second:], slow...)[:10*second]
}

// robot is arithmetic that speaks.
func robot(_ testing.TB, dB float64) []float32 {
	return toLevel(voicetest.Speech(10*time.Second, 1), dB)
}

// fan is noise as of a fan: mostly low, and a hum.
func fan(n int, dB float64) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	pcm := make([]float32, n)
	low, lower := 0.0, 0.0
	for i := range pcm {
		x := r.NormFloat64()
		low += 0.1 * (x - low) // from 800 Hz on 6 dB an octave less
		lower += 0.02 * (low - lower)
		pcm[i] = float32(low + 2*lower + 0.02*x + 0.1*math.Sin(2*math.Pi*120*float64(i)/second))
	}
	return toLevel(pcm, dB)
}

// room is what a microphone hears of a loudspeaker: its sound, so much later, and
// how that dies away between the walls, 60 dB in 200 ms.
func room(played []float32, delay time.Duration, dB float64) []float32 {
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
	return toLevel(heard, level(played)+dB)
}

func toLevel(pcm []float32, dB float64) []float32 {
	gain := float32(math.Pow(10, (dB-level(pcm))/20))
	for i := range pcm {
		pcm[i] *= gain
	}
	return pcm
}

// level is the RMS in dBFS.
func level(pcm []float32) float64 {
	var sum float64
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return 10 * math.Log10(sum/float64(len(pcm))+1e-20)
}

func add(a, b []float32) []float32 {
	c := slices.Clone(a)
	for i := range c {
		c[i] += b[i]
	}
	return c
}

func compare(t testing.TB, said, heard []float32) similarity.Result {
	t.Helper()
	r, err := similarity.Compare(similarity.Prepare(said, second), similarity.Prepare(heard, second))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
