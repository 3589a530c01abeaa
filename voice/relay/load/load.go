package load

import (
	"context"
	"fmt"
	"sync"
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

	// Aligned lets all speakers send at the same instants. Otherwise each has a
	// phase of its own, uniformly random by Seed.
	Aligned bool
	Seed    uint64
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
	return c
}

func (c Config) check(users int) error {
	switch {
	case c.Speakers < 0 || c.Speakers > users:
		return invalid("%d of %d users can't speak", c.Speakers, users)
	case c.PayloadSize < MinPayload || c.PayloadSize > MaxPayload:
		return invalid("a payload has %d to %d bytes, not %d", MinPayload, MaxPayload, c.PayloadSize)
	case c.FrameDuration < time.Millisecond || c.Duration < c.FrameDuration:
		return invalid("frames of %v in %v are no speech", c.FrameDuration, c.Duration)
	case c.Patience < 0:
		return invalid("a patience of %v is none", c.Patience)
	}
	return nil
}

func invalid(format string, args ...any) error {
	return voiceapp.NewError(voiceapp.Invalid, "load: "+fmt.Sprintf(format, args...))
}

// Result is what a run has measured.
type Result struct {
	Users    int
	Speakers int
	Opening  time.Duration // until the relay had answered every user's first probe
	Speaking time.Duration // from the first frame to the last, and one frame

	Sent      uint64 // frames that the speakers sent
	Expected  uint64 // frames that the listeners should have got: each but a speaker's own
	Received  uint64 // frames that they got, each counted once for a listener
	Datagrams uint64 // in which those came

	// What no relay should do; none of these counts as received.
	Duplicates uint64 // frames that a listener had before
	Corrupt    uint64 // frames with another payload or speaker than was sent
	Refused    uint64 // datagrams that are not authentic, replayed or malformed

	// One-way latency of the received frames.
	P50, P99, P999, Max time.Duration

	// Behind is how late, at most, 99 % of the frames were sent by this package
	// itself. Where it is not small beside P50 the load lacks CPU.
	Behind time.Duration
}

// Loss is the share of the expected frames that did not come, 0 to 1.
func (r Result) Loss() float64 {
	if r.Expected == 0 {
		return 0
	}
	return 1 - float64(r.Received)/float64(r.Expected)
}

// SentRate is how many frames a second the speakers sent.
func (r Result) SentRate() float64 { return float64(r.Sent) / r.Speaking.Seconds() }

// EgressRate is how many frames a second were delivered to listeners.
func (r Result) EgressRate() float64 { return float64(r.Received) / r.Speaking.Seconds() }

// Run lets the users of the grants open their paths with a probe, then the first
// of them speak, and returns what all of them heard. The grants have to be in one
// channel, each with the relay's address. The errors are [voiceapp.Invalid],
// [voiceapp.Unavailable] when a path does not open in time, and ctx's.
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
	if err := g.speak(ctx, c); err != nil {
		return Result{}, err
	}
	if err := g.await(ctx); err != nil {
		return Result{}, err
	}
	g.close()
	result := g.result(c)
	result.Opening = opening
	return result, nil
}

// group is all users of a run.
type group struct {
	users   []*user
	speaker map[voiceapp.SessionID]int // index among the users
	start   time.Time                  // what stamps count from
	latency histogram
	behind  histogram
	sent    uint64
	readers sync.WaitGroup
}

func dial(grants []voiceapp.Grant, c Config) (*group, error) {
	g := &group{speaker: map[voiceapp.SessionID]int{}, start: time.Now()}
	for i, grant := range grants {
		if i < c.Speakers {
			g.speaker[grant.Session] = i
		}
		u, err := newUser(g, grant, c)
		if err != nil {
			g.close()
			return nil, err
		}
		g.users = append(g.users, u)
	}
	for _, u := range g.users {
		g.readers.Go(u.read) // ends when close closes the socket
	}
	return g, nil
}

// close ends the readers and waits for them.
func (g *group) close() {
	for _, u := range g.users {
		_ = u.conn.Close()
	}
	g.readers.Wait()
}

// open probes for all users until each has an answer.
func (g *group) open(ctx context.Context, patience time.Duration) error {
	const again = 200 * time.Millisecond
	deadline, retry := time.NewTimer(patience), time.NewTicker(again)
	defer deadline.Stop()
	defer retry.Stop()
	for waiting := g.users; ; {
		for _, u := range waiting {
			if err := u.probe(); err != nil {
				return err
			}
		}
		for len(waiting) > 0 {
			select {
			case <-waiting[0].opened:
				waiting = waiting[1:]
				continue
			case <-retry.C:
			case <-deadline.C:
				return voiceapp.NewError(voiceapp.Unavailable, fmt.Sprintf("load: no answer for session %d", waiting[0].session))
			case <-ctx.Done():
				return ctx.Err()
			}
			break
		}
		if len(waiting) == 0 {
			return nil
		}
	}
}

// await returns when every frame has come or [Grace] is over.
func (g *group) await(ctx context.Context) error {
	over, look := time.NewTimer(Grace), time.NewTicker(10*time.Millisecond)
	defer over.Stop()
	defer look.Stop()
	for g.latency.total() < g.expected() {
		select {
		case <-look.C:
		case <-over.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// expected is how many frames the listeners should get: each but a speaker's own.
func (g *group) expected() uint64 { return g.sent * uint64(len(g.users)-1) }

// result adds up; the readers have ended.
func (g *group) result(c Config) Result {
	frames := uint64(c.Duration / c.FrameDuration)
	r := Result{
		Users:    len(g.users),
		Speakers: c.Speakers,
		Speaking: time.Duration(frames) * c.FrameDuration,
		Sent:     g.sent,
		Expected: g.expected(),
		P50:      g.latency.quantile(0.5),
		P99:      g.latency.quantile(0.99),
		P999:     g.latency.quantile(0.999),
		Max:      g.latency.quantile(1),
		Behind:   g.behind.quantile(0.99),
	}
	for _, u := range g.users {
		r.Received += u.received
		r.Datagrams += u.datagrams
		r.Duplicates += u.duplicates
		r.Corrupt += u.corrupt
		r.Refused += u.refused
	}
	return r
}
