package jitter

import "math"

// The delay is sought in steps of 1 ms, above the path's smallest transit time.
const (
	candidates  = 512  // delays that are weighed against each other, from 0 ms on
	forgetting  = .998 // of what a candidate cost, for each frame
	gapPrice    = 100  // ms of a 20 ms frame's delay that a ms of gap is worth: 20 ms for each percent
	changeGain  = .02  // ms by which another candidate has to be better on average to take over
	priorTarget = 20   // ms, while nothing is known
	priorWeight = 8    // frames that it counts as
	peakSpan    = 30e3 // ms for which a late frame keeps the candidates up to it followed
)

// What playout will probably manage, by experience with speech.
const (
	usualPeriod   = 5  // ms, of a voice's pitch
	usualLikeness = .7 // share of the stretches that are not refused
)

// candidate is a target delay on trial: playout with it is followed on paper,
// frame by frame, to learn what it would have cost. Times are in ms.
type candidate struct {
	delay   float32 // where its playout stands
	stretch float32 // left of its budget
	owed    float32 // what its gaps made up and its playout has not skipped yet
	cost    float32 // of its frames, with forgetting
}

// estimator finds the target delay: of many candidates the one that would have
// done best lately, as listeners weigh delay against gaps. The zero value is not
// ready, see reset.
type estimator struct {
	trial    [candidates]candidate // by target
	followed int                   // the first so many; those above never had a gap, and cost their delay
	weight   float32               // of all frames so far, with forgetting
	target   int                   // the best

	peak, peakBefore float32 // the latest frames in this span and in the one before, ms
	peakAge          float32 // of this span, ms
}

func (e *estimator) reset() {
	*e = estimator{weight: priorWeight, target: priorTarget}
	e.extend(2 * priorTarget)
	for i := range e.trial[:priorTarget] {
		e.trial[i].cost += 3 * priorWeight * float32(priorTarget-i)
	}
}

// extend lets at least n candidates be followed.
func (e *estimator) extend(n int) {
	for n = min(n, candidates); e.followed < n; e.followed++ {
		delay := float32(e.followed)
		e.trial[e.followed] = candidate{delay: delay, stretch: maxStretchMs, cost: delay * e.weight}
	}
}

// frame is a frame as the estimator sees it. Times are in ms.
type frame struct {
	late, length float32 // late: above the path's smallest transit time
	begins       bool    // a talk spurt: every candidate may stand at its target
	overtaken    bool    // by a frame that was sent later
	price        float32 // of a ms of gap, in ms of its delay: observe sets it
}

// priceOfGap is by how much the delay of one frame of that length may rise to save a ms
// of gap. A percent of gaps is worth the same 20 ms for all lengths, so that it would
// fall as they grow; but then playout on a quiet path would stretch without end. The
// root was found by trial.
func priceOfGap(length float32) float32 {
	return gapPrice * float32(math.Sqrt(20/float64(length)))
}

// observe takes a frame, in the order of arrival.
func (e *estimator) observe(f frame) {
	f.price = priceOfGap(f.length)
	e.watchPeak(f)
	e.extend(int(min(f.late, candidates)) + 2)
	e.weight = e.weight*forgetting + 1
	best := 0
	for i := range e.trial[:e.followed] {
		c := &e.trial[i]
		c.cost = c.cost*forgetting + c.play(f, float32(i))
		if c.cost < e.trial[best].cost {
			best = i
		}
	}
	if e.trial[best].cost < e.trial[e.target].cost-changeGain*e.weight {
		e.target = best
	}
}

// watchPeak lets the upper candidates go when the latest frames are long past.
func (e *estimator) watchPeak(f frame) {
	e.peak = max(e.peak, f.late)
	e.peakAge += f.length
	if e.peakAge < peakSpan {
		return
	}
	need := int(min(max(e.peak, e.peakBefore), candidates)) + 2
	e.followed = min(e.followed, max(need, 2*priorTarget, e.target+1))
	e.peak, e.peakBefore, e.peakAge = 0, e.peak, 0
}

// play lets a frame be played as the buffer would, and returns what that costs.
func (c *candidate) play(f frame, target float32) float32 {
	if f.begins {
		c.delay, c.owed = target, 0
	}
	c.stretch = min(maxStretchMs, c.stretch+maxStretchMs*f.length/stretchSpanMs)
	gap := float32(0)
	switch {
	case f.late <= c.delay:
		c.catchUp(max(target, f.late))
	case f.overtaken:
		gap = min(f.late-c.delay, f.length)
		known := min(gap, c.owed)
		c.owed -= known
		gap -= known
	default:
		gap = c.waitFor(f.late)
	}
	return c.delay + f.price*gap
}

// waitFor lets playout wait for a late frame, and returns what has to be made up.
func (c *candidate) waitFor(late float32) (gap float32) {
	gap = late - c.delay
	periods := float32(math.Ceil(float64(gap) / usualPeriod))
	stretch := min(periods*usualPeriod, c.stretch)
	c.stretch -= stretch
	c.delay = max(late, c.delay+stretch)
	gap -= usualLikeness * min(stretch, gap)
	c.owed += gap
	return gap
}

// catchUp brings playout nearer to where it should be: by a skip of what was made
// up or of what is far behind, or by a stretch.
func (c *candidate) catchUp(to float32) {
	if c.delay-to > maxExcess/samplesPerMs {
		c.delay = to
	}
	if skip := min(c.owed, c.delay-to); skip > skipMs {
		c.owed -= skip
		c.delay -= skip
	}
	c.owed -= c.owed / owedDecay
	if c.delay-to >= usualPeriod-overshootMs && c.stretch >= usualPeriod {
		c.delay -= usualPeriod
		c.stretch -= usualPeriod
	}
}

// shift counts from a smallest transit time that is n ms larger than before. Where
// it is smaller, the path or a clock has changed, and frames will be as late above
// the new one as they were above the old: the candidates keep what they have
// learned.
func (e *estimator) shift(n int) {
	if n >= e.followed {
		e.reset()
		return
	}
	if n > 0 {
		e.followed = copy(e.trial[:], e.trial[n:e.followed])
		e.target = max(e.target-n, 0)
	}
	for i := range e.trial[:e.followed] {
		c := &e.trial[i]
		c.delay -= float32(n)
		c.cost -= float32(max(n, 0)) * e.weight
	}
}
