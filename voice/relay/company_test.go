package relay

import (
	"testing"
	"time"
)

// Who takes a breath in a crowd changes nobody's delay; a crowd that goes does.
func TestCrowdIsSteady(t *testing.T) {
	var c company
	sessions := make([]session, many)
	now := time.Duration(0)
	is := func(n int) crowd {
		now += talkWindow
		for i := range n {
			c.heard(now, &sessions[i])
		}
		return c.crowd(now)
	}
	for i, step := range []struct {
		talk int
		want crowd
	}{
		{few, aFew},
		{few + 1, several},
		{few, several},
		{few + 1, several},
		{few - steady + 1, several},
		{few - steady, aFew},
		{few, aFew},
		{many, aCrowd},
		{many - 1, aCrowd},
		{many - steady, aCrowd},
		{many - steady - 1, several},
		{many - 1, several},
		{many, aCrowd},
		{0, aFew},
	} {
		if got := is(step.talk); got != step.want {
			t.Errorf("step %d: %d talk: %d, want %d", i, step.talk, got, step.want)
		}
	}
}

// Whatever a channel asks for, a speaker's frames wait for equally long each: a frame's time
// is a multiple of the wait, to what a nanosecond is cut off.
func TestStepDividesAFrame(t *testing.T) {
	for most := time.Millisecond / 4; most <= frameTime; most += time.Millisecond / 4 {
		for _, size := range []crowd{several, aCrowd} {
			step := size.step(most)
			if rest := frameTime % step; step > most || step < most/4 || rest > frameTime/step {
				t.Errorf("%d of at most %v: %v", size, most, step)
			}
		}
	}
	if aFew.step(DefaultMaxWait) != 0 || aCrowd.step(-1) != 0 || aCrowd.step(DefaultMaxWait) != DefaultMaxWait {
		t.Error("nobody waits with a few, or where nothing is to wait; a crowd does so as long as it is told")
	}
}
