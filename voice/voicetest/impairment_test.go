package voicetest_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

func ExampleImpairment() {
	model := voicetest.Impairment{Seed: 1, Loss: 0.1, Burst: 3, Delay: 40 * time.Millisecond}.Model(0)
	lost := 0
	for i := range 1000 {
		if model.Next(time.Duration(i) * 20 * time.Millisecond).Lost {
			lost++
		}
	}
	fmt.Println(lost, "of 1000 lost")
	// Output: 97 of 1000 lost
}

// fates sends n packets, one each 20 ms.
func fates(i voicetest.Impairment, n int) []voicetest.Fate {
	model := i.Model(0)
	fates := make([]voicetest.Fate, n)
	for k := range fates {
		fates[k] = model.Next(time.Duration(k) * 20 * time.Millisecond)
	}
	return fates
}

func share(fates []voicetest.Fate, is func(voicetest.Fate) bool) float64 {
	n := 0
	for _, f := range fates {
		if is(f) {
			n++
		}
	}
	return float64(n) / float64(len(fates))
}

func isLost(f voicetest.Fate) bool { return f.Lost }

func TestImpairmentNone(t *testing.T) {
	for i, f := range fates(voicetest.Impairment{Seed: 7}, 1000) {
		if f != (voicetest.Fate{}) {
			t.Fatalf("packet %d: %+v", i, f)
		}
	}
}

func TestImpairmentLoss(t *testing.T) {
	for _, loss := range []float64{0, 0.01, 0.1, 0.5, 0.9, 1, 2} {
		for _, burst := range []float64{0, 1, 2, 8} {
			all := fates(voicetest.Impairment{Seed: 3, Loss: loss, Burst: burst}, 100000)
			got := share(all, isLost)
			if want := min(loss, 1); math.Abs(got-want) > 0.1*want*math.Max(1, burst/2) {
				t.Errorf("loss %g, burst %g: %.4f lost", loss, burst, got)
			}
		}
	}
}

func TestImpairmentBurst(t *testing.T) {
	for _, test := range []struct{ loss, burst, want float64 }{
		{0.1, 0, 1.111}, // by themselves, two in a row happen too
		{0.1, 1, 1},
		{0.1, 4, 4},
		{0.3, 10, 10},
		{0.8, 1, 4}, // shorter ones can't lose so much
	} {
		var runs, lost float64
		before := false
		for _, f := range fates(voicetest.Impairment{Seed: 5, Loss: test.loss, Burst: test.burst}, 200000) {
			if f.Lost {
				lost++
				if !before {
					runs++
				}
			}
			before = f.Lost
		}
		if got := lost / runs; math.Abs(got-test.want) > 0.03*test.want {
			t.Errorf("loss %g, burst %g: mean burst %.3f, want %.3f", test.loss, test.burst, got, test.want)
		}
	}
}

func TestImpairmentDelayAndJitter(t *testing.T) {
	const delay, jitter = 50 * time.Millisecond, 4 * time.Millisecond
	var sum time.Duration
	var last time.Duration
	all := fates(voicetest.Impairment{Seed: 11, Delay: delay, Jitter: jitter}, 50000)
	for i, f := range all {
		arrival := time.Duration(i)*20*time.Millisecond + f.Delay
		if f.Delay < delay || f.Delay > delay+5*jitter || arrival < last {
			t.Fatalf("packet %d: delay %v, arrival %v after one at %v", i, f.Delay, arrival, last)
		}
		last = arrival
		sum += f.Delay - delay
	}
	if mean := sum / time.Duration(len(all)); mean < jitter*97/100 || mean > jitter*103/100 {
		t.Errorf("mean jitter %v, want %v", mean, jitter)
	}
}

func TestImpairmentReorder(t *testing.T) {
	all := fates(voicetest.Impairment{Seed: 13, Delay: 10 * time.Millisecond, Reorder: 0.05}, 50000)
	got := share(all, func(f voicetest.Fate) bool { return f.Reordered })
	if math.Abs(got-0.05) > 0.003 {
		t.Errorf("%.4f reordered, want 0.05", got)
	}
	for i, f := range all {
		want := 10 * time.Millisecond
		if f.Reordered {
			want += voicetest.HoldBack
		}
		if f.Delay != want {
			t.Fatalf("packet %d: %+v, want a delay of %v", i, f, want)
		}
	}
}

func TestImpairmentDuplicate(t *testing.T) {
	all := fates(voicetest.Impairment{Seed: 17, Loss: 0.5, Duplicate: 0.2}, 50000)
	for _, f := range all {
		if f.Lost && f.Duplicated {
			t.Fatal("a packet was lost and came twice")
		}
	}
	if got := share(all, func(f voicetest.Fate) bool { return f.Duplicated }); math.Abs(got-0.1) > 0.005 {
		t.Errorf("%.4f duplicated, want a fifth of the half that arrives", got)
	}
}

// What one value does must not depend on the others, or a comparison of two
// networks would compare the dice.
func TestImpairmentSameSeedSameLosses(t *testing.T) {
	plain := fates(voicetest.Impairment{Seed: 19, Loss: 0.2}, 1000)
	all := fates(voicetest.Impairment{Seed: 19, Loss: 0.2, Jitter: 1, Reorder: 0.3, Duplicate: 0.3}, 1000)
	other := fates(voicetest.Impairment{Seed: 20, Loss: 0.2}, 1000)
	differ := 0
	for i := range plain {
		if plain[i].Lost != all[i].Lost {
			t.Fatalf("packet %d is lost only with, or only without, the other impairments", i)
		}
		if plain[i].Lost != other[i].Lost {
			differ++
		}
	}
	if differ == 0 {
		t.Error("two seeds lose the same packets")
	}
}
