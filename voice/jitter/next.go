package jitter

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Action says what to do for a piece of playout.
type Action uint8

// The actions.
const (
	Idle    Action = iota // play silence
	Play                  // decode the payload and play it
	Conceal               // make the samples up
	Expand                // make what was played last longer, if it lets itself be stretched
	Recover               // decode what the payload, the next packet, holds of the lost one before it
)

// Decision is what belongs at one point of playout.
type Decision struct {
	Action Action

	// Samples is how long the piece is, per channel. After Play and Conceal, ask
	// again for the time that lies so much later; after Idle, at the latest then:
	// 0 means that nothing is known to come. With Expand, it is what may be added at
	// most; tell Stretched what was added, and ask again for the time after it.
	Samples int

	// Payload is, with Play, the packet to decode, and with Recover the one after the
	// one that is lost; it is the buffer's, valid until the next call.
	Payload []byte

	// Skip is, with Play and Recover, how many samples at the packet's beginning are not
	// to be heard because their time has passed. The packet lasts Skip + Samples.
	Skip int

	// Sequence is, with Play and Recover, that of what is heard, unwrapped.
	Sequence int64

	// Jump says, with Play, that sound was left out before the packet, without
	// anything in its place: the seam wants a cross-fade.
	Jump bool

	// Remove is, with Play, by how many samples the packet may be made shorter at
	// most. Tell Stretched by how many it was.
	Remove int

	// Urgent says that a poor stretch is better than none.
	Urgent bool

	// Behind is, with Play, how far playout is behind the path's fastest frame, and
	// Target how far it is meant to be.
	Behind, Target time.Duration
}

// Next says what belongs at the given time of playout, which is the time of the
// last call plus the duration of what it gave. No frame is given out twice.
func (b *Buffer) Next(now time.Duration) Decision {
	t := toSamples(now)
	b.look(t)
	return b.decide(t)
}

// decide is Next without looking for frames that have come.
func (b *Buffer) decide(t int64) Decision {
	for {
		if b.held == 0 && b.phase == waiting {
			b.phase = stopped
		}
		if b.phase == stopped {
			return Decision{}
		}
		if b.phase == waiting {
			if wait := b.wait(t); wait > 0 {
				return Decision{Samples: int(wait)}
			}
			b.phase = playing
			b.playedTo = b.cursor
		}
		if d, decided := b.proceed(t); decided {
			return d
		}
	}
}

// wait returns how long it is until the spurt begins, and sets the cursor.
func (b *Buffer) wait(t int64) int64 {
	f := b.earliest()
	if b.adapt != nil {
		b.cursor = min(t-b.delay-b.adapt.base, f.media)
		b.settleStretch()
		b.adapt.debt = debt{}
	} else {
		b.cursor = t - b.delay - b.transit
	}
	return f.media - b.cursor
}

// behind is how far playout is behind the path's fastest frame.
func (b *Buffer) behind(t int64) int64 {
	if b.adapt != nil {
		return t - b.cursor - b.adapt.base
	}
	return t - b.cursor - b.transit
}

// proceed takes one step at the cursor in a talk spurt. If it decides nothing,
// then it has dropped a frame or left the phase.
func (b *Buffer) proceed(t int64) (d Decision, decided bool) {
	if b.adapt != nil {
		return b.follow(t)
	}
	f := b.earliest()
	switch {
	case f == nil:
		return b.conceal(min(b.frameSize, blindStep))
	case f.media-b.cursor > b.delay+maxExcess:
		b.await()
		return Decision{}, false
	case b.ahead() > b.delay+maxExcess+MaxSamples:
		b.catchUp()
		return Decision{}, false
	case f.samples == 0 && f.media <= b.cursor:
		b.leave(f)
		b.await()
		return Decision{}, false
	case f.samples > 0 && f.media+f.samples <= b.cursor:
		b.skip(f)
		return Decision{}, false
	case f.media <= b.cursor:
		return b.play(f, t), true
	default:
		return b.bridge(f, t)
	}
}

// play gives out the frame at the cursor.
func (b *Buffer) play(f *slot, t int64) Decision {
	skip := b.cursor - f.media
	d := Decision{
		Action: Play, Samples: int(f.samples - skip), Skip: int(skip), Payload: f.payload, Sequence: f.sequence,
		Jump: b.cursor != b.playedTo && b.cursor-b.playedTo != b.concealed, Behind: toDuration(b.behind(t)), Target: toDuration(b.delay),
	}
	b.stats.FramesPlayed++
	b.heard(int64(d.Samples))
	b.stats.JitterBufferEmittedCount += uint64(d.Samples)
	b.stats.JitterBufferDelay += float64(max(0, t-f.arrival)) / SampleRate * float64(d.Samples)
	b.stats.JitterBufferTargetDelay += float64(b.delay) / SampleRate * float64(d.Samples)
	b.cursor = f.media + f.samples
	b.playedTo = b.cursor
	b.frameSize = f.samples
	b.concealed = 0
	b.leave(f)
	if f.end {
		b.await()
	}
	return d
}

// bridge deals with the gap between the cursor and the next frame that is there.
func (b *Buffer) bridge(f *slot, t int64) (d Decision, decided bool) {
	gap := f.media - b.cursor
	if f.sequence == b.next || b.concealed >= maxConceal {
		b.phase, b.transit = waiting, t-b.delay-b.cursor
		return Decision{Samples: int(gap)}, true
	}
	return b.stand(f, min(b.frameSize, gap))
}

// stand gives what stands in for up to n samples of the frames that are lost before
// f: the last of these f may hold itself.
func (b *Buffer) stand(f *slot, n int64) (d Decision, decided bool) {
	gap := f.media - b.cursor
	if !b.fec || f.samples == 0 || !packet.HasFEC(f.payload) {
		return b.conceal(n)
	}
	if gap > f.samples {
		return b.conceal(min(n, gap-f.samples))
	}
	b.stats.FramesRecovered++
	b.heard(gap)
	b.cursor, b.concealed = f.media, 0
	b.playedTo, b.next = f.media, f.sequence
	return Decision{Action: Recover, Samples: int(gap), Skip: int(f.samples - gap), Payload: f.payload, Sequence: f.sequence - 1}, true
}

// conceal makes up to n samples up, until it has been too many in a row.
func (b *Buffer) conceal(n int64) (d Decision, decided bool) {
	n = min(n, maxConceal-b.concealed)
	if n <= 0 {
		b.await()
		return Decision{}, false
	}
	b.cursor += n
	return b.makeUp(n), true
}

// makeUp makes n samples up.
func (b *Buffer) makeUp(n int64) Decision {
	if b.concealed == 0 {
		b.stats.ConcealmentEvents++
	}
	b.stats.ConcealedSamples += uint64(n)
	b.heard(n)
	b.concealed += n
	return Decision{Action: Conceal, Samples: int(n)}
}

// await ends the spurt: what is held, if anything, begins another.
func (b *Buffer) await() {
	b.phase = stopped
	for s := max(b.next, b.highest-capacity+1); b.held > 0 && s <= b.highest; s++ {
		if f := b.slot(s); f.state == held && f.sequence == s {
			b.expect(*f)
		}
	}
}

// catchUp skips the oldest until what is left is no further ahead than the delay.
func (b *Buffer) catchUp() {
	for b.held > 1 && b.ahead() > b.delay {
		b.skip(b.earliest())
		b.cursor = max(b.cursor, b.earliest().media)
	}
}

// skip drops a frame that is held; none before it is played any more.
func (b *Buffer) skip(f *slot) {
	b.next = f.sequence + 1
	b.discard(f)
}

// leave marks a frame as given out; none before it is played any more.
func (b *Buffer) leave(f *slot) {
	b.next = f.sequence + 1
	b.release(f)
}

// earliest returns the held frame with the lowest sequence, or nil.
func (b *Buffer) earliest() *slot {
	if b.held == 0 {
		return nil
	}
	for s := max(b.next, b.highest-capacity+1); s <= b.highest; s++ {
		if f := b.slot(s); f.state == held && f.sequence == s {
			return f
		}
	}
	return nil
}

// ahead is how far what is held reaches beyond the cursor.
func (b *Buffer) ahead() int64 {
	for s := b.highest; s >= b.next; s-- {
		if f := b.slot(s); f.state == held && f.sequence == s {
			return f.media + f.samples - b.cursor
		}
	}
	return 0
}
