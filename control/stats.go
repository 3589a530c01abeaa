package control

import "sync/atomic"

// Stats counts what a [Server] has done. Fields without "at present" only rise.
type Stats struct {
	Sessions int // at present
	Pending  int // connections at present that have not logged in

	Accepted         uint64 // connections
	TurnedAway       uint64 // connections closed because too many had not logged in, or were of one source
	HandshakesFailed uint64 // connections that did not finish TLS
	Requests         uint64 // lines that asked for something
	BadLines         uint64 // lines that were no request
	Limited          uint64 // requests refused because they came too fast
	Throttled        uint64 // logins and tokens not looked at: too many wrong ones had come before
	LoginsRefused    uint64 // session.open, account.claim and account.register
	Unaudited        uint64 // refused changes that the audit log has no entry of: too many had come from one source
	SlowReaders      uint64 // connections cut because their client did not read
	Panics           uint64 // faults of the server, each of which ended one connection
}

type counters struct {
	sessions, pending atomic.Int64

	accepted, turnedAway, handshakesFailed, requests, badLines, limited, throttled, loginsRefused, slowReaders, unaudited, panics atomic.Uint64
}

// Stats returns the counters at this moment.
func (s *Server) Stats() Stats {
	c := &s.counters
	return Stats{
		Sessions:         int(c.sessions.Load()),
		Pending:          int(c.pending.Load()),
		Accepted:         c.accepted.Load(),
		TurnedAway:       c.turnedAway.Load(),
		HandshakesFailed: c.handshakesFailed.Load(),
		Requests:         c.requests.Load(),
		BadLines:         c.badLines.Load(),
		Limited:          c.limited.Load(),
		Throttled:        c.throttled.Load(),
		LoginsRefused:    c.loginsRefused.Load(),
		Unaudited:        c.unaudited.Load(),
		SlowReaders:      c.slowReaders.Load(),
		Panics:           c.panics.Load(),
	}
}
