package relay

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// session is one client's voice. What a listener's frames need comes first, in one line
// of a processor's cache.
type session struct {
	id     voiceapp.SessionID
	copies atomic.Int32 // of each frame that it gets
	up     *packet.Opener
	down   *packet.Sealer
	route  atomic.Pointer[route] // never nil
	path   atomic.Pointer[path]  // nil until the client has been heard by UDP
	tunnel atomic.Pointer[func(datagram []byte)]
	hold   atomic.Int64 // until when the tunnel is the way down, on the relay's clock

	taken   atomic.Uint64 // audio frames that were passed on
	dropped atomic.Uint64 // audio frames that were not
	spoke   atomic.Int64  // when the latest frame for the channel came
	talking atomic.Bool   // changes under talk's mutex

	mu       sync.Mutex // guards what follows; never held while sending
	newest   uint64     // the counter of the datagram that path comes from
	tunneled bool       // the latest audio came by the tunnel
	police   police
	seen     [voiceapp.MaxWhispers + 1]seen // by target slot
	memory   memory
	loss     packet.LossMeter
	jitter   jitter
	report   packet.Report
	reported time.Duration // when it came; 0: never
	notes    notes
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
// [voiceapp.Invalid] for what is out of the bounds of a [voiceapp.Route].
func (r *Relay) SetRoute(id voiceapp.SessionID, to voiceapp.Route) error {
	to.Bitrate = cmp.Or(to.Bitrate, voiceapp.DefaultBitrate)
	if err := checkRoute(to); err != nil {
		return err
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
	r.talk.forget(s)
}

// arrived takes note of an authentic datagram and reports whether it is within
// the session's rate, and whether it is time for a note to the client.
func (s *session) arrived(now time.Duration, counter uint64, d *datagram) (ok, note bool) {
	bitrate := s.route.Load().Bitrate
	s.mu.Lock()
	defer s.mu.Unlock()
	if !d.tunneled() && counter >= s.newest {
		s.newest = counter
		if known := s.path.Load(); known == nil || *known != d.path {
			moved := d.path // d is reused
			s.path.Store(&moved)
		}
	}
	return s.police.datagram(now, len(d.data), bitrate), now >= s.notes.due
}

// allows reports, as a counter, why an audio frame may not pass; taken when it
// may, and then the target that it is for, nil for the channel, and what it is to the
// frames before it.
func (s *session) allows(now time.Duration, to *route, a *packet.Audio, tunneled bool) (verdict counter, whisper *target, is novelty) {
	switch {
	case a.Speaker != 0:
		if whisper = to.target(a.Speaker); whisper == nil {
			return dropTarget, nil, repeated
		}
	case a.Flags&packet.FlagWhisper != 0:
		return dropTarget, nil, repeated
	}
	switch {
	case to.channel == nil:
		return dropNowhere, nil, repeated
	case to.Muted:
		return dropMuted, nil, repeated
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tunneled = tunneled
	if a.Flags&packet.FlagRedundant == 0 {
		s.jitter.add(now, a.MediaTime)
	}
	is = s.seen[a.Speaker].add(a.Sequence, a.Flags&packet.FlagRedundant != 0)
	return s.police.audio(now, a, is, to.Bitrate), whisper, is
}

func (s *session) keepReport(now time.Duration, report packet.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report, s.reported = report, max(now, 1)
	share := s.loss.Add(report)
	s.copies.Store(int32(ladder.Step(int(s.copies.Load()), share)))
}

// roundTrip is to the client and back; 0 while that is not known.
func (s *session) roundTrip() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes.roundTrip
}
