package device

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Times of a stream's watch.
const (
	openTime   = 5 * time.Second        // for opening a device
	startTime  = 2 * time.Second        // until the first callback
	silentTime = time.Second            // between two callbacks
	watchTime  = 100 * time.Millisecond // between two looks
	closeTime  = 2 * time.Second        // for closing a device
	firstPause = 250 * time.Millisecond // before a device is tried again; doubled each time
	longPause  = 4 * time.Second
)

var (
	errSilent = voiceapp.NewError(voiceapp.Unavailable, "the device gives no sign of life any more")
	errStuck  = voiceapp.NewError(voiceapp.Unavailable, "the sound system does not answer")
	errClosed = voiceapp.NewError(voiceapp.Unavailable, "device: the stream is closed")
)

// handle is an open device.
type handle interface{ close() }

// connect makes the callback of a device that has this rate.
type connect func(s *stream, rate int) (func(pcm []float32), error)

// stream is what Capture and Playback have in common: a device that is opened, watched
// and opened again by one goroutine.
type stream struct {
	cfg  Config
	open func() (handle, error) // may never return
	ring *ring
	wake chan struct{} // holds one: the device has called

	current atomic.Pointer[converter]
	rate    atomic.Int64
	beats   atomic.Uint64 // callbacks
	running atomic.Bool
	lost    atomic.Uint64
	stuck   atomic.Uint64
	misses  atomic.Uint64 // overruns, or times dry

	quit  chan struct{}
	ended chan struct{}
	once  sync.Once
}

// newStream opens a device, and starts the goroutine that watches it. The error is why
// there is none.
func newStream(cfg Config, kind Kind, ring *ring, connect connect) (*stream, error) {
	s := &stream{cfg: cfg, ring: ring, wake: make(chan struct{}, 1), quit: make(chan struct{}), ended: make(chan struct{})}
	s.open = func() (handle, error) {
		return openDevice(cfg, kind, func(rate int) (func([]float32), error) {
			s.rate.Store(int64(rate))
			return connect(s, rate)
		})
	}
	h, err := s.tryOpen()
	if err != nil {
		return nil, err
	}
	go s.run(h)
	return s, nil
}

// beat is called by the device's callback.
func (s *stream) beat() {
	s.beats.Add(1)
	s.running.Store(true)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run watches the device until the stream is closed.
func (s *stream) run(h handle) {
	defer close(s.ended)
	for {
		err := s.watch()
		s.running.Store(false)
		s.give(h)
		if err == nil {
			return
		}
		s.lost.Add(1)
		s.tell(Event{Kind: EventLost, Err: err})
		if h = s.reopen(); h == nil {
			return
		}
		s.tell(Event{Kind: EventBack})
	}
}

// watch returns an error when the device gives no sign of life, and nil when the
// stream is closed.
func (s *stream) watch() error {
	tick := time.NewTicker(watchTime)
	defer tick.Stop()
	last, at, patience := s.beats.Load(), time.Now(), startTime
	for {
		select {
		case <-s.quit:
			return nil
		case now := <-tick.C:
			if beats := s.beats.Load(); beats != last {
				last, at, patience = beats, now, silentTime
			} else if now.Sub(at) > patience {
				return errSilent
			}
		}
	}
}

// reopen tries until there is a device; nil: the stream was closed.
func (s *stream) reopen() handle {
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		select {
		case <-s.quit:
			return nil
		case <-time.After(pause):
		}
		if h, err := s.tryOpen(); err == nil {
			return h
		}
	}
}

// tryOpen opens a device, unless that takes too long.
func (s *stream) tryOpen() (handle, error) {
	type result struct {
		handle handle
		err    error
	}
	opened := make(chan result)
	given := make(chan struct{})
	go func() {
		h, err := s.open()
		select {
		case opened <- result{h, err}:
		case <-given: // nobody waits any more
			if err == nil {
				h.close()
			}
		}
	}()
	timeout := time.NewTimer(openTime)
	defer timeout.Stop()
	select {
	case r := <-opened:
		return r.handle, r.err
	case <-timeout.C:
		close(given)
		s.stuck.Add(1)
		return nil, errStuck
	}
}

// give closes a device, and leaves it behind where that takes too long.
func (s *stream) give(h handle) {
	closed := make(chan struct{})
	go func() {
		h.close()
		close(closed)
	}()
	timeout := time.NewTimer(closeTime)
	defer timeout.Stop()
	select {
	case <-closed:
	case <-timeout.C:
		s.stuck.Add(1)
	}
}

func (s *stream) tell(e Event) {
	if s.cfg.Events != nil {
		s.cfg.Events(e)
	}
}

// Close ends the stream and waits for that, 2 s at most for the sound system. It
// returns nil, always.
func (s *stream) Close() error {
	s.once.Do(func() { close(s.quit) })
	<-s.ended
	return nil
}

// Stats returns a snapshot. Any goroutine may call it.
func (s *stream) Stats() Stats {
	return Stats{
		Running: s.running.Load(), Rate: int(s.rate.Load()), Lost: s.lost.Load(), Stuck: s.stuck.Load(),
		Buffered: s.cfg.duration(s.ring.held()),
	}
}
