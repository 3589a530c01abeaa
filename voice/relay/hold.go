package relay

import (
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

const (
	// talkWindow is for how long after a frame somebody counts as one who talks: more
	// than a frame of the longest kind.
	talkWindow = 100 * time.Millisecond

	// few is how many may talk before frames wait for company, and many how many talk
	// where they wait for the longest. Among six hardly a frame would find another.
	few, many = 6, 9

	roomsInterval = time.Second // between two looks for rooms that are gone
)

// room is what a loop knows of a channel: who talks there, and frames that wait for
// company.
type room struct {
	channel *channel
	talkers []recent
	held    []voiced
	due     time.Duration // when they leave at the latest
	listed  bool          // in the loop's holding
	used    int           // of space
	past    []byte        // copies that follow what is held
	space   [packet.MaxFrames]byte
}

// recent is one who talked at a time.
type recent struct {
	session *session
	at      time.Duration
}

// say sends l.group, or lets it wait in its channel's room.
func (l *loop) say() {
	if l.maxWait <= 0 {
		l.carry(l.group)
		return
	}
	r := l.room(l.group[0].channel)
	step := waitStep(r.count(l.now, l.group), l.maxWait)
	if step == 0 && len(r.held) == 0 {
		l.carry(l.group)
		return
	}
	for _, f := range l.group {
		l.hold(r, f, step)
	}
}

func (l *loop) room(c *channel) *room {
	r := l.rooms[c]
	if r == nil {
		r = &room{channel: c}
		l.rooms[c] = r
	}
	return r
}

// count takes note of who has spoken now and returns how many talk.
func (r *room) count(now time.Duration, group []voiced) int {
	r.talkers = slices.DeleteFunc(r.talkers, func(t recent) bool { return now-t.at >= talkWindow })
	for i := range group {
		r.heard(group[i].speaker, now)
	}
	return len(r.talkers)
}

func (r *room) heard(s *session, now time.Duration) {
	for i := range r.talkers {
		if r.talkers[i].session == s {
			r.talkers[i].at = now
			return
		}
	}
	r.talkers = append(r.talkers, recent{s, now})
}

// waitStep is the time between two instants at which frames leave where so many
// talk. With the default it divides a frame's time, so that each speaker's frames
// always wait for equally long.
func waitStep(talkers int, maxWait time.Duration) time.Duration {
	switch {
	case talkers <= few:
		return 0
	case talkers < many:
		return maxWait / 2
	default:
		return maxWait
	}
}

// hold lets a frame wait until the next multiple of step after it came. What makes
// no datagram longer has no reason to wait: a full one leaves at once.
func (l *loop) hold(r *room, f voiced, step time.Duration) {
	if r.used+len(f.frame) > len(r.space) {
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

// release sends what is due.
func (l *loop) release() {
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
		if now := f.speaker.route.Load(); now.channel == r.channel && !now.Muted {
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

// patience is how long the loop may wait for datagrams; negative: forever.
func (l *loop) patience() time.Duration {
	if len(l.holding) == 0 {
		return -1
	}
	due := l.holding[0].due
	for _, r := range l.holding[1:] {
		due = min(due, r.due)
	}
	return max(due-time.Since(l.relay.start), 0)
}

// sweep forgets, now and then, the rooms of channels that are gone.
func (l *loop) sweep() {
	if l.now < l.sweepDue {
		return
	}
	l.sweepDue = l.now + roomsInterval
	for c, r := range l.rooms {
		if c.gone.Load() && len(r.held) == 0 {
			delete(l.rooms, c)
		}
	}
}
