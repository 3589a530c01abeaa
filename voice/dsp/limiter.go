package dsp

import (
	"math"
	"time"
)

// The defaults of a [Limiter].
const (
	DefaultHeadroom = 1.0 // dB
	DefaultRelease  = 200 * time.Millisecond
)

const (
	limiterFrames = 64  // the delay
	limiterChunk  = 64  // frames that are worked on at a time
	limiterFade   = 29  // frames that each of two means goes over
	limiterHold   = 480 // frames that a gain is held, so that it does not follow the waves of a voice
	limiterMost   = 1e3 // no sample is taken for more

	// limiterMargin makes up for what happens between two of the places that a true
	// peak is measured at.
	limiterMargin = 0.994 // 0.05 dB
)

// LimiterDelay is how much later a [Limiter] gives what it was given.
const LimiterDelay = limiterFrames * time.Second / sampleRate

// Limiter turns a stream at 48 kHz down where it would be too loud, so that
// its true peak (ITU-R BS.1770, annex 2: that of the analogue signal, which is
// higher than any sample) stays below the ceiling. It looks [LimiterDelay] ahead:
// the gain is already down when the peak comes, and moves without a corner. Both
// channels get the same gain. What is below the ceiling comes through bit by bit.
//
// The zero value works, for mono. It belongs to one stream and one goroutine at a
// time.
type Limiter struct {
	Channels int           // 1 or 2; 0: 1. Must not change once in use
	Headroom float64       // the ceiling, in dB below full scale; 0: DefaultHeadroom; below 0: full scale
	Release  time.Duration // in which the gain makes up for most (63 %) of what it lacks; 0: DefaultRelease

	ready    bool
	ceiling  float32
	release  float64 // share of what is missing to full gain that comes back with each frame
	released float64
	open     int // frames for which the gain has been 1
	lowest   slidingMin
	fades    [2]slidingMean
	held     [2][limiterFrames + limiterChunk]float32 // of each channel; the newest at the end
}

// Process limits the interleaved samples in place, any number of frames of them:
// they become those of [LimiterDelay] before. What is not a number becomes silence.
func (l *Limiter) Process(pcm []float32) {
	if !l.ready {
		l.prepare()
	}
	for chunk := limiterChunk * channelsOf(l.Channels); len(pcm) > 0; {
		n := min(chunk, len(pcm))
		l.process(pcm[:n])
		pcm = pcm[n:]
	}
}

// Gain is what the newest sample was multiplied with, from 0 to 1.
func (l *Limiter) Gain() float64 {
	if !l.ready {
		return 1
	}
	return l.fades[1].mean
}

func (l *Limiter) prepare() {
	headroom, release := l.Headroom, l.Release
	if headroom == 0 {
		headroom = DefaultHeadroom
	}
	if release <= 0 {
		release = DefaultRelease
	}
	l.ceiling = float32(limiterMargin * amplitude(-max(headroom, 0)))
	l.release = 1 - math.Exp(-1/(release.Seconds()*sampleRate))
	l.released = 1
	l.lowest.next(1)
	for i := range l.fades {
		l.fades[i].fill(1)
	}
	l.ready = true
}

// process limits one chunk or less.
func (l *Limiter) process(pcm []float32) {
	channels := channelsOf(l.Channels)
	frames := len(pcm) / channels
	loudest := l.take(pcm, channels, frames)
	if quiet := loudest*truePeakMost <= l.ceiling; quiet && l.open >= 2*limiterFade {
		l.give(pcm, channels, frames)
		return
	}
	for i := range frames {
		gain := float32(l.gain(l.needed(channels, limiterChunk-frames+i)))
		for c := range channels {
			pcm[i*channels+c] = gain * l.held[c][limiterChunk-frames+i]
		}
	}
}

// take moves a chunk into what is held, and returns the largest magnitude of all
// samples that its true peaks depend on.
func (l *Limiter) take(pcm []float32, channels, frames int) (loudest float32) {
	for c := range channels {
		held := l.held[c][:]
		copy(held, held[frames:])
		fresh := held[len(held)-frames:]
		for i := range fresh {
			fresh[i] = tame(pcm[i*channels+c])
		}
		for _, x := range held[len(held)-frames-truePeakTaps+1:] {
			loudest = max(loudest, x, -x)
		}
	}
	return loudest
}

// tame keeps what is no sound from doing harm.
func tame(x float32) float32 {
	if x != x {
		return 0
	}
	return max(-limiterMost, min(limiterMost, x))
}

// give returns what is due, as it is.
func (l *Limiter) give(pcm []float32, channels, frames int) {
	for c := range channels {
		for i := range frames {
			pcm[i*channels+c] = l.held[c][limiterChunk-frames+i]
		}
	}
}

// needed is the gain that keeps the true peak below the ceiling when the frame
// that is due at the given index has been followed by all that is looked ahead.
func (l *Limiter) needed(channels, due int) float64 {
	newest := due + limiterFrames
	var peak float32
	for c := range channels {
		peak = max(peak, truePeak(l.held[c][newest-truePeakTaps+1:]))
	}
	if peak <= l.ceiling {
		return 1
	}
	return float64(l.ceiling / peak)
}

// gain is that of the frame that is due, when the newest one needs so much: the
// lowest that is needed of late, released slowly, and smoothed so that it is
// reached in time.
func (l *Limiter) gain(needed float64) float64 {
	lowest := l.lowest.next(needed)
	l.released = min(lowest, l.released+(1-l.released)*l.release)
	if l.released > 0.9999 && lowest == 1 {
		l.released = 1
	}
	if l.open++; l.released < 1 {
		l.open = 0
	}
	return l.fades[1].next(l.fades[0].next(l.released))
}
