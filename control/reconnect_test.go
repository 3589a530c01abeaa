package control_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// cable makes connections that can be cut, and keeps new ones from being made while
// it is unplugged.
type cable struct {
	mu        sync.Mutex
	network   *pipes
	conns     []net.Conn
	unplugged bool
	dials     []time.Time
}

func (c *cable) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dials = append(c.dials, time.Now())
	if c.unplugged {
		return nil, errors.New("no route")
	}
	conn, err := c.network.dial(ctx, network, addr)
	if err == nil {
		c.conns = append(c.conns, conn)
	}
	return conn, err
}

// cut ends all connections without a word.
func (c *cable) cut(unplug bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.conns, c.unplugged = nil, unplug
}

func (c *cable) plug() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unplugged = false
}

// returning logs in one who comes back.
func (w *world) returning(config control.ClientConfig) (*control.Reconnector, *cable) {
	w.t.Helper()
	wire := &cable{network: w.net}
	config.DialContext = wire.dial
	r, err := control.DialReconnecting(w.t.Context(), "voice.example", config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = r.Close() })
	return r, wire
}

// restart serves the same directory by a new server, once stop has stopped the old.
func (w *world) restart(wire *cable, identity tls.Certificate, stop func()) {
	w.t.Helper()
	stop()
	old := w.server
	if err := <-w.served; !errors.Is(err, control.ErrServerClosed) {
		w.t.Errorf("Serve returned %v", err)
	}
	w.net = &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	wire.mu.Lock()
	wire.network = w.net
	wire.mu.Unlock()
	w.server = &control.Server{Directory: old.Directory, Certificate: identity, Logger: old.Logger, Limits: old.Limits, Voice: old.Voice}
	served := make(chan error, 1)
	w.served = served
	server, network := w.server, w.net
	go func() { served <- server.Serve(network) }()
}

// untilBack waits for a Reconnected and returns it with the Disconnected before it.
func untilBack(t *testing.T, r *control.Reconnector) (lost []control.Disconnected, back control.Reconnected) {
	t.Helper()
	for e := range r.Events() {
		switch e := e.(type) {
		case control.Disconnected:
			lost = append(lost, e)
		case control.Reconnected:
			return lost, e
		}
	}
	t.Fatalf("it does not come back: %v", r.Err())
	panic("not reached")
}

// A connection that is lost comes back with its session number and its channel,
// again and again, and no password is looked at. The others see it go and come.
func TestReconnectResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		bo := w.guest("Bo")
		r, wire := w.returning(w.config("Anna"))
		before := r.Client().Self()
		join(t, r.Client(), quiet)
		for range 3 {
			wire.cut(false)
			lost, back := untilBack(t, r)
			if self := r.Client().Self(); !back.Resumed || self.Session != before.Session || self.Channel != quiet || self.Name != "Anna" {
				t.Fatalf("%+v, and %+v is back", back, self)
			}
			if len(lost) != 1 || lost[0].Wait > 500*time.Millisecond || !errors.Is(lost[0].Reason, voiceapp.Unavailable) {
				t.Errorf("%+v", lost)
			}
			until(t, bo, func(e control.UserLeft) bool { return e.Session == before.Session })
			until(t, bo, func(e control.UserJoined) bool { return e.Session == before.Session })
		}
		if _, err := r.Client().SendChat(t.Context(), "here again"); err != nil {
			t.Error(err)
		}
	})
}

// While the network is away the tries become rarer, at times that nobody foresees;
// the session is known for a minute.
func TestReconnectBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		r, wire := w.returning(w.config("Anna"))
		join(t, r.Client(), lobby)
		before := r.Client().Self().Session
		wire.cut(true)
		time.Sleep(10 * time.Minute)
		wire.plug()
		lost, back := untilBack(t, r)
		if back.Resumed || r.Client().Self().Session == before || r.Client().Self().Channel != lobby {
			t.Errorf("%+v, %+v", back, r.Client().Self())
		}
		bound := 500 * time.Millisecond
		for i, d := range lost {
			if d.Wait > bound || d.Wait < 0 {
				t.Errorf("wait %d is %v, above %v", i, d.Wait, bound)
			}
			bound = min(2*bound, 30*time.Second)
		}
		if n := len(lost); n < 20 || n > 150 {
			t.Errorf("%d tries in ten minutes", n)
		}
	})
}

// Who knows that the network is back need not wait; without a wait there is nothing to end.
func TestTryNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		r, wire := w.returning(w.config("Anna"))
		if r.TryNow() {
			t.Error("it waited while it was connected")
		}
		wire.cut(true)
		var wait time.Duration
		for e := range r.Events() {
			if lost, is := e.(control.Disconnected); is {
				wait = lost.Wait
			}
			if wait > 5*time.Second {
				break
			}
		}
		synctest.Wait()
		wire.plug()
		asked := time.Now()
		if !r.TryNow() {
			t.Error("there was no wait")
		}
		if untilBack(t, r); time.Since(asked) > time.Second {
			t.Errorf("it is back after %v, of a wait of %v", time.Since(asked), wait)
		}
	})
}

// A server that says when to come back is asked no sooner; after it was started
// again the session has its number, and the client goes to its channel by itself.
func TestReconnectAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		_ = w.account("Anna", voiceapp.RoleModerator).Close()
		config := w.config("Anna")
		config.Password = "correct horse"
		r, wire := w.returning(config)
		join(t, r.Client(), staff)
		before := r.Client().Self()
		began := time.Now()
		w.restart(wire, w.server.Certificate, func() {
			if err := w.server.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
		lost, back := untilBack(t, r)
		if took := time.Since(began); took < time.Second || took > 7*time.Second || lost[0].Wait < time.Second {
			t.Errorf("back after %v: %+v", took, lost)
		}
		if self := r.Client().Self(); !back.Resumed || self.Session != before.Session || self.User != before.User || self.Channel != staff {
			t.Errorf("%+v, %+v", back, self)
		}
	})
}

// One whose session was ended on purpose stays away: whatever the reason is, the
// token is worth nothing by then.
func TestReconnectStaysAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		r, wire := w.returning(w.config("Anna"))
		if _, err := r.Client().Register(t.Context(), "Anna", "correct horse"); err != nil {
			t.Fatal(err)
		}
		config := w.config("anna")
		config.Password = "correct horse"
		owner, err := control.Dial(t.Context(), "voice.example", config) // ends the guest's session
		if err != nil {
			t.Fatal(err)
		}
		defer owner.Close()
		<-r.Done()
		if !errors.Is(r.Err(), voiceapp.Exists) {
			t.Errorf("it ended with %v", r.Err())
		}
		for e := range r.Events() {
			if _, is := e.(control.Reconnected); is {
				t.Error("it came back")
			}
		}
		wire.mu.Lock()
		defer wire.mu.Unlock()
		if len(wire.dials) != 1 {
			t.Errorf("it connected %d times", len(wire.dials))
		}
	})
}

// With a password that was changed meanwhile there is no way back, and only one try.
func TestReconnectWrongPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		_ = w.account("Anna", voiceapp.RoleMember).Close()
		config := w.config("Anna")
		config.Password = "correct horse"
		r, wire := w.returning(config)
		hash, err := control.HashPassword("another horse")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.server.Directory.(control.Accounts).SetPassword(t.Context(), r.Client().Self().User, hash); err != nil {
			t.Fatal(err)
		}
		wire.cut(false)
		<-r.Done()
		if !errors.Is(r.Err(), voiceapp.BadCredentials) {
			t.Errorf("it ended with %v", r.Err())
		}
		if len(wire.dials) != 2 {
			t.Errorf("%d connections, want the first and one more", len(wire.dials))
		}
	})
}

// Another key is a hard stop, before anything is sent.
func TestReconnectOtherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		trusted := 0
		config := control.ClientConfig{Name: "Anna", Trust: func(string, voiceapp.Fingerprint) error { trusted++; return nil }}
		r, wire := w.returning(config)
		other, _, err := control.NewIdentity()
		if err != nil {
			t.Fatal(err)
		}
		w.restart(wire, other, func() { _ = w.server.Close() })
		<-r.Done()
		if !errors.Is(r.Err(), voiceapp.KeyChanged) || trusted != 1 {
			t.Errorf("it ended with %v, after it was asked %d times whom to trust", r.Err(), trusted)
		}
	})
}

// Close ends a wait, and says goodbye: the session can't be resumed.
func TestReconnectClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		r, wire := w.returning(w.config("Anna"))
		wire.cut(true)
		time.Sleep(time.Hour)
		_ = r.Close()
		_ = r.Close()
		if !errors.Is(r.Err(), control.ErrClientClosed) {
			t.Error(r.Err())
		}
		if grant, _ := r.VoiceGrant(); grant.Session != 0 {
			t.Error("there is a grant after the end")
		}
	})
}
