package histogram

import (
	"sync"
	"testing"
	"time"
)

func TestBuckets(t *testing.T) {
	tests := []struct {
		in    time.Duration
		first float64 // the smallest bound that it is not above; 0: none
	}{
		{-time.Second, 10e-6},
		{0, 10e-6},
		{10 * time.Microsecond, 10e-6},
		{10*time.Microsecond + 1, 25e-6},
		{2 * time.Millisecond, 2.5e-3},
		{10 * time.Second, 10},
		{11 * time.Second, 0},
	}
	for _, test := range tests {
		var h Histogram
		h.Observe(test.in)
		m := h.Metric("x", "y")
		if want := max(test.in, 0).Seconds(); m.Count != 1 || m.Sum != want {
			t.Errorf("%v: count %d, sum %v", test.in, m.Count, m.Sum)
		}
		for i, b := range m.Buckets {
			want := uint64(0)
			if test.first != 0 && b.UpperBound >= test.first {
				want = 1
			}
			if b.Count != want {
				t.Errorf("%v: bucket %v has %d", test.in, b.UpperBound, b.Count)
			}
			if i > 0 && b.UpperBound <= m.Buckets[i-1].UpperBound {
				t.Errorf("bound %v comes after %v", b.UpperBound, m.Buckets[i-1].UpperBound)
			}
		}
	}
}

func TestMerge(t *testing.T) {
	var a, b Histogram
	a.Observe(time.Millisecond)
	b.Observe(time.Millisecond)
	b.Observe(time.Minute)
	a.Merge(&b)
	if m := a.Metric("x", "y"); m.Count != 3 || m.Sum != 60.002 || m.Buckets[len(bounds)-1].Count != 2 {
		t.Errorf("%+v", m)
	}
}

// What is read while others count is never at odds with itself.
func TestReadWhileCounting(t *testing.T) {
	var h Histogram
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			for n := range 10_000 {
				h.Observe(time.Duration(n*i) * time.Microsecond)
			}
		})
	}
	for range 100 {
		m := h.Metric("x", "y")
		below := uint64(0)
		for _, b := range m.Buckets {
			if b.Count < below {
				t.Fatalf("bucket %v has less than the one before", b.UpperBound)
			}
			below = b.Count
		}
		if m.Count < below {
			t.Fatal("the count is less than the last bucket's")
		}
	}
	wg.Wait()
	if m := h.Metric("x", "y"); m.Count != 20_000 {
		t.Errorf("%d", m.Count)
	}
}

func BenchmarkObserve(b *testing.B) {
	var h Histogram
	for b.Loop() {
		h.Observe(80 * time.Microsecond)
	}
}
