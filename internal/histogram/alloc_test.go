//go:build !race

package histogram

import (
	"testing"
	"time"
)

func TestObserveAllocs(t *testing.T) {
	var h Histogram
	if allocs := testing.AllocsPerRun(100, func() { h.Observe(time.Second) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
