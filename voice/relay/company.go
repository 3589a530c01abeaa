package relay

import (
	"sync/atomic"
	"time"
)

const (
	// few is how many may talk before frames wait for company, and many how many talk
	// where they wait for the longest. Among six hardly a frame would find another.
	few, many = 6, 9

	// steady is by how many fewer a crowd has to be to count as a smaller one: with who
	// takes a breath the delay of everybody else would change, and back again.
	steady = 2
)

// company is who has talked in a channel lately, as far as it matters: up to many. Any
// loop may use it at any time. The zero value is nobody.
type company struct {
	talkers [many]companion
	size    atomic.Int32 // a crowd
}

// companion is one who has talked, if anybody.
type companion struct {
	who atomic.Pointer[session]
	at  atomic.Int64 // on the relay's clock
}

// heard takes note of a frame. Where two loops do so at the same instant one of them may
// get lost, until its speaker's next frame.
func (c *company) heard(now time.Duration, s *session) {
	var free *companion
	for i := range c.talkers {
		t := &c.talkers[i]
		switch who := t.who.Load(); {
		case who == s:
			t.at.Store(int64(now))
			return
		case free == nil && (who == nil || !t.lately(now)):
			free = t
		}
	}
	if free != nil {
		free.who.Store(s)
		free.at.Store(int64(now))
	}
}

// count returns how many have talked lately.
func (c *company) count(now time.Duration) (n int) {
	for i := range c.talkers {
		if t := &c.talkers[i]; t.who.Load() != nil && t.lately(now) {
			n++
		}
	}
	return n
}

func (t *companion) lately(now time.Duration) bool {
	return now-time.Duration(t.at.Load()) < talkWindow
}

// crowd is how many talk, as far as waiting goes.
type crowd int32

const (
	aFew    crowd = iota // nothing waits
	several              // half as long as at most
	aCrowd
)

// crowd says how many talk at present. Who pauses for a moment is no change.
func (c *company) crowd(now time.Duration) crowd {
	n, was := c.count(now), crowd(c.size.Load())
	is := was
	switch {
	case n >= many:
		is = aCrowd
	case n > few && was == aFew, n < many-steady && was == aCrowd:
		is = several
	}
	if n <= few-steady {
		is = aFew
	}
	if is != was {
		c.size.Store(int32(is))
	}
	return is
}

// frameTime is that of most frames, and a multiple of how long frames wait: then each
// speaker's always wait for equally long.
const frameTime = 20 * time.Millisecond

// step is the time between two instants at which frames leave, where they wait for most.
func (c crowd) step(most time.Duration) time.Duration {
	if c == several {
		most /= 2
	}
	if c == aFew || most <= 0 {
		return 0
	}
	return frameTime / ((frameTime + most - 1) / most)
}
