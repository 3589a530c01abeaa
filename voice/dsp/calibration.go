package dsp

import "slices"

// How a [Calibration] finds a threshold.
const (
	calibrationHigh  = 0.98 // share of the silence that is no louder than what counts as its noise
	calibrationVoice = 0.5  // share of the speech that is no louder than what counts as its level; the rest are pauses too
	calibrationLeast = 4    // dB above the noise
	calibrationMost  = 12
	calibrationClear = 8 // dB between speech and noise that are needed at least
)

// Calibration finds the Threshold of an [Activity] for a microphone at 48 kHz: its
// user is silent for a few seconds, then speaks for a few. The zero value works,
// for mono. It belongs to one goroutine at a time.
type Calibration struct {
	Channels int // 1 or 2; 0: 1. Must not change once in use

	measure         Activity
	silence, speech levels
}

// Thresholds is what a [Calibration] found, in dBFS as [Activity.Level] has it.
type Thresholds struct {
	Noise     float64 // what silence hardly ever exceeds
	Speech    float64 // what half of the speech exceeds
	Threshold float64 // for Activity, between the two
	Clear     bool    // speech stands out enough for that to work
}

// Silence takes samples in which nobody speaks.
func (c *Calibration) Silence(pcm []float32) { c.add(&c.silence, pcm) }

// Speech takes samples in which the user speaks, as he will.
func (c *Calibration) Speech(pcm []float32) { c.add(&c.speech, pcm) }

// Result returns what was found so far. It is not Clear before both have been heard.
func (c *Calibration) Result() Thresholds {
	r := Thresholds{Noise: c.silence.quantile(calibrationHigh), Speech: c.speech.quantile(calibrationVoice)}
	apart := r.Speech - r.Noise
	r.Threshold = r.Noise + min(max(apart/2, calibrationLeast), calibrationMost)
	r.Clear = c.silence.total > 0 && c.speech.total > 0 && apart >= calibrationClear
	return r
}

func (c *Calibration) add(to *levels, pcm []float32) {
	channels := channelsOf(c.Channels)
	c.measure.Channels = channels
	for step := range slices.Chunk(pcm, activityStep*channels) {
		c.measure.Add(step)
		to.add(c.measure.Level())
	}
}

// levels counts how often each level was there, in steps of half a dB.
type levels struct {
	counts [2*Silent + 1]int
	total  int
}

func (l *levels) add(dB float64) {
	l.counts[int(2*(dB+Silent))]++
	l.total++
}

// quantile returns the level that is not exceeded by that share of them; -Silent
// when there are none.
func (l *levels) quantile(share float64) float64 {
	seen := 0
	for i, n := range l.counts {
		if seen += n; float64(seen) >= share*float64(l.total) {
			return float64(i)/2 - Silent
		}
	}
	return 0
}
