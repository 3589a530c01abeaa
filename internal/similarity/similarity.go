package similarity

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Rate is the sample rate of everything that is compared, in Hz.
const Rate = 16000

const (
	window  = Rate / 2 // in samples
	search  = Rate / 5 // how far a window may lie from where the whole lies
	silence = 1e-3     // of the loudest window's energy: less is not speech
	present = 0.3      // a window below that is missing
)

// ErrNoSpeech is returned when there is nothing to be heard in what was said.
var ErrNoSpeech = errors.New("similarity: no speech in what was said")

// Result is how well what was heard matches what was said.
type Result struct {
	Similarity float64       // mean of the windows, weighted by their energy; 1 is the same
	Worst      float64       // window
	Windows    int           // with speech
	Missing    int           // of them
	LevelDB    float64       // heard against said
	Lag        time.Duration // where what was said begins in what was heard
	Heard      time.Duration // length
}

// String gives all of it on one line, as key=value pairs.
func (r Result) String() string {
	return fmt.Sprintf("similarity=%.4f worst=%.3f windows=%d missing=%d level_db=%.1f lag_ms=%.0f heard_s=%.2f",
		r.Similarity, r.Worst, r.Windows, r.Missing, r.LevelDB, r.Lag.Seconds()*1000, r.Heard.Seconds())
}

// Compare compares two recordings, mono at [Rate]. It keeps neither. The error
// is [ErrNoSpeech].
func Compare(said, heard []float32) (Result, error) {
	a, b := widen(said), widen(heard)
	threshold := loudest(a) * silence
	if threshold == 0 {
		return Result{}, ErrNoSpeech
	}
	lag := lagOf(a, b)
	sums := energies(b)
	var t tally
	for i := 0; i+window <= len(a); i += window {
		part := a[i : i+window]
		if e := energy(part); e >= threshold {
			similarity, heard := match(part, e, b, sums, i+lag)
			t.add(similarity, e, heard)
		}
	}
	return t.result(lag, len(b)), nil
}

func widen(samples []float32) []float64 {
	wide := make([]float64, len(samples))
	for i, v := range samples {
		wide[i] = float64(v)
	}
	return wide
}

func energy(samples []float64) (sum float64) {
	for _, v := range samples {
		sum += v * v
	}
	return sum
}

// loudest returns the energy of the loudest window.
func loudest(samples []float64) (most float64) {
	for i := 0; i+window <= len(samples); i += window {
		most = max(most, energy(samples[i:i+window]))
	}
	return most
}

// energies returns, at index i, the energy of the first i samples.
func energies(samples []float64) []float64 {
	sums := make([]float64, len(samples)+1)
	for i, v := range samples {
		sums[i+1] = sums[i] + v*v
	}
	return sums
}

// lagOf returns how many samples later a is in b.
func lagOf(a, b []float64) int {
	sums := correlate(a, b)
	most, lag := -1.0, 0
	for i, v := range sums {
		if v = math.Abs(v); v > most {
			most, lag = v, i
		}
	}
	if lag > len(sums)/2 {
		lag -= len(sums)
	}
	return lag
}

// match finds where, near position at, heard is most like the window, and
// returns the correlation and the energy there; both are 0 when nothing is.
func match(part []float64, partEnergy float64, heard, sums []float64, at int) (best, bestEnergy float64) {
	first := max(0, at-search)
	last := min(at+search, len(heard)-window)
	if first > last {
		return 0, 0
	}
	products := correlate(part, heard[first:last+window])
	for p := first; p <= last; p++ {
		e := sums[p+window] - sums[p]
		if c := products[p-first] / math.Sqrt(partEnergy*e+1e-18); c > best {
			best, bestEnergy = c, e
		}
	}
	return best, bestEnergy
}

// tally adds up the windows.
type tally struct {
	Result
	sum, said, heard float64
}

func (t *tally) add(similarity, said, heard float64) {
	if t.Windows == 0 || similarity < t.Worst {
		t.Worst = similarity
	}
	t.Windows++
	if similarity < present {
		t.Missing++
	}
	t.sum += similarity * said
	t.said += said
	t.heard += heard
}

func (t *tally) result(lag, heard int) Result {
	t.Similarity = t.sum / t.said
	t.LevelDB = 10 * math.Log10(t.heard/t.said+1e-12)
	t.Lag = duration(lag)
	t.Heard = duration(heard)
	return t.Result
}

func duration(samples int) time.Duration { return time.Duration(samples) * time.Second / Rate }
