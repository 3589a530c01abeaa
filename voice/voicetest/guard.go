package voicetest

import (
	"fmt"
	"math"
)

// guard is what lies behind each buffer and must stay there.
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
		if !(math.Abs(float64(v)) < 100) {
			return fmt.Errorf("sample %d of %d is %v", i, len(pcm), v)
		}
	}
	return untouched(pcm)
}

// untouched checks what lies behind a buffer.
func untouched(pcm []float32) error {
	for i, v := range pcm[len(pcm):cap(pcm)] {
		if v != guard {
			return fmt.Errorf("a buffer of %d samples was written to at %d", len(pcm), len(pcm)+i)
		}
	}
	return nil
}
