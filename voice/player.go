package voice

import (
	"io"
	"math"
	"sync"
	"sync/atomic"
)

// Player is a [Source] that plays other sources, one at a time, at any volume, and
// is silent between them: what a bot that plays music says. The zero value is
// silent, at full volume. Its methods may be called from any goroutine.
type Player struct {
	quieter atomic.Uint32 // 1 less the volume, as the bits of a float32

	mu     sync.Mutex
	source Source // nil: silence
}

// Play plays a source from its present place on, in place of the one before. A
// source that is an io.Closer is closed when it ends, breaks or is replaced.
func (p *Player) Play(source Source) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.change(source)
}

// Stop ends what is played.
func (p *Player) Stop() { p.Play(nil) }

// Playing reports whether something is played.
func (p *Player) Playing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.source != nil
}

// SetVolume sets by what the samples are multiplied: 0 to 1 keeps them in range.
func (p *Player) SetVolume(volume float32) { p.quieter.Store(math.Float32bits(1 - volume)) }

// ReadPCM implements [Source]. It never ends: a source that has ended or is broken
// is followed by silence.
func (p *Player) ReadPCM(pcm []float32) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.source == nil {
		return 0, nil
	}
	n, err := p.source.ReadPCM(pcm)
	volume := 1 - math.Float32frombits(p.quieter.Load())
	for i := range pcm[:n] {
		pcm[i] *= volume
	}
	if err != nil {
		p.change(nil)
	}
	return n, nil
}

// change, under mu, plays something else.
func (p *Player) change(source Source) {
	if closer, ok := p.source.(io.Closer); ok {
		_ = closer.Close() // it was only read
	}
	p.source = source
}
