package control_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

func TestHandshakeTimeout(t *testing.T) {
	for _, sent := range []string{"", "\x16\x03\x01"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, &control.Server{})
			raw, err := w.net.dial(t.Context(), "tcp", "")
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			if _, err := io.WriteString(raw, sent); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, raw)
			if took := time.Since(begin); took != 5*time.Second {
				t.Errorf("after %d bytes the server waited %v for the rest", len(sent), took)
			}
			synctest.Wait()
			if stats := w.server.Stats(); stats.HandshakesFailed != 1 || stats.Pending != 0 {
				t.Errorf("%+v", stats)
			}
		})
	}
}

// Nothing, a part of a line, and requests that are no login don't put it off.
func TestLoginTimeout(t *testing.T) {
	for _, sent := range []string{"", `{"jsonrpc"`, `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, &control.Server{})
			begin := time.Now()
			y := w.typist()
			time.Sleep(7 * time.Second)
			y.write(sent)
			last := y.closing()
			if took := time.Since(begin); took != 20*time.Second || last.Code != "login_required" {
				t.Errorf("after %q the server ended with %q after %v", sent, last.Code, took)
			}
		})
	}
}

func TestKeepalivePromise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		anna := w.guest("Anna")
		y := w.typist()
		y.ask(`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"Bo","keepalive":6}}`)
		begin := time.Now()
		for range 3 {
			time.Sleep(5 * time.Second)
			y.ask(`{"jsonrpc":"2.0","id":1,"method":"ping"}`)
		}
		time.Sleep(3 * time.Second)
		y.write("{")
		last := y.closing()
		if took := time.Since(begin); took != 21*time.Second || last.Code != "unavailable" {
			t.Errorf("the server ended with %q after %v", last.Code, took)
		}
		left := until(t, anna, func(control.UserLeft) bool { return true })
		if left.Name != "Bo" {
			t.Errorf("%+v left", left)
		}
	})
}

// One who promises nothing may be silent for long.
func TestNoPromise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		y := w.typist()
		y.ask(typistOpens)
		time.Sleep(24 * time.Hour)
		if r := y.ask(`{"jsonrpc":"2.0","id":"x","method":"ping"}`); string(r.Result) != "{}" {
			t.Errorf("after a day of silence: %+v", r)
		}
	})
}

// A client that is idle stays, because it pings by itself.
func TestIdleClientStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		anna := w.guest("Anna")
		time.Sleep(time.Hour)
		if err := anna.Join(t.Context(), lobby); err != nil {
			t.Error(err)
		}
	})
}

// A server that has gone without a word is noticed within 30 s.
func TestClientNoticesDeadServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		config := w.config("Anna")
		wire := &freezer{}
		config.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := w.net.dial(ctx, network, addr)
			wire.Conn = conn
			return wire, err
		}
		anna, err := control.Dial(t.Context(), "voice.example", config)
		if err != nil {
			t.Fatal(err)
		}
		defer anna.Close()
		time.Sleep(time.Second)
		wire.frozen.Store(true)
		begin := time.Now()
		<-anna.Done()
		if took := time.Since(begin); took != 24*time.Second || !errors.Is(anna.Err(), voiceapp.Unavailable) {
			t.Errorf("noticed after %v: %v", took, anna.Err())
		}
	})
}

// freezer is a connection on which, once frozen is set, writing goes nowhere.
type freezer struct {
	net.Conn
	frozen atomic.Bool
}

func (f *freezer) Write(b []byte) (int, error) {
	if f.frozen.Load() {
		return len(b), nil
	}
	return f.Conn.Write(b)
}

// A client that does not read loses its connection when a write has waited for
// 10 s; the others have what was said at once.
func TestSlowReaderByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		anna := w.guest("Anna")
		y := w.typist()
		y.ask(typistOpens)
		joins(t, anna, y)
		begin := time.Now()
		if _, err := anna.SendChat(t.Context(), "hello"); err != nil {
			t.Fatal(err)
		}
		until(t, anna, func(control.ChatSent) bool { return true })
		if took := time.Since(begin); took != 0 {
			t.Errorf("one who does not read made another wait for %v", took)
		}
		until(t, anna, func(e control.UserLeft) bool { return e.Name == "typist" })
		if took, stats := time.Since(begin), w.server.Stats(); took != 10*time.Second+batch || stats.SlowReaders != 1 {
			t.Errorf("one who does not read was cut after %v; %+v", took, stats)
		}
	})
}

// ... or when too much is waiting for it.
func TestSlowReaderBySize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Limits: control.Limits{QueueBytes: 4 << 10, MessageBurst: 1000}})
		anna := w.guest("Anna")
		y := w.typist()
		y.ask(typistOpens)
		joins(t, anna, y)
		begin := time.Now()
		for range 100 {
			if _, err := anna.SendChat(t.Context(), "a hundred of these are more than four KiB"); err != nil {
				t.Fatal(err)
			}
		}
		until(t, anna, func(e control.UserLeft) bool { return e.Name == "typist" })
		if took, stats := time.Since(begin), w.server.Stats(); took != batch || stats.SlowReaders != 1 || stats.Sessions != 1 {
			t.Errorf("cut after %v; %+v", took, stats)
		}
	})
}

// batch is how long news of who is here waits for more.
const batch = 50 * time.Millisecond

func joins(t *testing.T, c *control.Client, y *typist) {
	t.Helper()
	y.ask(`{"jsonrpc":"2.0","id":1,"method":"channel.join","params":{"channel":1}}`)
	go func() { _, _ = y.lines.ReadString('\n') }() // that both are here; nothing after that
	if err := c.Join(t.Context(), lobby); err != nil {
		t.Fatal(err)
	}
	time.Sleep(batch)
	synctest.Wait()
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Limits: control.Limits{MessageRate: 2, MessageBurst: 3}})
		y := w.typist()
		y.ask(typistOpens)
		const ping = `{"jsonrpc":"2.0","id":7,"method":"ping"}`
		codes := func(n int) (codes []string) {
			for range n {
				codes = append(codes, y.ask(ping).code())
			}
			return codes
		}
		if got := codes(3); got[0] != "" || got[1] != "" || got[2] != "limited" {
			t.Errorf("at once: %q", got)
		}
		time.Sleep(time.Second)
		if got := codes(3); got[0] != "" || got[1] != "" || got[2] != "limited" {
			t.Errorf("a second later: %q", got)
		}
		if got := codes(3); got[0] != "limited" || got[2] != "limited" {
			t.Errorf("right after: %q", got)
		}
		if last := y.closing(); last.Code != "limited" {
			t.Errorf("one who does not stop is closed with %q", last.Code)
		}
	})
}

func TestTooManyPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Limits: control.Limits{MaxPending: 2}})
		w.typist()
		w.typist().ask(typistOpens) // no longer pending
		synctest.Wait()
		w.typist()
		synctest.Wait()
		raw, err := w.net.dial(t.Context(), "tcp", "")
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if _, err := raw.Read(make([]byte, 1)); !errors.Is(err, io.EOF) || time.Since(begin) != 0 {
			t.Errorf("one too many: %v after %v", err, time.Since(begin))
		}
		time.Sleep(30 * time.Second) // 20 to log in, 10 for those who do not even read that it is over
		synctest.Wait()
		if stats := w.server.Stats(); stats.TurnedAway != 1 || stats.Pending != 0 || stats.Sessions != 1 {
			t.Errorf("%+v", stats)
		}
		w.guest("Anna")
	})
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		anna, bo := w.guest("Anna"), w.guest("Bo")
		w.typist() // has not logged in, and does not close its side
		if raw, err := w.net.dial(t.Context(), "tcp", ""); err != nil || raw == nil {
			t.Fatal(err) // is not through the handshake
		}
		begin := time.Now()
		if err := w.server.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 11*time.Second {
			t.Errorf("it took %v", took)
		}
		for _, c := range []*control.Client{anna, bo} {
			<-c.Done()
			var closed *control.ClosedError
			if !errors.As(c.Err(), &closed) || !errors.Is(c.Err(), voiceapp.Unavailable) || !errors.Is(c.Err(), voiceapp.Stopping) ||
				closed.RetryAfter < time.Second || closed.RetryAfter > 6*time.Second {
				t.Errorf("%s: %#v", c.Self().Name, c.Err())
			}
		}
		if err := w.server.Serve(w.net); !errors.Is(err, control.ErrServerClosed) {
			t.Errorf("Serve after Shutdown: %v", err)
		}
		if err := w.server.Shutdown(t.Context()); err != nil {
			t.Errorf("a second Shutdown: %v", err)
		}
	})
}

// Shutdown gives up when its context ends, and Close does the rest.
func TestShutdownGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		w.typist().ask(typistOpens) // does not read any more
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begin := time.Now()
		if err := w.server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 100*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		_ = w.server.Close()
		if took := time.Since(begin); took != 100*time.Millisecond {
			t.Errorf("Close took %v", took)
		}
	})
}

func TestCloseBeforeServe(t *testing.T) {
	var server control.Server
	_ = server.Close()
	_ = server.Close()
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := server.Serve(&pipes{closed: make(chan struct{})}); !errors.Is(err, control.ErrServerClosed) {
		t.Error(err)
	}
	var unfit control.Server
	if err := unfit.Serve(&pipes{closed: make(chan struct{})}); !errors.Is(err, voiceapp.Invalid) {
		t.Error(err)
	}
	_ = unfit.Close()
}

// Accept waits when descriptors run out, twice as long each time, and goes on.
func TestAcceptBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		poor := &exhausted{pipes: w.net, left: 10, recovered: make(chan time.Time, 1)}
		served := make(chan error)
		begin := time.Now()
		go func() { served <- w.server.Serve(poor) }()
		// 5, 10, 20 ... 640 ms, then 1 s and 1 s
		if took := (<-poor.recovered).Sub(begin); took != (5<<8-5)*time.Millisecond+2*time.Second {
			t.Errorf("it recovered after %v", took)
		}
		_ = w.server.Close()
		if err := <-served; !errors.Is(err, control.ErrServerClosed) {
			t.Error(err)
		}
		broken := errors.New("broken")
		other := newWorld(t, &control.Server{})
		if err := other.server.Serve(&exhausted{pipes: w.net, err: broken, left: 1}); !errors.Is(err, broken) {
			t.Errorf("another error of Accept: %v", err)
		}
	})
}

// exhausted is a listener whose first calls of Accept fail.
type exhausted struct {
	*pipes
	err       error
	left      int
	recovered chan time.Time
}

func (e *exhausted) Accept() (net.Conn, error) {
	if e.left > 0 {
		e.left--
		if e.err != nil {
			return nil, e.err
		}
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	e.recovered <- time.Now()
	return e.pipes.Accept()
}
