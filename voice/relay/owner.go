package relay

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Where many talk, the frames of a channel wait for company in one loop's room, its
// owner's. The other loops, and what comes by tunnels and from peers, hand theirs over.
// An owner looks for them at each instant at which frames may leave, and goes on doing so
// for a while after the last: only the first of a crowd has to wake it. Who hands over
// stays awake as well, as going to sleep between two frames costs more than to look.

// inbox is the rings that end at a loop. Other loops add theirs; only the loop takes from
// them.
type inbox struct {
	mu     sync.Mutex // guards changes
	rings  atomic.Pointer[[]*ring]
	asleep atomic.Bool   // does not look by itself
	closed atomic.Bool   // the loop has ended
	vigil  time.Duration // until when the loop looks by itself; the loop's own, as the next
	step   time.Duration // the shortest of the waits of what was handed over since; 0: nothing was
}

// handing is how long a frame may be on its way from the loop that has received it to
// another one and still leave with those that came when it did.
const handing = 200 * time.Microsecond

// look is when the loop looks next: just after the instants at which frames leave.
func (b *inbox) look(now time.Duration) time.Duration {
	step := cmp.Or(b.step, DefaultMaxWait/2)
	return now - (now-handing)%step + step
}

// watch has the loop look by itself for a while, as often as frames leave.
func (b *inbox) watch(now, step time.Duration) {
	if now >= b.vigil {
		b.step = 0
	}
	if b.vigil = now + talkWindow; step > 0 && (b.step == 0 || step < b.step) {
		b.step = step
	}
}

// connect makes a ring from a loop.
func (b *inbox) connect(from *loop) *ring {
	b.mu.Lock()
	defer b.mu.Unlock()
	added := &ring{from: from}
	rings := []*ring{added}
	if before := b.rings.Load(); before != nil {
		rings = append(rings, *before...)
	}
	b.rings.Store(&rings)
	return added
}

// all returns the rings at present.
func (b *inbox) all() []*ring {
	if rings := b.rings.Load(); rings != nil {
		return *rings
	}
	return nil
}

func (b *inbox) empty() bool {
	return !slices.ContainsFunc(b.all(), func(r *ring) bool { return !r.empty() })
}

// sweep forgets the rings from loops that have ended.
func (b *inbox) sweep() {
	over := func(r *ring) bool { return r.from.inbox.closed.Load() && r.empty() }
	if !slices.ContainsFunc(b.all(), over) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	rings := slices.DeleteFunc(slices.Clone(b.all()), over)
	b.rings.Store(&rings)
}

// handOver gives l.group to the owner of its channel.
func (l *loop) handOver(owner *loop) {
	l.inbox.watch(l.now, 0)
	ring := l.outbox[owner]
	if ring == nil {
		ring = owner.inbox.connect(l)
		l.outbox[owner] = ring
	}
	for i := range l.group {
		if !ring.push(&l.group[i]) {
			l.counts.count(dropBacklog)
		}
	}
	if owner.inbox.asleep.Load() && owner.inbox.asleep.CompareAndSwap(true, false) {
		owner.socket.wake()
	}
}

// takeOver lets wait here what other loops have handed over.
func (l *loop) takeOver() {
	for _, ring := range l.inbox.all() {
		for f := ring.first(); f != nil; f = ring.first() {
			step := f.channel.step(l.now, l.maxWait)
			l.inbox.watch(l.now, step)
			l.hold(l.room(f.channel), *f, step)
			ring.drop()
		}
	}
}

// rest is how long the loop may wait for datagrams, negative: forever. It is asleep then:
// who hands something over has to wake it.
func (l *loop) rest() time.Duration {
	patience := l.patience()
	if patience >= 0 {
		return patience
	}
	l.inbox.asleep.Store(true)
	if l.inbox.empty() {
		return patience
	}
	l.inbox.asleep.Store(false)
	return 0
}

// assign gives each channel an owner: of the loops that have a socket to themselves, as
// others can't be woken, the one with the fewest members in its channels. The caller
// holds r.mu.
func (r *Relay) assign() {
	for l := range r.loops {
		l.members = 0
	}
	for _, c := range r.channels.byID {
		c.owner.Store(nil)
		r.own(c)
	}
}

// own finds an owner for a channel. The caller holds r.mu.
func (r *Relay) own(c *channel) {
	var owner *loop
	for l := range r.loops {
		if l.maxWait > 0 && r.queues[l.socket.conn].loops == 1 && (owner == nil || l.members < owner.members) {
			owner = l
		}
	}
	if owner != nil {
		owner.members += c.members
	}
	c.owner.Store(owner)
}

// enroll counts a member more of a channel, or one less. The caller holds r.mu.
func (c *channel) enroll(members int) {
	c.members += members
	if owner := c.owner.Load(); owner != nil {
		owner.members += members
	}
}

// dismiss ends what others hand to a loop that has ended: it has no channels any more.
// The caller holds r.mu.
func (r *Relay) dismiss(l *loop) {
	r.assign()
	r.settle()
	for _, ring := range l.inbox.all() {
		for ring.first() != nil {
			ring.drop()
			l.counts.count(dropBacklog)
		}
	}
	l.inbox.closed.Store(true)
}
