package device

import (
	"io"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// captureRoom is what a Capture holds for a program that is slow to fetch it. What is
// older than maxCaptured is skipped.
const (
	captureRoom = time.Second
	maxCaptured = 200 * time.Millisecond
)

// After silentFor of silence, what follows of it is given only every restTime, where that
// is allowed: the first sound after it comes at once.
const (
	silentFor = time.Second
	restTime  = 100 * time.Millisecond
)

// Capture is a microphone. It is a voice.ClockedSource. Make one with [OpenCapture].
type Capture struct {
	*stream
	silent  time.Duration // how long there has been silence; the reader's, as the next
	mayRest bool
}

// OpenCapture opens a microphone. The errors are [voiceapp.Invalid],
// [voiceapp.NotFound] where there is no such device, and [voiceapp.Unavailable].
func OpenCapture(cfg Config) (*Capture, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := newStream(cfg, KindCapture, captureRoom)
	if err != nil {
		return nil, err
	}
	return &Capture{stream: s}, nil
}

// Clocked reports that the device keeps the time: true.
func (c *Capture) Clocked() bool { return true }

// ReadPCM implements voice.Source: it waits until the device has given as much as pcm
// holds. While there is no device it says, in as much time, that there is nothing to
// say. After Close it returns io.EOF. One goroutine may call it.
func (c *Capture) ReadPCM(pcm []float32) (int, error) {
	asked := time.Now()
	patience := c.cfg.duration(len(pcm))
	for {
		l := c.line()
		if l != nil && c.fetch(l, pcm) {
			return len(pcm), nil
		}
		left := patience - time.Since(asked)
		if l != nil {
			left += 2 * c.cfg.Period
		}
		rests := l != nil && c.mayRest && c.silent > silentFor
		if rests {
			left += restTime
		}
		switch {
		case left <= 0:
			return 0, nil
		case rests && !c.rest(l) || !rests && !c.wait(l, left, len(pcm)):
			return 0, io.EOF
		}
	}
}

// MayRest implements voice.RestingSource: a microphone that gives silence, as it does when
// it is switched off, is then looked at ten times a second. The goroutine that reads may
// call it.
func (c *Capture) MayRest(rest bool) { c.mayRest = rest }

// wait sleeps until there may be n samples; false: the stream was closed.
func (c *Capture) wait(l *line, most time.Duration, n int) bool {
	if l != nil {
		most = min(most, l.look(c.cfg.duration(n-len(l.out)), c.cfg.Period))
	}
	_, open := c.sleep(most, nil)
	return open
}

// rest sleeps until a device that is silent is to be looked at again, or is not silent
// any more; false: the stream was closed.
func (c *Capture) rest(l *line) bool {
	l.ring.waiting.Store(1)
	if l.ring.held() > 0 { // that may be a sound, or the rest of a frame
		return true
	}
	open := true
	if dsp.IsSilence(l.out) {
		_, open = c.sleep(restTime, l.ring.heard)
	}
	if heard := l.ring.waiting.Swap(0) == 0; heard || !dsp.IsSilence(l.out) {
		c.silent = 0
	}
	return open
}

// fetch fills pcm if there is as much, with what is not too old.
func (c *Capture) fetch(l *line, pcm []float32) bool {
	wanted := l.samples(c.cfg.duration(len(pcm)) + maxCaptured)
	if late := l.ring.held() - wanted; late > 0 {
		late = late / l.channels * l.channels
		l.ring.skip(late)
		c.misses.Add(uint64(late))
	}
	if !l.fetch(pcm) {
		return false
	}
	if c.silent += c.cfg.duration(len(pcm)); !dsp.IsSilence(pcm) {
		c.silent = 0
	}
	return true
}

// Stats returns a snapshot. Any goroutine may call it.
func (c *Capture) Stats() Stats {
	s := c.stream.Stats()
	s.Overruns = c.missed()
	return s
}
