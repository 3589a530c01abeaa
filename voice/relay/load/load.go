package load

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Grace is how long the last frames may be on their way before they count as
// lost. Where all are there a run ends sooner.
const Grace = 2 * time.Second

// The smallest and the largest payload: what the check needs, and what fits.
const (
	MinPayload = stampSize
	MaxPayload = packet.MaxPayload
)

// Config is what the users do. The zero value is one speaker who says 100 bytes
// each 20 ms for 10 s.
type Config struct {
	Speakers      int           // the first of the users; 0: 1
	Duration      time.Duration // of the speech; 0: 10 s
	FrameDuration time.Duration // 0: 20 ms
	PayloadSize   int           // bytes, MinPayload to MaxPayload; 0: 100
	Patience      time.Duration // how long the paths may take to open; 0: 10 s
	Rooms         int           // the user i is in the channel i modulo Rooms; 0: 1
	Storm         int           // so many of the users, the last, all speak in a further channel; 0: none
	Flood         int           // bad datagrams a second beside the speech: random, spoofed, replayed and oversized; 0: none

	// Aligned lets all speakers send at the same instants. Otherwise each has a
	// phase of its own, uniformly random by Seed.
	Aligned bool
	Seed    uint64

	// Parts is in how many parts of the same length the speech is; 0: 1. Pause is
	// called before the first part and after each, when all that was said in it has
	// come, with how many frames were received in the part. Its error ends the run.
	Parts int
	Pause func(received uint64) error
}

// withDefaults returns c with its zero fields filled in.
func (c Config) withDefaults() Config {
	if c.Speakers == 0 {
		c.Speakers = 1
	}
	if c.Duration == 0 {
		c.Duration = 10 * time.Second
	}
	if c.FrameDuration == 0 {
		c.FrameDuration = 20 * time.Millisecond
	}
	if c.PayloadSize == 0 {
		c.PayloadSize = 100
	}
	if c.Patience == 0 {
		c.Patience = 10 * time.Second
	}
	if c.Pause == nil {
		c.Pause = func(uint64) error { return nil }
	}
	c.Rooms, c.Parts = cmp.Or(c.Rooms, 1), cmp.Or(c.Parts, 1)
	return c
}

func (c Config) check(users int) error {
	switch {
	case c.Storm < 0 || c.Storm > users:
		return invalid("%d of %d users can't make a storm", c.Storm, users)
	case c.Speakers < 0 || c.Speakers > users-c.Storm:
		return invalid("%d of %d users can't speak", c.Speakers, users-c.Storm)
	case c.PayloadSize < MinPayload || c.PayloadSize > MaxPayload:
		return invalid("a payload has %d to %d bytes, not %d", MinPayload, MaxPayload, c.PayloadSize)
	case c.FrameDuration < time.Millisecond || c.Duration < c.FrameDuration:
		return invalid("frames of %v in %v are no speech", c.FrameDuration, c.Duration)
	case c.Rooms < 0 || c.Rooms > users-c.Storm:
		return invalid("%d users are not in %d rooms", users, c.Rooms)
	case c.Flood < 0 || c.Parts < 0 || c.Duration/time.Duration(c.Parts) < c.FrameDuration:
		return invalid("a flood of %d in %d parts is none", c.Flood, c.Parts)
	case c.Patience < 0:
		return invalid("a patience of %v is none", c.Patience)
	}
	return nil
}

// frames is how many each speaker says in a part.
func (c Config) frames() int { return int(c.Duration / time.Duration(c.Parts) / c.FrameDuration) }

func invalid(format string, args ...any) error {
	return voiceapp.NewError(voiceapp.Invalid, "load: "+fmt.Sprintf(format, args...))
}

// Result is what a run has measured, of those who make no storm.
type Result struct {
	Users    int
	Speakers int
	Opening  time.Duration // until the relay had answered every user's first probe
	Speaking time.Duration // from the first frame to the last, and one frame

	Sent      uint64 // frames that the speakers sent
	Expected  uint64 // frames that the listeners should have got: each but a speaker's own
	Received  uint64 // frames that they got, each counted once for a listener
	Datagrams uint64 // in which those came
	Flooded   uint64 // bad datagrams that were sent beside them
	flooding  time.Duration

	// What no relay should do; none of these counts as received.
	Duplicates uint64 // frames that a listener had before
	Corrupt    uint64 // frames with another payload or speaker than was sent
	Refused    uint64 // datagrams that are not authentic, replayed or malformed

	// One-way latency of the received frames.
	P50, P99, P999, Max time.Duration

	Storm Storm // beside them

	spread []share // in ascending order

	// Behind is how late, at most, 99 % of the frames were sent by this package
	// itself. Where it is not small beside P50 the load lacks CPU.
	Behind time.Duration
}

// Storm is what the channel of those who all speak has got.
type Storm struct {
	Expected, Received uint64 // frames, as in [Result]
	P99                time.Duration
}

// share is how many frames took about so long.
type share struct {
	latency time.Duration
	frames  uint64
}

// Loss is the share of the expected frames that did not come, 0 to 1.
func (r Result) Loss() float64 { return lost(r.Expected, r.Received) }

// Loss is that of the storm.
func (s Storm) Loss() float64 { return lost(s.Expected, s.Received) }

func lost(expected, received uint64) float64 {
	if expected == 0 {
		return 0
	}
	return 1 - float64(received)/float64(expected)
}

// SentRate is how many frames a second the speakers sent.
func (r Result) SentRate() float64 { return float64(r.Sent) / r.Speaking.Seconds() }

// EgressRate is how many frames a second were delivered to listeners.
func (r Result) EgressRate() float64 { return float64(r.Received) / r.Speaking.Seconds() }

// FloodRate is how many bad datagrams a second were sent; 0 without a flood.
func (r Result) FloodRate() float64 {
	if r.Flooded == 0 {
		return 0
	}
	return float64(r.Flooded) / r.flooding.Seconds()
}

// Run lets the users of the grants open their paths with a probe, then the first
// of them speak, and returns what all of them heard. The grants have to be in one
// channel, or in Rooms of them, those of Storm in another, each with the relay's address. The errors are [voiceapp.Invalid],
// [voiceapp.Unavailable] when a path does not open in time, ctx's and Pause's.
func Run(ctx context.Context, grants []voiceapp.Grant, c Config) (Result, error) {
	c = c.withDefaults()
	if err := c.check(len(grants)); err != nil {
		return Result{}, err
	}
	g, err := dial(grants, c)
	if err != nil {
		return Result{}, err
	}
	defer g.close()
	began := time.Now()
	if err := g.open(ctx, c.Patience); err != nil {
		return Result{}, err
	}
	opening := time.Since(began)
	if err := g.speakInParts(ctx, c); err != nil {
		return Result{}, err
	}
	g.close()
	result := g.result(c)
	result.Opening = opening
	return result, nil
}
