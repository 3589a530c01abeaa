package control

import (
	"maps"
	"slices"
)

// Parked counts the sessions that can be resumed, and those whose connection is kept.
func (s *Server) Parked() (sessions, connections int) {
	_ = s.roster.do(func(r *roster) error {
		for _, p := range r.parked {
			sessions++
			if p.session.conn != nil {
				connections++
			}
		}
		return nil
	})
	return sessions, connections
}

// Methods returns the names of the methods of the protocol.
func Methods() []string { return slices.Sorted(maps.Keys(methods)) }
