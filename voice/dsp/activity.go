package dsp

import (
	"math"
	"time"
)

// DefaultHangOver is how long an [Activity] stays open after the last speech.
const DefaultHangOver = 300 * time.Millisecond

const (
	activityStep = sampleRate / 100 // frames that are judged at a time

	// How many dB all bands together are above the noise when speech begins, and
	// when it has not yet ended. What noise does by itself is less.
	scoreOpen  = 7.0
	scoreClose = 4.0
	scoreFree  = 1.5 // dB of each band that don't count

	// thresholdGap is by how much less than Threshold keeps it open, in dB.
	thresholdGap = 3
)

// activityBands are the bands that are told apart, in Hz: vowels have the lower
// ones, hissing the upper ones.
var activityBands = [...][2]float64{{150, 500}, {500, 1200}, {1200, 2600}, {2600, 5000}, {5000, 10000}}

// Activity says whether somebody speaks, in a stream at 48 kHz. By itself it learns
// the noise, in five bands, by its minimum over the latest 1.5 s (R. Martin, Noise
// power spectral density estimation based on optimal smoothing and minimum
// statistics, 2001), and takes for speech what stands out of it. It opens within
// 10 ms, is harder to open than to keep open, and stays open for HangOver after the
// last speech, so that words are not cut and short pauses don't close it. What goes
// on for more than two seconds without a pause, as music does, is noise to it.
//
// The zero value works, for mono. It belongs to one stream and one goroutine at a
// time.
type Activity struct {
	Channels int // 1 or 2; 0: 1. Must not change once in use

	// Threshold is how loud speech is at least, in dBFS (RMS, from 150 Hz to 10 kHz);
	// [Calibration] finds it. 0 or more: it follows the noise.
	Threshold float64

	HangOver time.Duration // 0: DefaultHangOver; below 0: none

	ready  bool
	open   bool
	left   int // frames that it stays open for
	frames int // of the step that is under way
	level  float64
	bands  [len(activityBands)]activityBand
}

// Add takes the next interleaved samples, any number of frames of them, which it
// only reads, and reports whether there is speech in them or was shortly before.
func (a *Activity) Add(pcm []float32) bool {
	if !a.ready {
		a.prepare()
	}
	channels, open := channelsOf(a.Channels), a.open
	for len(pcm) >= channels {
		n := min(len(pcm)/channels, activityStep-a.frames)
		for b := range a.bands {
			a.bands[b].add(pcm[:n*channels], channels)
		}
		pcm = pcm[n*channels:]
		if a.frames += n; a.frames == activityStep {
			a.frames = 0
			a.judge()
			open = open || a.open
		}
	}
	return open
}

// Open reports whether there was speech lately.
func (a *Activity) Open() bool { return a.open }

// Level returns how loud the latest 10 ms are, in dBFS (RMS, from about 150 Hz to
// 10 kHz), from -[Silent] on.
func (a *Activity) Level() float64 {
	if !a.ready {
		return -Silent
	}
	return a.level
}

// NoiseFloor returns how loud the noise is that speech stands out of, in dBFS, as
// Level does.
func (a *Activity) NoiseFloor() float64 {
	var sum float64
	for b := range a.bands {
		sum += a.bands[b].floor.noise()
	}
	return overSilence(math.Sqrt(sum)) - Silent
}

func (a *Activity) prepare() {
	for b, edges := range activityBands {
		a.bands[b].filter.setBandPass(edges[0], edges[1])
	}
	a.ready = true
}

// judge ends a step.
func (a *Activity) judge() {
	var score, power float64
	for b := range a.bands {
		above, p := a.bands[b].end()
		score += max(0, above-scoreFree)
		power += p
	}
	a.level = overSilence(math.Sqrt(power)) - Silent
	begins, goesOn := score >= scoreOpen, score >= scoreClose
	if a.Threshold < 0 {
		begins, goesOn = a.level >= a.Threshold, a.level >= a.Threshold-thresholdGap
	}
	switch {
	case begins || a.open && goesOn:
		a.open, a.left = true, a.hangOver()
	case a.left > 0:
		a.left -= activityStep
	default:
		a.open = false
	}
}

func (a *Activity) hangOver() int {
	switch {
	case a.HangOver == 0:
		return int(DefaultHangOver * sampleRate / time.Second)
	case a.HangOver < 0:
		return 0
	default:
		return int(a.HangOver.Seconds() * sampleRate)
	}
}

// activityBand is what an [Activity] knows of one band.
type activityBand struct {
	filter biquad
	energy float64 // of the step that is under way
	last   float64 // power of the step before
	floor  noiseFloor
}

func (b *activityBand) add(pcm []float32, channels int) {
	for i := 0; i < len(pcm); i += channels {
		x := float64(pcm[i])
		if channels == 2 {
			x = (x + float64(pcm[i+1])) / 2
		}
		y := b.filter.step(x)
		b.energy += y * y
	}
}

// end ends a step, and returns by how many dB the band is above its noise, in the
// latest two steps, and its power in the latest.
func (b *activityBand) end() (above, power float64) {
	b.filter.settle()
	power = b.energy / activityStep
	b.energy = 0
	if power != power || math.IsInf(power, 0) {
		power = 0
	}
	b.floor.add(power)
	above = 10 * math.Log10((power+b.last+1e-14)/(2*b.floor.noise()+1e-14))
	b.last = power
	return above, power
}
