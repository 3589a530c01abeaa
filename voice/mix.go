package voice

import (
	"fmt"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// Mixer adds the PCM of any number of speakers up, and keeps the true peak of the sum
// 1 dB below full scale: see [dsp.Limiter]. What it gives is [MixerDelay] late. Make
// one with [NewMixer]. It is not safe for concurrent use.
type Mixer struct {
	channels int
	sum      []float32
	remixed  []float32
	limiter  dsp.Limiter
}

// MixerDelay is how much later a [Mixer] gives what it was given.
const MixerDelay = dsp.LimiterDelay

// NewMixer returns a mixer that gives 1 or 2 channels. It panics when they are any
// other number.
func NewMixer(channels int) *Mixer {
	if channels != 1 && channels != 2 {
		panic(fmt.Sprintf("voice: NewMixer: there are 1 or 2 channels, not %d", channels))
	}
	return &Mixer{channels: channels, limiter: dsp.Limiter{Channels: channels}}
}

// Add adds interleaved PCM of the given number of channels, from the beginning
// of the mix. It is only read.
func (m *Mixer) Add(pcm []float32, channels int) {
	if channels != m.channels {
		m.remixed = dsp.Remix(m.remixed[:0], pcm, channels, m.channels)
		pcm = m.remixed
	}
	for len(m.sum) < len(pcm) {
		m.sum = append(m.sum, 0)
	}
	for i, x := range pcm {
		m.sum[i] += x
	}
}

// Mix writes the sum to dst, limited, and begins anew with silence. What was added
// beyond len(dst) is lost, and what dst is longer is silent.
func (m *Mixer) Mix(dst []float32) {
	n := copy(dst, m.sum)
	clear(dst[n:])
	clear(m.sum)
	m.sum = m.sum[:0]
	m.limiter.Process(dst)
}
