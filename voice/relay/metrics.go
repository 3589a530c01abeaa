package relay

import (
	"slices"
	"strconv"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/histogram"
)

// Metrics gives the figures at the moment, in the terms of package admin. Any
// goroutine may call it. yield must not call the relay.
func (r *Relay) Metrics(yield func(voiceapp.Metric)) {
	stats := r.Stats()
	gauge := func(name, help string, value int) {
		yield(voiceapp.Metric{Name: name, Help: help, Kind: voiceapp.Gauge, Value: float64(value)})
	}
	gauge("voiceapp_voice_sessions", "Sessions with keys for voice", stats.Sessions)
	gauge("voiceapp_voice_channels", "Channels with a session in them", stats.Channels)
	gauge("voiceapp_voice_talking", "Sessions that talk to their channel", r.talk.count())
	for _, c := range stats.totals() {
		yield(voiceapp.Metric{Name: c.name, Help: c.help, Kind: voiceapp.Counter, Value: float64(c.value)})
	}
	for _, reason := range stats.Dropped.reasons() {
		yield(voiceapp.Metric{
			Name: "voiceapp_voice_dropped_total", Help: "Datagrams and audio frames that were dropped, by reason",
			Kind: voiceapp.Counter, Value: float64(reason.count),
			Labels: []voiceapp.Label{{Name: "reason", Value: reason.name}},
		})
	}
	yield(r.delays())
	r.roundTrips(yield)
}

type total struct {
	name, help string
	value      uint64
}

func (s *Stats) totals() []total {
	return []total{
		{"voiceapp_voice_datagrams_received_total", "Datagrams that came in, by UDP and inside control connections", s.Received},
		{"voiceapp_voice_bytes_received_total", "Bytes of the datagrams that came in", s.ReceivedBytes},
		{"voiceapp_voice_frames_received_total", "Audio frames that were passed on, each counted once", s.Frames},
		{"voiceapp_voice_frames_forwarded_total", "Audio frames that were passed on, each counted for every listener", s.Forwarded},
		{"voiceapp_voice_copies_sent_total", "Copies of audio frames that went before, for listeners who lose datagrams", s.Copies},
		{"voiceapp_voice_datagrams_sent_total", "Datagrams that the kernel took", s.Sent},
		{"voiceapp_voice_bytes_sent_total", "Bytes of the datagrams that were handed to the kernel", s.SentBytes},
		{"voiceapp_voice_probes_answered_total", "Probes of clients that were answered", s.Answers},
		{"voiceapp_voice_reports_total", "Reports of clients on what they receive", s.Reports},
		{"voiceapp_voice_notes_total", "Datagrams with a report or a probe of the relay's own", s.Notes},
		{"voiceapp_voice_frames_skipped_total", "Frames of a kind that the relay has no use for", s.Skipped},
		{"voiceapp_voice_tunnel_datagrams_received_total", "Datagrams that came in inside control connections", s.TunnelReceived},
		{"voiceapp_voice_tunnel_datagrams_sent_total", "Datagrams that were sent inside control connections", s.TunnelSent},
		{"voiceapp_voice_peer_frames_received_total", "Audio frames that came from a peer", s.PeerReceived},
		{"voiceapp_voice_peer_frames_sent_total", "Audio frames that were handed to a peer", s.PeerSent},
		{"voiceapp_voice_receive_errors_total", "Errors that the kernel gave in place of a datagram", s.ReceiveErrors},
		{"voiceapp_voice_faults_total", "Turns of the relay that were given up for a fault of its own, which the log has", s.Faults},
	}
}

type reason struct {
	name  string
	count uint64
}

func (d *Dropped) reasons() []reason {
	return []reason{
		{"too_short", d.TooShort},
		{"too_long", d.TooLong},
		{"unknown_session", d.UnknownSession},
		{"not_authentic", d.NotAuthentic},
		{"replayed", d.Replayed},
		{"over_data_rate", d.OverDataRate},
		{"malformed", d.Malformed},
		{"overflow", d.Overflow},
		{"no_target", d.NoTarget},
		{"no_channel", d.NoChannel},
		{"muted", d.Muted},
		{"over_frame_rate", d.OverFrameRate},
		{"over_bitrate", d.OverBitrate},
		{"over_copies", d.OverCopies},
		{"quiet", d.Quiet},
		{"repeated", d.Repeated},
		{"backlog", d.Backlog},
		{"moved", d.Moved},
		{"no_address", d.NoAddress},
		{"unsealed", d.Unsealed},
		{"refused", d.Refused},
	}
}

func (r *Relay) delays() voiceapp.Metric {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all histogram.Histogram
	all.Merge(&r.retiredDelay)
	all.Merge(&r.tunnel.loop.delay)
	all.Merge(&r.peers.loop.delay)
	for l := range r.loops {
		all.Merge(&l.delay)
	}
	return all.Metric("voiceapp_voice_relay_seconds",
		"How long audio frames were on their way through the relay, from the kernel's receive queue (on Linux) to its send queue")
}

// roundTrips gives percentiles over the sessions of which a round trip is known; 0
// where there is none.
func (r *Relay) roundTrips(yield func(voiceapp.Metric)) {
	var known []time.Duration
	for s := range r.sessions.all {
		if trip := s.roundTrip(); trip > 0 {
			known = append(known, trip)
		}
	}
	slices.Sort(known)
	for _, percentile := range [...]int{50, 95, 100} {
		value := time.Duration(0)
		if n := len(known); n > 0 {
			value = known[(n*percentile+99)/100-1]
		}
		yield(voiceapp.Metric{
			Name: "voiceapp_voice_round_trip_seconds", Help: "Round trips to the present clients, by percentile of the clients",
			Kind: voiceapp.Gauge, Value: value.Seconds(),
			Labels: []voiceapp.Label{{Name: "percentile", Value: strconv.Itoa(percentile)}},
		})
	}
}
