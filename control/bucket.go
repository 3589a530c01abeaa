package control

import "time"

// bucket is a token bucket: burst at once, rate a second in the long run. It is
// used by one goroutine.
type bucket struct {
	rate, burst float64

	tokens float64
	filled time.Time
}

func newBucket(rate, burst int, now time.Time) bucket {
	return bucket{rate: float64(rate), burst: float64(burst), tokens: float64(burst), filled: now}
}

// take reports whether there was a token.
func (b *bucket) take(now time.Time) bool {
	b.tokens = min(b.burst, b.tokens+b.rate*now.Sub(b.filled).Seconds())
	b.filled = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
