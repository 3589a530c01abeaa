package voice

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// maxLag is how far a sender may fall behind and still catch up. What it missed
// beyond that becomes silence.
const maxLag = 200 * time.Millisecond

// SenderConfig says how a [Sender] works. Source and Send are required.
type SenderConfig struct {
	Source        Source
	Effect        Effect        // nil: what is read is what is said; not for an [OpusSource]
	Encoder       Encoder       // not needed for an [OpusSource]
	FrameDuration time.Duration // 10, 20, 40 or 60 ms; 0: DefaultFrameDuration
	Channels      int           // of the source: 1 or 2; 0: 1

	// Send puts frames on their way, in one datagram: a new one, or copies of those
	// that were sent before, or both, the new one first. All together they fit. They
	// are the sender's, valid during the call. It is called from Run alone. An error
	// is counted, no more.
	Send func(frames []packet.Audio) error
}

// Sender turns a [Source] into audio frames, one for each frame's time, against
// an absolute schedule. Sequence and media time go on over silence. Make one with
// [NewSender].
type Sender struct {
	cfg     SenderConfig // immutable
	opus    OpusSource   // nil: PCM
	clocked bool         // the source keeps the time

	ran       atomic.Bool // Run was called
	target    atomic.Uint32
	bitrate   atomic.Int64  // 0: as it was
	loss      atomic.Uint64 // the bits of a float64: the share of datagrams lost on the way up
	level     atomic.Uint32
	talking   atomic.Bool // a spurt has begun and not ended
	sent      atomic.Uint64
	bytes     atomic.Uint64
	unsent    atomic.Uint64
	unencoded atomic.Uint64
	copied    atomic.Uint64
	copies    atomic.Int32
	skipped   atomic.Int64

	// The rest is Run's alone.

	alarm     alarm
	due       time.Time // of the next frame
	slot      uint32    // of the latest frame
	sequences [voiceapp.MaxWhispers + 1]uint16
	media     int64 // of the next frame, in samples
	pcm       []float32
	payload   []byte
	limiter   *Mixer // of one, behind the effect
	rate      int    // that was asked for; 0: never
	frames    []packet.Audio

	protection protection
}

// NewSender checks the configuration. The error is [voiceapp.Invalid].
func NewSender(cfg SenderConfig) (*Sender, error) {
	if cfg.FrameDuration == 0 {
		cfg.FrameDuration = DefaultFrameDuration
	}
	if cfg.Channels == 0 {
		cfg.Channels = 1
	}
	ready, isOpus := cfg.Source.(OpusSource)
	if err := checkFormat(cfg.FrameDuration, cfg.Channels); err != nil {
		return nil, err
	}
	if cfg.Source == nil || cfg.Send == nil || !isOpus && cfg.Encoder == nil {
		return nil, voiceapp.NewError(voiceapp.Invalid, "voice: a sender needs a source, an encoder and a way to send")
	}
	if isOpus && cfg.Effect != nil {
		return nil, errEffect
	}
	clock, ok := cfg.Source.(ClockedSource)
	s := &Sender{
		cfg:     cfg,
		opus:    ready,
		clocked: ok && clock.Clocked(),
		media:   int64(rand.Uint32()),
		pcm:     make([]float32, int(toSamples(cfg.FrameDuration))*cfg.Channels),
		payload: make([]byte, 0, packet.MaxPayload),
		limiter: NewMixer(cfg.Channels),
		frames:  make([]packet.Audio, 0, 1+packet.MaxCopies),

		protection: protection{samples: int(toSamples(cfg.FrameDuration))},
	}
	s.level.Store(packet.SilentLevel)
	for slot := range s.sequences {
		s.sequences[slot] = uint16(rand.Uint32())
	}
	return s, nil
}

// Run sends until the source is over, and then returns nil; until it breaks, and
// then returns its error; or until ctx ends, and then returns ctx's. It is called
// once: a second call returns [voiceapp.Invalid].
func (s *Sender) Run(ctx context.Context) error {
	if s.ran.Swap(true) {
		return voiceapp.NewError(voiceapp.Invalid, "voice: a sender runs once; make another with NewSender")
	}
	s.due = time.Now()
	for {
		if err := s.keepTime(ctx); err != nil {
			s.endSpurt()
			return err
		}
		switch err := s.step(); {
		case errors.Is(err, io.EOF):
			return s.finish(ctx)
		case err != nil:
			return err
		}
	}
}

// SetBitrate sets the encoder's mean rate, in bits a second, from the next frame
// on. Any goroutine may call it. Ready Opus stays as it is.
func (s *Sender) SetBitrate(bitsPerSecond int) { s.bitrate.Store(int64(bitsPerSecond)) }

// SetTarget says to which target slot frames go from the next one on: 0, the
// channel, to 30. Any goroutine may call it. The error is [voiceapp.Invalid].
func (s *Sender) SetTarget(slot int) error {
	if slot < 0 || slot > voiceapp.MaxWhispers {
		return errTarget
	}
	s.target.Store(uint32(slot))
	return nil
}

// keepTime waits until the next frame is due, unless the source does that, and
// lets media time follow when too much time was lost.
func (s *Sender) keepTime(ctx context.Context) error {
	if !s.clocked && !s.alarm.sleep(ctx, time.Until(s.due)) {
		return ctx.Err()
	}
	s.skip(time.Since(s.due))
	return ctx.Err()
}

func (s *Sender) skip(late time.Duration) {
	if late <= maxLag {
		return
	}
	s.skipped.Add(int64(late))
	s.media += toSamples(late)
	s.due = s.due.Add(late)
}

// step asks the source for one frame and sends it.
func (s *Sender) step() error {
	s.protect()
	if slot := s.target.Load(); slot != s.slot {
		s.endSpurt()
		s.slot = slot
	}
	if s.opus != nil {
		return s.stepOpus()
	}
	err := s.stepPCM()
	s.pass(toSamples(s.cfg.FrameDuration))
	return err
}

func (s *Sender) stepOpus() error {
	payload, level, err := s.opus.ReadOpus(s.payload[:0])
	samples, ok := jitter.Samples(payload)
	switch {
	case len(payload) == 0:
		samples = int(toSamples(s.cfg.FrameDuration))
		s.endSpurt()
	case !ok || len(payload) > packet.MaxPayload:
		s.unencoded.Add(1)
		samples = int(toSamples(s.cfg.FrameDuration))
	default:
		s.protection.measure(len(payload), samples)
		s.emit(payload, min(level, packet.SilentLevel), err != nil)
	}
	s.pass(int64(samples))
	return err
}

// encode sends the frame in s.pcm.
func (s *Sender) encode(end bool) {
	payload, err := s.cfg.Encoder.Encode(s.payload[:0], s.pcm)
	if err != nil || len(payload) == 0 || len(payload) > packet.MaxPayload {
		s.unencoded.Add(1)
		return
	}
	s.emit(payload, dsp.Level(s.pcm), end)
}

// endSpurt says that there is nothing more to be heard, if that is news, and sends
// what copies are due.
func (s *Sender) endSpurt() {
	if s.talking.Load() {
		s.emit(nil, packet.SilentLevel, true)
	} else {
		s.repeat()
	}
}

func (s *Sender) emit(payload []byte, level uint8, end bool) {
	audio := packet.Audio{
		Speaker: s.slot, Sequence: s.sequences[s.slot], MediaTime: uint32(s.media), Level: level, Payload: payload,
	}
	if s.slot != 0 {
		audio.Flags = packet.FlagWhisper
	}
	if end {
		audio.Flags |= packet.FlagEnd
	}
	s.sequences[s.slot]++
	s.talking.Store(!end)
	s.level.Store(uint32(level))
	s.protection.keep(audio)
	s.frames = s.protection.appendTo(append(s.frames[:0], audio), packet.SafeFrames-audio.Size())
	if s.put(1) {
		s.bytes.Add(uint64(len(payload)))
	}
}

// put sends what is in s.frames, of which so many are new.
func (s *Sender) put(fresh uint64) bool {
	if len(s.frames) == 0 {
		return true
	}
	if err := s.cfg.Send(s.frames); err != nil {
		s.unsent.Add(fresh)
		return false
	}
	s.sent.Add(fresh)
	s.copied.Add(uint64(len(s.frames)) - fresh)
	return true
}

// pass lets time go on.
func (s *Sender) pass(samples int64) {
	s.media += samples
	if !s.clocked {
		s.due = s.due.Add(toDuration(samples))
		return
	}
	now := time.Now()
	s.skip(now.Sub(s.due) - toDuration(samples))
	s.due = now
}

// SenderStats says what became of a source's frames.
type SenderStats struct {
	FramesSent      uint64
	BytesSent       uint64        // of payload
	FramesUnsent    uint64        // while there was no way to the server, or it failed
	FramesUnencoded uint64        // refused by the encoder, or too large
	CopiesSent      uint64        // of frames that were sent before
	Copies          int           // that each frame gets at present, against loss on the way up
	Skipped         time.Duration // lost because the source or the machine stood still
	Talking         bool          // a talk spurt is being sent
	Level           uint8         // of the latest frame, in -dBov
}

// Stats returns a snapshot. It may be called from any goroutine.
func (s *Sender) Stats() SenderStats {
	return SenderStats{
		FramesSent:      s.sent.Load(),
		BytesSent:       s.bytes.Load(),
		FramesUnsent:    s.unsent.Load(),
		FramesUnencoded: s.unencoded.Load(),
		CopiesSent:      s.copied.Load(),
		Copies:          int(s.copies.Load()),
		Skipped:         time.Duration(s.skipped.Load()),
		Talking:         s.talking.Load(),
		Level:           uint8(s.level.Load()),
	}
}
