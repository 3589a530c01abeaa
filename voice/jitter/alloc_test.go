//go:build !race

package jitter

import (
	"testing"
	"time"
)

func TestPutAndNextDoNotAllocate(t *testing.T) {
	b, s := New(Config{}), talker{}
	a := s.frame(20*ms, 0)
	a.Payload = append(a.Payload, make([]byte, 160)...)
	var now time.Duration
	step := func() {
		a.Sequence++
		a.MediaTime += 960
		if a.Sequence%10 != 0 {
			b.Put(a, now)
		}
		b.Next(now)
		now += 20 * ms
	}
	for range 2 * capacity {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
