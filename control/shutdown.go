package control

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// How long clients are asked to wait before they come back, so that they don't
// all come at once.
const (
	minRetryAfter = time.Second
	maxRetryAfter = 6 * time.Second
)

// Shutdown stops accepting, tells every client that the server is going and when
// to come back, and waits until all have gone. When ctx ends first, it returns
// ctx's error and leaves the rest to [Server.Close].
func (s *Server) Shutdown(ctx context.Context) error {
	for _, c := range s.stop() {
		wait := minRetryAfter + rand.N(maxRetryAfter-minRetryAfter)
		c.farewell(&voiceapp.Error{Code: voiceapp.Unavailable, Detail: voiceapp.Stopping, Message: "the server is stopping", RetryAfter: wait})
	}
	select {
	case <-s.drained:
		s.finish()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close closes the listeners and all connections at once, and returns when all of
// the server's goroutines have ended but Serve's, which are about to. It is
// idempotent and always returns nil.
func (s *Server) Close() error {
	for _, c := range s.stop() {
		c.cut()
	}
	s.cancel()
	<-s.drained
	s.finish()
	return nil
}

// stop closes the listeners, lets no more connections in, and returns those that
// are there.
func (s *Server) stop() []*conn {
	s.started.Do(s.neverStart)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	s.shut()
	for l := range s.listeners {
		_ = l.Close()
	}
	conns := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	s.checkDrained()
	return conns
}

// finish ends sweep and the loop once no connection is left that could ask it for something.
func (s *Server) finish() {
	s.stopped.Do(func() {
		s.cancel()
		if s.expired != nil {
			<-s.expired
		}
		if s.roster != nil {
			<-s.swept
			s.roster.stop()
		}
	})
}
