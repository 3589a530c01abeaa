package device

import (
	"testing"
	"time"
)

// What wakes a loudspeaker that rests is said once, and is not lost where the time is over
// at the same moment.
func TestWakeIsNotLost(t *testing.T) {
	s := &stream{quit: make(chan struct{})}
	wake := make(chan struct{}, 1)
	for range 1000 {
		wake <- struct{}{}
		woken, open := s.sleep(time.Nanosecond, wake)
		if spent := len(wake) == 0; woken != spent || !open {
			t.Fatalf("woken: %t, what it said is spent: %t, open: %t", woken, spent, open)
		}
		select {
		case <-wake:
		default:
		}
	}
	close(s.quit)
	if woken, open := s.sleep(time.Hour, wake); woken || open {
		t.Errorf("closed, and woken: %t, open: %t", woken, open)
	}
}
