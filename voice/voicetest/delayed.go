package voicetest

import (
	"sync"
	"time"
)

// delayed does things at given times.
type delayed struct {
	changed chan struct{} // has one value when run has to look again
	done    chan struct{}

	mu    sync.Mutex
	queue schedule[func()]
	over  bool
}

func newDelayed() *delayed {
	return &delayed{changed: make(chan struct{}, 1), done: make(chan struct{})}
}

// add reports whether there was room.
func (d *delayed) add(at time.Time, do func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.queue.add(at, do) {
		return false
	}
	select {
	case d.changed <- struct{}{}:
	default: // it will look anyway
	}
	return true
}

// run does what is due, until close.
func (d *delayed) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		do, ok, wait := d.next()
		if ok {
			do()
			continue
		}
		if wait > 0 {
			timer.Reset(wait)
		} else {
			timer.Stop()
		}
		select {
		case <-d.done:
			return
		case <-d.changed:
		case <-timer.C:
		}
	}
}

// next returns what is due, or how long to wait; 0 is until something changes.
func (d *delayed) next() (do func(), ok bool, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return nil, false, 0
	}
	return d.queue.next(time.Now())
}

// close makes run end before the next thing.
func (d *delayed) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
	close(d.done)
}
