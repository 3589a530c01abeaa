package relay

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// route is a [voiceapp.Route] with its channels looked up. It is immutable.
type route struct {
	voiceapp.Route
	channel *channel   // nil: nowhere
	heard   []*channel // each once
	targets []target   // of slots 1, 2 ...
	flags   packet.Flags
}

// target is who hears a whisper. It is immutable.
type target struct {
	sessions []voiceapp.SessionID // each once
	channels []*channel           // each once
}

// target returns that of a slot, or nil when it is not set.
func (r *route) target(slot uint32) *target {
	if slot == 0 || int64(slot) > int64(len(r.targets)) {
		return nil
	}
	t := &r.targets[slot-1]
	if len(t.sessions)+len(t.channels) == 0 {
		return nil
	}
	return t
}

// channel is a room that somebody is in, listens to or whispers to.
type channel struct {
	id        voiceapp.ChannelID
	listeners atomic.Pointer[[]*session] // never nil; the slice is immutable
	floor     floor
	company   company
	owner     atomic.Pointer[loop] // of what waits; nil: whoever receives it; written under Relay.mu
	gone      atomic.Bool          // nobody uses it any more; another may have its id
	loudest   atomic.Int32         // as its route has it
	maxWait   atomic.Int64         // likewise, in nanoseconds

	users   int // references of routes; guarded by Relay.mu, as the next
	members int // sessions that are in it, listening or not
}

// rule takes what a route says of the channel.
func (c *channel) rule(to voiceapp.Route) {
	c.loudest.Store(int32(to.Loudest)) //nolint:gosec // checkRoute has looked at it
	c.maxWait.Store(int64(to.MaxWait))
}

// waits is how long a frame of the channel waits at most, where the relay's do so for
// most.
func (c *channel) waits(most time.Duration) time.Duration {
	switch own := time.Duration(c.maxWait.Load()); {
	case own == 0, most <= 0:
		return most
	default:
		return max(own, 0)
	}
}

// step is the time between two instants at which frames of the channel leave at present,
// where the relay's wait for most.
func (c *channel) step(now, most time.Duration) time.Duration {
	return c.company.crowd(now).step(c.waits(most))
}

// heardAtOnce is how many may be; 0 or less: all.
func (c *channel) heardAtOnce(most int) int {
	if own := int(c.loudest.Load()); own != 0 {
		return own
	}
	return most
}

// checkRoute reports, as [voiceapp.Invalid], what is out of bounds.
func checkRoute(to voiceapp.Route) error {
	if to.Bitrate < voiceapp.MinBitrate || to.Bitrate > voiceapp.MaxBitrate {
		return outOfRange("a bitrate of %d", to.Bitrate)
	}
	if to.MaxWait > voiceapp.MaxChannelWait*time.Millisecond {
		return outOfRange("a wait of %v", to.MaxWait)
	}
	if to.Loudest > voiceapp.MaxLoudest || to.Loudest < -1 {
		return outOfRange("the loudest %d", to.Loudest)
	}
	if len(to.Listen) > voiceapp.MaxListen || slices.Contains(to.Listen, 0) {
		return outOfRange("listening to channels %v", to.Listen)
	}
	if len(to.Whisper) > voiceapp.MaxWhispers {
		return outOfRange("%d whisper targets", len(to.Whisper))
	}
	for i, t := range to.Whisper {
		if len(t.Sessions) > voiceapp.MaxWhisperSessions || len(t.Channels) > voiceapp.MaxWhisperChannels || slices.Contains(t.Channels, 0) {
			return outOfRange("whisper target %d", i+1)
		}
	}
	return nil
}

func outOfRange(format string, args ...any) error {
	return voiceapp.NewError(voiceapp.Invalid, "relay: "+fmt.Sprintf(format, args...)+" is out of range")
}

// move replaces a session's route, at a cost that grows with the listeners of the
// channels that it hears or heard. The caller holds r.mu.
func (r *Relay) move(s *session, to voiceapp.Route) {
	before, after := s.route.Load(), r.lookUp(to)
	s.route.Store(after)
	for _, c := range before.heard {
		if !slices.Contains(after.heard, c) {
			c.forget(s)
		}
	}
	for _, c := range after.heard {
		if !slices.Contains(before.heard, c) {
			c.add(s)
		}
	}
	r.leave(before)
	r.settle()
	if to.Channel == 0 || to.Muted {
		r.talk.hush(s)
	}
}

// lookUp makes a route, which counts as a user of all its channels until leave.
func (r *Relay) lookUp(to voiceapp.Route) *route {
	after := &route{Route: to}
	if to.Priority {
		after.flags = packet.FlagPriority
	}
	if to.Channel != 0 {
		after.channel = r.use(to.Channel)
		after.channel.rule(to)
		after.channel.enroll(1)
	}
	if !to.Deaf {
		if after.channel != nil {
			after.heard = append(after.heard, r.use(to.Channel))
		}
		after.heard = r.useAll(after.heard, to.Listen)
	}
	for _, t := range to.Whisper {
		after.targets = append(after.targets, target{
			sessions: slices.Compact(slices.Sorted(slices.Values(t.Sessions))),
			channels: r.useAll(nil, t.Channels),
		})
	}
	return after
}

// useAll appends the channels that are not in the list yet.
func (r *Relay) useAll(list []*channel, ids []voiceapp.ChannelID) []*channel {
	for _, id := range ids {
		if !slices.ContainsFunc(list, func(c *channel) bool { return c.id == id }) {
			list = append(list, r.use(id))
		}
	}
	return list
}

// use returns the channel with one user more.
func (r *Relay) use(id voiceapp.ChannelID) *channel {
	c := r.channels.get(id)
	if c == nil {
		c = &channel{id: id}
		c.listeners.Store(new([]*session))
		r.own(c)
		r.channels.put(c)
	}
	c.users++
	return c
}

// leave ends what lookUp began.
func (r *Relay) leave(before *route) {
	if before.channel != nil {
		before.channel.enroll(-1)
		r.drop(before.channel)
	}
	for _, c := range before.heard {
		r.drop(c)
	}
	for _, t := range before.targets {
		for _, c := range t.channels {
			r.drop(c)
		}
	}
}

func (r *Relay) drop(c *channel) {
	if c.users--; c.users == 0 {
		c.gone.Store(true)
		r.channels.remove(c.id)
	}
}

func (c *channel) add(s *session) {
	now := *c.listeners.Load()
	next := append(now[:len(now):len(now)], s) // a copy
	c.listeners.Store(&next)
}

func (c *channel) forget(s *session) {
	now := *c.listeners.Load()
	next := make([]*session, 0, len(now)-1)
	for _, other := range now {
		if other != s {
			next = append(next, other)
		}
	}
	c.listeners.Store(&next)
}
