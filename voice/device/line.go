package device

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// chunk is how many frames are converted in one go.
const chunk = 480

// line is an open device as its program sees it: a ring at the device's rate, whose other
// end is the device's callback, and what converts to or from 48 kHz. It belongs to the
// goroutine that reads or writes; a device that was given up and still calls has a ring
// that nobody looks at any more.
type line struct {
	ring     *ring
	rate     int
	channels int
	resample *dsp.Resampler
	in       []float32 // at the device's rate: taken from the ring
	out      []float32 // converted; of a microphone also what was not fetched yet
	pace     pace
}

// newLine makes one for a device of this rate that captures or plays, whose ring has
// room for so long.
func newLine(kind Kind, rate, channels int, room time.Duration) (*line, error) {
	from, to := rate, SampleRate
	if kind == KindPlayback {
		from, to = to, from
	}
	resample, err := dsp.NewResampler(from, to, channels)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the sound device has a rate that can't be converted", err)
	}
	return &line{
		ring: newRing(int(room*time.Duration(rate)/time.Second)*channels, channels),
		rate: rate, channels: channels, resample: resample,
		in:  make([]float32, chunk*channels),
		out: make([]float32, 0, 2*(chunk*to/from+2)*channels),
	}, nil
}

// duration of so many samples at the device's rate.
func (l *line) duration(samples int) time.Duration {
	return time.Duration(samples/l.channels) * time.Second / time.Duration(l.rate)
}

// samples at the device's rate that last so long.
func (l *line) samples(d time.Duration) int {
	return int(d*time.Duration(l.rate)/time.Second) * l.channels
}

// period is what the device takes or gives at once; otherwise is for one that has not
// called yet.
func (l *line) period(otherwise time.Duration) time.Duration {
	if p := l.duration(int(l.ring.period.Load())); p > 0 {
		return p
	}
	return otherwise
}

// fetch fills pcm with what was captured, if there is as much.
func (l *line) fetch(pcm []float32) bool {
	for len(l.out) < len(pcm) {
		n := l.ring.take(l.in)
		if n == 0 {
			return false
		}
		l.out = l.resample.AppendTo(l.out, l.in[:n])
	}
	l.out = l.out[:copy(l.out, l.out[copy(pcm, l.out):])]
	return true
}

// write gives the device pcm; what there is no room for is lost.
func (l *line) write(pcm []float32) {
	for len(pcm) > 0 {
		n := min(len(pcm), chunk*l.channels)
		l.out = l.resample.AppendTo(l.out[:0], pcm[:n])
		l.ring.put(l.out)
		pcm = pcm[n:]
	}
}

// look returns when to look at the device again that has to give or take so much more.
func (l *line) look(missing, otherwise time.Duration) time.Duration {
	period := l.period(otherwise)
	return l.pace.wait(time.Now(), l.ring.calls.Load(), period, int((missing+period-1)/period))
}
