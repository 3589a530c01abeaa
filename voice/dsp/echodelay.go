package dsp

import (
	"math"
	"time"
)

const (
	echoStep    = 10 * time.Millisecond
	echoLags    = 64    // steps: the longest delay that is looked for
	echoMemory  = 0.999 // of each step's past: 10 s
	echoSlow    = 0.9   // of the envelope's mean: what it does for longer than 100 ms does not count
	echoQuiet   = -60.0 // dBFS: what is quieter is silence
	echoClear   = 0.5   // the least correlation that says anything
	echoEnough  = 200   // steps with sound from the loudspeaker that are needed
	echoAudible = 3.0   // dB by which a step has to differ from the mean to count as sound
)

// EchoDelay finds out how much later a microphone hears what a loudspeaker plays, up
// to 0.63 s: by the correlation of the two envelopes over the latest ten seconds. It
// says nothing where there is no echo. The zero value works. It belongs to one
// goroutine at a time.
type EchoDelay struct {
	played, heard envelope
	past          [echoLags]float64 // of what was played, in a ring
	now           int               // in past: the latest
	sounds        int               // steps in which something was played
	products      [echoLags]float64 // of what was heard and what was played so many steps before
	playedPower   float64
	heardPower    float64
}

// Add takes what was played and heard in the same 10 ms, each with any number of
// channels, and only reads it.
func (e *EchoDelay) Add(played, heard []float32) {
	far, near := e.played.next(played), e.heard.next(heard)
	e.now = (e.now + 1) % echoLags
	e.past[e.now] = far
	if math.Abs(far) > echoAudible {
		e.sounds++
	}
	e.playedPower = echoMemory*e.playedPower + far*far
	e.heardPower = echoMemory*e.heardPower + near*near
	for lag := range e.products {
		before := e.past[(e.now+echoLags-lag)%echoLags]
		e.products[lag] = echoMemory*e.products[lag] + before*near
	}
}

// Delay returns the delay, within 10 ms. ok is false while it is not known.
func (e *EchoDelay) Delay() (delay time.Duration, ok bool) {
	best := 0
	for lag, product := range e.products {
		if product > e.products[best] {
			best = lag
		}
	}
	clear := echoClear * math.Sqrt(e.playedPower*e.heardPower)
	ok = e.sounds >= echoEnough && e.products[best] > clear
	return time.Duration(best) * echoStep, ok
}

// envelope is the level of a sound, in dB above its mean of late.
type envelope struct {
	mean  float64
	begun bool
}

func (e *envelope) next(pcm []float32) float64 {
	level := max(10*math.Log10(meanSquare(pcm)), echoQuiet)
	if level != level || math.IsInf(level, 0) {
		level = echoQuiet
	}
	if !e.begun {
		e.mean, e.begun = level, true
	}
	above := level - e.mean
	e.mean = echoSlow*e.mean + (1-echoSlow)*level
	return above
}
