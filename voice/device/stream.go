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
	watchTime  = 250 * time.Millisecond // between two looks
	closeTime  = 2 * time.Second        // for closing a device
	firstPause = 250 * time.Millisecond // before a device is tried again; doubled each time
	longPause  = 4 * time.Second
)

// The details of errors about a device, all but NotThere of [voiceapp.Unavailable].
const (
	NoSystem   voiceapp.Detail = "no_sound_system"    // such as PulseAudio
	NoDevice   voiceapp.Detail = "no_sound_device"    // the system has none
	NotThere   voiceapp.Detail = "device_not_there"   // [voiceapp.NotFound]: the one of [Config].ID
	NotStarted voiceapp.Detail = "device_not_started" // another program may have it
	Silent     voiceapp.Detail = "device_silent"      // it was there, and gives no sign of life any more
	Stuck      voiceapp.Detail = "sound_system_stuck" // it does not answer
)

var (
	errSilent = voiceapp.NewError(voiceapp.Unavailable, "the device gives no sign of life any more").With(Silent)
	errStuck  = voiceapp.NewError(voiceapp.Unavailable, "the sound system does not answer").With(Stuck)
	errClosed = voiceapp.NewError(voiceapp.Unavailable, "device: the stream is closed")
)

// handle is an open device.
type handle interface{ close() }

// connected is an open device with what the program sees of it.
type connected struct {
	handle
	line *line
}

// stream is what Capture and Playback have in common: a device that is opened, watched
// and opened again by one goroutine.
type stream struct {
	cfg   Config
	open  func() (connected, error) // may never return
	opens gate

	current atomic.Pointer[line] // nil: there is no device
	rate    atomic.Int64         // of the latest
	lost    atomic.Uint64
	stuck   atomic.Uint64
	misses  atomic.Uint64 // of the devices before this one, and what was skipped

	timer *time.Timer // of the goroutine that reads or writes

	quit  chan struct{}
	ended chan struct{}
	once  sync.Once
}

// newStream opens a device, and starts the goroutine that watches it. The error is why
// there is none.
func newStream(cfg Config, kind Kind, room time.Duration) (*stream, error) {
	s := &stream{cfg: cfg, quit: make(chan struct{}), ended: make(chan struct{})}
	s.open = func() (connected, error) {
		var l *line
		h, err := openDevice(cfg, kind, func(rate int) (_ *ring, err error) {
			if l, err = newLine(kind, rate, cfg.Channels, room); err != nil {
				return nil, err
			}
			return l.ring, nil
		})
		return connected{h, l}, err
	}
	device, err := s.tryOpen()
	if err != nil {
		return nil, err
	}
	s.use(device.line)
	go s.run(device)
	return s, nil
}

// use makes another device the present one; nil: none.
func (s *stream) use(l *line) {
	if l != nil {
		s.rate.Store(int64(l.rate))
	}
	if before := s.current.Swap(l); before != nil {
		s.misses.Add(before.ring.misses.Load())
	}
}

// line is the device that is open; nil: there is none.
func (s *stream) line() *line { return s.current.Load() }

// calls is how often the device that is open has called.
func (s *stream) calls() uint64 {
	if l := s.line(); l != nil {
		return l.ring.calls.Load()
	}
	return 0
}

// missed is the sum of what devices and program have missed.
func (s *stream) missed() uint64 {
	sum := s.misses.Load()
	if l := s.line(); l != nil {
		sum += l.ring.misses.Load()
	}
	return sum
}

// sleep waits for so long, or until wake says something: it was woken then, and what wake
// said is spent. It is not open any more once the stream was closed.
func (s *stream) sleep(d time.Duration, wake <-chan struct{}) (woken, open bool) {
	if s.timer == nil {
		s.timer = time.NewTimer(d)
	} else {
		s.timer.Reset(d)
	}
	select {
	case <-s.timer.C:
		return false, true
	case <-wake:
		return true, true
	case <-s.quit:
		return false, false
	}
}

// run watches the device until the stream is closed.
func (s *stream) run(device connected) {
	defer close(s.ended)
	for {
		err := s.watch()
		s.use(nil)
		s.give(device)
		if err == nil {
			return
		}
		s.lost.Add(1)
		s.tell(Event{Kind: EventLost, Err: err})
		if device = s.reopen(); device.handle == nil {
			return
		}
		s.use(device.line)
		s.tell(Event{Kind: EventBack})
	}
}

// watch returns an error when the device gives no sign of life, and nil when the
// stream is closed.
func (s *stream) watch() error {
	tick := time.NewTicker(watchTime)
	defer tick.Stop()
	last, at, patience := s.calls(), time.Now(), startTime
	for {
		select {
		case <-s.quit:
			return nil
		case now := <-tick.C:
			if calls := s.calls(); calls != last {
				last, at, patience = calls, now, silentTime
			} else if now.Sub(at) > patience {
				return errSilent
			}
		}
	}
}

// reopen tries until there is a device; none: the stream was closed.
func (s *stream) reopen() connected {
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		select {
		case <-s.quit:
			return connected{}
		case <-time.After(pause):
		}
		if device, err := s.tryOpen(); err == nil {
			return device
		}
	}
}

// tryOpen opens a device, unless that takes too long, or a try before this one has not come
// back.
func (s *stream) tryOpen() (connected, error) {
	if system.stuck() || s.opens.stuck() {
		return connected{}, errStuck
	}
	type result struct {
		device connected
		err    error
	}
	opened := make(chan result)
	given := make(chan struct{})
	go s.opens.pass(func() {
		device, err := s.open()
		select {
		case opened <- result{device, err}:
		case <-given: // nobody waits any more
			if err == nil {
				device.close()
			}
		}
	})
	timeout := time.NewTimer(openTime)
	defer timeout.Stop()
	select {
	case r := <-opened:
		return r.device, r.err
	case <-s.quit:
		close(given)
		return connected{}, errClosed
	case <-timeout.C:
		close(given)
		s.stuck.Add(1)
		return connected{}, errStuck
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
	stats := Stats{Running: s.calls() > 0, Rate: int(s.rate.Load()), Lost: s.lost.Load(), Stuck: s.stuck.Load()}
	if l := s.line(); l != nil {
		stats.Buffered = l.duration(l.ring.held())
	}
	return stats
}
