package device

import (
	"slices"
	"sync"
	"testing"
)

// What one goroutine puts in, in pieces of all sizes, another takes out in order.
func TestRing(t *testing.T) {
	r := newRing(1000, 1)
	if len(r.samples) != 1024 {
		t.Fatalf("%d samples", len(r.samples))
	}
	const all = 200_000
	var running sync.WaitGroup
	running.Go(func() {
		piece := make([]float32, 700)
		for next, size := 0, 1; next < all; size = size%len(piece) + 1 {
			n := min(size, all-next)
			for i := range n {
				piece[i] = float32(next + i)
			}
			next += r.put(piece[:n])
		}
	})
	piece := make([]float32, 333)
	for next := 0; next < all; {
		n := r.take(piece)
		for i, x := range piece[:n] {
			if x != float32(next+i) {
				t.Fatalf("sample %d is %v", next+i, x)
			}
		}
		next += n
	}
	running.Wait()
	if r.held() != 0 {
		t.Errorf("%d are left", r.held())
	}
	if n := r.put(make([]float32, 5000)); n != 1024 || r.held() != 1024 {
		t.Errorf("%d of 5000 fit", n)
	}
	if r.skip(1000); r.held() != 24 {
		t.Errorf("%d are left", r.held())
	}
}

// A period without enough in the ring ends in silence, and is counted, but not while
// nothing is to be played. What has no room is counted, too.
func TestRingMisses(t *testing.T) {
	r := newRing(8, 2)
	r.put([]float32{1, 2, 3, 4})
	period := []float32{9, 9, 9, 9, 9, 9}
	r.played(period)
	if !slices.Equal(period, []float32{1, 2, 3, 4, 0, 0}) || r.misses.Load() != 1 {
		t.Errorf("%v, %d misses", period, r.misses.Load())
	}
	r.resting.Store(1)
	if r.played(period); r.misses.Load() != 1 || r.calls.Load() != 2 || r.taken.Load() != 12 {
		t.Errorf("%d misses, %d calls for %d samples", r.misses.Load(), r.calls.Load(), r.taken.Load())
	}
	if r.captured(make([]float32, 10)); r.misses.Load() != 3 || r.held() != 8 {
		t.Errorf("%d misses, %d are held", r.misses.Load(), r.held())
	}
}

// Who waits for the end of a silence is told of it once.
func TestRingHears(t *testing.T) {
	r := newRing(8, 1)
	told := func() bool {
		select {
		case <-r.heard:
			return true
		default:
			return false
		}
	}
	if r.captured([]float32{1}); told() {
		t.Error("nobody waits")
	}
	r.waiting.Store(1)
	if r.captured([]float32{0, 1. / 40000}); told() {
		t.Error("that was silence")
	}
	if r.captured([]float32{0, 0.001}); !told() {
		t.Error("that was none")
	}
	if r.captured([]float32{1}); told() {
		t.Error("that was told before")
	}
}
