package main

import (
	"context"
	"fmt"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice/relay/load"
)

// bearableLoss is up to which share of lost frames a rate counts as sustained.
const bearableLoss = 0.001

// ascent looks for how many speakers a server sustains, to a tenth.
type ascent struct {
	users int
	good  int // so many it did
	bad   int // so many it did not; 0: none were too many yet
}

// next returns how many to try, 0 when it is known.
func (a *ascent) next() int {
	switch {
	case a.bad == 0 && a.good < a.users:
		return min(2*a.good, a.users)
	case a.bad-a.good <= max(a.good/10, 1):
		return 0
	}
	return (a.good + a.bad) / 2
}

func (a *ascent) tried(speakers int, sustained bool) {
	if sustained {
		a.good = speakers
	} else {
		a.bad = speakers
	}
}

// climb runs the load with more and more speakers, and says what the server sustained.
func (l *relayLoad) climb(ctx context.Context, streams *cli.Streams) error {
	var best load.Result
	a, step := ascent{users: l.Users}, *l
	step.MaxP99, step.MaxLoss = 0, -1 // of a step that is too much they say so here
	for ; step.Speakers > 0; step.Speakers = a.next() {
		result, err := step.once(ctx, streams)
		if err != nil {
			return err
		}
		sustained := result.Loss() < bearableLoss && (l.MaxP99 == 0 || result.P99 <= l.MaxP99)
		if a.tried(step.Speakers, sustained); a.good == step.Speakers {
			best = result
		}
	}
	if best.Speakers == 0 {
		return voiceapp.NewError(voiceapp.Unavailable, "one speaker is more than the server sustains")
	}
	fmt.Fprintf(streams.Out, "max_speakers=%d max_egress_pps=%.0f p99_us=%d\n", best.Speakers, best.EgressRate(), best.P99.Microseconds())
	return nil
}
