package voicetest

import (
	"math"
	"math/rand/v2"
	"time"
)

// Rate is the sample rate of everything here, in Hz.
const Rate = 48000

// syllable is how long each one of [Speech] lasts, in samples.
const syllable = Rate / 5

// formants of the vowels that are spoken, in Hz.
var formants = [][3]float64{
	{730, 1090, 2440}, {270, 2290, 3010}, {300, 870, 2240}, {530, 1840, 2480}, {570, 840, 2410},
}

// Speech returns something that a codec takes for speech: vowels with a moving
// pitch, hissing consonants between them, and a pause after every fourth
// syllable; always the same. It is at 48 kHz, peaks at about a half, and is
// interleaved; in stereo the right channel has half the amplitude of the left.
func Speech(d time.Duration, channels int) []float32 {
	pcm := make([]float32, 0, int(d*Rate/time.Second)*channels)
	v := speaker{noise: rand.New(rand.NewPCG(1, 1))}
	for i := range cap(pcm) / channels {
		s := float32(v.sample(i))
		for range channels {
			pcm = append(pcm, s)
			s /= 2
		}
	}
	return pcm
}

// speaker is a source of pulses and noise, and what the mouth makes of it.
type speaker struct {
	noise *rand.Rand
	phase float64 // of the vocal cords, in turns
	mouth [3]resonator
	hiss  resonator
}

func (v *speaker) sample(i int) float64 {
	number, at := i/syllable, float64(i%syllable)/syllable
	vowel, consonant := opening(at, 0.3, 1), opening(at, 0, 0.3)
	if number%5 == 4 {
		vowel, consonant = 0, 0
	}
	if i%syllable == 0 {
		v.articulate(number)
	}
	pitch := 200 + 30*math.Sin(float64(i)*2*math.Pi/(1.7*Rate)) + 15*at
	v.phase += pitch / Rate
	pulse := 0.0
	if v.phase >= 1 {
		v.phase--
		pulse = 1
	}
	var sum float64
	for f := range v.mouth {
		sum += v.mouth[f].filter(pulse) / float64(1+f)
	}
	return 0.45*vowel*sum + 0.02*consonant*v.hiss.filter(v.noise.NormFloat64())
}

// articulate moves the mouth to where a syllable needs it.
func (v *speaker) articulate(number int) {
	for f := range v.mouth {
		v.mouth[f].tune(formants[number%len(formants)][f], 60+30*float64(f))
	}
	v.hiss.tune(5500, 2500)
}

// opening rises and falls smoothly between two points of a syllable.
func opening(at, begin, end float64) float64 {
	if at < begin || at > end {
		return 0
	}
	return (1 - math.Cos(2*math.Pi*(at-begin)/(end-begin))) / 2
}

// resonator is a filter with two poles. Its output peaks at about what its input
// does.
type resonator struct{ gain, first, second, last, before float64 }

// tune sets frequency and bandwidth, in Hz.
func (r *resonator) tune(hz, bandwidth float64) {
	radius := math.Exp(-math.Pi * bandwidth / Rate)
	sin, cos := math.Sincos(2 * math.Pi * hz / Rate)
	r.gain, r.first, r.second = sin, 2*radius*cos, -radius*radius
}

func (r *resonator) filter(in float64) float64 {
	out := r.gain*in + r.first*r.last + r.second*r.before
	r.last, r.before = out, r.last
	return out
}
