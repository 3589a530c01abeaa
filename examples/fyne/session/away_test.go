package session_test

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// pipe is a network within a bubble of synctest, that can be away.
type pipe struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func() // closes closed, once

	mu   sync.Mutex
	away bool
	last net.Conn
}

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (*pipe) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipe) Close() error {
	p.close()
	return nil
}

func (p *pipe) dial(context.Context, string, string) (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return nil, net.ErrClosed
	}
	here, there := net.Pipe()
	p.conns <- there
	p.last = here
	return here, nil
}

func (p *pipe) set(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away = away; away {
		p.last.Close()
	}
}

// The view says when the next try is made, and a person may have it made at once.
func TestTryNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		certificate, key, err := control.NewIdentity()
		if err != nil {
			t.Fatal(err)
		}
		way := &pipe{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
		way.close = sync.OnceFunc(func() { close(way.closed) })
		server := &control.Server{
			Directory: control.NewMemory(voiceapp.Channel{Name: "Lobby"}), Certificate: certificate, Logger: slog.New(slog.DiscardHandler),
		}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(way) }) // it ends when it is closed
		defer serving.Wait()
		defer server.Close()
		p := &place{t: t, told: make(chan session.Happening, 100)}
		// There is no codec: voice would open a socket, and no bubble has those.
		p.Session, err = session.Open(t.Context(), session.Config{
			Addr: "voice.example", Sound: &ear{}, Happened: func(h session.Happening) { p.told <- h },
			Client: control.ClientConfig{Name: "Anna", DialContext: way.dial, Trust: func(_ string, shown voiceapp.Fingerprint) error {
				if shown != key {
					t.Errorf("another key")
				}
				return nil
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if p.TryNow(); p.View().Lost != nil {
			t.Error("there is a connection, and it is lost")
		}
		way.set(true)
		far := func(v session.View) bool { return v.Lost != nil && time.Until(v.Again) > 3*time.Second }
		for !far(p.View()) { // the tries become rarer
			time.Sleep(time.Second)
			synctest.Wait()
		}
		again := p.View().Again
		p.TryNow()
		synctest.Wait()
		if v := p.View(); v.Lost == nil || v.Again.Equal(again) {
			t.Errorf("the try came to nothing, and the next is %v after the one that was due", v.Again.Sub(again))
		}
		for !far(p.View()) {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		way.set(false)
		asked := time.Now()
		p.TryNow()
		p.await(session.HappenedBack)
		if v := p.View(); v.Lost != nil || time.Since(asked) > time.Second {
			t.Errorf("%v after it was asked for the view says %v", time.Since(asked), v.Lost)
		}
	})
}
