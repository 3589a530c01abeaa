package plugin

import (
	"sync/atomic"
	"time"
)

// primeFrames is how many frames a worker that takes over works on beside the one
// before, unheard, so that what it remembers of the sound is filled.
const primeFrames = 5

// link is one plugin's place in the chain of audio hooks. Who processes audio uses
// it; others replace its worker.
type link struct {
	silences bool // a frame that is missed is silent

	current atomic.Pointer[worker] // nil: none could be started
	next    atomic.Pointer[worker] // that is to take over; nil: none
	swapped chan struct{}          // holds one: it has

	// The rest is that of who processes audio.

	primed  int
	scratch []float32
}

func newLink(silences bool, w *worker) *link {
	l := &link{silences: silences, swapped: make(chan struct{}, 1)}
	l.current.Store(w)
	return l
}

// process lets the plugin change a frame. What it misses goes on unchanged, or
// silent.
func (l *link) process(pcm []float32, f format, speaking bool, deadline time.Time) bool {
	ok, heard := false, speaking
	if next := l.next.Load(); next != nil {
		heard, ok = l.takeOver(next, pcm, f, speaking, deadline)
	} else if w := l.current.Load(); w != nil && w.hand(pcm, f, speaking) {
		heard, ok = w.await(pcm, deadline)
	}
	if ok {
		return heard
	}
	return l.miss(pcm, speaking)
}

// miss is what becomes of a frame that the plugin did not deal with.
func (l *link) miss(pcm []float32, speaking bool) bool {
	if !l.silences {
		return speaking
	}
	clear(pcm)
	return false
}

// takeOver has a frame worked on by the current worker and by the next one, and lets
// the next one's sound fade in when it has worked on a few.
func (l *link) takeOver(next *worker, pcm []float32, f format, speaking bool, deadline time.Time) (heard, ok bool) {
	l.scratch = append(l.scratch[:0], pcm...)
	handed := next.hand(pcm, f, speaking)
	if w := l.current.Load(); w != nil && w.hand(pcm, f, speaking) {
		heard, ok = w.await(pcm, deadline)
	}
	if !handed {
		return heard, ok
	}
	nextHeard, nextOK := next.await(l.scratch, deadline)
	if !nextOK {
		return heard, ok
	}
	if l.primed++; l.primed <= primeFrames && ok {
		return heard, ok
	}
	if ok {
		fade(pcm, l.scratch, f.channels)
	} else {
		copy(pcm, l.scratch)
	}
	l.swap(next)
	return nextHeard, true
}

// swap makes the next worker the current one.
func (l *link) swap(next *worker) {
	l.primed = 0
	if l.next.CompareAndSwap(next, nil) {
		l.current.Store(next)
		l.swapped <- struct{}{}
	}
}

// fade lets pcm go over to next.
func fade(pcm, next []float32, channels int) {
	frames := len(pcm) / channels
	for i := range pcm {
		w := float32(i/channels+1) / float32(frames)
		pcm[i] += w * (next[i] - pcm[i])
	}
}

// replace has another worker take over, while a frame is processed now and then, or
// at once when none is. The caller closes the one before when it returns.
func (l *link) replace(next *worker) {
	l.next.Store(next)
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	select {
	case <-l.swapped:
	case <-patience.C:
		if l.next.CompareAndSwap(next, nil) {
			l.current.Store(next)
		} else {
			<-l.swapped
		}
	}
}
