package voice

import (
	"math"
	"time"
)

const (
	duckHold    = 500 * time.Millisecond // after a priority speaker's last sound
	duckRelease = 0.05                   // of the full gain, for each read
)

// ducker turns the others down while somebody with priority speaks: at once, and
// up again slowly.
type ducker struct {
	depth      float32 // the gain of who is turned down; 1: nobody is
	now, until time.Duration
	from, to   float32 // the gain at the beginning and the end of what is read
}

func newDucker(dB float64) ducker {
	depth := float32(math.Pow(10, -max(dB, 0)/20))
	return ducker{depth: depth, until: math.MinInt64, from: 1, to: 1}
}

// begin is called before what is heard from a time on is read.
func (d *ducker) begin(now time.Duration) {
	d.now, d.from = now, d.to
	if now < d.until {
		d.to = d.depth
	} else {
		d.to = min(1, d.to+duckRelease)
	}
}

// apply turns a speaker's PCM down if it has to be. A speaker with priority has
// the others turned down from the next read on.
func (d *ducker) apply(pcm []float32, priority bool) {
	if priority {
		d.until = d.now + duckHold
		return
	}
	if d.from == 1 && d.to == 1 {
		return
	}
	step := (d.to - d.from) / float32(len(pcm))
	for i := range pcm {
		pcm[i] *= d.from + step*float32(i)
	}
}
