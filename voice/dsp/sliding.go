package dsp

// limiterWindow is for how many frames a gain counts that is needed: until the one
// is out for which it is needed, and limiterHold more.
const limiterWindow = limiterFrames + limiterHold

// slidingMin is the least of the latest limiterWindow values: those of them that
// are less than all that followed, in a ring.
type slidingMin struct {
	now         uint32 // counts the values, and wraps
	first, last uint32 // in the ring, as they were counted
	at          [minRing]uint32
	values      [minRing]float64
}

// minRing is the least power of two that holds limiterWindow.
const minRing = 1024

func (s *slidingMin) next(v float64) float64 {
	s.now++
	if s.last != s.first && s.now-s.at[s.first%minRing] >= limiterWindow {
		s.first++
	}
	for s.last != s.first && s.values[(s.last-1)%minRing] >= v {
		s.last--
	}
	s.at[s.last%minRing], s.values[s.last%minRing] = s.now, v
	s.last++
	return s.values[s.first%minRing]
}

// slidingMean is the mean of the latest limiterFade values. They are kept with 24
// bits, so that their sum is exact for ever.
type slidingMean struct {
	mean, sum float64
	oldest    int
	values    [limiterFade]float32
}

func (s *slidingMean) fill(v float32) {
	for i := range s.values {
		s.values[i] = v
	}
	s.mean, s.sum = float64(v), limiterFade*float64(v)
}

func (s *slidingMean) next(v float64) float64 {
	s.sum += float64(float32(v)) - float64(s.values[s.oldest])
	s.values[s.oldest] = float32(v)
	s.oldest = (s.oldest + 1) % limiterFade
	s.mean = s.sum / limiterFade
	return s.mean
}
