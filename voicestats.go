package voiceapp

import "time"

// VoiceStats is how one session's voice fares, as the server sees it.
type VoiceStats struct {
	RoundTrip time.Duration // from the server to the client and back; 0 while unknown
	Up        WayStats      // from the client
	Down      WayStats      // to the client, as it reported last
	Late      uint64        // audio frames that came to the client too late to be played
	Reported  time.Time     // when the client reported last; the zero time: never
}

// WayStats is what became of the datagrams of one direction.
type WayStats struct {
	Received uint64        // that arrived
	Lost     uint64        // that did not
	Jitter   time.Duration // interarrival jitter, as in RFC 3550
	Tunnel   bool          // they travel inside TCP at present, not by UDP
}
