package dsp

import (
	"math"
	"time"
)

// The defaults of an [AutoGain].
const (
	DefaultTarget  = -20.0 // dBFS
	DefaultMaxGain = 30.0  // dB
)

const (
	gainMemory = time.Second // of speech, in its level
	gainGate   = 22          // dB below the loudest of late: that is no speech, but a pause in it
	gainFall   = 6           // dB a second that the loudest falls by
	gainUp     = 15          // dB a second at most, while somebody speaks
	gainDown   = 40
)

// AutoGain brings speech at 48 kHz to one level, whoever speaks how near to the
// microphone. It measures the level while there is speech, without the short
// pauses in it, and changes the gain slowly then, and never in a pause: noise is not
// pulled up. Peaks may exceed full scale: a [Limiter] comes after it.
//
// The zero value works. It belongs to one stream and one goroutine at a time.
type AutoGain struct {
	Target  float64 // RMS of speech, in dBFS; 0: DefaultTarget
	MaxGain float64 // in dB, up and down; 0: DefaultMaxGain; below 0: the gain stays 0 dB

	gain   float64 // of the latest sample, in dB
	power  float64 // of speech, weighted
	weight float64 // of what is in power, 0 to 1
	peak   float64 // power of the loudest block of late
}

// Process changes the interleaved samples in place, those of one block: 10 to 60 ms,
// of any number of channels. speech says whether there is speech in them.
func (g *AutoGain) Process(pcm []float32, channels int, speech bool) {
	if len(pcm) == 0 || channels < 1 {
		return
	}
	from := g.gain
	if speech {
		g.learn(meanSquare(pcm), float64(len(pcm)/channels)/sampleRate)
	}
	if from == 0 && g.gain == 0 {
		return
	}
	gain, last := amplitude(from), amplitude(g.gain)
	step := (last - gain) / float64(len(pcm))
	for i := range pcm {
		gain += step
		pcm[i] *= float32(gain)
	}
}

// Gain returns by how many dB the newest sample was changed.
func (g *AutoGain) Gain() float64 { return g.gain }

// learn takes the power of so many seconds of speech, and moves the gain.
func (g *AutoGain) learn(power, seconds float64) {
	if !(power > 0) || math.IsInf(power, 0) {
		return
	}
	g.peak = max(power, g.peak*amplitude(-2*gainFall*seconds))
	if power < g.peak*amplitude(-2*gainGate) {
		return
	}
	keep := math.Exp(-seconds / gainMemory.Seconds())
	g.power = keep*g.power + (1-keep)*power
	g.weight = keep*g.weight + 1 - keep
	g.move(seconds)
}

// move lets the gain go to what the level needs.
func (g *AutoGain) move(seconds float64) {
	target, most := g.Target, g.MaxGain
	if target == 0 {
		target = DefaultTarget
	}
	if most == 0 {
		most = DefaultMaxGain
	}
	most = max(most, 0)
	want := min(max(target-10*math.Log10(g.power/g.weight), -most), most)
	g.gain += min(max(want-g.gain, -gainDown*seconds), gainUp*seconds)
}
