package relay

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// crowd lets so many sessions, from the id on, speak in a channel until the test
// stops them; together they say a few thousand frames a second.
func (s server) crowd(t *testing.T, first voiceapp.SessionID, n int, to voiceapp.Route) (stop func()) {
	t.Helper()
	members := make([]*client, n)
	for i := range members {
		members[i] = s.join(t, first+voiceapp.SessionID(i), to)
	}
	var wg sync.WaitGroup
	quit := make(chan struct{})
	wg.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		a := packet.Audio{Payload: make([]byte, 20)}
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
			}
			for _, m := range members {
				a.Sequence++
				datagram, err := m.sealer.Seal(nil, a.AppendTo(nil))
				if err == nil {
					_, err = m.conn.Write(datagram)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	return func() { close(quit); wg.Wait() }
}

// drain takes in what comes until nothing does for so long, and returns how many
// datagrams that were. Loopback delivers at once, or nearly so on a busy machine.
func (c *client) drain(wait time.Duration) (n int) {
	c.t.Helper()
	var buf [2000]byte
	for {
		_ = c.conn.SetReadDeadline(time.Now().Add(wait))
		size, err := c.conn.Read(buf[:])
		if err != nil {
			return n
		}
		c.open(buf[:size])
		n++
	}
}

// [VOICE-14] What is in the listener's buffer when SetRoute returns is the last
// of the old channel.
func TestNoFrameTakesTheOldWay(t *testing.T) {
	s := serve(t, "udp4", "127.0.0.1:0", 3)
	listener, still := s.join(t, 1, lobby), s.join(t, 2, voiceapp.Route{})
	stop := s.crowd(t, 100, 30, lobby)
	defer stop()
	for range 40 {
		for _, away := range []voiceapp.Route{{Channel: 2}, {}, {Channel: 1, Deaf: true}} {
			if err := s.SetRoute(1, lobby); err != nil {
				t.Fatal(err)
			}
			listener.receive() // it hears the crowd
			if err := s.SetRoute(1, away); err != nil {
				t.Fatal(err)
			}
			listener.drain(2 * time.Millisecond)
			still.sync() // the loops go on
			still.sync()
			if n := listener.drain(2 * time.Millisecond); n != 0 {
				t.Fatalf("%d datagrams from the old channel came after SetRoute to %+v", n, away)
			}
		}
	}
}

// [VOICE-14] From the moment that SetRoute returns a muted speaker is not heard.
func TestMuteTakesEffectAtOnce(t *testing.T) {
	s := serve(t, "udp4", "127.0.0.1:0", 3)
	listener, speaker := s.join(t, 1, lobby), s.join(t, 2, lobby)
	muted := lobby
	muted.Muted = true
	for range 50 {
		for range 5 {
			speaker.say("x")
		}
		if err := s.SetRoute(2, muted); err != nil {
			t.Fatal(err)
		}
		listener.drain(2 * time.Millisecond)
		heard := len(listener.heard)
		speaker.sync() // what was still in the relay's socket is through
		listener.sync()
		if len(listener.heard) != heard {
			t.Fatal("a muted speaker was heard")
		}
		if err := s.SetRoute(2, lobby); err != nil {
			t.Fatal(err)
		}
	}
}

// [VOICE-3] Whatever loops seal for a listener at once, no counter is used twice.
func TestNoNonceIsUsedTwice(t *testing.T) {
	s := serve(t, "udp4", "127.0.0.1:0", 4)
	listener := s.join(t, 1, lobby)
	stops := []func(){s.crowd(t, 100, 15, lobby), s.crowd(t, 200, 15, voiceapp.Route{Channel: 2})}
	for i := range 300 {
		to := lobby
		to.Channel += voiceapp.ChannelID(i % 2)
		if err := s.SetRoute(1, to); err != nil {
			t.Fatal(err)
		}
		listener.sync()
		listener.receive()
	}
	for _, stop := range stops {
		stop()
	}
	listener.drain(2 * time.Millisecond)
	used := map[uint64]bool{}
	for _, counter := range listener.counters {
		if used[counter] || counter == 0 {
			t.Fatalf("counter %d was used twice", counter)
		}
		used[counter] = true
	}
	if len(used) < 600 {
		t.Errorf("%d datagrams are too few to tell", len(used))
	}
}

// Sessions come, move and go while others speak; all that is left is what is
// there.
func TestChangesUnderLoad(t *testing.T) {
	s := serve(t, "udp4", "127.0.0.1:0", 2)
	stop := s.crowd(t, 1000, 10, lobby)
	defer stop()
	var wg sync.WaitGroup
	for worker := range voiceapp.SessionID(4) {
		wg.Go(func() {
			for i := range voiceapp.SessionID(100) {
				id := 1<<24*worker + i%7 + 1
				if _, err := s.AddSession(id); err != nil {
					t.Error(err)
				}
				for channel := range voiceapp.ChannelID(3) {
					if err := s.SetRoute(id, voiceapp.Route{Channel: channel}); err != nil {
						t.Error(err)
					}
				}
				if _, err := s.SessionStats(id); err != nil {
					t.Error(err)
				}
				s.Stats()
				s.RemoveSession(id)
			}
		})
	}
	wg.Wait()
	if stats := s.Stats(); stats.Sessions != 10 || stats.Channels != 1 {
		t.Errorf("%d sessions and %d channels are left, want 10 and 1", stats.Sessions, stats.Channels)
	}
}

// [VOICE-14] The same without luck: what changes waits for the turn under way,
// and for that one only.
func TestChangesWaitForTheTurn(t *testing.T) {
	changes := map[string]func(r *Relay) error{
		"SetRoute":      func(r *Relay) error { return r.SetRoute(1, voiceapp.Route{Channel: 2}) },
		"RemoveSession": func(r *Relay) error { r.RemoveSession(1); return nil },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := New(Config{})
				if _, err := r.AddSession(1); err != nil {
					t.Fatal(err)
				}
				busy, idle := newLoop(r, nil), newLoop(r, nil)
				r.loops[busy], r.loops[idle] = struct{}{}, struct{}{}
				for range 3 {
					busy.turn.begin() // a token may be left over from it
					busy.turn.wanted.Store(true)
					busy.turn.end()
				}
				busy.turn.begin()
				done := make(chan error, 1)
				go func() { done <- change(r) }()
				synctest.Wait()
				select {
				case err := <-done:
					t.Fatal("it returned during the turn:", err)
				default:
				}
				busy.turn.end()
				busy.turn.begin() // the next turn may go on as long as it likes
				synctest.Wait()
				select {
				case err := <-done:
					if err != nil {
						t.Error(err)
					}
				default:
					t.Fatal("it did not return after the turn")
				}
			})
		})
	}
}
