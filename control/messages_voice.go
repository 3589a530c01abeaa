package control

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// The methods and events of voice.
const (
	methodUpdateSelf  = "session.update"
	methodStats       = "session.stats"
	methodWhisper     = "whisper.set"
	methodListen      = "channel.listen"
	methodUnlisten    = "channel.unlisten"
	methodSetPriority = "user.set_priority"

	eventActivity = "voice.activity"
)

// session.update. What is left out stays.
type selfParams struct {
	SelfMuted *bool `json:"self_muted,omitempty"`
	SelfDeaf  *bool `json:"self_deaf,omitempty"`
	Recording *bool `json:"recording,omitempty"`
}

type selfResult struct {
	Self voiceapp.Presence `json:"self"`
}

// whisper.set. Without sessions and channels the slot is set to nobody.
type whisperParams struct {
	Slot     int                  `json:"slot"`
	Sessions []voiceapp.SessionID `json:"sessions,omitempty"`
	Channels []voiceapp.ChannelID `json:"channels,omitempty"`
}

// channel.listen and channel.unlisten.
type listenParams struct {
	Channel voiceapp.ChannelID `json:"channel"`
}

// user.set_priority.
type priorityParams struct {
	Session  voiceapp.SessionID `json:"session"`
	Priority bool               `json:"priority"`
	Reason   string             `json:"reason,omitempty"`
}

// session.stats.
type statsParams struct {
	Session voiceapp.SessionID `json:"session,omitempty"` // 0: one's own
}

// statsResult is a voiceapp.VoiceStats on the wire, in milliseconds.
type statsResult struct {
	RoundTrip float64   `json:"round_trip_ms"` // 0 while unknown
	Up        wayStats  `json:"up"`
	Down      wayStats  `json:"down"`
	Late      uint64    `json:"late"`
	Reported  time.Time `json:"reported,omitzero"`
}

type wayStats struct {
	Received uint64  `json:"received"`
	Lost     uint64  `json:"lost"`
	Jitter   float64 `json:"jitter_ms"`
	Tunnel   bool    `json:"tunnel"`
}

func wireStats(s voiceapp.VoiceStats) statsResult {
	return statsResult{
		RoundTrip: millis(s.RoundTrip), Up: wireWay(s.Up), Down: wireWay(s.Down),
		Late: s.Late, Reported: s.Reported,
	}
}

func wireWay(w voiceapp.WayStats) wayStats {
	return wayStats{Received: w.Received, Lost: w.Lost, Jitter: millis(w.Jitter), Tunnel: w.Tunnel}
}

func (s statsResult) stats() voiceapp.VoiceStats {
	return voiceapp.VoiceStats{
		RoundTrip: fromMillis(s.RoundTrip), Up: s.Up.stats(), Down: s.Down.stats(),
		Late: s.Late, Reported: s.Reported,
	}
}

func (w wayStats) stats() voiceapp.WayStats {
	return voiceapp.WayStats{Received: w.Received, Lost: w.Lost, Jitter: fromMillis(w.Jitter), Tunnel: w.Tunnel}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// fromMillis bounds what a server may say to an hour.
func fromMillis(ms float64) time.Duration {
	return time.Duration(min(max(0, ms), float64(time.Hour.Milliseconds())) * float64(time.Millisecond))
}

// voice.activity: who has begun to talk to a channel, and who has ceased to.
type activityEvent struct {
	Talking []voiceapp.SessionID `json:"talking,omitempty"`
	Silent  []voiceapp.SessionID `json:"silent,omitempty"`
}
