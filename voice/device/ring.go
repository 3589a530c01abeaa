package device

import "sync/atomic"

// ring carries samples from one goroutine, or callback, to another. Neither waits for
// the other, and nothing is allocated. Make one with newRing.
type ring struct {
	samples []float32 // a power of two
	written atomic.Uint64
	read    atomic.Uint64
}

// newRing returns a ring for at least n samples.
func newRing(n int) *ring {
	size := 1
	for size < n {
		size *= 2
	}
	return &ring{samples: make([]float32, size)}
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
