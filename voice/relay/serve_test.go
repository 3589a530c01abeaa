package relay

import (
	"errors"
	"log/slog"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestServeAndClose(t *testing.T) {
	r := New(Config{Logger: slog.New(slog.DiscardHandler), SocketBuffer: -1})
	lost := listen(t, "udp4", "127.0.0.1:0")
	_ = lost.Close()
	if err := r.Serve(lost); err == nil || errors.Is(err, ErrClosed) {
		t.Errorf("Serve on a closed socket: %v", err)
	}
	ended := make(chan error)
	taken := listen(t, "udp4", "127.0.0.1:0")
	go func() { ended <- r.Serve(taken) }()
	_ = taken.Close() // by its owner, not by Close
	if err := <-ended; err == nil || errors.Is(err, ErrClosed) {
		t.Errorf("Serve on a socket that was taken away: %v", err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	late := listen(t, "udp4", "127.0.0.1:0")
	if err := r.Serve(late); !errors.Is(err, ErrClosed) {
		t.Errorf("Serve after Close: %v", err)
	}
	if err := late.Close(); !errors.Is(err, net.ErrClosed) {
		t.Error("Serve did not close the socket")
	}
	if _, err := r.AddSession(1); !errors.Is(err, ErrClosed) || !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("AddSession after Close: %v", err)
	}
}

// Serve that begins as Close goes on, on a socket that Close closes by way of
// another loop, says that the relay is closed, not that the socket is of no use.
func TestServeAsCloseGoesOn(t *testing.T) {
	const loops = 4
	for range 200 {
		r := New(Config{Logger: slog.New(slog.DiscardHandler), SocketBuffer: -1})
		conn := listen(t, "udp4", "127.0.0.1:0")
		ended := make(chan error, loops)
		for range loops {
			go func() { ended <- r.Serve(conn) }()
		}
		_ = r.Close()
		for range loops {
			if err := <-ended; !errors.Is(err, ErrClosed) {
				t.Fatalf("Serve ended with %v", err)
			}
		}
	}
}

// A socket that gives nothing but errors for a while is served on, and does not
// keep a processor busy meanwhile.
func TestErrorsDoNotEndTheLoop(t *testing.T) {
	s := serveLoopback(t)
	anna := s.join(t, 1, lobby)
	var conn *net.UDPConn
	s.mu.Lock()
	for l := range s.loops {
		conn = l.socket.conn
	}
	s.mu.Unlock()
	began := time.Now()
	_ = conn.SetReadDeadline(began) // each receive fails at once from now on
	for s.Stats().ReceiveErrors < 1000 {
		runtime.Gosched()
	}
	if took := time.Since(began); took < 8*time.Millisecond {
		t.Errorf("1000 errors in a row took %v", took)
	}
	_ = conn.SetReadDeadline(time.Time{})
	anna.sync()
}

func TestServeWithoutASocket(t *testing.T) {
	r := New(Config{})
	defer r.Close()
	if err := r.Serve(nil); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("Serve(nil): %v", err)
	}
}
