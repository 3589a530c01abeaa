package voicetest

import (
	"fmt"
	"math"
)

// guard fills each buffer and what lies behind it, beforehand. Within the buffer it
// must have gone, behind it must have stayed.
const guard = 12345

// guarded returns a buffer with room for 60 ms behind it that is not to be used.
func guarded(n int) []float32 { return guardedBy(2*Rate/1000*60, n) }

func guardedBy(room, n int) []float32 {
	b := make([]float32, n+room)
	for i := range b {
		b[i] = guard
	}
	return b[:n]
}

// sound checks a buffer that was filled.
func sound(pcm []float32) error {
	for i, v := range pcm {
		switch {
		case v == guard:
			return fmt.Errorf("sample %d of %d was never written: it still has the mark, %d, that the test had put there", i, len(pcm), guard)
		case !(math.Abs(float64(v)) < 100):
			return fmt.Errorf("sample %d of %d is %v, far outside [-1,1]", i, len(pcm), v)
		}
	}
	return untouched(pcm)
}

// untouched checks what lies behind a buffer.
func untouched(pcm []float32) error {
	for i, v := range pcm[len(pcm):cap(pcm)] {
		if v != guard {
			return fmt.Errorf("a buffer of %d samples was written to at %d, behind its end: the mark there, %d, has become %v",
				len(pcm), len(pcm)+i, guard, v)
		}
	}
	return nil
}
