package packet

import "sync"

// MaxCopies is how many copies of a frame are sent at most.
const MaxCopies = 2

// longFrame is the length, in samples, from which on a frame's copies are close to it.
const longFrame = 40 * samplesPerMs

var (
	copiesAfter     = [MaxCopies + 1][]int{1: {3}, 2: {2, 5}}
	copiesAfterLong = [MaxCopies + 1][]int{1: {1}, 2: {1, 2}}
)

// FarthestCopy is the largest number that [CopiesAfter] gives.
const FarthestCopy = 5

// CopiesAfter says how many frames after its own the copies of a frame of so many
// samples are sent, where it gets so many of them, 0 to [MaxCopies]. They are spaced, as
// losses come in bursts that a copy next to its frame would share, and no further than a
// playout delay of 120 ms waits for. The slice is not to be modified.
func CopiesAfter(copies, samples int) []int {
	if samples >= longFrame {
		return copiesAfterLong[copies]
	}
	return copiesAfter[copies]
}

// CopyLadder says what share of lost datagrams, 0 to 1, is answered with how many copies
// of each frame: From an index's share on there are so many, until it falls below Until.
// The values at 0 mean nothing.
type CopyLadder struct{ From, Until [MaxCopies + 1]float64 }

// Step returns how many copies there are to be, where there were so many.
func (c *CopyLadder) Step(copies int, share float64) int {
	for copies < MaxCopies && share >= c.From[copies+1] {
		copies++
	}
	for copies > 0 && share < c.Until[copies] {
		copies--
	}
	return copies
}

// How many datagrams an estimate of the loss looks back on: a rise is to be answered
// soon, and one second without loss is not the end of it.
const (
	lossRise = 100.0
	lossFall = 500.0
)

// LossMeter makes a share of lost datagrams of the reports of who receives them. The
// zero value knows of none. It is safe for concurrent use, as reports may come by UDP
// and by the tunnel.
type LossMeter struct {
	mu    sync.Mutex
	last  Report
	share float64
}

// Add takes a report and returns the share that is lost lately, from 0 to 1. One that
// counts less than the one before is of a new key, or was overtaken.
func (m *LossMeter) Add(r Report) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := m.last
	m.last = r
	if r.Highest <= last.Highest || r.Received < last.Received {
		return m.share
	}
	sent := float64(r.Highest - last.Highest)
	now := max(0, 1-float64(r.Received-last.Received)/sent)
	window := lossFall
	if now > m.share {
		window = lossRise
	}
	m.share += (now - m.share) * min(1, sent/window)
	return m.share
}
