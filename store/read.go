package store

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
)

// readers is the pool of connections that read. The one used last is taken
// first, so that a quiet server opens few.
type readers struct {
	slots   chan struct{} // as many tokens as connections may be in use
	closing <-chan struct{}
	open    func(context.Context) (*conn, error)

	mu   sync.Mutex
	idle []*conn

	reads atomic.Uint64
	conns atomic.Int64 // open ones
}

func newReaders(most int, closing <-chan struct{}, open func(context.Context) (*conn, error)) *readers {
	r := &readers{slots: make(chan struct{}, most), closing: closing, open: open}
	for range most {
		r.slots <- struct{}{}
	}
	return r
}

// do runs a read on a connection of its own. It must copy what it reads and
// leave no statement unfinished.
func (r *readers) do(ctx context.Context, read func(*conn) error) error {
	select {
	case <-r.closing:
		return errClosed()
	default:
	}
	select {
	case <-r.slots:
		defer func() { r.slots <- struct{}{} }()
	case <-ctx.Done():
		return errEnded(ctx)
	case <-r.closing:
		return errClosed()
	}
	defer runtime.Gosched() // reads that never wait would keep writers from the processor
	return r.with(ctx, read)
}

func (r *readers) with(ctx context.Context, read func(*conn) error) error {
	c, err := r.take(ctx)
	if err != nil {
		return err
	}
	defer r.put(c)
	defer c.interruptible(ctx)()
	r.reads.Add(1)
	return read(c)
}

func (r *readers) take(ctx context.Context) (*conn, error) {
	if c := r.pop(); c != nil {
		return c, nil
	}
	c, err := r.open(ctx)
	if err == nil {
		r.conns.Add(1)
	}
	return c, err
}

func (r *readers) pop() *conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := len(r.idle) - 1
	if last < 0 {
		return nil
	}
	c := r.idle[last]
	r.idle = r.idle[:last]
	return c
}

func (r *readers) put(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, c)
}

// pause waits for the reads that run and holds others until resume is called.
func (r *readers) pause() (resume func()) {
	for range cap(r.slots) {
		<-r.slots
	}
	return func() {
		for range cap(r.slots) {
			r.slots <- struct{}{}
		}
	}
}

// close pauses for good and closes the connections.
func (r *readers) close() error {
	r.pause()
	var err error
	for c := r.pop(); c != nil; c = r.pop() {
		err = errors.Join(err, c.close())
	}
	r.conns.Store(0)
	return err
}
