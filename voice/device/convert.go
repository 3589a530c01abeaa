package device

import (
	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// chunk is how many frames are converted in one go.
const chunk = 480

// converter is between the ring, which is at 48 kHz, and a device at whatever rate it
// has. It is the device's callback's: a device that was given up and calls again does
// not touch the ring.
type converter struct {
	stream   *stream
	resample *dsp.Resampler
	in, out  []float32
	given    int // samples of out that the device has
}

func newConverter(s *stream, from, to int) (*converter, error) {
	r, err := dsp.NewResampler(from, to, s.cfg.Channels)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the sound device has a rate that can't be converted", err)
	}
	c := &converter{
		stream: s, resample: r,
		in:  make([]float32, chunk*s.cfg.Channels),
		out: make([]float32, 0, (chunk*to/from+2)*s.cfg.Channels),
	}
	s.current.Store(c)
	return c, nil
}

// capturing is a connect for a device that captures.
func (s *stream) capturing(rate int) (func(pcm []float32), error) {
	c, err := newConverter(s, rate, SampleRate)
	if err != nil {
		return nil, err
	}
	return c.captured, nil
}

// captured takes what the device gives.
func (c *converter) captured(pcm []float32) {
	s := c.stream
	if s.current.Load() != c {
		return
	}
	for len(pcm) > 0 {
		n := min(len(pcm), len(c.in))
		c.out = c.resample.AppendTo(c.out[:0], pcm[:n])
		if kept := s.ring.put(c.out); kept < len(c.out) {
			s.misses.Add(uint64(len(c.out) - kept))
		}
		pcm = pcm[n:]
	}
	s.beat()
}

// playing is a connect for a device that plays.
func (s *stream) playing(rate int) (func(pcm []float32), error) {
	c, err := newConverter(s, SampleRate, rate)
	if err != nil {
		return nil, err
	}
	return c.played, nil
}

// played gives the device what there is, and silence for the rest.
func (c *converter) played(pcm []float32) {
	s := c.stream
	if s.current.Load() != c {
		clear(pcm)
		return
	}
	dry := false
	for len(pcm) > 0 {
		if c.given == len(c.out) {
			frames := max(1, c.resample.Need(len(pcm)/s.cfg.Channels))
			in := c.in[:min(frames*s.cfg.Channels, len(c.in))]
			n := s.ring.take(in)
			clear(in[n:])
			dry = dry || n < len(in)
			c.out, c.given = c.resample.AppendTo(c.out[:0], in), 0
		}
		n := copy(pcm, c.out[c.given:])
		pcm, c.given = pcm[n:], c.given+n
	}
	if dry {
		s.misses.Add(1)
	}
	s.beat()
}
