package control

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// clock is a time that a test moves.
type clock struct{ now time.Time }

// try begins an attempt and ends it as how says; it returns how long it had to wait
// instead.
func (c *clock) try(t *throttle, name, source string, how outcome) time.Duration {
	addr, _ := netip.ParseAddr(source)
	a, wait := t.begin(name, sourceOf(addr), c.now)
	if wait == 0 {
		t.end(a, how, c.now)
	}
	return wait
}

// One who guesses waits twice as long each time, up to the longest; successes and
// what the server could not decide count nothing.
func TestThrottleAccount(t *testing.T) {
	c, th := &clock{time.Now()}, newThrottle()
	for i := range 100 {
		if wait := c.try(th, "anna", "192.0.2.1", succeeded) + c.try(th, "bo", "192.0.2.1", undecided); wait != 0 {
			t.Fatalf("success %d made the next wait %v", i, wait)
		}
	}
	for i, want := range []time.Duration{0, 0, 0, 0, 0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute} {
		source := fmt.Sprintf("198.51.100.%d", i)
		if wait := c.try(th, "anna", source, failed); wait != want {
			t.Fatalf("guess %d has to wait %v, want %v", i, wait, want)
		}
		if c.now = c.now.Add(want); want > 0 && c.try(th, "anna", source, failed) != 0 {
			t.Fatalf("guess %d has to wait for longer than it was told", i)
		}
	}
	c.now = c.now.Add(failuresFade)
	if wait := c.try(th, "anna", "203.0.113.1", failed); wait != 0 {
		t.Errorf("after an hour: %v", wait)
	}
}

// A source waits whatever names it tries; its network is what counts in IPv6.
func TestThrottleSource(t *testing.T) {
	for what, source := range map[string]func(i int) string{
		"IPv4":          func(int) string { return "192.0.2.1" },
		"IPv4 in IPv6":  func(i int) string { return []string{"192.0.2.1", "::ffff:192.0.2.1"}[i%2] },
		"IPv6":          func(i int) string { return fmt.Sprintf("2001:db8:1:2::%x", i+1) },
		"IPv6 and zone": func(i int) string { return fmt.Sprintf("fe80::1%%eth%d", i) },
	} {
		c, th := &clock{time.Now()}, newThrottle()
		for i := range sourcePolicy.free {
			if wait := c.try(th, fmt.Sprint("user", i), source(i), failed); wait != 0 {
				t.Fatalf("%s: guess %d has to wait %v", what, i, wait)
			}
		}
		if wait := c.try(th, "anna", source(1000), failed); wait != time.Second {
			t.Errorf("%s: after %d failures the wait is %v", what, sourcePolicy.free, wait)
		}
		if wait := c.try(th, "", source(1001), failed); wait != time.Second {
			t.Errorf("%s: for a token the wait is %v", what, wait)
		}
		for _, other := range []string{"192.0.2.2", "2001:db8:1:3::1"} {
			if wait := c.try(th, "anna", other, failed); wait != 0 {
				t.Errorf("%s: %s waits %v for what another did", what, other, wait)
			}
		}
	}
}

// An owner who has logged in from a source gets in from there, whatever others do
// to the account, from the same source too. From elsewhere the owner needs luck.
func TestThrottleOwner(t *testing.T) {
	c, th := &clock{time.Now()}, newThrottle()
	c.try(th, "owner", "192.0.2.1", succeeded)
	for i := range 200 {
		c.try(th, "owner", fmt.Sprintf("2001:db8:0:%x::1", i), failed)
		c.try(th, fmt.Sprint("another", i), "192.0.2.1", failed)
		c.now = c.now.Add(100 * time.Millisecond)
	}
	if c.try(th, "owner", "2001:db8:1::1", succeeded) == 0 || c.try(th, "another", "192.0.2.1", succeeded) == 0 {
		t.Fatal("the attack throttles nobody")
	}
	if wait := c.try(th, "owner", "192.0.2.1", succeeded); wait != 0 {
		t.Errorf("the owner waits %v", wait)
	}
	for range accountPolicy.free {
		c.try(th, "owner", "192.0.2.1", failed)
	}
	if wait := c.try(th, "owner", "192.0.2.1", failed); wait != time.Second {
		t.Errorf("guesses from the owner's own source wait %v", wait)
	}
}

// Once there was a failure, many at the same time get no further than one after the
// other.
func TestThrottleAtOnce(t *testing.T) {
	c, th := &clock{time.Now()}, newThrottle()
	source := netip.MustParseAddr("192.0.2.1")
	begin := func() (running []attempt) {
		for i := range 100 {
			if a, wait := th.begin("anna", sourceOf(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})), c.now); wait == 0 {
				running = append(running, a)
			}
		}
		return running
	}
	c.try(th, "anna", source.String(), failed)
	if n := len(begin()); n != accountPolicy.free-1 {
		t.Errorf("%d run after one failure", n)
	}
	th = newThrottle()
	for range accountPolicy.free + 3 {
		c.try(th, "anna", source.String(), failed)
		c.now = c.now.Add(10 * time.Second)
	}
	running := begin()
	if len(running) != 1 {
		t.Fatalf("%d run when one may", len(running))
	}
	th.end(running[0], failed, c.now)
	if n := len(begin()); n != 0 {
		t.Errorf("%d run right after it has failed", n)
	}
}

// A million sources, names and logins make the tables no larger than they may be.
func TestThrottleIsBounded(t *testing.T) {
	c, th := &clock{time.Now()}, newThrottle()
	for i := range 100_000 {
		addr := netip.AddrFrom16([16]byte{0x20, 1, 4: byte(i >> 16), 5: byte(i >> 8), 6: byte(i)})
		a, _ := th.begin(fmt.Sprint("user", i), sourceOf(addr), c.now)
		th.end(a, []outcome{failed, succeeded}[i%2], c.now)
	}
	if len(th.accounts.entries) != throttleEntries || len(th.sources.entries) != throttleEntries || len(th.known.entries) != throttleEntries {
		t.Errorf("the tables have %d, %d and %d entries", len(th.accounts.entries), len(th.sources.entries), len(th.known.entries))
	}
}

// An account knows the sources that it has come from last.
func TestThrottleKnownSources(t *testing.T) {
	c, th := &clock{time.Now()}, newThrottle()
	source := func(i int) string { return fmt.Sprintf("192.0.2.%d", i) }
	for i := range knownSources {
		c.try(th, "anna", source(i), succeeded)
		c.now = c.now.Add(time.Second)
	}
	c.try(th, "anna", source(0), succeeded)
	c.now = c.now.Add(time.Second)
	c.try(th, "anna", source(100), succeeded) // takes the place of 1
	for i := range knownSources {
		known := th.knownTo("anna", netip.MustParseAddr(source(i))) != nil
		if known != (i != 1) {
			t.Errorf("source %d is known: %v", i, known)
		}
	}
}

// A source that has no address is nobody's to hinder.
func TestThrottleWithoutAddress(t *testing.T) {
	c, th := &clock{time.Now()}, newThrottle()
	for i := range 100 {
		if wait := c.try(th, fmt.Sprint(i), "", failed); wait != 0 {
			t.Fatalf("guess %d waits %v", i, wait)
		}
	}
}

// Whatever comes, no wait is negative or longer than the longest, and the tables
// stay bounded.
func FuzzThrottle(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5})
	f.Add([]byte{0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0x42, 0xff, 0x42, 0x42})
	f.Fuzz(func(t *testing.T, steps []byte) {
		c, th := &clock{time.Unix(1, 0)}, newThrottle()
		th.accounts.limit, th.sources.limit, th.known.limit = 3, 3, 3
		var running []attempt
		for _, step := range steps {
			name, source, act := []string{"", "a", "b", "c", "d", "e", "f", "g"}[step&7], netip.AddrFrom4([4]byte{192, 0, 2, step >> 3 & 3}), step>>5
			switch {
			case act < 4:
				a, wait := th.begin(name, source, c.now)
				if wait < 0 || wait > sourcePolicy.longest {
					t.Fatalf("wait %v", wait)
				}
				if wait == 0 {
					running = append(running, a)
				}
			case act < 7 && len(running) > 0:
				th.end(running[0], outcome(act-4), c.now)
				running = running[1:]
			default:
				c.now = c.now.Add(time.Duration(step) * time.Second)
			}
			if len(th.accounts.entries) > 3 || len(th.sources.entries) > 3 || len(th.known.entries) > 3 {
				t.Fatal("a table is too large")
			}
		}
	})
}

// The table gives what a plain map would, but for the least recently used.
func FuzzLRU(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 0x81, 0x82, 1})
	f.Fuzz(func(t *testing.T, steps []byte) {
		const limit = 4
		table := lru[byte, int]{limit: limit}
		var model []byte // the keys, the newest last
		values := make(map[byte]int)
		for i, step := range steps {
			key, put := step&0x0f, step&0x80 == 0
			at := -1
			for j, k := range model {
				if k == key {
					at = j
				}
			}
			if !put {
				if got := table.get(key); (got != nil) != (at >= 0) || got != nil && *got != values[key] {
					t.Fatalf("get of %d: %v", key, got)
				}
			} else {
				got := table.put(key)
				if at < 0 && *got != 0 || at >= 0 && *got != values[key] {
					t.Fatalf("put of %d: %d", key, *got)
				}
				*got, values[key] = i+1, i+1
			}
			if at >= 0 {
				model = append(model[:at], model[at+1:]...)
			}
			if at >= 0 || put {
				model = append(model, key)
			}
			if len(model) > limit {
				model = model[1:]
			}
			if len(table.entries) != len(model) {
				t.Fatalf("%d entries, want %d", len(table.entries), len(model))
			}
		}
	})
}

// Who has guessed too often has nothing hashed, at either door to the owner's account.
func TestThrottledClaim(t *testing.T) {
	cert, key, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Certificate: cert, Directory: NewMemory(), Logger: slog.New(slog.DiscardHandler)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(listener) }) // it ends when it is closed
	defer serving.Wait()
	defer s.Close()
	c, err := Dial(t.Context(), listener.Addr().String(), ClientConfig{Name: "Eve", Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	from := netip.MustParseAddr("127.0.0.1")
	for range sourcePolicy.free {
		a, _ := s.throttle.begin("", from, time.Now())
		s.throttle.end(a, failed, time.Now())
	}
	for s.hasher.enter(netip.Addr{}) { // until nothing more can be hashed
	}
	if _, err := s.Claim(t.Context(), "x", "Bo", "correct horse", from); !errors.Is(err, voiceapp.Limited) {
		t.Errorf("Server.Claim: %v", err)
	}
	if _, err := c.Claim(t.Context(), "x", "Bo", "correct horse"); !errors.Is(err, voiceapp.Limited) {
		t.Errorf("account.claim: %v", err)
	}
}
