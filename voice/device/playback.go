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
	ahead atomic.Int32 // half periods that are kept in the ring
	dry   uint64       // misses that ahead has followed; the writer's, as the next
	calm  time.Time    // since when it did not run dry
}

// OpenPlayback opens a loudspeaker. The errors are [voiceapp.Invalid],
// [voiceapp.NotFound] where there is no such device, and [voiceapp.Unavailable].
func OpenPlayback(cfg Config) (*Playback, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := newStream(cfg, KindPlayback, playbackRoom)
	if err != nil {
		return nil, err
	}
	p := &Playback{stream: s, calm: time.Now()}
	p.ahead.Store(2)
	return p, nil
}

// Ready implements voice.ClockedSink: it waits until the device needs more. While there
// is no device it takes as long as a period. After Close it returns
// [voiceapp.Unavailable]. The goroutine that writes may call it.
func (p *Playback) Ready() error {
	p.follow()
	for asked := time.Now(); ; {
		l, left := p.line(), p.cfg.Period-time.Since(asked)
		if l != nil {
			over := l.ring.held() - p.kept(l)
			if over < 0 {
				return nil
			}
			left = min(left+3*p.cfg.Period, l.look(l.duration(over+l.channels), p.cfg.Period))
		}
		if left <= 0 {
			return nil
		}
		if _, open := p.sleep(left, nil); !open {
			return errClosed
		}
	}
}

// WritePCM implements voice.Sink: it waits until the device needs more, and takes all
// of pcm; where no device takes it nobody hears it. After Close it returns
// [voiceapp.Unavailable]. One goroutine may call it.
func (p *Playback) WritePCM(pcm []float32) error {
	if err := p.Ready(); err != nil {
		return err
	}
	if l := p.line(); l != nil && l.ring.held() < p.kept(l) {
		l.write(pcm)
	}
	return nil
}

// Rest implements voice.RestingSink: the device plays silence until wake says something,
// the stream is closed or the device is another. The goroutine that writes may call it.
func (p *Playback) Rest(wake <-chan struct{}) (samples int) {
	l := p.line()
	if l == nil {
		began := time.Now()
		p.sleep(p.cfg.Period, wake)
		return int(time.Since(began) * SampleRate / time.Second)
	}
	r := l.ring
	r.resting.Store(1)
	taken, left := r.taken.Load(), r.held()
	for woken, open := false, true; !woken && open && p.line() == l; {
		woken, open = p.sleep(silentTime, wake)
	}
	filled := 0
	if missing := p.kept(l) - r.held(); missing > 0 { // what comes next is in time, whenever the device calls
		filled = r.put(make([]float32, missing))
	}
	r.resting.Store(0)
	given := left + filled - r.held()
	silence := int(r.taken.Load()-taken) - given + filled
	return silence / l.channels * SampleRate / l.rate
}

// kept is how many samples the ring is to hold at least, for what the device needs next.
func (p *Playback) kept(l *line) int {
	return l.samples(time.Duration(p.ahead.Load()) * p.cfg.Period / 2)
}

// follow keeps more in the ring after it ran dry, and less again after a while in which
// it did not.
func (p *Playback) follow() {
	now := time.Now()
	switch dry := p.missed(); {
	case dry != p.dry:
		if p.line() != nil && p.dry > 0 {
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
	s.Dry = p.missed()
	return s
}
