package device

import (
	"sync/atomic"
	"time"
)

// playbackRoom is what a Playback holds at most.
const playbackRoom = 500 * time.Millisecond

// maxAhead is how many periods may be kept in the ring, and calmTime how long it
// must not have run dry before it is one less again.
const (
	maxAhead = 6
	calmTime = 30 * time.Second
)

// Playback is a loudspeaker. It is a voice.ClockedSink. Make one with [OpenPlayback].
type Playback struct {
	*stream
	period int          // samples
	ahead  atomic.Int32 // half periods that are kept in the ring
	dry    uint64       // misses that ahead has followed; the writer's, as the next two
	calm   time.Time    // since when it did not run dry
	timer  *time.Timer
}

// OpenPlayback opens a loudspeaker. The errors are [voiceapp.Invalid],
// [voiceapp.NotFound] where there is no such device, and [voiceapp.Unavailable].
func OpenPlayback(cfg Config) (*Playback, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := newStream(cfg, KindPlayback, newRing(cfg.samples(playbackRoom)), (*stream).playing)
	if err != nil {
		return nil, err
	}
	p := &Playback{stream: s, period: cfg.samples(cfg.Period), calm: time.Now()}
	p.ahead.Store(2)
	return p, nil
}

// Ready implements voice.ClockedSink: it waits until the device needs more. While there
// is no device it takes as long as a period. After Close it returns
// [voiceapp.Unavailable]. The goroutine that writes may call it.
func (p *Playback) Ready() error {
	p.follow()
	patience := p.cfg.Period
	if p.running.Load() {
		patience *= 4
	}
	if p.timer == nil {
		p.timer = time.NewTimer(patience)
	} else {
		p.timer.Reset(patience)
	}
	for p.full() {
		select {
		case <-p.wake:
		case <-p.timer.C:
			return nil
		case <-p.quit:
			return errClosed
		}
	}
	p.timer.Stop()
	return nil
}

// WritePCM implements voice.Sink: it waits until the device needs more, and takes all
// of pcm; where no device takes it nobody hears it. After Close it returns
// [voiceapp.Unavailable]. One goroutine may call it.
func (p *Playback) WritePCM(pcm []float32) error {
	if err := p.Ready(); err != nil {
		return err
	}
	if !p.full() {
		p.ring.put(pcm)
	}
	return nil
}

// full reports whether the ring holds what the device needs next.
func (p *Playback) full() bool { return p.ring.held() >= int(p.ahead.Load())*p.period/2 }

// follow keeps more in the ring after it ran dry, and less again after a while in which
// it did not.
func (p *Playback) follow() {
	now := time.Now()
	switch dry := p.misses.Load(); {
	case dry != p.dry:
		if p.running.Load() && p.dry > 0 {
			p.ahead.Store(min(p.ahead.Load()+1, 2*maxAhead))
		}
		p.dry, p.calm = dry, now
	case now.Sub(p.calm) > calmTime:
		p.ahead.Store(max(p.ahead.Load()-1, 2))
		p.calm = now
	}
}

// Stats returns a snapshot. Any goroutine may call it.
func (p *Playback) Stats() Stats {
	s := p.stream.Stats()
	s.Dry = p.misses.Load()
	return s
}
