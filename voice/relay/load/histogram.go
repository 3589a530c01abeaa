package load

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

const (
	subBits = 6 // 64 buckets for each power of two: at most 1.6 % off
	buckets = (64 - subBits) << subBits
)

// histogram counts durations. It is safe for concurrent use; the zero value is
// empty.
type histogram struct {
	counts [buckets]atomic.Uint64
}

func (h *histogram) add(d time.Duration) { h.counts[bucketOf(d)].Add(1) }

// bucketOf gives nanoseconds below 64 a bucket each, then 64 buckets to each
// power of two. Less than nothing counts as nothing.
func bucketOf(d time.Duration) int {
	v := uint64(max(d, 0))
	shift := max(bits.Len64(v)-subBits-1, 0)
	return shift<<subBits + int(v>>shift)
}

// upperOf gives the largest duration of a bucket.
func upperOf(bucket int) time.Duration {
	shift := max(bucket>>subBits-1, 0)
	return time.Duration((uint64(bucket-shift<<subBits)+1)<<shift - 1)
}

// total returns how many durations were added.
func (h *histogram) total() (n uint64) {
	for i := range h.counts {
		n += h.counts[i].Load()
	}
	return n
}

// quantile returns a duration that the share q of all does not exceed, 0 when
// there are none.
func (h *histogram) quantile(q float64) time.Duration {
	rank := uint64(math.Ceil(q * float64(h.total())))
	for i := range h.counts {
		n := h.counts[i].Load()
		if n > 0 && n >= rank {
			return upperOf(i)
		}
		rank -= n
	}
	return 0
}

// spread returns the buckets that are not empty.
func (h *histogram) spread() (all []share) {
	for i := range h.counts {
		if n := h.counts[i].Load(); n > 0 {
			all = append(all, share{latency: upperOf(i), frames: n})
		}
	}
	return all
}
