package sounds

import (
	"fmt"
	"math"
	"testing"
)

// Each is short, quiet, without a click at its ends or within, and unlike the others.
func TestNamed(t *testing.T) {
	seen := map[string]string{}
	for name := range scores {
		sound := Named(name)
		if ms := len(sound) * 1000 / Rate; ms < 50 || ms >= 300 {
			t.Errorf("%s lasts %d ms", name, ms)
		}
		loudest, step := 0.0, 0.0
		for i, s := range sound {
			loudest = max(loudest, math.Abs(float64(s)))
			if i > 0 {
				step = max(step, math.Abs(float64(s)-float64(sound[i-1])))
			}
		}
		if db := 20 * math.Log10(loudest/math.MaxInt16); db > -12 || db < -16 {
			t.Errorf("%s has its peak at %.1f dBFS, want -16 to -12", name, db)
		}
		if first, last := sound[0], sound[len(sound)-1]; first != 0 || last < -8 || last > 8 {
			t.Errorf("%s starts at %d and ends at %d", name, first, last)
		}
		if step > 0.3*peak { // the highest tone there is moves by a quarter of its peak in a sample
			t.Errorf("%s moves by %.0f within a sample", name, step)
		}
		key := fmt.Sprint(sound)
		if other, ok := seen[key]; ok {
			t.Errorf("%s sounds like %s", name, other)
		}
		seen[key] = name
	}
	if len(seen) != 7 {
		t.Errorf("there are %d sounds", len(seen))
	}
}

// One can hear which of two is good news.
func TestDirection(t *testing.T) {
	for up, down := range map[string]string{"join": "leave", "unmute": "mute", "connected": "lost"} {
		if !rises(Named(up)) || rises(Named(down)) {
			t.Errorf("%s does not rise, or %s does", up, down)
		}
	}
}

// rises reports whether the second half has more zero crossings than the first.
func rises(sound []int16) bool {
	half := len(sound) / 2
	return crossings(sound[half:2*half]) > crossings(sound[:half])
}

func crossings(sound []int16) int {
	n := 0
	for i := 1; i < len(sound); i++ {
		if sound[i-1] < 0 && sound[i] >= 0 {
			n++
		}
	}
	return n
}

// What a loudspeaker is tried with is on one side at a time, left first, and as loud as the
// others.
func TestSides(t *testing.T) {
	sound := Sides()
	if ms := len(sound) * 1000 / 2 / Rate; ms != 1200 {
		t.Errorf("it lasts %d ms", ms)
	}
	half := len(sound) * 5 / 12
	for side, part := range [][]int16{sound[:half], sound[half:]} {
		loudest := 0.0
		for i, s := range part {
			if i%2 == side {
				loudest = max(loudest, math.Abs(float64(s)))
			} else if s != 0 {
				t.Fatalf("side %d: the other one is %d at %d", side, s, i)
			}
		}
		if loudest < peak*0.6 || loudest > peak {
			t.Errorf("side %d is %.0f loud", side, loudest)
		}
	}
}

func TestUnknown(t *testing.T) {
	if sound := Named("gong"); sound != nil {
		t.Errorf("a gong has %d samples", len(sound))
	}
}
