package jitter

import "math"

const (
	matchSpan = 10 * samplesPerMs // what is compared with what is a period away
	coarse    = 8                 // by which the rate is lowered for a first search
	aboutAs   = .03               // by which a correlation may be lower and count as as good
)

// pitch finds the period of a voice. It holds the memory for that.
type pitch struct {
	mono, low []float32 // the sound, and the same at the low rate
	room      []float32
	lowRoom   []float32
	likeness  [maxStretch/coarse + 1]float32 // by lag, at the low rate
}

func newPitch() pitch {
	return pitch{room: make([]float32, past+MaxSamples), lowRoom: make([]float32, (past+MaxSamples)/coarse)}
}

// load takes sound that is in two parts, and returns it as one channel.
func (p *pitch) load(channels int, before, after []float32) []float32 {
	n := fold(p.room, before, channels)
	n += fold(p.room[n:], after, channels)
	p.mono, p.low = p.room[:n], p.lowRoom[:n/coarse]
	for i := range p.low {
		var sum float32
		for _, x := range p.mono[i*coarse : (i+1)*coarse] {
			sum += x
		}
		p.low[i] = sum
	}
	return p.mono
}

// fold writes pcm as one channel and returns its length.
func fold(dst, pcm []float32, channels int) int {
	if channels == 1 {
		return copy(dst, pcm)
	}
	for i := range len(pcm) / 2 {
		dst[i] = (pcm[2*i] + pcm[2*i+1]) / 2
	}
	return len(pcm) / 2
}

// longest returns the longest lag, between minStretch and limit, at which the sound
// from a place on is as much like itself as at any other, and how much that is.
// What it is compared with is earlier (direction -1) or later (1). 0: there is none.
func (p *pitch) longest(at, direction, limit int) (lag int, like float32) {
	best := p.scan(at, direction, limit)
	for l := limit / coarse; l >= first; l-- {
		if p.likeness[l] >= best-aboutAs && p.peaks(l, limit) {
			return p.refine(at, direction, l, limit)
		}
	}
	return 0, 0
}

// shortest returns the shortest such lag.
func (p *pitch) shortest(at, direction, limit int) (lag int, like float32) {
	best := p.scan(at, direction, limit)
	for l := first; l <= limit/coarse; l++ {
		if p.likeness[l] >= best-aboutAs && p.peaks(l, limit) {
			return p.refine(at, direction, l, limit)
		}
	}
	return 0, 0
}

// first is the shortest lag at the low rate.
const first = minStretch / coarse

// scan compares at the low rate, and returns the best likeness.
func (p *pitch) scan(at, direction, limit int) (best float32) {
	best = -1
	for l := first; l <= limit/coarse; l++ {
		p.likeness[l] = match(p.low, at/coarse, direction*l, matchSpan/coarse)
		best = max(best, p.likeness[l])
	}
	return best
}

// peaks reports whether a lag is no worse than its neighbours.
func (p *pitch) peaks(l, limit int) bool {
	return (l == first || p.likeness[l] >= p.likeness[l-1]) && (l == limit/coarse || p.likeness[l] >= p.likeness[l+1])
}

// refine finds the best lag at the full rate near one of the low rate.
func (p *pitch) refine(at, direction, l, limit int) (lag int, like float32) {
	like = -2
	for l := max(minStretch, (l-1)*coarse); l <= min(limit, (l+1)*coarse); l++ {
		if m := match(p.mono, at, direction*l, matchSpan); m > like {
			lag, like = l, m
		}
	}
	return lag, like
}

// match is the normalised correlation of n samples of x from at on with those that
// are lag away. Where x ends too soon, earlier ones are taken.
func match(x []float32, at, lag, n int) float32 {
	at -= max(0, at+n+max(lag, 0)-len(x))
	a, b := x[at:at+n], x[at+lag:at+lag+n]
	var ab, aa, bb float32
	for i, v := range a {
		w := b[i]
		ab += v * w
		aa += v * v
		bb += w * w
	}
	if aa <= 0 || bb <= 0 {
		return 0
	}
	return ab / float32(math.Sqrt(float64(aa)*float64(bb)))
}
