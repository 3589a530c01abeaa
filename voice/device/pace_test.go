package device

import (
	"math/rand/v2"
	"testing"
	"time"
)

// steady is a device that has called so often by a time: once in a period, for which its
// clock may have another idea than ours, each call up to jitter late.
type steady struct {
	period time.Duration
	jitter time.Duration
	random *rand.Rand
	calls  uint64
	next   time.Duration // when the next call is due
	late   time.Duration // how much later it comes
	latest time.Duration // when it called last
}

func (d *steady) by(at time.Duration) uint64 {
	for d.next+d.late <= at {
		d.calls++
		d.latest = d.next + d.late
		d.next += d.period
		if d.jitter > 0 {
			d.late = time.Duration(d.random.Int64N(int64(d.jitter)))
		}
	}
	return d.calls
}

// Calls are seen soon after they happen, and there is little looking in vain, whatever
// the device's clock and however uneven it is.
func TestPaceFollows(t *testing.T) {
	const period = 10 * time.Millisecond
	for name, d := range map[string]*steady{
		"exact":          {period: period},
		"1,000 ppm slow": {period: period + period/1000},
		"1,000 ppm fast": {period: period - period/1000},
		"uneven":         {period: period, jitter: 3 * time.Millisecond},
	} {
		for _, frames := range []int{1, 2, 6} { // calls that are waited for
			d.random, d.calls, d.next, d.late = rand.New(rand.NewPCG(1, 1)), 0, period, 0
			var p pace
			origin, now := time.Now(), time.Duration(0)
			looks, waits, late := 0, 0, time.Duration(0)
			for wanted := uint64(frames); now < 20*time.Second; wanted += uint64(frames) {
				for d.by(now) < wanted {
					now += p.wait(origin.Add(now), d.calls, period, int(wanted-d.calls))
					looks++
				}
				late += now - d.latest
				waits++
			}
			vain, mean := float64(looks)/float64(waits), late/time.Duration(waits)
			t.Logf("%s, %d calls at a time: looked at %.2f times for each wait, %v late", name, frames, vain, mean)
			if vain > 2 || mean > period/8+d.jitter/2 {
				t.Errorf("%s, %d calls at a time: looked at %.2f times for each wait, %v late", name, frames, vain, mean)
			}
		}
	}
}

// A device that gives no sign of life is not looked at all the time.
func TestPaceLosesPatience(t *testing.T) {
	const period = 10 * time.Millisecond
	var p pace
	now, looks := time.Now(), 0
	for end := now.Add(time.Second); now.Before(end); looks++ {
		now = now.Add(p.wait(now, 7, period, 1))
	}
	if looks > 120 {
		t.Errorf("it was looked at %d times in a second", looks)
	}
}
