package instance

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/voiceapp-sdk/voiceapp"
)

// What [Start] and [Instance.Serve] return.
var (
	ErrRunning = voiceapp.NewError(voiceapp.Conflict, "voiceapp-desktop is running already") // by Start: tell it by Send
	ErrClosed  = voiceapp.NewError(voiceapp.Unavailable, "the client was closed")            // by Serve, after Close
)

// maxConns is how many may talk to a client at once; further ones are hung up on.
const maxConns = 8

// Handler does what a command says and returns what to answer to people. An error is told
// with its code. ctx ends when whoever sent the command no longer waits.
type Handler func(ctx context.Context, c Command) (answer string, err error)

// Instance is the one client of its user that runs. [Start] makes one. Its methods may be called
// by several goroutines at once.
type Instance struct {
	lock     *flock.Flock  // immutable
	listener net.Listener  // immutable
	requests chan request  // from the connections to Serve
	closed   chan struct{} // closed by Close
	slots    chan struct{} // one in it for each connection

	mu      sync.Mutex     // guards Serve's beginning against Close
	serving sync.WaitGroup // Serve, accept and the connections
}

type request struct {
	ctx     context.Context
	command Command
	reply   chan<- answer // has room for one
}

// Start makes this program the one client in dir, or in [Dir] for "". The folder is made when it
// is missing. The error is [ErrRunning] when there is one already. From now on others wait
// for [Instance.Serve], two seconds each.
func Start(dir string) (*Instance, error) {
	path, err := socketIn(dir)
	if err != nil {
		return nil, err
	}
	if err := makePrivate(filepath.Dir(path)); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(filepath.Dir(path), "desktop.lock"), flock.SetPermissions(0o600))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the client's lock can't be had", err).With(NoSocket)
	}
	if !locked {
		return nil, ErrRunning
	}
	listener, err := listen(path)
	if err != nil {
		_ = lock.Unlock() // the first error is the one to tell
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the client's socket can't be made", err).With(NoSocket)
	}
	return &Instance{
		lock: lock, listener: listener,
		requests: make(chan request), closed: make(chan struct{}), slots: make(chan struct{}, maxConns),
	}, nil
}

// listen makes the socket. One that lies there was left behind: the lock is ours.
func listen(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS == "windows" { // the folder's rights are what it has
		return l, nil
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Serve hands commands to handle, one at a time and by this goroutine, until ctx ends or
// Close is called, and returns ctx's error or [ErrClosed]. It may be called once.
func (i *Instance) Serve(ctx context.Context, handle Handler) error {
	if !i.begin() {
		return ErrClosed
	}
	defer i.serving.Done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go i.accept(ctx)
	hold := newHold()
	defer hold.stop()
	for {
		select {
		case <-ctx.Done():
			i.listener.Close() // ends accept
			return context.Cause(ctx)
		case <-i.closed:
			return ErrClosed
		case r := <-i.requests:
			if hold.outdated(r.command) {
				r.command = Command{Verb: Status}
			}
			text, err := handle(r.ctx, r.command)
			if err == nil {
				hold.note(r.command)
			}
			r.reply <- answerOf(text, err)
		case <-hold.over():
			_, _ = handle(ctx, Command{Verb: PTT, State: Off}) // nobody waits for an answer
		}
	}
}

// begin counts Serve and accept, unless it is too late.
func (i *Instance) begin() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.isClosed() {
		return false
	}
	i.serving.Add(2) // Done by Serve and by accept
	return true
}

func (i *Instance) isClosed() bool {
	select {
	case <-i.closed:
		return true
	default:
		return false
	}
}

func answerOf(text string, err error) answer {
	if err != nil {
		e := voiceapp.AsError(err)
		return answer{Code: e.Code, Message: e.Message}
	}
	return answer{Text: text}
}

// Close hangs up, removes the socket, waits for Serve to return and lets another client start.
// It may be called again. A handler must not call it.
func (i *Instance) Close() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.isClosed() {
		return nil
	}
	close(i.closed)
	i.listener.Close()
	i.serving.Wait()
	return i.lock.Unlock()
}

// hold ends a "ptt on" of which no end came. It belongs to Serve.
type hold struct {
	timer *time.Timer
	begun int64 // of the latest command that says so
}

func newHold() *hold {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &hold{timer: t}
}

func (h *hold) over() <-chan time.Time { return h.timer.C }
func (h *hold) stop()                  { h.timer.Stop() }

// outdated reports whether a press or release of the key was overtaken by what came after
// it: each is a process of its own. A clock that was set back overtakes nothing.
func (h *hold) outdated(c Command) bool {
	overtaken := time.Duration(h.begun - c.Begun)
	return c.Verb == PTT && c.Begun != 0 && overtaken > 0 && overtaken < exchangeTime
}

// note takes a command that was done.
func (h *hold) note(c Command) {
	if c.Verb == PTT && c.Begun != 0 {
		h.begun = c.Begun
	}
	switch {
	case c.Verb != PTT:
	case c.State == On && c.For > 0:
		h.timer.Reset(c.For)
	case c.State == On:
		h.timer.Reset(DefaultHold)
	default:
		h.timer.Stop()
	}
}
