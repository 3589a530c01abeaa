package plugin

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// strikesOut is how many failures in a row switch a plugin off.
const strikesOut = 3

// Restarts after a failure wait, the first one not.
const (
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 10 * time.Second
)

// worker owns a backend: one goroutine calls it, starts it anew when it has failed,
// and gives up after three failures in a row. Make one with newWorker.
type worker struct {
	cfg    workerConfig
	frames chan struct{} // a frame waits in call
	jobs   chan *job
	quit   chan struct{}
	ended  chan struct{}
	ready  chan struct{} // closed when the first start has ended
	failed error         // of it; set before ready is closed

	call   frameCall
	opened opened

	off  atomic.Pointer[string]  // why it was switched off; nil: it was not
	live atomic.Pointer[backend] // the one that is running; nil: none is
}

// workerConfig says what a worker runs.
type workerConfig struct {
	start    func(context.Context) (backend, error) // makes a backend
	settings func() []byte                          // the values in force; nil: none
	calls    *counter
	deadline deadlines
	struck   func(reason string) // a call has failed; reason is for the log
	out      func(reason string) // it was switched off
}

type deadlines struct{ audio, load, compile time.Duration }

// counter counts calls.
type counter struct {
	made, missed, failed, restarts atomic.Uint64
	nanoseconds                    atomic.Uint64 // in all calls
}

// job is a call that is no frame.
type job struct {
	do       func(backend) error
	done     chan error  // holds one
	late     atomic.Bool // nobody waits for it any more
	finished atomic.Bool
}

// The details of errors that whoever uses a plugin may meet.
const (
	SwitchedOff voiceapp.Detail = "plugin_switched_off" // [voiceapp.Unavailable]: it failed too often
	TooSlow     voiceapp.Detail = "plugin_too_slow"     // [voiceapp.Unavailable]
	NotGranted  voiceapp.Detail = "plugin_not_granted"  // [voiceapp.Forbidden]: About: what it asks for
	NoSandbox   voiceapp.Detail = "plugin_no_sandbox"   // [voiceapp.Unavailable]: it can't be started here
	Changing    voiceapp.Detail = "plugin_changing"     // [voiceapp.Conflict]: the file is being written
)

var (
	errSwitchedOff = voiceapp.NewError(voiceapp.Unavailable, "the plugin is switched off").With(SwitchedOff)
	errClosing     = voiceapp.NewError(voiceapp.Unavailable, "the plugin is being stopped")
	errTooLate     = voiceapp.NewError(voiceapp.Unavailable, "the plugin took too long").With(TooSlow)
)

func newWorker(cfg workerConfig) *worker {
	w := &worker{
		cfg: cfg, frames: make(chan struct{}, 1), jobs: make(chan *job),
		quit: make(chan struct{}), ended: make(chan struct{}), ready: make(chan struct{}),
	}
	w.call.done = make(chan struct{}, 1)
	go w.run()
	return w
}

// close ends the worker and waits for that.
func (w *worker) close() {
	close(w.quit)
	w.interrupt()
	<-w.ended
}

// interrupt ends the call that is under way, and its backend.
func (w *worker) interrupt() {
	if b := w.live.Load(); b != nil {
		(*b).interrupt()
	}
}

// run is the worker's goroutine.
func (w *worker) run() {
	defer close(w.ended)
	b := w.begin()
	close(w.ready)
	var frames, jobs int // failures in a row: those that go well excuse none of the others
	for {
		strikes, late, err := &frames, false, error(nil)
		select {
		case <-w.quit:
			w.discard(b)
			return
		case <-w.frames:
			if w.stale() {
				continue
			}
			late, err = w.frame(b)
		case j := <-w.jobs:
			strikes = &jobs
			late, err = w.job(b, j)
		}
		if late || err != nil {
			*strikes++
			w.strike(err)
		} else if b != nil {
			*strikes = 0
		}
		if err == nil && *strikes < strikesOut || b == nil {
			continue
		}
		w.discard(b)
		if b = nil; *strikes < strikesOut {
			b = w.again(*strikes)
		}
		if b == nil && !w.quitting() {
			w.switchOff(*strikes, err)
		}
	}
}

func (w *worker) quitting() bool {
	select {
	case <-w.quit:
		return true
	default:
		return false
	}
}

// begin starts the backend for the first time.
func (w *worker) begin() backend {
	b, err := w.start()
	if w.failed = err; err != nil {
		w.switchOff(0, err)
		return nil
	}
	return b
}

// start makes a backend that has the settings.
func (w *worker) start() (backend, error) {
	ctx, cancel := context.WithTimeout(context.Background(), w.cfg.deadline.compile+w.cfg.deadline.load)
	defer cancel()
	stop := w.cancelOnQuit(cancel)
	defer stop()
	b, err := w.cfg.start(ctx)
	if err != nil {
		return nil, err
	}
	if w.cfg.settings != nil {
		timeout := time.AfterFunc(w.cfg.deadline.load, b.interrupt)
		err = b.configure(w.cfg.settings())
		timeout.Stop()
	}
	if err != nil {
		b.close()
		if errors.Is(err, errRefused) {
			return nil, refuse("it can't work with its settings")
		}
		return nil, voiceapp.NewError(voiceapp.Invalid, "it failed when it was given its settings: "+firstLine(err))
	}
	w.live.Store(&b)
	return b, nil
}

// cancelOnQuit lets close interrupt a start. The goroutine ends with stop.
func (w *worker) cancelOnQuit(cancel context.CancelFunc) (stop func()) {
	started := make(chan struct{})
	go func() {
		select {
		case <-w.quit:
			cancel()
		case <-started:
		}
	}()
	return func() { close(started) }
}

// again starts the backend anew after a failure, at once after the first. Frames
// that come meanwhile are missed. nil: it can't be started.
func (w *worker) again(strikes int) backend {
	if strikes > 1 {
		select {
		case <-time.After(min(firstBackoff<<(strikes-2), maxBackoff)):
		case <-w.quit:
			return nil
		}
	}
	w.cfg.calls.restarts.Add(1)
	b, err := w.start()
	if err != nil {
		return nil
	}
	return b
}

func (w *worker) discard(b backend) {
	if b == nil {
		return
	}
	w.live.Store(nil)
	b.close()
}

func (w *worker) strike(err error) {
	w.cfg.calls.failed.Add(1)
	if w.cfg.struck != nil {
		w.cfg.struck(because(err))
	}
}

// because says why a call has failed; one that has no error came too late.
func because(err error) string {
	if err == nil {
		return errTooLate.Message
	}
	return firstLine(err)
}

func (w *worker) switchOff(strikes int, err error) {
	reason := because(err)
	if strikes > 0 {
		reason = "it failed too often: " + reason
	}
	w.off.Store(&reason)
	if w.cfg.out != nil {
		w.cfg.out(reason)
	}
}

// job does what is no frame. late: it was done after its limit.
func (w *worker) job(b backend, j *job) (late bool, err error) {
	err = errSwitchedOff
	if b != nil {
		w.cfg.calls.made.Add(1)
		begun := time.Now()
		err = j.do(b)
		w.cfg.calls.nanoseconds.Add(uint64(time.Since(begun)))
	}
	j.finished.Store(true)
	j.done <- err
	if b == nil || errors.Is(err, errRefused) {
		return false, nil
	}
	return j.late.Load(), err
}

// do has the worker call do, and waits until that is done, ctx ends, or the limit
// has passed. Then it may go on for a moment, and is ended by force.
func (w *worker) do(ctx context.Context, limit time.Duration, do func(backend) error) error {
	j := &job{do: do, done: make(chan error, 1)}
	end := time.Now().Add(limit + mercy)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTooLate)
	defer cancel()
	select {
	case w.jobs <- j:
	case <-w.ended:
		return errClosing
	case <-ctx.Done():
		w.cfg.calls.missed.Add(1)
		return context.Cause(ctx)
	}
	select {
	case err := <-j.done:
		return err
	case <-w.ended:
		return errClosing
	case <-ctx.Done():
	}
	w.cfg.calls.missed.Add(1)
	j.late.Store(errors.Is(context.Cause(ctx), errTooLate))
	time.AfterFunc(time.Until(end), func() {
		if !j.finished.Load() {
			w.interrupt()
		}
	})
	return context.Cause(ctx)
}
