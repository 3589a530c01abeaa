package voice

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

const (
	maxFarDelay = time.Second

	farLag    = captureBlock / 4 // how far what is read is behind what was written, at best: an echo does not come sooner
	farMost   = 4 * captureBlock // and at most, for longer than farWindow
	farWindow = 100              // reads, of 10 ms each
	farRing   = 128 << 10        // samples: 2.7 s, a power of two
)

// Reference returns a [Sink] that writes to another one, of 1 or 2 channels, and
// tells the [EchoCanceller] what is played. Give a session that one in place of the
// loudspeaker. It is used as the other one is; the latest that was made counts.
func (c *Capture) Reference(sink Sink, channels int) Sink {
	far := &reference{sink: sink, channels: max(channels, 1), delay: toSamples(c.cfg.FarDelay)}
	c.far.Store(far)
	return far
}

// reference keeps what is played for the one who needs it when its echo comes. Both
// count samples, so that it does not matter when exactly they come around: what is
// read is a fixed time behind what is written, until the clocks of the two have
// drifted apart.
type reference struct {
	sink     Sink // immutable, as the next
	channels int
	delay    int64 // that is known to be there, in samples
	moved    atomic.Uint64

	mono []float32 // the writer's

	mu      sync.Mutex
	ring    [farRing]float32
	written int64 // samples
	next    int64 // to be read
	started bool
	reads   int   // since it was last looked at
	seen    int64 // what was written then
	nearest int64 // the least that next was behind written since
}

// WritePCM implements [Sink].
func (r *reference) WritePCM(pcm []float32) error {
	r.mono = dsp.Remix(r.mono[:0], pcm, r.channels, 1)
	r.keep(r.mono)
	return r.sink.WritePCM(pcm)
}

func (r *reference) keep(mono []float32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range mono {
		r.ring[r.written%farRing] = x
		r.written++
	}
}

// read fills dst with what was played when the sound left of which the echo is heard
// now, and reports whether it had to jump.
func (r *reference) read(dst []float32) (jumped bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	jumped = r.follow(int64(len(dst)))
	first := r.next - r.delay
	for i := range dst {
		dst[i] = 0
		if at := first + int64(i); at >= 0 && at < r.written && at >= r.written-farRing {
			dst[i] = r.ring[at%farRing]
		}
	}
	if r.started {
		r.next += int64(len(dst))
	}
	return jumped
}

// follow looks how far it is behind after so many samples more, and jumps where that
// has not been right for a while.
func (r *reference) follow(n int64) (jumped bool) {
	if !r.started && r.written > 0 {
		r.next, r.started = r.written-n-farLag, true
	}
	behind := r.written - r.next - n
	if r.reads == 0 {
		r.nearest = behind
	}
	r.nearest = min(r.nearest, behind)
	if r.reads++; r.reads < farWindow {
		return false
	}
	silent := r.seen == r.written
	r.reads, r.seen = 0, r.written
	if silent || r.nearest >= 0 && r.nearest <= farMost {
		return false
	}
	r.next += r.nearest - farLag
	r.moved.Add(1)
	return true
}
