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
	id       voiceapp.SessionID
	whisper  bool
	channels int

	mu       sync.Mutex
	buffer   *jitter.Buffer
	last     time.Duration // when a frame came
	level    uint8
	speaking bool
	priority bool   // the latest frame said so
	ended    bool   // the latest frame was the last of a spurt
	spoilt   uint64 // packets that were not to be decoded

	// The rest is the playout's alone.

	decoder Decoder
	payload []byte
	pcm     []float32
	rest    []float32 // the part of pcm that is still to be played
}

func newSpeaker(key speakerKey, decoder Decoder, channels int, delay time.Duration) *speaker {
	if delay <= 0 {
		delay = defaultDelay
	}
	return &speaker{
		id:       voiceapp.SessionID(key.id),
		whisper:  key.whisper,
		channels: channels,
		buffer:   jitter.New(jitter.Config{Delay: delay}),
		level:    packet.SilentLevel,
		decoder:  decoder,
		pcm:      make([]float32, jitter.MaxSamples*channels),
	}
}

// defaultDelay is from arrival to playout.
const defaultDelay = 40 * time.Millisecond

// put takes a frame from the network.
func (s *speaker) put(a packet.Audio, now time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = now
	s.level = a.Level
	s.priority = a.Flags&packet.FlagPriority != 0
	s.ended = a.Flags&packet.FlagEnd != 0
	s.buffer.Put(a, now)
}

// read fills dst with what is heard from the given time on, and reports whether
// any of it is more than silence.
func (s *speaker) read(dst []float32, now time.Duration) (sound bool) {
	for at := 0; at < len(dst); {
		if len(s.rest) > 0 {
			n := copy(dst[at:], s.rest)
			s.rest = s.rest[n:]
			at += n
			sound = true
			continue
		}
		d := s.next(now + toDuration(int64(at/s.channels)))
		if d.Action == jitter.Idle {
			end := len(dst)
			if n := d.Samples * s.channels; n > 0 {
				end = min(end, at+n)
			}
			clear(dst[at:end])
			at = end
			continue
		}
		s.render(d)
	}
	return sound
}

// next asks the buffer; the payload is a copy, so that decoding holds no lock.
func (s *speaker) next(now time.Duration) jitter.Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.buffer.Next(now)
	s.payload = append(s.payload[:0], d.Payload...)
	d.Payload = s.payload
	s.speaking = d.Action != jitter.Idle
	return d
}

// render makes the samples of a decision. Its length is kept whatever the
// decoder does, as the timeline hangs on it.
func (s *speaker) render(d jitter.Decision) {
	length := (d.Skip + d.Samples) * s.channels
	pcm := s.pcm[:length]
	s.rest = pcm[d.Skip*s.channels:]
	if d.Action == jitter.Play {
		n, err := s.decoder.Decode(s.pcm, d.Payload)
		if err == nil && n > 0 {
			clear(pcm[min(n*s.channels, length):])
			return
		}
		s.mu.Lock()
		s.spoilt++
		s.mu.Unlock()
	}
	if s.decoder.Conceal(pcm) != nil {
		clear(pcm)
	}
}

// silentSince reports whether nothing came since the given time, and nothing is
// left to be played.
func (s *speaker) silentSince(t time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last < t && !s.speaking
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
		Speaker: s.id, Whisper: s.whisper, Priority: s.priority, Speaking: s.speaking, Level: s.level,
		FramesSpoilt: s.spoilt, Stats: s.buffer.Stats(),
	}
}
