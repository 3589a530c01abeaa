package dsp

import (
	"fmt"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// The rates that a [Resampler] takes.
const (
	MinRate = 8000
	MaxRate = 384000
)

// chunkFrames is how many input frames are looked at in one go.
const chunkFrames = 1024

// Resampler changes the sample rate of a stream, mono or stereo. Time is kept
// exactly, for any pair of rates: output frame k is the input signal at k*in/out
// input frames, with no drift however long the stream is.
//
// Tones up to 92 % of the smaller Nyquist frequency come through with a signal
// to noise ratio of more than 100 dB; what lies above that frequency is 120 dB
// down, so nothing aliases. The price is that a frame comes out only after
// [Resampler.Delay] more of input has gone in.
//
// Make one with [NewResampler]; it belongs to one goroutine at a time.
type Resampler struct {
	channels int
	up, down int // out/in as a reduced fraction
	rate     int // of the input
	filter   filter

	buf   []float32 // input not yet done with, interleaved, from frame "first" on
	frame int       // in buf: the first tap of the next output frame
	phase int       // the next output frame's position after it, in 1/up
	in    int64     // samples taken since the start
	out   int64     // frames given since the start
}

// NewResampler returns a resampler from rate in to rate out, both from [MinRate]
// to [MaxRate], for 1 or 2 channels. Its table takes 0.1 MB for 44100 to
// 48000 Hz and less than 1 MB for any pair. The error is [voiceapp.Invalid].
func NewResampler(in, out, channels int) (*Resampler, error) {
	if min(in, out) < MinRate || max(in, out) > MaxRate {
		return nil, voiceapp.NewError(voiceapp.Invalid,
			fmt.Sprintf("dsp: can't convert %d Hz to %d Hz: rates are %d to %d", in, out, MinRate, MaxRate))
	}
	if channels != 1 && channels != 2 {
		return nil, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("dsp: can't resample %d channels: only 1 or 2", channels))
	}
	divisor := gcd(in, out)
	r := &Resampler{channels: channels, up: out / divisor, down: in / divisor, rate: in}
	if in != out {
		r.filter = newFilter(r.up, r.down)
		r.buf = make([]float32, 0, (r.filter.taps+chunkFrames)*channels)
	}
	r.reset()
	return r, nil
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// reset puts silence where the frames before the first would be.
func (r *Resampler) reset() {
	r.buf = r.buf[:max(0, r.filter.taps/2-1)*r.channels]
	clear(r.buf)
	r.frame, r.phase, r.in, r.out = 0, 0, 0, 0
}

// Delay is how much input has to follow a frame before it comes out: half the
// filter's length, about 2 ms at 48 kHz and 12 ms at 8 kHz; 0 when both rates
// are equal. It does not shift the signal: the first frame out is the first
// frame in.
func (r *Resampler) Delay() time.Duration {
	return time.Duration(r.filter.taps/2) * time.Second / time.Duration(r.rate)
}

// Need is how many frames of input have to follow until so many more frames have
// come out, for those who are asked for an exact number.
func (r *Resampler) Need(frames int) int {
	if r.up == r.down {
		return frames
	}
	last := r.frame + (r.phase+(frames-1)*r.down)/r.up // where the taps of the last begin
	return max(0, last+r.filter.taps-len(r.buf)/r.channels)
}

// AppendTo takes all of pcm and appends to dst what can be said of the output by
// now, which may be nothing. A part of a stereo frame at the end waits for the
// rest. It does not allocate when dst has room. pcm must not overlap dst's spare
// capacity.
func (r *Resampler) AppendTo(dst, pcm []float32) []float32 {
	r.in += int64(len(pcm))
	if r.up == r.down {
		return append(dst, pcm...)
	}
	for len(pcm) > 0 {
		n := min(len(pcm), cap(r.buf)-len(r.buf))
		r.buf = append(r.buf, pcm[:n]...)
		pcm = pcm[n:]
		dst = r.drain(dst)
	}
	return dst
}

// Flush appends the rest of the stream, as if silence followed it: in all, as
// many frames as the input lasted, rounded up. The resampler is then as new.
func (r *Resampler) Flush(dst []float32) []float32 {
	if r.up != r.down {
		silence := make([]float32, chunkFrames*r.channels)
		r.buf = r.buf[:len(r.buf)-int(r.in%int64(r.channels))]
		frames := r.in / int64(r.channels)
		want := (frames*int64(r.up) + int64(r.down) - 1) / int64(r.down)
		for r.out < want {
			begin, had := len(dst), r.out
			dst = r.AppendTo(dst, silence)
			if r.out > want {
				dst = dst[:begin+int(want-had)*r.channels]
			}
		}
	}
	r.reset()
	return dst
}

// drain makes every frame whose taps are all there, then moves what is still
// needed to the front of the buffer.
func (r *Resampler) drain(dst []float32) []float32 {
	frames := len(r.buf) / r.channels
	for r.frame+r.filter.taps <= frames {
		dst = r.appendFrame(dst)
		r.phase += r.down
		r.frame += r.phase / r.up
		r.phase %= r.up
	}
	done := min(r.frame, frames)
	r.buf = r.buf[:copy(r.buf, r.buf[done*r.channels:])]
	r.frame -= done
	return dst
}

func (r *Resampler) appendFrame(dst []float32) []float32 {
	r.out++
	in := r.buf[r.frame*r.channels:][:r.filter.taps*r.channels]
	if r.filter.rows == r.up {
		return r.appendDot(dst, in, r.filter.row(r.phase), 1)
	}
	at := r.phase * r.filter.rows
	row, weight := at/r.up, float32(at%r.up)/float32(r.up)
	begin := len(dst)
	dst = r.appendDot(dst, in, r.filter.row(row), 1-weight)
	dst = r.appendDot(dst, in, r.filter.row(row+1), weight)
	for c := range r.channels {
		dst[begin+c] += dst[begin+r.channels+c]
	}
	return dst[:begin+r.channels]
}

// appendDot appends one frame: the taps applied to each channel, times gain.
func (r *Resampler) appendDot(dst, in, taps []float32, gain float32) []float32 {
	if r.channels == 1 {
		return append(dst, gain*dotMono(in, taps))
	}
	left, right := dotStereo(in, taps)
	return append(dst, gain*left, gain*right)
}

// dotMono keeps four sums, so that the additions need not wait for each other.
func dotMono(in, taps []float32) float32 {
	var a, b, c, d float32
	for len(taps) >= 4 && len(in) >= 4 {
		a += in[0] * taps[0]
		b += in[1] * taps[1]
		c += in[2] * taps[2]
		d += in[3] * taps[3]
		in, taps = in[4:], taps[4:]
	}
	for i, tap := range taps {
		a += in[i] * tap
	}
	return a + b + c + d
}

func dotStereo(in, taps []float32) (left, right float32) {
	var l, r float32
	for len(taps) >= 2 && len(in) >= 4 {
		left += in[0] * taps[0]
		right += in[1] * taps[0]
		l += in[2] * taps[1]
		r += in[3] * taps[1]
		in, taps = in[4:], taps[2:]
	}
	return left + l, right + r
}
