package device

import (
	"sync/atomic"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

// ring carries samples between a device's callback and a goroutine. Neither waits for
// the other, and nothing is allocated. Make one with newRing.
type ring struct {
	*ringHead
	samples []float32     // a power of two
	heard   chan struct{} // holds one: a sound ended a silence that somebody waits for the end of
}

// ringHead is struct voiceapp_ring of callback.h.
type ringHead struct {
	written  atomic.Uint64 // samples; the writer's
	read     atomic.Uint64 // samples; the reader's
	calls    atomic.Uint64 // of the device
	misses   atomic.Uint64 // samples captured without room, or calls for more than there was to play
	period   atomic.Uint64 // samples of the latest call
	channels uint64
	mask     uint64
	waiting  atomic.Uint64 // 1: what is captured and is no silence is to be told, once
	resting  atomic.Uint64 // 1: nothing is to be played, and that is no miss
	taken    atomic.Uint64 // samples that the device took, with the silence when there were none
	_        uint64        // handle, which C keeps for itself
	first    *float32      // of samples
}

// newRing returns a ring for at least n samples.
func newRing(n, channels int) *ring {
	size := 1
	for size < n {
		size *= 2
	}
	r := &ring{
		ringHead: &ringHead{channels: uint64(channels), mask: uint64(size - 1)},
		samples:  make([]float32, size), heard: make(chan struct{}, 1),
	}
	r.first = &r.samples[0]
	return r
}

// captured is the callback of a device that gives samples.
func (r *ring) captured(pcm []float32) {
	r.misses.Add(uint64(len(pcm) - r.put(pcm)))
	r.called(len(pcm))
	if r.waiting.Load() != 0 && !dsp.IsSilence(pcm) {
		r.waiting.Store(0)
		r.wake()
	}
}

// wake tells who waits that there is something to be heard.
func (r *ring) wake() {
	select {
	case r.heard <- struct{}{}:
	default:
	}
}

// played is the callback of a device that takes them; what is not there is silence.
func (r *ring) played(pcm []float32) {
	n := r.take(pcm)
	clear(pcm[n:])
	if n < len(pcm) && r.resting.Load() == 0 {
		r.misses.Add(1)
	}
	r.taken.Add(uint64(len(pcm)))
	r.called(len(pcm))
}

func (r *ring) called(samples int) {
	r.period.Store(uint64(samples))
	r.calls.Add(1)
}

// held is how many samples are in it.
func (r *ring) held() int { return int(r.written.Load() - r.read.Load()) }

// put appends samples and returns how many of them there was room for. Only the writer
// calls it.
func (r *ring) put(pcm []float32) int {
	at := r.written.Load()
	n := min(len(pcm), len(r.samples)-int(at-r.read.Load()))
	i := int(at) & (len(r.samples) - 1)
	copied := copy(r.samples[i:], pcm[:n])
	copy(r.samples, pcm[copied:n])
	r.written.Store(at + uint64(n))
	return n
}

// take fills pcm as far as there are samples, and returns how many there were. Only
// the reader calls it.
func (r *ring) take(pcm []float32) int {
	at := r.read.Load()
	n := min(len(pcm), int(r.written.Load()-at))
	i := int(at) & (len(r.samples) - 1)
	copied := copy(pcm[:n], r.samples[i:])
	copy(pcm[copied:n], r.samples)
	r.read.Store(at + uint64(n))
	return n
}

// skip drops the oldest samples. Only the reader calls it.
func (r *ring) skip(n int) { r.read.Add(uint64(min(n, r.held()))) }
