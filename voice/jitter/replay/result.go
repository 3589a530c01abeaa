package replay

import (
	"fmt"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
)

// What may be stretched without counting as a gap.
const (
	freeStretch = 15 * time.Millisecond
	freeWithin  = 100 * time.Millisecond
)

// Result is what a listener of a trace would have got.
type Result struct {
	Frames int // sent
	Lost   int // never came
	Late   int // came, and nothing of them was played

	// The playout time is without the silence that the speaker kept.

	Concealed  float64 // share of the playout time that was made up
	Unheard    float64 // share of what was sent whose own sound was never played
	Accelerate float64 // share of the playout time that stretching took away
	Expand     float64 // share of the playout time that stretching added

	MeanDelay, P95Delay time.Duration // from a frame's sending to its playout, above the fastest transit
	Target              time.Duration // of that delay; the mean

	Timeline []Point // of the frames that were sent
}

// Point is what became of a frame.
type Point struct {
	Send            time.Duration // from the first frame on
	Network         time.Duration // delay at arrival, above the fastest transit
	Playout, Target time.Duration // delay at playout, likewise
	Came, Played    bool
}

// String is the line of figures that voiceapp-bench prints, without the name of
// the trace.
func (r *Result) String() string {
	return fmt.Sprintf("frames=%d lost=%d late=%d concealed_pct=%.2f unheard_pct=%.2f mean_delay_ms=%.1f p95_delay_ms=%.1f accelerate_pct=%.2f expand_pct=%.2f target_ms=%.1f",
		r.Frames, r.Lost, r.Late, 100*r.Concealed, 100*r.Unheard, millis(r.MeanDelay), millis(r.P95Delay), 100*r.Accelerate, 100*r.Expand, millis(r.Target))
}

// Cost is the figure by which jitter buffers are compared, in ms: the mean delay,
// and 20 ms for each percent of gaps beyond the share that was lost.
func (r *Result) Cost() float64 {
	lost := float64(r.Lost) / float64(r.Frames)
	return millis(r.MeanDelay) + 2000*max(0, max(r.Concealed, r.Unheard)-lost)
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// measure makes the figures of the pieces of playout.
func (r *run) measure() *Result {
	result := &Result{Frames: len(r.trace), Timeline: r.arrived()}
	first, last := r.bounds()
	var total, played, removed, heard int64
	var target time.Duration
	for _, p := range r.pieces[first : last+1] {
		total += int64(p.Samples)
		if p.Action != jitter.Play {
			continue
		}
		played += int64(p.Samples)
		removed += int64(p.Removed)
		heard += int64(p.Samples + p.Removed)
		target += p.Target
		r.mark(&result.Timeline[p.Sequence], p)
	}
	total -= r.kept(first, last)
	inserted := int64(r.playout.Stats().InsertedSamplesForDeceleration)
	tooLong, tooShort := r.beyond(first, last)
	sent := int64(len(r.trace)) * int64(r.frame*jitter.SampleRate/time.Second)
	result.Concealed = share(total-played-inserted+tooLong, total)
	result.Unheard = share(sent-heard+tooShort, sent)
	result.Accelerate, result.Expand = share(removed, total), share(inserted, total)
	result.count(target)
	return result
}

func share(part, of int64) float64 { return float64(part) / float64(max(of, 1)) }

// bounds are the first and the last piece in which a frame was played.
func (r *run) bounds() (first, last int) {
	isPlay := func(p jitter.Piece) bool { return p.Action == jitter.Play }
	first = max(0, slices.IndexFunc(r.pieces, isPlay))
	for last = len(r.pieces) - 1; last > first && !isPlay(r.pieces[last]); last-- {
	}
	return first, last
}

// kept is how much of the playout is silence that the speaker kept.
func (r *run) kept(first, last int) (samples int64) {
	var idle, made int64
	before := r.pieces[first].Sequence
	for _, p := range r.pieces[first : last+1] {
		switch p.Action {
		case jitter.Idle:
			idle += int64(p.Samples)
		case jitter.Conceal, jitter.Recover, jitter.Expand:
			made += int64(p.Samples)
		case jitter.Play:
			samples += r.keptBetween(before, p.Sequence, idle, made)
			before, idle, made = p.Sequence, 0, 0
		}
	}
	return samples
}

// keptBetween is how much of the silence between two frames that were played is the
// speaker's. It is as long as he kept it, or up to twice that, as the delay is set anew
// in it; but frames that were not heard are gaps, wherever in the pause they belong.
func (r *run) keptBetween(before, after, idle, made int64) int64 {
	if after <= before {
		return 0
	}
	unheard := (after - before - 1) * int64(r.frame*jitter.SampleRate/time.Second)
	return max(0, min(idle-max(0, unheard-made), 2*r.silence(int(before), int(after))))
}

// arrived begins the timeline by what the network did.
func (r *run) arrived() []Point {
	points := make([]Point, len(r.trace))
	fastest := r.trace.fastest()
	for i, p := range r.trace {
		points[i] = Point{Send: p.Send - r.trace[0].Send, Came: !p.Lost}
		if !p.Lost {
			points[i].Network = p.Arrival - p.Send - fastest
		}
	}
	return points
}

// mark notes the playout of a frame.
func (r *run) mark(at *Point, p jitter.Piece) {
	at.Played = true
	at.Playout = p.Time - at.Send - time.Duration(p.Skipped)*time.Second/jitter.SampleRate
	at.Target = p.Target
}

// count makes the figures that count frames.
func (result *Result) count(target time.Duration) {
	var delays []time.Duration
	var sum time.Duration
	for _, p := range result.Timeline {
		switch {
		case !p.Came:
			result.Lost++
		case !p.Played:
			result.Late++
		default:
			delays = append(delays, p.Playout)
			sum += p.Playout
		}
	}
	if n := len(delays); n > 0 {
		slices.Sort(delays)
		result.MeanDelay, result.P95Delay = sum/time.Duration(n), delays[(n-1)*95/100]
		result.Target = target / time.Duration(n)
	}
}

// beyond is how many samples were added and removed beyond the stretch that is
// free.
func (r *run) beyond(first, last int) (tooLong, tooShort int64) {
	type stretch struct {
		at      time.Duration
		samples int64
	}
	free := int64(freeStretch * jitter.SampleRate / time.Second)
	var recent []stretch
	for _, p := range r.pieces[first : last+1] {
		s := stretch{at: p.Time, samples: int64(p.Removed)}
		if p.Action == jitter.Expand {
			s.samples = int64(p.Samples)
		}
		if s.samples == 0 {
			continue
		}
		recent = slices.DeleteFunc(recent, func(s stretch) bool { return s.at <= p.Time-freeWithin })
		left := free
		for _, s := range recent {
			left -= s.samples
		}
		if excess := s.samples - max(left, 0); excess > 0 && p.Action == jitter.Expand {
			tooLong += excess
		} else if excess > 0 {
			tooShort += excess
		}
		recent = append(recent, s)
	}
	return tooLong, tooShort
}
