package control

import (
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// loginGrace is how long a connection is left alone before, in a rush, it has to
// make room for one of a source that has as many.
const loginGrace = 3 * time.Second

// gate bounds the connections: those that have not logged in, in all, and those of
// one source. When too many have not logged in, the source that has most of them
// makes room, so that nobody keeps the others out by connecting and keeping silent.
type gate struct {
	maxPending, maxPerSource int

	mu      sync.Mutex
	pending []*conn       // in the order of coming
	gauge   *atomic.Int64 // how many these are
	sources map[netip.Addr]*sourceCount
}

// sourceCount counts the connections of one source.
type sourceCount struct{ all, pending int }

func newGate(l Limits, gauge *atomic.Int64) *gate {
	return &gate{gauge: gauge, maxPending: l.MaxPending, maxPerSource: l.MaxPerSource, sources: make(map[netip.Addr]*sourceCount)}
}

// enter lets a connection in, or not. If it lets it in and that needs room, victim
// is the connection to be cut.
func (g *gate) enter(c *conn, now time.Time) (victim *conn, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	count := g.sources[c.source]
	if count == nil {
		count = new(sourceCount)
	}
	if c.source.IsValid() && count.all >= g.maxPerSource {
		return nil, false
	}
	if len(g.pending) >= g.maxPending {
		if victim = g.victim(count.pending, now); victim == nil {
			return nil, false
		}
		g.settle(victim)
	}
	count.all++
	count.pending++
	g.sources[c.source] = count
	g.pending = append(g.pending, c)
	g.gauge.Store(int64(len(g.pending)))
	c.came = now
	return victim, true
}

// victim, under mu, gives the connection that makes room for one of a source that
// has mine already: the oldest of the sources that have most, if they have more than
// that source would, or if it has had its time. nil: there is none.
func (g *gate) victim(mine int, now time.Time) *conn {
	most := 0
	for _, count := range g.sources {
		most = max(most, count.pending)
	}
	for _, c := range g.pending {
		if g.sources[c.source].pending == most {
			if mine+1 < most || now.Sub(c.came) >= loginGrace {
				return c
			}
			return nil // those behind it came later
		}
	}
	return nil
}

// loggedIn takes a connection off those that have not logged in. It is idempotent.
func (g *gate) loggedIn(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.settle(c)
}

// leave forgets a connection that enter has let in.
func (g *gate) leave(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.settle(c)
	count := g.sources[c.source]
	if count.all--; count.all == 0 {
		delete(g.sources, c.source)
	}
}

// settle, under mu, takes a connection off the pending ones.
func (g *gate) settle(c *conn) {
	at := slices.Index(g.pending, c)
	if at < 0 {
		return
	}
	g.pending = slices.Delete(g.pending, at, at+1)
	g.gauge.Store(int64(len(g.pending)))
	g.sources[c.source].pending--
}
