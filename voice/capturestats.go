package voice

import (
	"math"
	"sync/atomic"
	"time"
)

// CaptureStats is what a [Capture]'s level meter shows. All levels are in dBFS, from
// -127 on, and those of a meter: they rise at once and fall slowly.
type CaptureStats struct {
	Open       bool    // it is heard at this moment
	Before     float64 // RMS of what the source gives
	BeforePeak float64 // and its peak: 0 is as loud as can be without distortion
	After      float64 // RMS of what is given
	AfterPeak  float64
	Speech     float64 // of the latest 10 ms, by which ByActivity judges; compare it with Threshold
	NoiseFloor float64 // that speech stands out of
	Gain       float64 // by which speech is changed to bring it to its level, in dB
	Limited    float64 // by which peaks are lowered, in dB

	// EchoDelay is for how long what is played is kept back until its echo comes: 0
	// while that comes within 100 ms. EchoMoved is how often that had to be changed.
	EchoDelay time.Duration
	EchoMoved uint64
}

// Stats returns a snapshot.
func (c *Capture) Stats() CaptureStats {
	f := &c.figures
	s := CaptureStats{
		Open:   f.open.Load(),
		Before: f.before.get(), BeforePeak: f.beforePeak.get(),
		After: f.after.get(), AfterPeak: f.afterPeak.get(),
		Speech: f.speech.get(), NoiseFloor: f.noise.get(), Gain: f.gain.get(), Limited: f.limited.get(),
	}
	if far := c.far.Load(); far != nil {
		s.EchoMoved = far.moved.Load()
		s.EchoDelay = toDuration(far.delay.Load())
	}
	return s
}

// captureFigures are what the reader tells the others.
type captureFigures struct {
	open                                 atomic.Bool
	before, beforePeak, after, afterPeak figure
	speech, noise, gain, limited         figure
}

// publish tells the others how it goes.
func (c *Capture) publish(open bool) {
	f := &c.figures
	f.open.Store(open)
	f.before.set(c.before.Level())
	f.beforePeak.set(c.before.Peak())
	f.after.set(c.after.Level())
	f.afterPeak.set(c.after.Peak())
	f.speech.set(c.activity.Level())
	f.noise.set(c.activity.NoiseFloor())
	f.gain.set(c.gain.Gain())
	f.limited.set(-20 * math.Log10(c.limiter.Gain()))
}

// figure is a float64 that one goroutine sets and others get.
type figure struct{ bits atomic.Uint64 }

func (f *figure) set(v float64) { f.bits.Store(math.Float64bits(v)) }
func (f *figure) get() float64  { return math.Float64frombits(f.bits.Load()) }
