package jitter

// floorSpan is how long a smallest transit time counts, in spans of a second: long
// enough that a busy path does not pass for a short one, and short enough that a
// clock's drift of 300 ppm makes no more than 5 ms in it.
const floorSpan = 16

// floor is the smallest transit time of the last 15 to 16 seconds, in samples.
// The zero value has seen none.
type floor struct {
	known  bool
	second int64 // of the latest transit time, on the caller's clock
	least  [floorSpan]int64
}

// add takes the transit time of a frame that arrived at t and returns the floor.
func (f *floor) add(t, transit int64) int64 {
	second := t / SampleRate
	if !f.known || second-f.second >= floorSpan {
		f.known, f.second = true, second
		for i := range f.least {
			f.least[i] = transit
		}
	}
	for ; f.second < second; f.second++ {
		f.least[(f.second+1)%floorSpan] = transit
	}
	at := &f.least[f.second%floorSpan]
	*at = min(*at, transit)
	least := *at
	for _, x := range f.least {
		least = min(least, x)
	}
	return least
}
