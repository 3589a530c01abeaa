package relay

import (
	"sync/atomic"
	"time"
)

// company is who has talked in a channel lately, as far as it matters: up to many. Any
// loop may use it at any time. The zero value is nobody.
type company [many]struct {
	who atomic.Pointer[session]
	at  atomic.Int64 // on the relay's clock
}

// heard takes note of a frame. Where two loops do so at the same instant one of them may
// get lost, until its speaker's next frame.
func (c *company) heard(now time.Duration, s *session) {
	free := -1
	for i := range c {
		switch who := c[i].who.Load(); {
		case who == s:
			c[i].at.Store(int64(now))
			return
		case free < 0 && (who == nil || !c.lately(i, now)):
			free = i
		}
	}
	if free >= 0 {
		c[free].who.Store(s)
		c[free].at.Store(int64(now))
	}
}

// count returns how many have talked lately.
func (c *company) count(now time.Duration) (n int) {
	for i := range c {
		if c[i].who.Load() != nil && c.lately(i, now) {
			n++
		}
	}
	return n
}

func (c *company) lately(i int, now time.Duration) bool {
	return now-time.Duration(c[i].at.Load()) < talkWindow
}
