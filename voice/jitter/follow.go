package jitter

const (
	overshootMs = 3                // by how much acceleration may miss the target: half a period
	concealStep = 1 * samplesPerMs // made up at once while the next frame may come any time
	tolerance   = 2 * samplesPerMs // how far playout may be behind its target before it is accelerated
	growth      = 4 * samplesPerMs // how far it may be ahead of it before it is slowed down
	overshoot   = overshootMs * samplesPerMs
	hurry       = 15 * samplesPerMs // how far behind a poor stretch is better than none
	skipMs      = 5                 // the least that is skipped at once
	owedDecay   = 5                 // of what may still be skipped, the part that is forgotten with each frame
)

// debt is what playout owes since it had to wait: what was made up while waiting
// may be skipped later, to get back to the target delay.
type debt struct {
	owed     int64 // samples
	inserted int64 // samples of stretch since a frame was played
	idle     bool  // nothing is made up any more
	since    int64 // idle: the time up to which owed counts
	refused  bool  // what was played last can't be stretched
}

// follow takes one step at the cursor, like proceed, for a delay that adapts. When
// the next frame is not there, the cursor waits for it: what is heard meanwhile is
// a stretch, as far as that goes unnoticed, and then made up.
func (b *Buffer) follow(t int64) (d Decision, decided bool) {
	f := b.earliest()
	if f == nil {
		return b.starve(t), true
	}
	b.settle(t, f)
	b.keepUp(t)
	switch {
	case f.samples == 0 && f.media <= b.cursor:
		b.leave(f)
		b.await()
	case f.samples > 0 && f.media+f.samples <= b.cursor:
		b.skip(f)
	case f.media > b.cursor:
		return b.cross(f, t)
	case b.giveBack(t), b.hasty(t):
	default:
		if d := b.slowDown(t, growth); d.Samples > 0 {
			return d, true
		}
		return b.playOn(f, t), true
	}
	return Decision{}, false
}

// starve fills the time until the next frame comes. Where the least delay is more
// than the network needs, a late frame is the exception: playout comes back to its
// place at once by making up and skipping, as a stretch would move it twice.
func (b *Buffer) starve(t int64) Decision {
	debt := &b.adapt.debt
	if b.concealed == 0 && !debt.refused && b.adapt.needed() >= b.adapt.least {
		if n := b.adapt.offers(Expand, t, min(maxStretch, b.room(t))); n > 0 {
			debt.refused = true // unless Stretched is called
			return Decision{Action: Expand, Samples: int(n), Urgent: true}
		}
	}
	if n := min(concealStep, maxConceal-b.concealed); n > 0 {
		debt.owed += n
		return b.makeUp(n)
	}
	if !debt.idle {
		debt.idle, debt.since = true, t
	}
	return Decision{}
}

// settle ends the silence after which f came. It was made up as far as frames were
// missing for so long; the rest is silence that the speaker kept, and f begins a spurt.
func (b *Buffer) settle(t int64, f *slot) {
	debt := &b.adapt.debt
	if !debt.idle {
		return
	}
	debt.idle = false
	n := t - debt.since
	if lost := (f.sequence - b.next) * b.frameSize; f.samples == 0 || f.media-b.cursor > lost {
		n = min(n, max(0, lost-b.concealed))
		b.settleStretch()
		debt.owed = 0
	} else {
		debt.owed += n
	}
	b.stats.ConcealedSamples += uint64(n)
	b.stats.SilentConcealedSamples += uint64(n)
	b.heard(n)
}

// cross deals with the gap between the cursor and the next frame that is there:
// silence that the speaker kept, or frames that are lost. What has been made up
// while waiting counts for those; what was stretched turns out to be made up.
func (b *Buffer) cross(f *slot, t int64) (d Decision, decided bool) {
	debt := &b.adapt.debt
	gap := f.media - b.cursor
	switch {
	case f.sequence == b.next, debt.owed+debt.inserted == 0 && b.concealed >= maxConceal:
		b.phase = waiting
	case debt.owed > 0:
		n := min(gap, debt.owed)
		debt.owed -= n
		b.cursor += n
	case debt.inserted > 0:
		n := min(gap, debt.inserted)
		debt.inserted -= n
		b.cursor += n
		b.stats.ConcealedSamples += uint64(n)
	default:
		if d := b.slowDown(t, 1); d.Samples > 0 {
			d.Urgent = true
			return d, true
		}
		return b.stand(f, min(concealStep, gap))
	}
	return Decision{}, false
}

// excess is how much later playout is than it has to be.
func (b *Buffer) excess(t int64) int64 { return b.behind(t) - max(b.delay, b.adapt.latest) }

// giveBack skips what was made up while waiting, as far as playout is late for it.
func (b *Buffer) giveBack(t int64) bool {
	n := min(b.adapt.debt.owed, b.excess(t))
	if n < skipMs*samplesPerMs {
		return false
	}
	b.adapt.debt.owed -= n
	b.cursor += n
	return true
}

// hasty skips what would never be caught up with by stretching.
func (b *Buffer) hasty(t int64) bool {
	n := b.behind(t) - b.delay - maxExcess
	if n <= 0 || b.held < 2 {
		return false
	}
	b.cursor += n + maxExcess
	return true
}

// slowDown offers a stretch when playout is ahead of the delay that the network
// needs by that much.
func (b *Buffer) slowDown(t, least int64) Decision {
	debt := &b.adapt.debt
	short := b.adapt.needed() - b.behind(t)
	if short < least || b.concealed > 0 || debt.refused || b.frameSize == 0 {
		return Decision{}
	}
	n := b.adapt.offers(Expand, t, short+overshoot)
	debt.refused = n > 0 // unless Stretched is called
	return Decision{Action: Expand, Samples: int(n)}
}

// playOn plays a frame, and offers to make it shorter when playout is late.
func (b *Buffer) playOn(f *slot, t int64) Decision {
	excess, spare := b.excess(t), b.behind(t)-b.adapt.latest
	d := b.play(f, t)
	debt := &b.adapt.debt
	if b.adapt.latest <= b.delay {
		debt.owed -= debt.owed / owedDecay
	}
	b.settleStretch()
	debt.refused = false
	b.adapt.offer = offer{}
	if excess > max(tolerance, b.adapt.slack()) {
		d.Remove = int(b.adapt.offers(Play, t, min(excess+overshoot, spare)))
		d.Urgent = excess > hurry
	}
	return d
}
