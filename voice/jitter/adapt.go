package jitter

// adaptation is what a buffer with an adaptive delay knows of its path, and what
// it still owes the listener.
type adaptation struct {
	least    int64 // that is aimed at
	most     int64 // that is aimed at, and that playout may be behind
	estimate estimator
	floor    floor
	base     int64         // the path's smallest transit time, in the estimator's steps
	latest   int64         // transit time of the newest frame, above base
	unseen   []observation // of frames that came since playout last looked
	budget   budget
	offer    offer
	debt     debt

	allBeyond   bool  // the latest frames came beyond the longest delay
	beyondSince int64 // the first of them
}

// observation is a frame whose arrival the estimator has not been told of.
type observation struct {
	media, samples int64
	arrival        int64
	begins         bool // a talk spurt
	overtaken      bool // by a frame that was sent later
}

// offer is a stretch that the listener's side may carry out.
type offer struct {
	action Action // Expand, Play, or Idle: none
	at     int64
}

// newAdaptation returns one that has seen nothing; a most of 0 and below is none.
func newAdaptation(least, most int64) *adaptation {
	if most <= 0 {
		most = noLimit
	}
	a := &adaptation{least: min(least, most), most: most, unseen: make([]observation, 0, capacity)}
	a.estimate.reset()
	return a
}

// restart forgets the path: another stream has other times.
func (a *adaptation) restart() {
	a.unseen = a.unseen[:0]
	a.floor = floor{}
	a.debt = debt{}
	a.estimate.reset()
	a.allBeyond = false
}

// needed is the delay that the network needs, as far as it may have it, in samples.
func (a *adaptation) needed() int64 { return min(int64(a.estimate.target)*samplesPerMs, a.most) }

// target is the delay to aim at, in samples.
func (a *adaptation) target() int64 { return max(a.least, a.needed()) }

// slack is how far playout may be behind where no less delay is wanted, a quarter of it:
// that disturbs less than a stretch.
func (a *adaptation) slack() int64 {
	if a.needed() >= a.least {
		return 0
	}
	return a.least / 4
}

// measureAnew forgets the path.
func (b *Buffer) measureAnew() {
	b.settleStretch()
	b.adapt.restart()
	b.delay = b.adapt.target()
}

// note keeps what the estimator needs of a frame that has just come. A frame counts
// as arrived when playout next looks: it is no use earlier.
func (b *Buffer) note(f slot) {
	if b.adapt == nil || f.samples == 0 || len(b.adapt.unseen) == capacity {
		return
	}
	before := b.slot(f.sequence - 1)
	known := before.state != empty && before.sequence == f.sequence-1
	b.adapt.unseen = append(b.adapt.unseen, observation{
		media: f.media, samples: f.samples, arrival: f.arrival,
		begins:    b.unique == 1 || known && (before.end || f.media > before.media+before.samples),
		overtaken: f.sequence < b.highest,
	})
}

// look tells the estimator what has come since playout last looked.
func (b *Buffer) look(t int64) {
	if b.adapt == nil || len(b.adapt.unseen) == 0 {
		return
	}
	for _, o := range b.adapt.unseen {
		b.adapt.observe(t, o)
	}
	b.adapt.unseen = b.adapt.unseen[:0]
	b.delay = b.adapt.target()
}

func (a *adaptation) observe(t int64, o observation) {
	transit := o.arrival - o.media
	if !a.floor.known {
		a.base = transit
	}
	if steps := floorDiv(a.floor.add(o.arrival, transit)-a.base, samplesPerMs); steps != 0 {
		a.estimate.shift(int(min(candidates, steps)))
		a.base += steps * samplesPerMs
	}
	late := max(t, o.arrival) - o.media - a.base
	if !o.overtaken {
		a.latest = late
	}
	a.estimate.observe(frame{
		late: float32(late) / samplesPerMs, length: float32(o.samples) / samplesPerMs,
		begins: o.begins, overtaken: o.overtaken,
	})
}

// settleStretch counts what was stretched since a frame was played: it stays a stretch,
// whatever comes.
func (b *Buffer) settleStretch() {
	b.stats.InsertedSamplesForDeceleration += uint64(b.adapt.debt.inserted)
	b.adapt.debt.inserted = 0
}

// Stretched says by how many samples the latest decision was stretched: after
// Expand made longer, after Play made shorter. Who stretches nothing need not call
// it.
func (b *Buffer) Stretched(samples int) {
	if b.adapt == nil || samples <= 0 || b.adapt.offer.action == Idle {
		return
	}
	a, n := b.adapt, int64(samples)
	a.budget.spend(a.offer.at, n)
	if a.offer.action == Expand {
		a.debt.refused = false
		a.debt.inserted += n
		b.heard(n)
	} else {
		b.stats.RemovedSamplesForAcceleration += uint64(n)
		b.cut += n
	}
	a.offer.action = Idle
}

// offers returns how much of n samples may be stretched at t.
func (a *adaptation) offers(action Action, t, n int64) int64 {
	a.offer = offer{}
	n = min(n, a.budget.left(t))
	if n < minStretch {
		return 0
	}
	a.offer = offer{action, t}
	return n
}

// floorDiv is a divided by b > 0, rounded down.
func floorDiv(a, b int64) int64 {
	if a < 0 {
		return (a - b + 1) / b
	}
	return a / b
}
