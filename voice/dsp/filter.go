package dsp

import "math"

// The filter's design: everything below passband times the smaller Nyquist
// frequency gets through unchanged, everything above that frequency is
// attenuated by stopbandDB.
const (
	passband   = 0.92
	stopbandDB = 120
)

// fineRows is how many rows the table has for each input frame of the sinc's
// unstretched length when there are more phases than that: the taps in between
// are interpolated, which costs accuracy in proportion to 1/fineRows squared.
const fineRows = 1024

// filter is a Kaiser-windowed sinc, sampled at rows+1 positions of the output
// between two input frames. Row r holds the taps for the position r/rows; the
// last is the first, one frame later.
type filter struct {
	taps   int // in input frames, even
	rows   int
	coeffs []float32 // (rows+1) * taps
}

// newFilter designs the filter for out/in = up/down, a reduced fraction.
func newFilter(up, down int) filter {
	ratio := max(1, float64(down)/float64(up)) // how much the sinc is stretched
	width := (1 - passband) / 2 / ratio        // of the transition, in cycles an input frame
	half := int(math.Ceil((stopbandDB - 7.95) / (14.36 * width) / 2))
	rows := min(up, int(math.Ceil(fineRows/ratio)))
	f := filter{taps: 2 * half, rows: rows, coeffs: make([]float32, (rows+1)*2*half)}
	cutoff := (1 + passband) / 2 / ratio
	row := make([]float64, f.taps)
	for r := range rows + 1 {
		f.design(row, cutoff, float64(r)/float64(rows))
		for i, v := range row {
			f.coeffs[r*f.taps+i] = float32(v)
		}
	}
	return f
}

// design fills row with the taps that give the signal at position, in frames
// after the tap in the middle. Their sum is 1.
func (f *filter) design(row []float64, cutoff, position float64) {
	const beta = 0.1102 * (stopbandDB - 8.7)
	half := float64(f.taps / 2)
	var sum float64
	for i := range row {
		t := float64(i) - half + 1 - position
		u := t / half
		row[i] = sinc(cutoff*t) * bessel(beta*math.Sqrt(max(0, 1-u*u)))
		sum += row[i]
	}
	for i := range row {
		row[i] /= sum
	}
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// bessel is the modified Bessel function of the first kind, order zero.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}

// row returns the taps of one row.
func (f *filter) row(r int) []float32 { return f.coeffs[r*f.taps:][:f.taps] }
