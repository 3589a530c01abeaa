package voice

import (
	"sync"
	"sync/atomic"

	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
)

const (
	farLag    = captureBlock / 4  // how far what is read is behind what was written, at best: an echo does not come sooner
	farMost   = 4 * captureBlock  // and at most, for longer than farWindow
	farWindow = 100               // reads, of 10 ms each
	farEarly  = 4 * captureBlock  // how much sooner than its echo the canceller gets what was played
	farLate   = 10 * captureBlock // and at most
	farAgree  = 3                 // windows that have to say the same of an echo's delay
	farRing   = 128 << 10         // samples: 2.7 s, a power of two
	farRest   = 100               // blocks of silence after which there is no echo any more
)

// Reference returns a [Sink] that writes to another one, of 1 or 2 channels, and
// tells the [EchoCanceller] what is played. Give a session that one in place of the
// loudspeaker. It is used as the other one is; the latest that was made counts.
func (c *Capture) Reference(sink Sink, channels int) Sink {
	far := &reference{sink: sink, channels: max(channels, 1)}
	c.far.Store(far)
	clock, ok := sink.(ClockedSink)
	if !ok {
		return far
	}
	if resting, ok := sink.(RestingSink); ok {
		return restingReference{clockedReference{far, clock}, resting}
	}
	return clockedReference{far, clock}
}

// clockedReference is a reference whose sink keeps the time.
type clockedReference struct {
	*reference
	clock ClockedSink
}

// Ready implements [ClockedSink].
func (r clockedReference) Ready() error { return r.clock.Ready() }

// restingReference is a reference whose sink can rest.
type restingReference struct {
	clockedReference
	resting RestingSink
}

// Rest implements [RestingSink].
func (r restingReference) Rest(wake <-chan struct{}) (samples int) {
	r.rest(true)
	samples = r.resting.Rest(wake)
	r.keepSilence(samples)
	r.rest(false)
	return samples
}

// reference keeps what is played for the one who needs it when its echo comes. Both
// count samples, so that it does not matter when exactly they come around: what is
// read is a fixed time behind what is written, until the clocks of the two have
// drifted apart. An echo that comes late, as by radio, is waited for.
type reference struct {
	sink     Sink // immutable, as the next
	channels int
	moved    atomic.Uint64
	delay    atomic.Int64 // of the echo, in samples; set by the reader

	mono []float32 // the writer's

	// The reader's.

	estimate dsp.EchoDelay
	fresh    [captureBlock]float32 // what was played just now
	asked    int                   // blocks
	silent   int                   // of these the latest, in which the canceller got silence
	told     int64                 // the delay that the estimate came to
	agreed   int                   // how often one after the other

	mu      sync.Mutex
	ring    [farRing]float32
	written int64 // samples
	next    int64 // to be read
	started bool
	resting bool  // what is played is silence, which is written when it is over
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

// keepSilence is keep for so many samples of silence.
func (r *reference) keepSilence(samples int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range int64(min(samples, farRing)) {
		r.ring[(r.written+i)%farRing] = 0
	}
	r.written += int64(samples)
}

// rest says whether what is written stands still, and is made up for afterwards.
func (r *reference) rest(resting bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resting, r.reads = resting, 0
}

// read fills far with what was played when the sound left of which the echo is in
// what is heard now, 10 ms, and reports whether that has moved.
func (r *reference) read(far, heard []float32) (moved bool) {
	moved = r.take(far)
	if moved {
		r.estimate = dsp.EchoDelay{}
	}
	r.estimate.Add(r.fresh[:], heard)
	if r.asked++; r.asked%farWindow == 0 {
		moved = r.aim() || moved
	}
	if moved {
		r.moved.Add(1)
	}
	return moved
}

// rests reports whether nothing was played for so long that there is no echo of it.
func (r *reference) rests() bool { return r.silent > farRest }

// take copies what is due, and what was played just now.
func (r *reference) take(far []float32) (jumped bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	jumped = r.follow(captureBlock)
	r.copyTo(r.fresh[:], r.next)
	r.copyTo(far, r.next-r.delay.Load())
	r.silent++
	if !dsp.IsSilence(far) {
		r.silent = 0
	}
	if r.started {
		r.next += captureBlock
	}
	return jumped
}

// copyTo copies what was written from a place on; what is not there is silence.
func (r *reference) copyTo(dst []float32, first int64) {
	for i := range dst {
		dst[i] = 0
		if at := first + int64(i); at >= 0 && at < r.written && at >= r.written-farRing {
			dst[i] = r.ring[at%farRing]
		}
	}
}

// aim lets the canceller wait for an echo that comes so late, or so soon, that it
// does not find it: once the estimate has come to the same a few times.
func (r *reference) aim() (moved bool) {
	delay, ok := r.estimate.Delay()
	samples := toSamples(delay)
	if !ok || max(samples-r.told, r.told-samples) > captureBlock {
		r.agreed = 0
	}
	r.told = samples
	if r.agreed++; !ok || r.agreed < farAgree {
		return false
	}
	wait, ahead := max(0, samples-farEarly), samples-r.delay.Load()
	if ahead >= captureBlock && ahead <= farLate || wait == r.delay.Load() {
		return false
	}
	r.delay.Store(wait)
	return true
}

// follow looks how far it is behind after so many samples more, and jumps where that
// has not been right for a while.
func (r *reference) follow(n int64) (jumped bool) {
	if !r.started && r.written > 0 {
		r.next, r.started = r.written-n-farLag, true
	}
	if r.resting {
		return false
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
	return true
}
