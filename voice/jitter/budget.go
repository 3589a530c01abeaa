package jitter

// Stretch is limited so that nobody hears it: to 15 ms, added and removed taken
// together, in any 100 ms.
const (
	maxStretchMs  = 15
	stretchSpanMs = 100
	maxStretch    = maxStretchMs * samplesPerMs
	stretchSpan   = stretchSpanMs * samplesPerMs
	minStretch    = 5 * samplesPerMs / 2 // of one piece: 2.5 ms
)

// budget is what was stretched within the last 100 ms. The zero value is full.
type budget struct {
	spent [8]struct{ at, samples int64 } // a ring; pieces of 2.5 ms and more are six at most
	next  int
}

// left is how much stretch is allowed at t.
func (b *budget) left(t int64) int64 {
	left := int64(maxStretch)
	for _, s := range b.spent {
		if s.at > t-stretchSpan {
			left -= s.samples
		}
	}
	if left < minStretch {
		return 0
	}
	return left
}

func (b *budget) spend(t, samples int64) {
	b.spent[b.next].at, b.spent[b.next].samples = t, samples
	b.next = (b.next + 1) % len(b.spent)
}
