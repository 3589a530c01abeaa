package jitter

import (
	"math/rand/v2"
	"testing"
)

// When the path gets 400 ms shorter at once, playout skips there, with any delay; what the
// new path needs is learned while it does.
func TestEstimateAfterAShorterPath(t *testing.T) {
	var e estimator
	e.reset()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		e.observe(frame{late: 2 * rng.Float32(), length: 20})
	}
	e.shift(-400)
	after := 0
	for ; after < 500 && e.target < 25; after++ {
		e.observe(frame{late: 30 * rng.Float32(), length: 20})
	}
	if after > 150 {
		t.Errorf("%d frames until the target is %d ms", after, e.target)
	}
}
