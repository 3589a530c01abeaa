package dsp

import (
	"math"
	"time"
)

// The meter's ballistics.
const (
	meterFall = 24 // dB a second
	meterHold = 1500 * time.Millisecond
)

// Meter is what a level meter shows: it rises at once, falls by 24 dB a second,
// and keeps the highest peak for a second and a half. The zero value shows
// silence. It belongs to one goroutine at a time.
type Meter struct {
	fallen time.Duration // since the level was last pushed up
	held   time.Duration // since the peak was last pushed up
	level  float64       // pushed up to, 0..Silent above silence
	peak   float64
}

// Add takes the sound of the last d, any number of channels. An empty pcm is
// silence.
func (m *Meter) Add(pcm []float32, d time.Duration) {
	m.fallen += d
	m.held += d
	if v := overSilence(math.Sqrt(meanSquare(pcm))); v >= m.shownLevel() {
		m.level, m.fallen = v, 0
	}
	if v := overSilence(peak(pcm)); v >= m.shownPeak() {
		m.peak, m.held = v, 0
	}
}

// Level returns what the bar shows, in dBov: the RMS, from -[Silent] to 0.
func (m *Meter) Level() float64 { return m.shownLevel() - Silent }

// Peak returns what the mark above the bar shows, in dBov: the highest sample of
// late, from -[Silent] to 0.
func (m *Meter) Peak() float64 { return m.shownPeak() - Silent }

func (m *Meter) shownLevel() float64 {
	return max(0, m.level-meterFall*m.fallen.Seconds())
}

func (m *Meter) shownPeak() float64 {
	return max(0, m.peak-meterFall*max(0, m.held-meterHold).Seconds())
}

func peak(pcm []float32) (highest float64) {
	for _, v := range pcm {
		highest = max(highest, math.Abs(float64(v)))
	}
	return highest
}

// overSilence returns an amplitude in dB above -Silent dBov, from 0 to Silent.
func overSilence(amplitude float64) float64 {
	if !(amplitude > 0) {
		return 0
	}
	return min(max(20*math.Log10(amplitude)+Silent, 0), Silent)
}
