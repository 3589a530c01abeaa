package device

import (
	"sync"
	"testing"
)

// What one goroutine puts in, in pieces of all sizes, another takes out in order.
func TestRing(t *testing.T) {
	r := newRing(1000)
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
