package voice

import (
	"fmt"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

const (
	limiterAttack  = 120  // samples per channel, 2.5 ms
	limiterRelease = 0.05 // of what is missing to full gain, for each mix
)

// Mixer adds the PCM of any number of speakers up. Where the sum would leave
// [-1,1], all of it is turned down within 2.5 ms and comes back slowly. Make one
// with [NewMixer]. It is not safe for concurrent use.
type Mixer struct {
	channels int
	sum      []float32
	remixed  []float32
	gain     float32
}

// NewMixer returns a mixer that gives 1 or 2 channels. It panics when they are any
// other number.
func NewMixer(channels int) *Mixer {
	if channels != 1 && channels != 2 {
		panic(fmt.Sprintf("voice: NewMixer: there are 1 or 2 channels, not %d", channels))
	}
	return &Mixer{channels: channels, gain: 1}
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

// Mix writes the sum to dst, every sample within [-1,1], and begins anew with
// silence. What was added beyond len(dst) is lost, and what dst is longer is silent.
func (m *Mixer) Mix(dst []float32) {
	n := copy(dst, m.sum)
	clear(dst[n:])
	clear(m.sum)
	m.sum = m.sum[:0]
	m.limit(dst)
}

func (m *Mixer) limit(pcm []float32) {
	target := 1 - (1-m.gain)*(1-limiterRelease)
	if p := peak(pcm); p*target > 1 {
		target = 1 / p
	}
	if target > 0.9999 {
		target = 1
	}
	ramp := len(pcm)
	if target < m.gain {
		ramp = min(ramp, limiterAttack*m.channels)
	}
	for i, x := range pcm {
		gain := target
		if i < ramp {
			gain = m.gain + (target-m.gain)*float32(i)/float32(ramp)
		}
		pcm[i] = clip(x * gain)
	}
	m.gain = target
}

func peak(pcm []float32) (p float32) {
	for _, x := range pcm {
		p = max(p, x, -x)
	}
	return p
}

// clip keeps x within [-1,1]; what is no number becomes silence.
func clip(x float32) float32 {
	if x != x {
		return 0
	}
	return max(-1, min(1, x))
}
