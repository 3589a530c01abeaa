package load

import (
	"math"
	"slices"
	"sync"
	"time"
)

// Times is a set of durations. The zero value is empty. It is safe for concurrent
// use, and not to be copied.
type Times struct {
	mu  sync.Mutex
	all []time.Duration
}

func (t *Times) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, d)
}

// Len returns how many there are.
func (t *Times) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// Quantile returns the duration that the share q of all does not exceed, and 0 when
// there are none.
func (t *Times) Quantile(q float64) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.all) == 0 {
		return 0
	}
	slices.Sort(t.all)
	rank := int(math.Ceil(q * float64(len(t.all))))
	return t.all[min(max(rank, 1), len(t.all))-1]
}
