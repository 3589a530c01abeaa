// Package histogram counts durations in the buckets that all of voiceapp's
// histograms have, from 10 µs to 10 s.
package histogram

import (
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// bounds are the upper bounds of the buckets but the last, which has none.
var bounds = [...]time.Duration{
	10 * time.Microsecond, 25 * time.Microsecond, 50 * time.Microsecond,
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	1 * time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	1 * time.Second, 2500 * time.Millisecond, 5 * time.Second, 10 * time.Second,
}

// Histogram counts durations. The zero value is empty; it must not be copied. Its
// methods may be called from any goroutine, never wait and, but for Metric, do not
// allocate.
type Histogram struct {
	counts [len(bounds) + 1]atomic.Uint64
	sum    atomic.Int64 // nanoseconds
}

// Observe counts one duration; less than nothing counts as nothing.
func (h *Histogram) Observe(d time.Duration) {
	d = max(d, 0)
	at := 0
	for at < len(bounds) && d > bounds[at] {
		at++
	}
	h.counts[at].Add(1)
	h.sum.Add(int64(d))
}

// Merge adds what another one has counted.
func (h *Histogram) Merge(other *Histogram) {
	for i := range h.counts {
		h.counts[i].Add(other.counts[i].Load())
	}
	h.sum.Add(other.sum.Load())
}

// Metric gives what was counted, in seconds. Its count is that of its buckets, also
// while others observe.
func (h *Histogram) Metric(name, help string, labels ...voiceapp.Label) voiceapp.Metric {
	m := voiceapp.Metric{
		Name: name, Help: help, Kind: voiceapp.Histogram, Labels: labels,
		Sum:     time.Duration(h.sum.Load()).Seconds(),
		Buckets: make([]voiceapp.Bucket, len(bounds)),
	}
	for i, bound := range bounds {
		m.Count += h.counts[i].Load()
		m.Buckets[i] = voiceapp.Bucket{UpperBound: bound.Seconds(), Count: m.Count}
	}
	m.Count += h.counts[len(bounds)].Load()
	return m
}
