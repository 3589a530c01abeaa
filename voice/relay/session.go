package relay

import (
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// session is one client's voice.
type session struct {
	id    voiceapp.SessionID
	up    *packet.Opener
	down  *packet.Sealer
	route atomic.Pointer[route] // never nil
	path  atomic.Pointer[path]  // nil until the client has been heard

	taken   atomic.Uint64 // audio frames that were passed on
	dropped atomic.Uint64 // audio frames that were not

	mu       sync.Mutex // guards what follows; never held while sending
	newest   uint64     // the counter of the datagram that path comes from
	police   police
	report   packet.Report
	reported time.Duration // when it came; 0: never
}

// route is a [voiceapp.Route] with its channel looked up. It is immutable.
type route struct {
	voiceapp.Route
	channel *channel // nil: nowhere
}

func (r *route) hears() bool { return r.channel != nil && !r.Deaf }

// channel is a room that has at least one session.
type channel struct {
	id        voiceapp.ChannelID
	listeners atomic.Pointer[[]*session] // never nil; the slice is immutable
	members   int                        // listening or not; guarded by Relay.mu
}

// AddSession makes keys for a session that is nowhere yet and returns its grant,
// without an address. The errors are [voiceapp.Exists], [voiceapp.Invalid] for
// the id 0, and [ErrClosed].
func (r *Relay) AddSession(id voiceapp.SessionID) (voiceapp.Grant, error) {
	grant := voiceapp.Grant{Session: id}
	if id == 0 {
		return voiceapp.Grant{}, voiceapp.NewError(voiceapp.Invalid, "relay: 0 is no session")
	}
	_, _ = rand.Read(grant.Up[:]) // never fails
	_, _ = rand.Read(grant.Down[:])
	s := &session{id: id, up: packet.NewOpener(grant.Up), down: packet.NewSealer(id, grant.Down)}
	s.route.Store(&route{})

	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return voiceapp.Grant{}, ErrClosed
	case r.sessions.get(id) != nil:
		return voiceapp.Grant{}, voiceapp.NewError(voiceapp.Exists, fmt.Sprintf("relay: session %d is there already", id))
	}
	r.sessions.put(s)
	r.present++
	return grant, nil
}

// SetRoute says where a session's voice goes from now on, and what it hears.
// When it returns, no frame takes the old way any more; it waits for that no
// longer than a loop needs for the datagrams in hand. A bitrate of 0 is
// [voiceapp.DefaultBitrate]. The errors are [voiceapp.NotFound] and
// [voiceapp.Invalid] for a bitrate that no channel can have.
func (r *Relay) SetRoute(id voiceapp.SessionID, to voiceapp.Route) error {
	if to.Bitrate == 0 {
		to.Bitrate = voiceapp.DefaultBitrate
	}
	if to.Bitrate < voiceapp.MinBitrate || to.Bitrate > voiceapp.MaxBitrate {
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("relay: a bitrate of %d is out of range", to.Bitrate))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sessions.get(id)
	if s == nil {
		return voiceapp.NewError(voiceapp.NotFound, fmt.Sprintf("relay: there is no session %d", id))
	}
	r.move(s, to)
	return nil
}

// RemoveSession forgets a session and its keys. When it returns, nothing is
// taken from it and nothing is sent to it. One that is not there is none to
// remove.
func (r *Relay) RemoveSession(id voiceapp.SessionID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sessions.get(id)
	if s == nil {
		return
	}
	r.sessions.remove(id)
	r.present--
	r.move(s, voiceapp.Route{})
}

// move replaces a session's route, at a cost that grows with the members of the
// two channels alone. The caller holds r.mu.
func (r *Relay) move(s *session, to voiceapp.Route) {
	before, after := s.route.Load(), &route{Route: to, channel: r.enter(to.Channel)}
	s.route.Store(after)
	if stays := before.channel == after.channel && before.hears() == after.hears(); !stays {
		if before.hears() {
			before.channel.forget(s)
		}
		if after.hears() {
			after.channel.add(s)
		}
	}
	r.leave(before.channel)
	r.settle()
}

// enter returns the channel with one member more, or nil for channel 0.
func (r *Relay) enter(id voiceapp.ChannelID) *channel {
	if id == 0 {
		return nil
	}
	c := r.channels[id]
	if c == nil {
		c = &channel{id: id}
		c.listeners.Store(new([]*session))
		r.channels[id] = c
	}
	c.members++
	return c
}

func (r *Relay) leave(c *channel) {
	if c == nil {
		return
	}
	if c.members--; c.members == 0 {
		delete(r.channels, c.id)
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

// arrived takes note of an authentic datagram and reports whether it is within
// the session's rate.
func (s *session) arrived(now time.Duration, counter uint64, newest bool, d *datagram) bool {
	bitrate := s.route.Load().Bitrate
	s.mu.Lock()
	defer s.mu.Unlock()
	if newest && counter >= s.newest {
		s.newest = counter
		if known := s.path.Load(); known == nil || *known != d.path {
			moved := d.path // d is reused
			s.path.Store(&moved)
		}
	}
	return s.police.datagram(now, len(d.data), bitrate)
}

// allows reports, as a counter, why an audio frame may not pass; taken when it
// may.
func (s *session) allows(now time.Duration, to *route, a *packet.Audio) counter {
	switch {
	case a.Speaker != 0 || a.Flags&packet.FlagWhisper != 0:
		return dropTarget
	case to.channel == nil:
		return dropNowhere
	case to.Muted:
		return dropMuted
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.police.audio(now, a, to.Bitrate)
}

func (s *session) keepReport(now time.Duration, report packet.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report, s.reported = report, max(now, 1)
}
