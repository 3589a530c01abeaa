package voice

import (
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// speaker is one whom we hear.
type speaker struct {
	id      voiceapp.SessionID
	whisper bool
	playout *jitter.Playout
	place   place

	mu       sync.Mutex
	last     time.Duration // when a frame came
	level    uint8
	priority bool    // the latest frame said so
	ended    bool    // the latest frame was the last of a spurt
	loudness float64 // the level over some 300 ms, in -dBov; a louder one counts at once
}

func newSpeaker(key speakerKey, decoder Decoder, cfg ReceiverConfig) *speaker {
	return &speaker{
		id:      voiceapp.SessionID(key.id),
		whisper: key.whisper,
		level:   packet.SilentLevel, loudness: packet.SilentLevel,
		playout: jitter.NewPlayout(jitter.PlayoutConfig{
			Config: jitter.Config{Delay: cfg.Delay, MinDelay: cfg.MinDelay, MaxDelay: cfg.MaxDelay}, Decoder: decoder, Channels: cfg.Channels,
		}),
	}
}

// put takes a frame from the network.
func (s *speaker) put(a packet.Audio, now time.Duration) {
	s.note(a, now)
	s.playout.Put(a, now)
}

// note keeps what a frame says of the speaker; a copy says what was so before.
func (s *speaker) note(a packet.Audio, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = now
	if a.Flags&packet.FlagRedundant != 0 {
		return
	}
	s.level = a.Level
	s.priority = a.Flags&packet.FlagPriority != 0
	s.ended = a.Flags&packet.FlagEnd != 0
	s.loudness = min(float64(a.Level), s.loudness+(float64(a.Level)-s.loudness)/16)
}

// silentSince reports whether nothing came since the given time, and nothing is
// left to be played.
func (s *speaker) silentSince(t time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last < t && !s.playout.Speaking()
}

// hasPriority reports whether the others are turned down while it sounds.
func (s *speaker) hasPriority() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.priority
}

// brokenOff reports whether a spurt has no end, and nothing of it came lately.
func (s *speaker) brokenOff(now time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	gap := now - s.last
	return !s.ended && gap >= brokenAfter && gap < brokenUntil
}

// From when and until when a spurt that stopped coming is news.
const (
	brokenAfter = 500 * time.Millisecond
	brokenUntil = 2 * time.Second
)

func (s *speaker) stats() SpeakerStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return SpeakerStats{
		Speaker: s.id, Whisper: s.whisper, Priority: s.priority, Speaking: s.playout.Speaking(), Level: s.level,
		Stats: s.playout.Stats(),
	}
}
