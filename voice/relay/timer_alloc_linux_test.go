//go:build !nobatch && !race

package relay

import (
	"testing"
	"time"
)

// To wait costs no memory.
func TestReceiveInTimeAllocs(t *testing.T) {
	s, _ := inTime(t)
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := s.receive(100 * time.Microsecond); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
