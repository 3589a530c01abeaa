package voice

import (
	"context"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Intervals of what keeps the path open.
const (
	probeInterval  = 10 * time.Second       // while probes are answered
	probeRetry     = 250 * time.Millisecond // after one that was not, doubled each time
	reportInterval = time.Second
	pathTick       = 250 * time.Millisecond // how exactly the others are kept
)

// downAfter is how many probes in a row have to be unanswered for the path to
// count as down.
const downAfter = 3

// PathState says whether datagrams reach the server and come back.
type PathState uint8

// The states of a path.
const (
	PathUnknown PathState = iota // no probe was answered yet
	PathUp
	PathDown // none of the last three probes was answered
)

// String gives "unknown", "up" or "down".
func (p PathState) String() string {
	switch p {
	case PathUp:
		return "up"
	case PathDown:
		return "down"
	case PathUnknown:
	}
	return "unknown"
}

// prober decides when to probe, and what the answers say. It is safe for
// concurrent use.
type prober struct {
	mu         sync.Mutex
	due        time.Time // of the next probe
	sent       time.Time // of the last one
	retry      time.Duration
	unanswered int
	state      PathState
	roundTrip  time.Duration
}

// restart makes the next probe due at once; what was known of the path is void.
func (p *prober) restart(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due, p.unanswered, p.retry = now, 0, 0
	p.state, p.roundTrip = PathUnknown, 0
}

// next reports whether to probe now.
func (p *prober) next(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.due) {
		return false
	}
	if p.unanswered >= downAfter {
		p.state = PathDown
	}
	p.unanswered++
	p.retry = min(max(probeRetry, 2*p.retry), probeInterval)
	p.sent, p.due = now, now.Add(p.retry)
	return true
}

// answered takes an answer that came after the given time.
func (p *prober) answered(roundTrip time.Duration) {
	if roundTrip < 0 || roundTrip > time.Minute {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state, p.roundTrip = PathUp, roundTrip
	p.unanswered, p.retry = 0, 0
	p.due = p.sent.Add(probeInterval)
}

func (p *prober) path() (PathState, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state, p.roundTrip
}

// keepPath probes and reports until ctx ends.
func (s *Session) keepPath(ctx context.Context) {
	defer s.workers.Done()
	var (
		wait     alarm
		reported time.Time
		heard    uint64
	)
	for {
		now := time.Now()
		s.probe(now)
		if came := s.transport.datagrams.Load(); came != heard && now.Sub(reported) >= reportInterval {
			reported, heard = now, came
			s.report()
		}
		if !wait.sleep(ctx, pathTick) {
			return
		}
	}
}

// probe asks the server for an answer, if it is time to.
func (s *Session) probe(now time.Time) {
	if s.transport.keys.Load() == nil || !s.prober.next(now) {
		return
	}
	var buf [packet.MaxSize]byte
	probe := packet.Probe{Kind: packet.KindProbe, Sent: uint64(s.now())}
	_ = s.transport.send(&buf, probe.AppendTo(frameSpace(&buf))) // counted there
}

// report tells the server what became of its datagrams.
func (s *Session) report() {
	k := s.transport.keys.Load()
	if k == nil {
		return
	}
	r := packet.Report{}
	r.Highest, r.Received = k.opener.Highest()
	if s.receiver != nil {
		stats := s.receiver.Stats()
		r.Jitter, r.Late = stats.Jitter, uint32(stats.FramesLate)
	}
	var buf [packet.MaxSize]byte
	_ = s.transport.send(&buf, r.AppendTo(frameSpace(&buf))) // counted there
}
