package similarity

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// fft transforms a in place; its length is a power of two. inverse leaves out
// the division by the length.
func fft(a []complex128, inverse bool) {
	n := len(a)
	shift := bits.LeadingZeros64(uint64(n)) + 1
	for i := range a {
		if j := int(bits.Reverse64(uint64(i)) >> shift); i < j {
			a[i], a[j] = a[j], a[i]
		}
	}
	turns := roots(n, inverse)
	for size := 2; size <= n; size *= 2 {
		half, step := size/2, n/size
		for start := 0; start < n; start += size {
			low, high := a[start:start+half], a[start+half:start+size]
			for i := range low {
				v := high[i] * turns[i*step]
				low[i], high[i] = low[i]+v, low[i]-v
			}
		}
	}
}

// roots returns the first half of the n-th roots of unity.
func roots(n int, inverse bool) []complex128 {
	angle := -2 * math.Pi / float64(n)
	if inverse {
		angle = -angle
	}
	turns := make([]complex128, n/2)
	for i := range turns {
		turns[i] = cmplx.Rect(1, angle*float64(i))
	}
	return turns
}

// correlate returns the sums over i of a[i]*b[i+lag], at index lag, or lag plus
// the length of the result when it is negative.
func correlate(a, b []float64) []float64 {
	n := 1 << bits.Len(uint(len(a)+len(b)-1))
	x, y := spectrum(a, n), spectrum(b, n)
	for i := range x {
		x[i] = cmplx.Conj(x[i]) * y[i]
	}
	fft(x, true)
	sums := make([]float64, n)
	for i, v := range x {
		sums[i] = real(v) / float64(n)
	}
	return sums
}

func spectrum(samples []float64, n int) []complex128 {
	x := make([]complex128, n)
	for i, v := range samples {
		x[i] = complex(v, 0)
	}
	fft(x, false)
	return x
}
