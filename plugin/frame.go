package plugin

import (
	"errors"
	"sync/atomic"
	"time"
)

// frameCall is the one frame that may be with a worker. Who processes audio fills it
// while it is idle; the worker's goroutine works on it; and whoever of the two comes
// first at the deadline decides what becomes of it. Nothing is allocated for a frame.
type frameCall struct {
	state     atomic.Uint32
	abandoned atomic.Uint64 // the turn that was abandoned last
	begun     atomic.Uint64 // the turn that the backend was called for last
	done      chan struct{} // holds one: finished

	turn  uint64      // how many frames were handed; the caller's, as the next
	timer *time.Timer // until the deadline

	format format
	flags  uint32 // in, then out
	pcm    [2 * maxFrames]float32
	size   int   // of pcm
	err    error // of the call; nil: pcm and flags are the result
}

// States of a frameCall.
const (
	frameIdle      uint32 = iota
	frameHanded           // to the worker
	frameFinished         // by the worker; the caller takes the result
	frameAbandoned        // by the caller; the worker makes it idle again
)

// hand hands a frame to the worker, unless it still has one.
func (w *worker) hand(pcm []float32, f format, speaking bool) bool {
	c := &w.call
	if c.state.Load() != frameIdle || w.live.Load() == nil {
		w.cfg.calls.missed.Add(1)
		return false
	}
	c.turn++
	c.format, c.size, c.flags = f, copy(c.pcm[:], pcm), 0
	if speaking {
		c.flags = flagSpeaking
	}
	c.state.Store(frameHanded)
	w.frames <- struct{}{} // there is room: the call was idle
	return true
}

// await waits for the frame until the deadline, and takes the result into pcm. ok
// is false when it did not come in time, or is none.
func (w *worker) await(pcm []float32, deadline time.Time) (speaking, ok bool) {
	c := &w.call
	if c.timer == nil {
		c.timer = time.NewTimer(time.Until(deadline))
	} else {
		c.timer.Reset(time.Until(deadline))
	}
	select {
	case <-c.done:
		c.timer.Stop()
	case <-c.timer.C:
		if c.state.CompareAndSwap(frameHanded, frameAbandoned) {
			w.cfg.calls.missed.Add(1)
			c.abandoned.Store(c.turn)
			w.expire(c.turn)
			return false, false
		}
		<-c.done
	}
	defer c.state.Store(frameIdle)
	if c.err != nil {
		w.cfg.calls.missed.Add(1)
		return false, false
	}
	copy(pcm, c.pcm[:c.size])
	return c.flags&flagSpeaking != 0, true
}

// expire ends a call by force that goes on for too long after its deadline. One that
// has not begun, because the backend is at work on a line, is not what goes on.
func (w *worker) expire(turn uint64) {
	time.AfterFunc(mercy, func() {
		c := &w.call
		if c.state.Load() == frameAbandoned && c.abandoned.Load() == turn && c.begun.Load() == turn {
			w.interrupt()
		}
	})
}

// stale reports whether nobody waits for the frame any more that was handed, and
// makes room for the next one then.
func (w *worker) stale() bool {
	return w.call.state.CompareAndSwap(frameAbandoned, frameIdle)
}

// frame is the worker's half: it lets the backend change the frame. late: nobody
// waits for it any more, and it took longer than it may. One that the plugins before
// left less time is missed, and no more than that.
func (w *worker) frame(b backend) (late bool, err error) {
	c := &w.call
	c.begun.Store(c.turn)
	var took time.Duration
	if c.err = errSwitchedOff; b != nil {
		w.cfg.calls.made.Add(1)
		begun := time.Now()
		c.err = w.process(b, c)
		took = time.Since(begun)
		w.cfg.calls.nanoseconds.Add(uint64(took))
	}
	err = c.err
	late = took >= frameDeadline(w.cfg.deadline.audio, c.size/max(c.format.channels, 1))
	if c.state.CompareAndSwap(frameHanded, frameFinished) {
		late = false
		c.done <- struct{}{}
	} else {
		c.state.Store(frameIdle)
	}
	if b == nil || errors.Is(err, errRefused) {
		return false, nil
	}
	return late, err
}

// frameDeadline is how long a plugin may take for so many samples of a channel.
func frameDeadline(most time.Duration, samples int) time.Duration {
	return min(most, time.Duration(samples)*time.Second/sampleRate/4)
}

// process calls the backend, and opens it before for a format that is new.
func (w *worker) process(b backend, c *frameCall) (err error) {
	if w.opened.backend != b || w.opened.format != c.format {
		w.opened.backend, w.opened.format = b, c.format
		w.opened.err = b.open(c.format)
	}
	if w.opened.err != nil {
		return w.opened.err
	}
	c.flags, err = b.audio(c.pcm[:c.size], c.flags)
	return err
}

// opened is the format that a backend was told last.
type opened struct {
	backend backend
	format  format
	err     error
}
