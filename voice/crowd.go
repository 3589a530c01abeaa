package voice

import (
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Who is heard of more speakers than a receiver holds.
const (
	crowdMargin   = 6                      // dB by which a new speaker has to be louder than the quietest
	crowdInterval = 100 * time.Millisecond // between two looks for the quietest
)

// crowd is what a receiver that is full knows of those it holds, so that a frame of
// one more costs next to nothing.
type crowd struct {
	looked  bool
	next    time.Duration // when to look again
	weakest *speaker      // nil: none may go
	rank    float64       // its loudness, in -dBov; packet.SilentLevel: it has ended
}

// makeRoom lets go of a speaker for the one whose frame a is, if that one is worth
// it: at most one for each look. r.mu is held.
func (r *Receiver) makeRoom(a packet.Audio, now time.Duration) bool {
	c := &r.crowd
	if !c.looked || now >= c.next {
		c.looked, c.next = true, now+crowdInterval
		c.weakest, c.rank = weakest(r.list, now)
	}
	priority := a.Flags&packet.FlagPriority != 0
	if c.weakest == nil || a.Flags&packet.FlagEnd != 0 || !priority && float64(a.Level)+crowdMargin > c.rank {
		return false
	}
	s, key := c.weakest, speakerKey{uint32(c.weakest.id), c.weakest.whisper}
	c.weakest = nil
	if r.speakers[key] != s || s.rank(now) < c.rank {
		return false // he has gone, or has become louder, since he was looked at
	}
	r.goes(s)
	delete(r.speakers, key)
	r.list = slices.DeleteFunc(slices.Clone(r.list), func(o *speaker) bool { return o == s })
	return true
}

// weakest returns who is missed least: one whose spurt has ended, or the quietest
// without priority.
func weakest(list []*speaker, now time.Duration) (found *speaker, rank float64) {
	for _, s := range list {
		if one := s.rank(now); found == nil || one > rank {
			found, rank = s, one
		}
	}
	if rank < 0 {
		return nil, 0
	}
	return found, rank
}

// rank is a speaker's loudness in -dBov; packet.SilentLevel for one who has ended, and
// below 0 for one with priority.
func (s *speaker) rank(now time.Duration) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.playout.Speaking() && (s.ended || now-s.last > brokenAfter):
		return packet.SilentLevel
	case s.priority:
		return -1
	}
	return s.loudness
}
