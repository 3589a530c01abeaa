package relay

import (
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Stats is what a relay has done since it was made. It is a copy.
type Stats struct {
	Sessions int // at present
	Channels int // at present, those with a session

	Received      uint64 // datagrams
	ReceivedBytes uint64
	Frames        uint64 // audio frames that were passed on, each counted once
	Forwarded     uint64 // audio frames, each counted for every listener it was sealed for
	Copies        uint64 // of frames that went before, for listeners who lose datagrams; Forwarded does not have them
	Sent          uint64 // datagrams that the kernel took
	SentBytes     uint64 // of all datagrams that were handed to the kernel
	Answers       uint64 // probes answered
	Reports       uint64 // receiver reports kept
	Notes         uint64 // datagrams with a report or a probe of the relay's own
	Skipped       uint64 // frames of a kind that the relay has no use for

	TunnelReceived uint64 // datagrams that came by Tunnel; Received has them too
	TunnelSent     uint64 // datagrams handed to a tunnel; Sent does not have them

	PeerReceived uint64 // audio frames that came from a peer; Frames does not have them
	PeerSent     uint64 // audio frames handed to a peer; Forwarded does not have them

	ReceiveErrors uint64 // errors that the kernel gave in place of a datagram
	Faults        uint64 // turns that were given up for a fault of the relay's own, which the log has
	Dropped       Dropped
}

// Dropped counts what was dropped, by reason.
type Dropped struct {
	// Datagrams that came in. Received has them all but Overflow.
	TooShort       uint64 // too small to be sealed; empty ones too
	TooLong        uint64 // over packet.MaxSize; not opened
	UnknownSession uint64
	NotAuthentic   uint64 // forged, damaged, or sealed with an old key
	Replayed       uint64 // or older than the window
	OverDataRate   uint64 // more bytes than a session may send
	Malformed      uint64 // a frame could not be read; the frames before it count
	Overflow       uint64 // by the kernel: a socket's receive queue was full; known on Linux

	// Audio frames that came in.
	NoTarget      uint64 // whispered to a target that is not set
	NoChannel     uint64 // the speaker is in none
	Muted         uint64
	OverFrameRate uint64
	OverBitrate   uint64
	OverCopies    uint64 // more redundant copies than a session may send
	Quiet         uint64 // others of the channel were louder, where there is a limit
	Repeated      uint64 // redundant copies of what had come; SessionStats.Dropped does not have them
	Backlog       uint64 // the loop that serves the channel was too far behind; Frames has them
	Moved         uint64 // the speaker's route changed while they waited; Frames has them

	// On the way out.
	NoAddress uint64 // frames for a listener that was never heard from
	Unsealed  uint64 // datagrams: the key's counter is used up
	Refused   uint64 // datagrams that the kernel did not take, or no tunnel
}

// counter names one figure of a [tally].
type counter int

const (
	received counter = iota
	receivedBytes
	taken
	forwarded
	copied
	sent
	sentBytes
	answers
	reports
	noted
	tunnelReceived
	tunnelSent
	fromPeer
	toPeer
	skipped
	receiveErrors
	faults
	dropShort
	dropLong
	dropSession
	dropTag
	dropReplay
	dropDatagramRate
	dropMalformed
	dropTarget
	dropNowhere
	dropMuted
	dropFrameRate
	dropBitrate
	dropCopies
	dropQuiet
	dropRepeated
	dropBacklog
	dropMoved
	dropNoAddr
	dropSeal
	dropSend
	counters
)

// tally is what one loop counts. One goroutine writes, any reads.
type tally [counters]atomic.Uint64

func (t *tally) count(c counter)      { t[c].Add(1) }
func (t *tally) add(c counter, n int) { t[c].Add(uint64(n)) }

func (t *tally) merge(other *tally) {
	for c := range t {
		t[c].Add(other[c].Load())
	}
}

// Stats returns the figures at the moment.
func (r *Relay) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	var t tally
	t.merge(&r.retired)
	t.merge(&r.tunnel.loop.counts)
	t.merge(&r.peers.loop.counts)
	for _, b := range r.helpers {
		t.merge(&b.loop.counts)
	}
	for l := range r.loops {
		t.merge(&l.counts)
	}
	stats := t.stats()
	stats.Dropped.Overflow = r.overflows()
	stats.Sessions = r.present
	for _, c := range r.channels.byID {
		if c.members > 0 {
			stats.Channels++
		}
	}
	return stats
}

func (t *tally) stats() Stats {
	return Stats{
		Received:       t[received].Load(),
		ReceivedBytes:  t[receivedBytes].Load(),
		Frames:         t[taken].Load(),
		Forwarded:      t[forwarded].Load(),
		Copies:         t[copied].Load(),
		Sent:           t[sent].Load(),
		SentBytes:      t[sentBytes].Load(),
		Answers:        t[answers].Load(),
		Reports:        t[reports].Load(),
		Notes:          t[noted].Load(),
		Skipped:        t[skipped].Load(),
		TunnelReceived: t[tunnelReceived].Load(),
		TunnelSent:     t[tunnelSent].Load(),
		PeerReceived:   t[fromPeer].Load(),
		PeerSent:       t[toPeer].Load(),
		ReceiveErrors:  t[receiveErrors].Load(),
		Faults:         t[faults].Load(),
		Dropped: Dropped{
			TooShort:       t[dropShort].Load(),
			TooLong:        t[dropLong].Load(),
			UnknownSession: t[dropSession].Load(),
			NotAuthentic:   t[dropTag].Load(),
			Replayed:       t[dropReplay].Load(),
			OverDataRate:   t[dropDatagramRate].Load(),
			Malformed:      t[dropMalformed].Load(),
			NoTarget:       t[dropTarget].Load(),
			NoChannel:      t[dropNowhere].Load(),
			Muted:          t[dropMuted].Load(),
			OverFrameRate:  t[dropFrameRate].Load(),
			OverBitrate:    t[dropBitrate].Load(),
			OverCopies:     t[dropCopies].Load(),
			Quiet:          t[dropQuiet].Load(),
			Repeated:       t[dropRepeated].Load(),
			Backlog:        t[dropBacklog].Load(),
			Moved:          t[dropMoved].Load(),
			NoAddress:      t[dropNoAddr].Load(),
			Unsealed:       t[dropSeal].Load(),
			Refused:        t[dropSend].Load(),
		},
	}
}

// SessionStats is how one session's voice fares. It is a copy.
type SessionStats struct {
	Addr      netip.AddrPort // where the client is; the zero value: not heard from by UDP yet
	Received  uint64         // authentic datagrams
	Lost      uint64         // datagrams that the client sent and that are missing, by their counters
	Frames    uint64         // audio frames that were passed on
	Dropped   uint64         // audio frames that were not, for any reason
	Jitter    time.Duration  // of what the client says, as in RFC 3550
	RoundTrip time.Duration  // to the client and back; 0 while unknown

	UpTunnel   bool // its latest audio came by Tunnel
	DownTunnel bool // what it hears goes by its tunnel at present

	Report   packet.Report // the client's last, on what the relay sent
	Reported time.Time     // when it came; the zero time: there is none
}

// SessionStats returns the figures of one session. The error is
// [voiceapp.NotFound].
func (r *Relay) SessionStats(id voiceapp.SessionID) (SessionStats, error) {
	s := r.sessions.get(id)
	if s == nil {
		return SessionStats{}, voiceapp.NewError(voiceapp.NotFound, "relay: there is no such session")
	}
	highest, accepted := s.up.Highest()
	stats := SessionStats{
		Received:   accepted,
		Lost:       highest - min(highest, accepted), // counters begin at 1
		Frames:     s.taken.Load(),
		Dropped:    s.dropped.Load(),
		DownTunnel: s.tunnelDown(time.Since(r.start)),
	}
	if way := s.path.Load(); way != nil {
		stats.Addr = way.addr
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stats.UpTunnel, stats.RoundTrip = s.tunneled, s.notes.roundTrip
	stats.Jitter = samplesTime(s.jitter.samples())
	if stats.Report = s.report; s.reported != 0 {
		stats.Reported = r.start.Add(s.reported).UTC()
	}
	return stats, nil
}

// VoiceStats returns the figures of one session as other rooms know them. The
// error is [voiceapp.NotFound].
func (r *Relay) VoiceStats(id voiceapp.SessionID) (voiceapp.VoiceStats, error) {
	s, err := r.SessionStats(id)
	if err != nil {
		return voiceapp.VoiceStats{}, err
	}
	return voiceapp.VoiceStats{
		RoundTrip: s.RoundTrip,
		Up:        voiceapp.WayStats{Received: s.Received, Lost: s.Lost, Jitter: s.Jitter, Tunnel: s.UpTunnel},
		Down: voiceapp.WayStats{
			Received: s.Report.Received,
			Lost:     s.Report.Highest - min(s.Report.Highest, s.Report.Received),
			Jitter:   samplesTime(s.Report.Jitter),
			Tunnel:   s.DownTunnel,
		},
		Late:     uint64(s.Report.Late),
		Reported: s.Reported,
	}, nil
}

// samplesTime is how long so many samples of 48 kHz last.
func samplesTime(samples uint32) time.Duration {
	return time.Duration(samples) * time.Second / 48_000
}
