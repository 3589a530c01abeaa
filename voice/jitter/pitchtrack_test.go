package jitter

import (
	"math"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/testdata/speech/speechtest"
)

// reshaped is speech as the stretcher leaves it, with where each sample came from.
type reshaped struct {
	pcm     []float32
	from    []int // by sample: of the original
	changed int   // samples that were added or cut
}

// reshape stretches speech as much as playout ever does, 15 ms in any 100 ms.
func reshape(said []float32, longer, urgent bool) (out reshaped) {
	const length = 20 * samplesPerMs
	s := newStretcher(1)
	var spent budget
	frame, more := make([]float32, length), make([]float32, MaxSamples)
	play := func(pcm []float32, from int) {
		s.played(pcm)
		for i, x := range pcm {
			out.pcm, out.from = append(out.pcm, x), append(out.from, from+i)
		}
	}
	for at := 0; at+length <= len(said); at += length {
		copy(frame, said[at:])
		got, now := frame, int64(len(out.pcm))
		s.listen(got)
		n, left := 0, int(spent.left(now))
		if longer {
			play(got, at)
			if n = s.expand(more, left, urgent); n > 0 {
				play(more[:n], at+length-n)
			}
		} else {
			n = s.remove(got, left, urgent)
			play(got[:length-n], at+n)
			copy(out.from[len(out.from)-(length-n):], between(at, at+length, length-n))
		}
		if n > 0 {
			spent.spend(now, int64(n))
		}
		out.changed += n
	}
	return out
}

// between is n places from one on, evenly spread up to another.
func between(from, to, n int) []int {
	places := make([]int, n)
	for i := range places {
		places[i] = from + (to-from)*i/n
	}
	return places
}

// period finds the period of what is around a place by autocorrelation with parabolic
// interpolation, between two lags, in samples, and how much alike the periods are.
func period(pcm []float32, at, least, most int) (lag, like float64) {
	const span = 25 * samplesPerMs
	x := pcm[at-(span+most)/2:]
	r := func(lag int) float64 {
		var ab, aa, bb float64
		for i, v := range x[:span] {
			a, b := float64(v), float64(x[i+lag])
			ab, aa, bb = ab+a*b, aa+a*a, bb+b*b
		}
		return ab / math.Sqrt(max(aa*bb, 1e-20))
	}
	best := least
	for l := least; l <= most; l += 4 {
		if v := r(l); v > like {
			best, like = l, v
		}
	}
	for l := max(least, best-4); l <= min(most, best+4); l++ {
		if v := r(l); v > like {
			best, like = l, v
		}
	}
	before, after := r(best-1), r(best+1)
	if before > like || after > like { // no peak within the bounds
		return 0, 0
	}
	return float64(best) + (before-after)/(2*(before-2*like+after)), like
}

// The pitch of speech that is stretched or shortened stays what it was, and nothing
// clicks, also where a poor stretch is better than none.
func TestStretchKeepsThePitchOfSpeech(t *testing.T) {
	said := speechtest.PCM(t)[:8*SampleRate]
	for i := range 4 {
		longer, urgent := i%2 == 1, i/2 == 1
		out := reshape(said, longer, urgent)
		if share := float64(out.changed) / float64(len(said)); share < .05 {
			t.Errorf("longer %v, urgent %v: only %.3f of the speech was stretched", longer, urgent, share)
		}
		var ratios []float64
		const margin = 40 * samplesPerMs
		for at := margin; at < len(out.pcm)-margin; at += 10 * samplesPerMs {
			there := out.from[at]
			if there < margin || there > len(said)-margin || meanSquare(said[there-480:there+480]) < 1e-4 {
				continue
			}
			was, like := period(said, there, SampleRate/400, SampleRate/80)
			if like < .9 { // not voiced
				continue
			}
			is, like := period(out.pcm, at, int(was*.85), int(was*1.15))
			if like > .8 {
				ratios = append(ratios, was/is)
			}
		}
		slices.Sort(ratios)
		quantile := func(q float64) float64 { return ratios[int(q*float64(len(ratios)-1))] }
		median := quantile(.5)
		t.Logf("longer %v, urgent %v: %.1f %% changed; %d voiced places, pitch times %.5f, 5 to 95 %%: %.4f to %.4f",
			longer, urgent, 100*float64(out.changed)/float64(len(said)), len(ratios), median, quantile(.05), quantile(.95))
		if len(ratios) < 100 || math.Abs(median-1) > .002 {
			t.Errorf("longer %v, urgent %v: the pitch of %d voiced places is changed by %.5f", longer, urgent, len(ratios), median)
		}
		if at, times := worstStep(said, out); times > 1.1 {
			t.Errorf("longer %v, urgent %v: a step at %d that is %.2f times what the signal has there", longer, urgent, at, times)
		}
	}
}

// worstStep finds where two neighbouring samples are the farthest apart, against the
// largest such step of the original within a period.
func worstStep(said []float32, out reshaped) (at int, times float32) {
	own := make([]float32, len(said))
	for i := 1; i < len(said); i++ {
		own[i] = max(said[i]-said[i-1], said[i-1]-said[i])
	}
	for i := 1; i < len(out.pcm); i++ {
		step := max(out.pcm[i]-out.pcm[i-1], out.pcm[i-1]-out.pcm[i])
		from := out.from[i]
		if step < 1./1000 || step <= times*own[from] { // -60 dB: nobody hears it
			continue
		}
		largest := slices.Max(own[max(0, from-maxStretch):min(len(own), from+maxStretch)])
		if step > times*largest {
			at, times = i, step/largest
		}
	}
	return at, times
}
