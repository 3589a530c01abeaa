package voiceapp

import (
	"net/netip"
	"time"
)

// SessionInfo is one open session as those see it who run the server.
type SessionInfo struct {
	Presence
	Talking bool       `json:"talking"`
	Device  string     `json:"device"`  // hex SHA-256 of the device key; "": none was proved
	Address netip.Addr `json:"address"` // where it comes from
	Since   time.Time  `json:"since"`   // when the connection was made
}
