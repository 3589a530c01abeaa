package dsp

import "math"

// quiet is what a filter's memory falls to before it is cleared: far below what a
// float32 shows, and far above the numbers that processors are slow with.
const quiet = 1e-25

// biquad is a filter of second order, in the transposed direct form II, for one
// channel.
type biquad struct {
	b0, b1, b2, a1, a2 float64
	z1, z2             float64
}

// setHighPass makes it a Butterworth high-pass at hz (R. Bristow-Johnson, Cookbook
// formulae for audio EQ biquad filter coefficients).
func (f *biquad) setHighPass(hz float64) {
	sin, cos := math.Sincos(2 * math.Pi * hz / sampleRate)
	alpha := sin / math.Sqrt2
	f.set((1+cos)/2, -(1 + cos), (1+cos)/2, cos, alpha)
}

// setBandPass makes it a band-pass from low to high Hz, of gain 1 between.
func (f *biquad) setBandPass(low, high float64) {
	center := math.Sqrt(low * high)
	sin, cos := math.Sincos(2 * math.Pi * center / sampleRate)
	alpha := sin * (high - low) / center / 2
	f.set(alpha, 0, -alpha, cos, alpha)
}

func (f *biquad) set(b0, b1, b2, cos, alpha float64) {
	scale := 1 / (1 + alpha)
	f.b0, f.b1, f.b2 = b0*scale, b1*scale, b2*scale
	f.a1, f.a2 = -2*cos*scale, (1-alpha)*scale
}

func (f *biquad) step(x float64) float64 {
	y := f.b0*x + f.z1
	f.z1 = f.b1*x - f.a1*y + f.z2
	f.z2 = f.b2*x - f.a2*y
	return y
}

// settle is called after each block: it clears a memory that is as good as empty,
// or that holds something else than numbers.
func (f *biquad) settle() {
	if size := math.Abs(f.z1) + math.Abs(f.z2); !(size > quiet) || math.IsInf(size, 0) {
		f.z1, f.z2 = 0, 0
	}
}
