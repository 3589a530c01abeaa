package voice

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Stats says how a session fares. It is a snapshot, the caller's.
type Stats struct {
	Path      PathState
	Up, Down  Way           // how datagrams travel to the server, and from it
	RoundTrip time.Duration // to the server and back; 0 while unknown
	Upstream  packet.Report // the server's latest about what we sent; zero: none

	Sent         SenderStats
	Received     ReceiverStats
	Datagrams    uint64 // authentic ones from the server
	Drops        Drops
	SocketErrors uint64        // of reads and writes; none of them ends the session
	Skipped      time.Duration // playout time lost because sink or machine stood still
}

// Stats returns a snapshot. It costs a lock for each speaker: ask a few times a
// second at most.
func (s *Session) Stats() Stats {
	stats := Stats{
		Datagrams:    s.transport.datagrams.Load(),
		Drops:        s.transport.drops(),
		SocketErrors: s.transport.socketErrors.Load(),
		Skipped:      time.Duration(s.skipped.Load()),
	}
	stats.Path, stats.RoundTrip = s.prober.path()
	stats.Up, stats.Down = s.prober.wayUp(), s.prober.wayDown()
	if r := s.upstream.Load(); r != nil {
		stats.Upstream = *r
	}
	if s.sender != nil {
		stats.Sent = s.sender.Stats()
	}
	if s.receiver != nil {
		stats.Received = s.receiver.Stats()
	}
	return stats
}
