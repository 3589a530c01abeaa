package packet

import (
	"math"
	"math/rand/v2"
	"testing"
)

var starts = []uint64{
	0, 1, 63, 64, 127, 128, 8127, 8128, 8129, 8191, 8192, 1<<16 - 1, 1 << 16, 1<<32 - 1, 1 << 32,
	1<<63 - 1, 1 << 63, 1<<63 + 1, math.MaxUint64 - 8129, math.MaxUint64 - 1, math.MaxUint64,
}

// [VOICE-4]
func TestWindowStarts(t *testing.T) {
	for _, start := range starts {
		var w Window
		expect(t, &w, start, true, true)
		expect(t, &w, start, false, false)
		if w.Highest() != start || w.Accepted() != 1 {
			t.Errorf("start %d: highest %d, accepted %d", start, w.Highest(), w.Accepted())
		}
		if start >= WindowSize {
			expect(t, &w, start-WindowSize, true, false) // the oldest that fits
			expect(t, &w, start-WindowSize, false, false)
		}
		if start > WindowSize {
			expect(t, &w, start-WindowSize-1, false, false) // one older
		}
		if start >= 1 {
			expect(t, &w, start-1, true, false)
		}
		if start < math.MaxUint64 {
			expect(t, &w, start+1, true, true)
			expect(t, &w, start, false, false)
		}
		if start > WindowSize && start < math.MaxUint64 {
			expect(t, &w, start-WindowSize, false, false) // pushed out by the step
		}
	}
}

// [VOICE-4]
func TestWindowJumps(t *testing.T) {
	for _, start := range starts {
		for _, jump := range []uint64{1, 63, 64, 65, 8127, 8128, 8129, 8192, 1 << 32, 1 << 63, math.MaxUint64} {
			if start > math.MaxUint64-jump {
				continue
			}
			var w Window
			expect(t, &w, start, true, true)
			expect(t, &w, start+jump, true, true)
			expect(t, &w, start, false, false)
			for lag := uint64(1); lag <= min(WindowSize, start+jump); lag++ {
				expect(t, &w, start+jump-lag, lag != jump, false)
			}
		}
	}
}

func expect(t *testing.T, w *Window, counter uint64, fresh, newest bool) {
	t.Helper()
	if f, n := w.Accept(counter); f != fresh || n != newest {
		t.Fatalf("accept %d (highest %d): fresh %v newest %v, want %v %v", counter, w.Highest(), f, n, fresh, newest)
	}
}

// A window is compared with a set that forgets nothing.
func TestWindowAgainstSet(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		model := modelWindow{seen: map[uint64]bool{}}
		var w Window
		at := starts[seed%uint64(len(starts))]
		for range 20_000 {
			counter := step(r, at)
			fresh, newest := model.accept(counter)
			expect(t, &w, counter, fresh, newest)
			at = model.highest
		}
		if w.Accepted() != uint64(len(model.seen)) || w.Highest() != model.highest {
			t.Fatalf("seed %d: accepted %d, highest %d, want %d, %d", seed, w.Accepted(), w.Highest(), len(model.seen), model.highest)
		}
	}
}

// step picks the next counter: mostly near the newest, at times far from it.
func step(r *rand.Rand, at uint64) uint64 {
	switch r.IntN(50) {
	case 0:
		return at + uint64(r.IntN(20_000)) // may wrap to a small counter, which is then too old
	case 1:
		return at - uint64(r.IntN(20_000))
	case 2:
		return at - WindowSize + uint64(r.IntN(5)) - 2
	default:
		return at + uint64(r.IntN(6)) - 3
	}
}

type modelWindow struct {
	seen    map[uint64]bool
	highest uint64
}

func (m *modelWindow) accept(counter uint64) (fresh, newest bool) {
	first := len(m.seen) == 0
	if m.seen[counter] || counter < m.highest && m.highest-counter > WindowSize {
		return false, false
	}
	newest = first || counter > m.highest
	m.seen[counter] = true
	m.highest = max(m.highest, counter)
	return true, newest
}

func BenchmarkWindow(b *testing.B) {
	var w Window
	var counter uint64
	for b.Loop() {
		counter++
		w.Accept(counter)
	}
}
