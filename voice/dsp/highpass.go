package dsp

// sampleRate is that of the processors of speech: what is not a [Resampler] works at
// 48 kHz.
const sampleRate = 48000

// DefaultCutoff is where a [HighPass] begins to let sound through, in Hz: below
// any voice, above the rumble of desks and the hum of the mains.
const DefaultCutoff = 80

// HighPass takes rumble, hum and direct current out of a stream at 48 kHz. It is a
// Butterworth filter of second order: 3 dB down at Cutoff, 12 dB more for each
// octave below. It delays nothing. The zero value works, for mono. It belongs to
// one stream and one goroutine at a time.
type HighPass struct {
	Cutoff   float64 // in Hz, at most 20,000; 0: DefaultCutoff. Must not change once in use
	Channels int     // 1 or 2; 0: 1. Must not change once in use

	tuned   bool
	filters [2]biquad
}

// Process filters the interleaved samples in place, any number of frames of them.
func (h *HighPass) Process(pcm []float32) {
	if !h.tuned {
		h.tune()
	}
	channels := channelsOf(h.Channels)
	for c := range channels {
		f := &h.filters[c]
		for i := c; i < len(pcm); i += channels {
			pcm[i] = float32(f.step(float64(pcm[i])))
		}
		f.settle()
	}
}

func (h *HighPass) tune() {
	cutoff := h.Cutoff
	if cutoff <= 0 {
		cutoff = DefaultCutoff
	}
	for c := range h.filters {
		h.filters[c].setHighPass(min(cutoff, 20000))
	}
	h.tuned = true
}

// channelsOf is the number of channels of a processor that is configured so.
func channelsOf(configured int) int {
	if configured == 2 {
		return 2
	}
	return 1
}
