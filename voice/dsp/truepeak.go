package dsp

// The filter of ITU-R BS.1770-4, annex 2: between two samples it says what the
// signal is at four places. A value belongs to the interval that begins
// truePeakDelay samples before the newest one.
const (
	truePeakTaps  = 12
	truePeakDelay = 6

	// truePeakMost is the most by which a value can exceed the largest sample: the
	// sum of a phase's taps without their signs, rounded up.
	truePeakMost = 2.1
)

// truePeakPhases are the first two phases, newest sample first; the other two are
// the same backwards.
var truePeakPhases = [2][truePeakTaps]float32{
	{
		0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
		0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500,
	},
	{
		-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
		0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375,
	},
}

// truePeak returns the largest magnitude of the signal in the middle interval of
// the twelve samples that x begins with, its two ends included.
func truePeak(x []float32) float32 {
	x = x[:truePeakTaps]
	var a, b, c, d float32
	for i := range truePeakTaps {
		newest, oldest := x[truePeakTaps-1-i], x[i]
		a += truePeakPhases[0][i] * newest
		b += truePeakPhases[1][i] * newest
		c += truePeakPhases[1][i] * oldest
		d += truePeakPhases[0][i] * oldest
	}
	const begin = truePeakTaps - 1 - truePeakDelay
	return max(a, -a, b, -b, c, -c, d, -d, x[begin], -x[begin], x[begin+1], -x[begin+1])
}
