package voice

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// The defaults of a [ReceiverConfig].
const (
	DefaultMaxSpeakers = 64
	DefaultMinDelay    = 40 * time.Millisecond
	DefaultForget      = 10 * time.Second
	DefaultDuck        = 12.0 // dB
)

// ReceiverConfig says how a [Receiver] works. Only Codec is required.
type ReceiverConfig struct {
	Codec       Codec
	Channels    int           // of what is heard: 1 or 2; 0: 1
	Delay       time.Duration // a fixed one, from arrival to playout; 0: it adapts to each speaker's network
	MinDelay    time.Duration // the least that one which adapts goes down to; 0: DefaultMinDelay, or less with a shorter MaxDelay; below 0: 0
	MaxDelay    time.Duration // the most that it rises to: what would be heard later is late; 0: what the network needs
	MaxSpeakers int           // held at once; 0: DefaultMaxSpeakers
	Forget      time.Duration // after this much silence; 0: DefaultForget
	Duck        float64       // how far a priority speaker turns the others down, in dB; 0: DefaultDuck; below 0: not at all

	// Each, where it is set, is called in Read for each speaker who is heard, with
	// what he says by himself, before it is mixed: PCM that is only to be read, valid
	// during the call, and the time given to Read.
	Each func(speaker voiceapp.SessionID, pcm []float32, now time.Duration)

	// Normalize brings all speakers to the same level at first: see SetNormalize.
	Normalize bool
}

// Receiver makes PCM of the audio frames of many speakers. Any goroutines put
// frames in, as they come; another reads what is heard, as time goes on. Neither
// waits for the other longer than it takes to copy a frame. All use one clock, of
// any origin. What somebody says to a channel and what he whispers are two
// speakers. Make one with [NewReceiver].
type Receiver struct {
	cfg ReceiverConfig // immutable

	mu       sync.Mutex
	speakers map[speakerKey]*speaker
	list     []*speaker // the same, in order of appearance; replaced, never changed
	spare    Decoder
	gone     jitter.Stats // the sum of those who were forgotten
	refused  uint64
	crowd    crowd

	hearings  map[voiceapp.SessionID]hearing // of those who are heard otherwise than they are
	normalize atomic.Bool

	mixer *Mixer // the reader's, as the next
	pcm   []float32
	duck  ducker
}

// speakerKey tells the streams of audio frames apart.
type speakerKey struct {
	id      uint32
	whisper bool
}

// NewReceiver checks the configuration and returns a receiver that has heard
// nothing. The errors are [voiceapp.Invalid], and the codec's.
func NewReceiver(cfg ReceiverConfig) (*Receiver, error) {
	if cfg.Channels == 0 {
		cfg.Channels = 1
	}
	if cfg.MaxSpeakers <= 0 {
		cfg.MaxSpeakers = DefaultMaxSpeakers
	}
	if cfg.Forget <= 0 {
		cfg.Forget = DefaultForget
	}
	if cfg.Duck == 0 {
		cfg.Duck = DefaultDuck
	}
	switch {
	case cfg.Codec == nil:
		return nil, errNoCodec
	case cfg.Channels != 1 && cfg.Channels != 2:
		return nil, errChannels
	case !validLimits(cfg.MinDelay, cfg.MaxDelay):
		return nil, errLimits
	}
	if cfg.MinDelay == 0 {
		cfg.MinDelay = DefaultMinDelay // or MaxDelay, where that is shorter: package jitter sees to it
	}
	spare, err := cfg.Codec.NewDecoder(cfg.Channels)
	if err != nil {
		return nil, err
	}
	r := &Receiver{
		cfg: cfg, speakers: make(map[speakerKey]*speaker), spare: spare, hearings: make(map[voiceapp.SessionID]hearing),
		mixer: NewMixer(cfg.Channels), duck: newDucker(cfg.Duck),
	}
	r.normalize.Store(cfg.Normalize)
	return r, nil
}

// Put takes an audio frame that arrived at the given time. The payload is
// copied. While as many speakers are held as may be, a new one takes the place of one
// who has ended, or of the quietest when he is clearly louder; otherwise his frame is
// counted and dropped.
func (r *Receiver) Put(a packet.Audio, now time.Duration) {
	if s := r.speaker(speakerKey{a.Speaker, a.Flags&packet.FlagWhisper != 0}, a, now); s != nil {
		s.put(a, now)
	}
}

// speaker returns the one with that key, whose frame a is, or nil when there is no
// room.
func (r *Receiver) speaker(key speakerKey, a packet.Audio, now time.Duration) *speaker {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.speakers[key]; s != nil {
		return s
	}
	if len(r.speakers) >= r.cfg.MaxSpeakers && !r.makeRoom(a, now) {
		r.refused++
		return nil
	}
	decoder := r.newDecoder()
	if decoder == nil {
		r.refused++
		return nil
	}
	s := newSpeaker(key, decoder, r.cfg)
	s.place.begin(r.hearings[s.id], r.cfg.Channels)
	r.speakers[key] = s
	r.list = append(slices.Clip(r.list), s)
	return s
}

// newDecoder returns nil when there is none to be had.
func (r *Receiver) newDecoder() Decoder {
	if d := r.spare; d != nil {
		r.spare = nil
		return d
	}
	d, err := r.cfg.Codec.NewDecoder(r.cfg.Channels)
	if err != nil {
		return nil
	}
	return d
}

// Read fills dst, interleaved, with what all speakers together sound like from
// the given time on: the time of the last call plus the duration of what it gave.
func (r *Receiver) Read(dst []float32, now time.Duration) {
	if len(r.pcm) < len(dst) {
		r.pcm = make([]float32, len(dst))
	}
	pcm := r.pcm[:len(dst)]
	r.mu.Lock()
	list := r.list
	r.mu.Unlock()
	forget, normalize := false, r.normalize.Load()
	r.duck.begin(now)
	for _, s := range list {
		if s.playout.Read(pcm, now) {
			if r.cfg.Each != nil {
				r.cfg.Each(s.id, pcm, now)
			}
			if s.place.apply(pcm, r.cfg.Channels, normalize) {
				r.duck.apply(pcm, s.hasPriority())
				r.mixer.Add(pcm, r.cfg.Channels)
			}
		}
		forget = forget || s.silentSince(now-r.cfg.Forget)
	}
	r.mixer.Mix(dst)
	if forget {
		r.forget(now - r.cfg.Forget)
	}
}

// forget drops the speakers who have been silent since the given time.
func (r *Receiver) forget(since time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []*speaker
	for _, s := range r.list {
		if !s.silentSince(since) {
			list = append(list, s)
			continue
		}
		r.goes(s)
		delete(r.speakers, speakerKey{uint32(s.id), s.whisper})
	}
	r.list = list
}

// goes, under mu, keeps the sums of a speaker who is forgotten; the jitter is that of those
// who are held.
func (r *Receiver) goes(s *speaker) {
	r.gone.Add(s.playout.Stats())
	r.gone.Jitter = 0
}

// idle reports whether nobody has been heard for so long that nobody is known.
func (r *Receiver) idle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.list) == 0
}

// brokenOff reports whether somebody's talk spurt just stopped without an end.
func (r *Receiver) brokenOff(now time.Duration) bool {
	r.mu.Lock()
	list := r.list
	r.mu.Unlock()
	return slices.ContainsFunc(list, func(s *speaker) bool { return s.brokenOff(now) })
}

// Stats returns a snapshot. It may be called from any goroutine.
func (r *Receiver) Stats() ReceiverStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := ReceiverStats{Stats: r.gone, FramesRefused: r.refused}
	for _, s := range r.list {
		one := s.stats()
		stats.Add(one.Stats)
		stats.Speakers = append(stats.Speakers, one)
	}
	return stats
}

// SpeakerStats is what became of the frames of one speaker.
type SpeakerStats struct {
	jitter.Stats

	Speaker  voiceapp.SessionID
	Whisper  bool  // what the speaker whispers to us, and not what he says to a channel
	Priority bool  // the others are turned down while it speaks
	Speaking bool  // heard at this moment
	Level    uint8 // of the latest frame, in -dBov
}

// ReceiverStats is the sum over all speakers, those who were forgotten too, and
// the figures of each one who is held.
type ReceiverStats struct {
	jitter.Stats

	FramesRefused uint64 // of speakers for whom there was no room
	Speakers      []SpeakerStats
}
