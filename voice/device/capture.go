package device

import (
	"io"
	"time"
)

// captureRoom is what a Capture holds for a program that is slow to fetch it. What is
// older than maxCaptured is skipped.
const (
	captureRoom = time.Second
	maxCaptured = 200 * time.Millisecond
)

// Capture is a microphone. It is a voice.ClockedSource. Make one with [OpenCapture].
type Capture struct {
	*stream
	timer *time.Timer
}

// OpenCapture opens a microphone. The errors are [voiceapp.Invalid],
// [voiceapp.NotFound] where there is no such device, and [voiceapp.Unavailable].
func OpenCapture(cfg Config) (*Capture, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := newStream(cfg, KindCapture, newRing(cfg.samples(captureRoom)), (*stream).capturing)
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
	patience := c.cfg.duration(len(pcm))
	if c.running.Load() {
		patience += 2 * c.cfg.Period
	}
	if c.timer == nil {
		c.timer = time.NewTimer(patience)
	} else {
		c.timer.Reset(patience)
	}
	for c.ring.held() < len(pcm) {
		select {
		case <-c.wake:
		case <-c.timer.C:
			return 0, nil
		case <-c.quit:
			return 0, io.EOF
		}
	}
	c.timer.Stop()
	if late := c.ring.held() - len(pcm) - c.cfg.samples(maxCaptured); late > 0 {
		c.ring.skip(late / c.cfg.Channels * c.cfg.Channels)
		c.misses.Add(uint64(late))
	}
	return c.ring.take(pcm), nil
}

// Stats returns a snapshot. Any goroutine may call it.
func (c *Capture) Stats() Stats {
	s := c.stream.Stats()
	s.Overruns = c.misses.Load()
	return s
}
