package relay

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

const (
	// talkWindow is for how long after a frame somebody counts as one who talks: more
	// than a frame of the longest kind.
	talkWindow = 100 * time.Millisecond

	roomSize = 4 * packet.MaxFrames // bytes of frames that wait

	roomsInterval = time.Second // between two looks for rooms that are gone
)

// room is frames of a channel that wait for company.
type room struct {
	channel *channel
	held    []voiced
	due     time.Duration // when they leave at the latest
	listed  bool          // in the loop's holding
	used    int           // of space
	past    []byte        // copies that follow what is held
	space   [roomSize]byte
}

// say counts who has spoken, and sends l.group or lets it wait.
func (l *loop) say() {
	c := l.group[0].channel
	for i := range l.group {
		c.company.heard(l.now, l.group[i].speaker)
	}
	l.gatherIn(c, c.step(l.now, l.relay.maxWait))
}

// gatherIn lets l.group wait where many talk, here or with the channel's owner, and sends
// it where few do.
func (l *loop) gatherIn(c *channel, step time.Duration) {
	owner := c.owner.Load()
	switch {
	case step > 0 && owner != nil && owner != l:
		l.handOver(owner)
	case l.maxWait <= 0, step == 0 && l.rooms[c].empty():
		l.carry(l.group)
	default:
		r := l.room(c)
		for _, f := range l.group {
			l.hold(r, f, step)
		}
	}
}

// empty reports whether nothing waits; a room that is not there is.
func (r *room) empty() bool { return r == nil || len(r.held) == 0 }

func (l *loop) room(c *channel) *room {
	r := l.rooms[c]
	if r == nil {
		r = &room{channel: c}
		l.rooms[c] = r
	}
	return r
}

// hold lets a frame wait until the next multiple of step after it came. What makes
// nothing cheaper has no reason to wait: what is full leaves at once.
func (l *loop) hold(r *room, f voiced, step time.Duration) {
	if r.used > 0 && r.used+len(f.frame) > l.full() {
		l.leave(r)
	}
	leaves := l.now
	if step > 0 {
		leaves = f.came - f.came%step + step
	}
	if len(r.held) == 0 || leaves < r.due {
		r.due = leaves
	}
	kept := r.space[r.used : r.used+copy(r.space[r.used:], f.frame)]
	r.used += len(kept)
	f.frame = kept
	r.past = f.follow.move(r.past)
	r.held = append(r.held, f)
	if !r.listed {
		r.listed = true
		l.holding = append(l.holding, r)
	}
}

// full is how many bytes of frames a room holds: as many as fill a datagram, or several,
// where those cost less together.
func (l *loop) full() int {
	if l.socket != nil && l.socket.segments() {
		return roomSize
	}
	return packet.SafeFrames
}

// release sends what is due: who has few listeners does not wait for who has many.
func (l *loop) release() {
	slices.SortFunc(l.holding, func(a, b *room) int {
		return cmp.Compare(len(*a.channel.listeners.Load()), len(*b.channel.listeners.Load()))
	})
	later := l.holding[:0]
	for _, r := range l.holding {
		if r.due <= l.now {
			l.leave(r)
		}
		if r.listed = len(r.held) > 0; r.listed {
			later = append(later, r)
		}
	}
	clear(l.holding[len(later):])
	l.holding = later
}

// leave sends what a room holds, but for what its speaker's route has turned away
// meanwhile: a route counts from the moment that SetRoute returns.
func (l *loop) leave(r *room) {
	still := r.held[:0]
	for _, f := range r.held {
		if f.from(r.channel) {
			still = append(still, f)
		} else {
			l.counts.count(dropMoved)
		}
	}
	if len(still) > 0 {
		l.carry(still)
	}
	clear(r.held)
	r.held, r.used, r.past = r.held[:0], 0, r.past[:0]
}

// from reports whether a frame's speaker may still say it to the channel. A peer's does
// as the peer says.
func (f *voiced) from(c *channel) bool {
	to := f.speaker.route.Load()
	return to == nil || to.channel == c && !to.Muted
}

// patience is how long the loop has nothing to do by itself; negative: forever.
func (l *loop) patience() time.Duration {
	due := time.Duration(math.MaxInt64)
	if l.now < l.inbox.vigil {
		due = l.inbox.look(l.now)
	}
	for _, r := range l.holding {
		due = min(due, r.due)
	}
	for i := range l.tails {
		due = min(due, l.tails[i].due)
	}
	if due == math.MaxInt64 {
		return -1
	}
	return max(due-time.Since(l.relay.start), 0)
}

// sweep forgets, now and then, the rooms of channels that are gone, and rings that lead
// nowhere.
func (l *loop) sweep() {
	if l.now < l.sweepDue {
		return
	}
	l.sweepDue = l.now + roomsInterval
	for c, r := range l.rooms {
		if c.gone.Load() && r.empty() {
			delete(l.rooms, c)
		}
	}
	for owner := range l.outbox {
		if owner.inbox.closed.Load() {
			delete(l.outbox, owner)
		}
	}
	l.inbox.sweep()
}
