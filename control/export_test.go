package control

import (
	"maps"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
)

// Methods returns the names of the methods of the protocol.
func Methods() []string { return slices.Sorted(maps.Keys(methods)) }

// GiveRole gives a session another role, as a change of its account does.
func (s *Server) GiveRole(id voiceapp.SessionID, role voiceapp.Role) error {
	return s.apply(func(r *roster) { r.setRole(r.sessions[id], role) })
}
