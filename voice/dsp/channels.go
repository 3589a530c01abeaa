package dsp

import "slices"

// Remix appends pcm, which has from channels, to dst with to channels, and
// returns the result. len(pcm) is a multiple of from; both counts are at least 1.
//
//	mono to many     each channel gets the whole signal
//	many to mono     the mean of all channels
//	many to stereo   left and right stay where they are, every further channel
//	                 goes to both at half its strength; the sums are divided by
//	                 half the number of channels, so that nothing clips
//	otherwise        the channels that both have, in order; the rest is silent
//
// Making the stereo result mono gives what making pcm mono gives.
func Remix(dst, pcm []float32, from, to int) []float32 {
	switch {
	case from == to:
		return append(dst, pcm...)
	case from == 1:
		return spread(dst, pcm, to)
	case to == 1:
		return mixMono(dst, pcm, from)
	case to == 2:
		return mixStereo(dst, pcm, from)
	default:
		return reseat(dst, pcm, from, to)
	}
}

func spread(dst, mono []float32, to int) []float32 {
	dst = slices.Grow(dst, len(mono)*to)
	for _, v := range mono {
		for range to {
			dst = append(dst, v)
		}
	}
	return dst
}

func mixMono(dst, pcm []float32, from int) []float32 {
	dst = slices.Grow(dst, len(pcm)/from)
	gain := 1 / float32(from)
	for ; len(pcm) >= from; pcm = pcm[from:] {
		var sum float32
		for _, v := range pcm[:from] {
			sum += v
		}
		dst = append(dst, sum*gain)
	}
	return dst
}

func mixStereo(dst, pcm []float32, from int) []float32 {
	dst = slices.Grow(dst, len(pcm)/from*2)
	gain := 2 / float32(from)
	for ; len(pcm) >= from; pcm = pcm[from:] {
		var both float32
		for _, v := range pcm[2:from] {
			both += v / 2
		}
		dst = append(dst, (pcm[0]+both)*gain, (pcm[1]+both)*gain)
	}
	return dst
}

func reseat(dst, pcm []float32, from, to int) []float32 {
	dst = slices.Grow(dst, len(pcm)/from*to)
	for ; len(pcm) >= from; pcm = pcm[from:] {
		for c := range to {
			var v float32
			if c < from {
				v = pcm[c]
			}
			dst = append(dst, v)
		}
	}
	return dst
}
