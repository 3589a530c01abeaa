package jitter

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

const (
	capacity    = 128                // frames held at most; a power of two
	maxConceal  = 100 * samplesPerMs // made up in a row at most
	maxExcess   = 200 * samplesPerMs // how far the delay may be exceeded before something is skipped
	payloadStep = 256                // bytes by which a slot's memory grows
	blindStep   = 10 * samplesPerMs  // made up at once while it is unknown how much is missing
)

// Config says how a [Buffer] behaves. The zero value works.
type Config struct {
	// Delay is the time from the arrival of a talk spurt's fastest frame to its
	// playout: what jitter may cost before a frame is too late. 0 and below: the
	// delay adapts to the network.
	Delay time.Duration

	// MinDelay is the least that an adaptive delay goes down to, for a path without
	// jitter, above the path's smallest transit time. One above MaxDelay is lowered to it.
	MinDelay time.Duration

	// MaxDelay is the most that an adaptive delay rises to, above the same: a frame that
	// would be heard later than that comes too late. 0 and below: none; what is aimed at
	// is 511 ms at most then, and a frame that is later is waited for.
	MaxDelay time.Duration

	// FEC: the decoder can make up for a lost packet by what the one after it holds; a
	// [Playout] sets it for a decoder that is a [FECDecoder].
	FEC bool
}

// Buffer holds the frames of one speaker until they are due. Make one with [New].
// It is not safe for concurrent use.
type Buffer struct {
	delay  int64       // fixed, or what is aimed at
	adapt  *adaptation // nil: the delay is fixed
	fec    bool
	stream stream
	slots  [capacity]slot // by sequence; those of the last 128 sequences
	held   int            // how many slots are in the state held

	phase     phase
	transit   int64 // waiting: arrival minus media time of the fastest frame
	cursor    int64 // playing: media time of the next sample
	playedTo  int64 // media time at which the frame played last ended
	next      int64 // the lowest sequence that may still be played
	concealed int64 // samples made up since a frame was played
	frameSize int64 // samples of the frame played last

	first, highest int64 // sequences of this stream
	unique         int64 // how many different ones of them came
	format         format
	lost           uint64
	lastTransit    int64
	jitter         int64 // in 1/16 samples
	stats          Stats
	cut            int64 // samples that TotalSamplesReceived has and that were cut since
}

// phase is where playout stands.
type phase uint8

const (
	stopped phase = iota // nothing to play
	waiting              // frames are held, and due at known times
	playing              // in a talk spurt, or concealing in one
)

type slotState uint8

const (
	empty slotState = iota
	held
	gone // played, or dropped after it came
)

// slot is one frame. Its payload's memory is kept for the next one.
type slot struct {
	state    slotState
	end      bool
	sequence int64
	media    int64
	samples  int64 // 0: marks the end of a spurt and has no sound
	arrival  int64 // in samples on the caller's clock
	payload  []byte
}

// New returns an empty buffer.
func New(cfg Config) *Buffer {
	if cfg.Delay > 0 {
		return &Buffer{delay: toSamples(cfg.Delay), fec: cfg.FEC}
	}
	b := &Buffer{adapt: newAdaptation(toSamples(cfg.MinDelay), toSamples(cfg.MaxDelay)), fec: cfg.FEC}
	b.delay = b.adapt.target()
	return b
}

// Put takes a frame that arrived at the given time and reports whether it is
// held to be played. The payload is copied. Frames of no legal duration, those
// that were there before, that are too late, or that fit nowhere are counted and
// dropped. The speaker field plays no part.
func (b *Buffer) Put(a packet.Audio, now time.Duration) bool {
	b.stats.FramesReceived++
	samples, ok := Samples(a.Payload)
	end := a.Flags&packet.FlagEnd != 0
	if !ok && (len(a.Payload) > 0 || !end) {
		b.stats.FramesMalformed++
		return false
	}
	at := b.stream.locate(a.Sequence, a.MediaTime)
	if !at.fits {
		b.stats.FramesDiscarded++
		return false
	}
	if at.restarted {
		b.restart(at)
	}
	b.advance(at.sequence)
	if at.sequence <= b.highest-capacity {
		b.stats.FramesLate++
		return false
	}
	if b.slot(at.sequence).sequence == at.sequence && b.slot(at.sequence).state != empty {
		b.stats.FramesDuplicate++
		return false
	}
	f := slot{sequence: at.sequence, media: at.media, samples: int64(samples), arrival: toSamples(now), end: end}
	b.account(f, a.Flags)
	b.compare(f, a.Payload)
	beyond := b.beyond(f)
	b.note(f)
	return b.hold(f, a.Payload, beyond)
}

func (b *Buffer) slot(sequence int64) *slot { return &b.slots[sequence&(capacity-1)] }

// restart forgets the stream so far; a first frame begins one, too.
func (b *Buffer) restart(at place) {
	if b.unique > 0 {
		b.stats.Restarts++
		b.lost += b.missing()
	}
	for i := range b.slots {
		b.discard(&b.slots[i])
		b.slots[i].state = empty
	}
	b.phase = stopped
	if b.adapt != nil {
		b.measureAnew()
	}
	b.next = at.sequence - capacity + 1
	b.first, b.highest, b.unique = at.sequence, at.sequence, 0
}

// advance moves the window's upper end to sequence; what falls out of it goes.
func (b *Buffer) advance(sequence int64) {
	for range min(sequence-b.highest, capacity) {
		b.highest++
		b.discard(b.slot(b.highest))
	}
	b.highest = max(b.highest, sequence)
}

// account keeps what the statistics need of a frame's arrival.
func (b *Buffer) account(f slot, flags packet.Flags) {
	b.first = min(b.first, f.sequence)
	b.unique++
	if flags&packet.FlagRedundant != 0 {
		return
	}
	if f.sequence < b.highest {
		b.stats.FramesReordered++
	}
	transit := f.arrival - f.media
	if b.unique > 1 {
		b.jitter += abs(transit-b.lastTransit) - (b.jitter+8)/16
	}
	b.lastTransit = transit
}

// format is what a speaker's frames have in common, as long as it changes nothing.
type format struct {
	samples int64 // of a frame; 0: unknown
	stereo  bool
}

// compare notices when a speaker has changed what it sends.
func (b *Buffer) compare(f slot, payload []byte) {
	if f.samples == 0 {
		return
	}
	now := format{f.samples, payload[0]&4 != 0}
	if b.format.samples != 0 && b.format != now {
		b.stats.FormatChanges++
	}
	b.format = now
}

// hold keeps a fresh frame, unless its time has passed, or it is beyond the longest
// delay. Then, if it ends the spurt, at least that is kept.
func (b *Buffer) hold(f slot, payload []byte, beyond bool) bool {
	s := b.slot(f.sequence)
	f.state, f.payload = gone, s.payload[:0]
	passed := beyond || b.phase == playing && f.samples > 0 && f.media+f.samples <= b.cursor
	if f.sequence < b.next || passed {
		b.stats.FramesLate++
		if f.sequence < b.next || !f.end {
			*s = f
			return false
		}
		f.samples, payload = 0, nil
	}
	if cap(f.payload) < len(payload) {
		f.payload = make([]byte, 0, (len(payload)+payloadStep-1)/payloadStep*payloadStep)
	}
	f.state, f.payload = held, append(f.payload, payload...)
	*s = f
	b.held++
	b.expect(f)
	return f.samples > 0
}

// expect lets a frame that has just come move the start of its spurt.
func (b *Buffer) expect(f slot) {
	transit := f.arrival - f.media
	switch {
	case b.phase == stopped:
		b.phase, b.transit = waiting, transit
	case b.phase == waiting:
		b.transit = min(b.transit, transit)
	}
}

func (b *Buffer) discard(s *slot) {
	if s.state != held {
		return
	}
	if s.samples > 0 {
		b.stats.FramesDiscarded++
	}
	b.release(s)
}

func (b *Buffer) release(s *slot) {
	s.state = gone
	b.held--
}

// missing is how many frames of the present stream never came.
func (b *Buffer) missing() uint64 {
	if b.unique == 0 {
		return 0
	}
	return uint64(max(0, b.highest-b.first+1-b.unique))
}

// Stats returns what became of the frames so far.
func (b *Buffer) Stats() Stats {
	s := b.stats
	s.FramesLost = b.lost + b.missing()
	s.Jitter = uint32(min(b.jitter/16, 1<<32-1))
	return s
}

func abs(x int64) int64 { return max(x, -x) }
