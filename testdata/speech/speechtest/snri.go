package speechtest

import "math"

// SNRI is by how much a voice is further above the noise than before, in dB, in the manner
// of ITU-T G.160, appendix II, and 3GPP TS 26.077, annex A, before it: the power of frames
// with speech, of a high, a medium and a low level, is held against that of the frames in
// its pauses, and the three improvements are weighted by how many frames they have. The
// voice alone, with the noise, and what was made of it begin at the same instant.
func SNRI(said, heard, left []float32) float64 {
	const frame = second / 50
	power := func(pcm []float32, frames []int) float64 {
		var sum float64
		for _, at := range frames {
			for _, x := range pcm[at : at+frame] {
				sum += float64(x) * float64(x)
			}
		}
		return sum / float64(len(frames)*frame)
	}
	classes := make([][]int, 4) // high, medium, low, and pauses
	active := activeLevel(said, frame)
	for at := 0; at+frame <= len(said); at += frame {
		switch below := active - Level(said[at:at+frame]); {
		case below < 1:
			classes[0] = append(classes[0], at)
		case below < 10:
			classes[1] = append(classes[1], at)
		case below < 16:
			classes[2] = append(classes[2], at)
		case below > 40:
			classes[3] = append(classes[3], at)
		}
	}
	above := func(pcm []float32, frames []int) float64 { // the noise, in dB
		return 10 * math.Log10(max(1e-3, power(pcm, frames)/power(pcm, classes[3])-1))
	}
	var sum, weights float64
	for _, frames := range classes[:3] {
		weight := float64(len(frames))
		sum += weight * (above(left, frames) - above(heard, frames))
		weights += weight
	}
	return sum / weights
}

// activeLevel is the level of the frames in which somebody speaks, about as ITU-T P.56 has it.
func activeLevel(said []float32, frame int) float64 {
	var spoken []float32
	least := Level(said) - 16
	for at := 0; at+frame <= len(said); at += frame {
		if one := said[at : at+frame]; Level(one) > least {
			spoken = append(spoken, one...)
		}
	}
	return Level(spoken)
}
