package voice

import (
	"sync"
	"time"
)

// pipeSlack is what a pipe keeps in store at least (two frames, if that is more),
// so that reader and writer need not keep step. What piles up beyond twice as much
// on top of the delay is dropped.
const pipeSlack = 60 * time.Millisecond

// Pipe is a [Sink] and a [Source] in one: it says what it hears. The zero value
// works, for mono. One goroutine may write while another reads.
type Pipe struct {
	// Delay is how much later what was heard is said, on top of 60 ms or, if that
	// is more, two frames. Must not change once in use.
	Delay time.Duration

	// Channels of the PCM: 1 or 2; 0: 1. Must not change once in use.
	Channels int

	mu      sync.Mutex
	ring    []float32
	read    int64 // samples taken out or dropped so far
	written int64 // samples put in so far
	primed  bool  // the delay was once filled
}

// WritePCM takes what was heard. When nobody reads, the oldest is dropped. The
// error is [voiceapp.Invalid], for a number of Channels that can't be.
func (p *Pipe) WritePCM(pcm []float32) error {
	if p.Channels < 0 || p.Channels > 2 {
		return errChannels
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delay, slack := p.samples(p.Delay), p.slack(pcm)
	if most := int(delay + 2*slack); len(p.ring) < most+len(pcm) {
		p.grow(most + len(pcm))
	}
	for _, x := range pcm {
		p.ring[p.written%int64(len(p.ring))] = x
		p.written++
	}
	if p.written-p.read > delay+2*slack {
		p.read = p.written - delay - slack
	}
	return nil
}

// ReadPCM gives what was written a while ago, frame by frame. A frame of digital
// silence is nothing to say, so that the talk spurt ends. The error is
// [voiceapp.Invalid], for a number of Channels that can't be.
func (p *Pipe) ReadPCM(pcm []float32) (int, error) {
	if p.Channels < 0 || p.Channels > 2 {
		return 0, errChannels
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	held := p.written - p.read
	if held < p.samples(p.Delay)+p.slack(pcm) && !p.primed || held < int64(len(pcm)) {
		p.primed = false
		return 0, nil
	}
	p.primed = true
	silent := true
	for i := range pcm {
		pcm[i] = p.ring[p.read%int64(len(p.ring))]
		p.read++
		silent = silent && pcm[i] == 0
	}
	if silent {
		return 0, nil
	}
	return len(pcm), nil
}

func (p *Pipe) slack(frame []float32) int64 {
	return max(p.samples(pipeSlack), int64(2*len(frame)))
}

func (p *Pipe) samples(d time.Duration) int64 {
	return toSamples(max(d, 0)) * int64(max(p.Channels, 1))
}

// grow makes room for n samples; what is held stays.
func (p *Pipe) grow(n int) {
	ring := make([]float32, n)
	for i := p.read; i < p.written; i++ {
		ring[i%int64(n)] = p.ring[i%int64(len(p.ring))]
	}
	p.ring = ring
}
