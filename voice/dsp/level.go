package dsp

import "math"

// Silent is the level of digital silence, and of everything quieter than
// -126.5 dBov.
const Silent = 127

// Level returns the loudness (RMS) of pcm in -dBov as RFC 6464 has it: 0 for a
// square wave of full scale or more, 3 for a full-scale sine, [Silent] for
// silence, for no samples, and where one of them is not a number.
func Level(pcm []float32) uint8 {
	power := meanSquare(pcm)
	if !(power > 0) {
		return Silent
	}
	return uint8(math.Round(min(max(-10*math.Log10(power), 0), Silent)))
}

// IsSilence reports whether no sample is louder than the last of 16 bits, as in what a
// microphone gives that is switched off: nothing of that can be heard.
func IsSilence(pcm []float32) bool {
	const loudest = 1.0 / 32768
	for _, x := range pcm {
		if !(x <= loudest && x >= -loudest) {
			return false
		}
	}
	return true
}

func meanSquare(pcm []float32) float64 {
	if len(pcm) == 0 {
		return 0
	}
	var sum float64
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(pcm))
}

// amplitude is what multiplies a signal that is changed by so many dB.
func amplitude(dB float64) float64 { return math.Pow(10, dB/20) }
