package control

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/voiceapp-sdk/voiceapp"
)

// Metrics gives the figures at the moment, in the terms of package admin. No label
// says who somebody is: channels are told by their number. Any goroutine may call it
// but the server's own; yield may take its time.
func (s *Server) Metrics(yield func(voiceapp.Metric)) {
	if s.started.Do(s.start); s.startErr != nil {
		return
	}
	s.meterPeople(yield)
	s.meterRequests(yield)
	for _, f := range s.figures() {
		yield(voiceapp.Metric{Name: f.name, Help: f.help, Kind: f.kind, Value: float64(f.value)})
	}
}

type figure struct {
	name, help string
	kind       voiceapp.MetricKind
	value      uint64
}

func (s *Server) figures() []figure {
	stats := s.Stats()
	const gauge, counter = voiceapp.Gauge, voiceapp.Counter
	return []figure{
		{"voiceapp_sessions", "Sessions that are open", gauge, uint64(stats.Sessions)},
		{"voiceapp_control_pending_connections", "Connections that have not logged in", gauge, uint64(stats.Pending)},
		{"voiceapp_control_queued_bytes", "Bytes that wait for clients to read them", gauge, s.queued()},
		{"voiceapp_control_password_checks", "Password hashes that are made, or wait to be", gauge, uint64(s.hasher.load())},
		{"voiceapp_control_connections_total", "Connections that were accepted", counter, stats.Accepted},
		{"voiceapp_control_turned_away_total", "Connections closed because too many had not logged in, or were of one source", counter, stats.TurnedAway},
		{"voiceapp_control_handshake_failures_total", "Connections that did not finish TLS", counter, stats.HandshakesFailed},
		{"voiceapp_control_bad_lines_total", "Lines that were no request", counter, stats.BadLines},
		{"voiceapp_control_limited_total", "Requests refused because they came too fast", counter, stats.Limited},
		{"voiceapp_control_throttled_total", "Logins and tokens not looked at: too many wrong ones had come before", counter, stats.Throttled},
		{"voiceapp_control_unaudited_total", "Refused changes that the audit log has no entry of: too many had come from one source", counter, stats.Unaudited},
		{"voiceapp_control_slow_readers_total", "Connections cut because their client did not read", counter, stats.SlowReaders},
		{"voiceapp_control_panics_total", "Faults of the server, each of which ended one connection", counter, stats.Panics},
	}
}

// queued is how much waits for clients to read it.
func (s *Server) queued() (bytes uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		bytes += uint64(c.out.size())
	}
	return bytes
}

func (s *Server) meterRequests(yield func(voiceapp.Metric)) {
	for _, method := range sortedKeys(s.answered) {
		for code, count := range s.answered[method].all {
			yield(voiceapp.Metric{
				Name: "voiceapp_control_requests_total", Help: "Requests that were answered, by method and by the code of their error",
				Kind: voiceapp.Counter, Value: float64(count),
				Labels: []voiceapp.Label{{Name: "method", Value: method}, {Name: "code", Value: code}},
			})
		}
	}
	for result, count := range s.logins.all {
		yield(voiceapp.Metric{
			Name: "voiceapp_logins_total", Help: "Attempts to log in or to resume a session, by TCP and by HTTP, by the code of their error",
			Kind: voiceapp.Counter, Value: float64(count),
			Labels: []voiceapp.Label{{Name: "result", Value: result}},
		})
	}
	yield(s.requestTime.Metric("voiceapp_control_request_seconds", "How long it took until a request was answered"))
	yield(s.roster.busy.Metric("voiceapp_control_loop_seconds", "How long the loop that owns the sessions was busy with one thing"))
}

// meteredChannels is how many channels have a figure of their own.
const meteredChannels = 200

// census is who is here, in numbers.
type census struct {
	guests, accounts     int // an account with several sessions is one
	watching             int
	temporary, permanent int // channels
	inChannel            []headcount
}

// headcount is how many sessions are somewhere.
type headcount struct {
	place string // a channel's number, or what several have in common
	users int
}

func (s *Server) meterPeople(yield func(voiceapp.Metric)) {
	var c census
	if s.roster.do(func(r *roster) error { c = r.census(); return nil }) != nil {
		return // it is closed
	}
	gauge := func(name, help, label, value string, n int) {
		m := voiceapp.Metric{Name: name, Help: help, Kind: voiceapp.Gauge, Value: float64(n)}
		if label != "" {
			m.Labels = []voiceapp.Label{{Name: label, Value: value}}
		}
		yield(m)
	}
	const users = "People who are here, an account with several sessions once"
	gauge("voiceapp_users", users, "kind", "guest", c.guests)
	gauge("voiceapp_users", users, "kind", "account", c.accounts)
	gauge("voiceapp_observers", "Operators who follow what happens", "", "", c.watching)
	gauge("voiceapp_channels", "Channels, by kind", "kind", "permanent", c.permanent)
	gauge("voiceapp_channels", "Channels, by kind", "kind", "temporary", c.temporary)
	for _, h := range c.inChannel {
		gauge("voiceapp_channel_users",
			"Sessions in a channel, by its number; those in no channel, in temporary ones and in such as are beyond the first 200 together",
			"channel", h.place, h.users)
	}
}

// census counts, in the loop.
func (r *roster) census() (c census) {
	accounts := make(map[voiceapp.UserID]struct{}, len(r.sessions))
	nowhere := 0
	for _, s := range r.sessions {
		if accounts[s.user] = struct{}{}; s.user == 0 {
			c.guests++
		}
		if s.channel == 0 {
			nowhere++
		}
	}
	delete(accounts, 0)
	c.accounts, c.watching = len(accounts), len(r.observers)
	r.countChannels(&c)
	c.inChannel = append(c.inChannel, headcount{"none", nowhere})
	return c
}

// countChannels counts who is in which, in the loop. Of too many channels those have
// a figure of their own that have been there for longest.
func (r *roster) countChannels(c *census) {
	lasting := make([]voiceapp.ChannelID, 0, len(r.tree.channels))
	passing, other := 0, 0
	for _, ch := range r.tree.channels {
		if ch.Temporary {
			c.temporary++
			passing += len(r.members[ch.ID])
		} else {
			lasting = append(lasting, ch.ID)
		}
	}
	slices.SortFunc(lasting, cmp.Compare[voiceapp.ChannelID])
	c.permanent = len(lasting)
	for i, id := range lasting {
		if users := len(r.members[id]); i < meteredChannels {
			c.inChannel = append(c.inChannel, headcount{strconv.FormatInt(int64(id), 10), users})
		} else {
			other += users
		}
	}
	c.inChannel = append(c.inChannel, headcount{"other", other}, headcount{"temporary", passing})
}
