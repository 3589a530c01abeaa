package control

import (
	"net/netip"
	"sync"
	"time"
)

const (
	throttleEntries = 4096      // of each table of a throttle
	knownSources    = 8         // from which an account has logged in last
	failuresFade    = time.Hour // after which failures are forgotten
	firstDelay      = time.Second
)

// policy says how long to wait after how many failures: not at all after the
// free ones, then a second, then twice as long each time.
type policy struct {
	free    int
	longest time.Duration
}

var (
	accountPolicy = policy{free: 5, longest: time.Minute}
	sourcePolicy  = policy{free: 20, longest: 15 * time.Minute}
)

// throttle slows down who guesses passwords and tokens, by the account that is
// tried and by the source that tries. It counts failures and not successes.
//
// A source from which an account has logged in before is known to it, and has a
// count of its own: neither what others try on the account nor what else comes from
// the source delays it. So nobody can lock an owner out. All tables are bounded.
type throttle struct {
	mu       sync.Mutex
	accounts lru[string, failures] // by folded name, whether or not there is such an account
	sources  lru[netip.Addr, failures]
	known    lru[string, [knownSources]knownSource] // by folded name
}

// knownSource is a source from which an account has logged in.
type knownSource struct {
	source   netip.Addr
	since    time.Time // of the last login
	failures failures  // since then
}

// attempt is one that begin has let go on.
type attempt struct {
	name   string // folded; "": a token says who it is
	source netip.Addr
	known  bool
}

// outcome is how an attempt has ended.
type outcome int

const (
	undecided outcome = iota // the server was busy, or failed
	succeeded
	failed
)

func newThrottle() *throttle {
	return &throttle{
		accounts: lru[string, failures]{limit: throttleEntries},
		sources:  lru[netip.Addr, failures]{limit: throttleEntries},
		known:    lru[string, [knownSources]knownSource]{limit: throttleEntries},
	}
}

// begin says how long an attempt has to wait; with 0 it may go on, and end has to
// be called. An attempt that comes too early for the account counts as a failure of
// the source, so that nobody gets ahead of others by trying without pause.
func (t *throttle) begin(name string, source netip.Addr, now time.Time) (attempt, time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := attempt{name: name, source: source}
	if f := t.knownTo(name, source); f != nil {
		a.known = true
		return a, f.begin(accountPolicy, now)
	}
	from := t.from(source)
	if wait := from.wait(sourcePolicy, now); wait > 0 {
		return a, wait
	}
	if name != "" {
		if wait := t.accounts.put(name).begin(accountPolicy, now); wait > 0 {
			from.fail(now)
			return a, wait
		}
	}
	from.running++
	return a, 0
}

// end says how an attempt has ended.
func (t *throttle) end(a attempt, how outcome, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.known {
		if f := t.knownTo(a.name, a.source); f != nil {
			f.end(how, now)
		}
	} else {
		t.from(a.source).end(how, now)
		if a.name != "" {
			t.accounts.put(a.name).end(how, now)
		}
	}
	if how == succeeded && a.name != "" && a.source.IsValid() {
		t.remember(a.name, a.source, now)
	}
}

// from, under mu, gives the failures of a source; of one without an address none
// that last.
func (t *throttle) from(source netip.Addr) *failures {
	if !source.IsValid() {
		return new(failures)
	}
	return t.sources.put(source)
}

// knownTo, under mu, gives the failures of a source that an account knows, or nil.
func (t *throttle) knownTo(name string, source netip.Addr) *failures {
	all := t.known.get(name)
	if all == nil {
		return nil
	}
	for i := range all {
		if all[i].source == source && source.IsValid() {
			return &all[i].failures
		}
	}
	return nil
}

// remember, under mu, makes a source known to an account, in the place of the one
// that was used least recently.
func (t *throttle) remember(name string, source netip.Addr, now time.Time) {
	all := t.known.put(name)
	at := 0
	for i := range all {
		if all[i].source == source {
			at = i
			break
		}
		if all[i].since.Before(all[at].since) {
			at = i
		}
	}
	if all[at].source != source {
		all[at] = knownSource{source: source}
	}
	all[at].since, all[at].failures.count = now, 0
}

// failures counts those of an account or a source. The zero value has none.
type failures struct {
	count   int
	running int // attempts that have begun and not ended
	last    time.Time
}

// begin is wait, after which 0 begins an attempt.
func (f *failures) begin(p policy, now time.Time) time.Duration {
	wait := f.wait(p, now)
	if wait == 0 {
		f.running++
	}
	return wait
}

// wait says how long an attempt has to wait. Attempts that still run count as
// failures once there was one, so that many at the same time are no way around.
func (f *failures) wait(p policy, now time.Time) time.Duration {
	if f.running == 0 && now.Sub(f.last) >= failuresFade {
		f.count = 0
	}
	switch {
	case f.count == 0, f.count+f.running < p.free:
		return 0
	case f.running > 0:
		return firstDelay
	default:
		return max(0, f.last.Add(p.delay(f.count)).Sub(now))
	}
}

func (f *failures) end(how outcome, now time.Time) {
	f.running = max(0, f.running-1) // the entry may be another than at the begin
	if how == failed {
		f.fail(now)
	}
}

func (f *failures) fail(now time.Time) {
	f.count++
	f.last = now
}

// delay is how long to wait after the last of count failures.
func (p policy) delay(count int) time.Duration {
	over := count - p.free
	switch {
	case over < 0:
		return 0
	case over >= 20: // beyond any longest, and no overflow
		return p.longest
	default:
		return min(firstDelay<<over, p.longest)
	}
}

// sourceOf gives what is throttled as one: an IPv4 address, or the 64 bits of an
// IPv6 address that its owner can't choose. It is not valid for what is no address.
func sourceOf(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if !addr.Is6() {
		return addr
	}
	prefix, _ := addr.Prefix(64) // there are so many bits
	return prefix.Addr()
}
