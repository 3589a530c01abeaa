package voice

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Intervals of what keeps the path open.
const (
	probeInterval  = 10 * time.Second       // while probes are answered
	probeRetry     = 250 * time.Millisecond // after one that was not, doubled each time
	probeHurry     = time.Second            // between two that a suspicion asks for
	tunnelInterval = 2 * time.Second        // between two by the tunnel, while it is the way down
	reportInterval = time.Second
	pathTick       = 250 * time.Millisecond // how exactly the others are kept
)

const (
	tunnelAfter = 2 // probes by UDP unanswered in a row: the tunnel takes over
	downAfter   = 3 // probes unanswered in a row: the path counts as down
)

// PathState says whether datagrams reach the server and come back, by UDP or
// inside TCP.
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

// Way is how the datagrams of one direction travel.
type Way uint8

// The ways.
const (
	WayUDP Way = iota
	WayTCP     // inside the control connection: UDP does not get through
)

// String gives "udp" or "tcp".
func (w Way) String() string {
	if w == WayTCP {
		return "tcp"
	}
	return "udp"
}

// byTunnel marks what a probe that goes by the tunnel says: its lowest bit, which
// one by UDP has not.
const byTunnel = 1

// prober decides when to probe, and what the answers say of the way up and of the
// way down. It is safe for concurrent use.
type prober struct {
	mu        sync.Mutex
	due       time.Time // of the next probe by UDP
	sent      time.Time // of the last one
	tunnelDue time.Time // of the next probe by the tunnel, while it is the way down
	retry     time.Duration
	lost      [2]int        // probes by UDP in a row: without an answer, and without one by UDP
	tunnelled int           // probes by the tunnel without an answer
	up        atomic.Uint32 // a Way; it is read without the lock
	down      Way
	state     PathState
	roundTrip time.Duration
}

// The indices of prober.lost.
const (
	anyAnswer = iota
	answerByUDP
)

// restart makes the next probe due at once; what was known of the path is void.
func (p *prober) restart(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due, p.sent, p.tunnelDue, p.retry = now, time.Time{}, now, 0
	p.lost, p.tunnelled = [2]int{}, 0
	p.up.Store(uint32(WayUDP))
	p.down = WayUDP
	p.state, p.roundTrip = PathUnknown, 0
}

// next reports by which ways to probe now. tunnel: there is one.
func (p *prober) next(now time.Time, tunnel bool) (byUDP, byTCP bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if byUDP = !now.Before(p.due); byUDP {
		p.judge(tunnel)
		p.lost[anyAnswer]++
		p.lost[answerByUDP]++
		p.retry = min(max(probeRetry, 2*p.retry), probeInterval)
		p.sent, p.due = now, now.Add(p.retry)
	}
	if byTCP = p.down == WayTCP && !now.Before(p.tunnelDue); byTCP {
		p.tunnelled++
		p.tunnelDue = now.Add(tunnelInterval)
	}
	return byUDP, byTCP
}

// judge says what follows from the probes so far.
func (p *prober) judge(tunnel bool) {
	if tunnel && p.lost[anyAnswer] >= tunnelAfter {
		p.up.Store(uint32(WayTCP))
	}
	if tunnel && p.lost[answerByUDP] >= tunnelAfter {
		p.down = WayTCP
	}
	if p.lost[anyAnswer] >= downAfter && (!tunnel || p.tunnelled >= downAfter) {
		p.state = PathDown
	}
}

// hurry makes a probe due at once, on the suspicion that UDP does not get through
// any more.
func (p *prober) hurry(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	trusted := p.lost[answerByUDP] == 0 || p.lost[anyAnswer] == 0 && p.wayUp() == WayUDP
	if trusted && now.Sub(p.sent) >= probeHurry {
		p.due, p.retry = now, 0
	}
}

// answered takes an answer that came, by a way, after the given time to what a
// probe said.
func (p *prober) answered(sent uint64, roundTrip time.Duration, way Way) {
	if roundTrip < 0 || roundTrip > time.Minute {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state, p.roundTrip = PathUp, roundTrip
	if sent&byTunnel != 0 {
		p.tunnelled = 0
		return
	}
	p.lost[anyAnswer] = 0
	p.up.Store(uint32(WayUDP))
	if way == WayUDP {
		p.lost[answerByUDP], p.down = 0, WayUDP
		p.retry, p.due = 0, p.sent.Add(probeInterval)
	}
}

func (p *prober) path() (PathState, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state, p.roundTrip
}

// wayUp is how to send to the server.
func (p *prober) wayUp() Way { return Way(p.up.Load()) }

func (p *prober) wayDown() Way {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

// keepPath probes and reports until ctx ends.
func (s *Session) keepPath(ctx context.Context) {
	defer s.workers.Done()
	var (
		wait     alarm
		reported time.Time
		heard    uint64
		doubt    doubt
	)
	for {
		now := time.Now()
		if doubt.arises(s, now) {
			s.prober.hurry(now)
		}
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

// unreported is how long one speaks without a word from the server before that is
// suspicious: it reports each second.
const unreported = 1500 * time.Millisecond

// doubt notices that a way may have failed long before the next probe is due.
type doubt struct {
	talking time.Time // since then; the zero time: not
}

func (d *doubt) arises(s *Session, now time.Time) bool {
	if s.receiver != nil && s.receiver.brokenOff(s.now()) {
		return true
	}
	if s.sender == nil || !s.sender.talking.Load() {
		d.talking = time.Time{}
		return false
	}
	if d.talking.IsZero() {
		d.talking = now
	}
	heard := s.started.Add(time.Duration(s.reported.Load()))
	return now.Sub(d.talking) >= unreported && now.Sub(heard) >= unreported
}

// probe asks the server for an answer, if it is time to.
func (s *Session) probe(now time.Time) {
	if s.transport.keys.Load() == nil {
		return
	}
	byUDP, byTCP := s.prober.next(now, s.transport.tunnel != nil)
	sent := uint64(s.now()) &^ byTunnel
	if byUDP {
		s.sendProbe(packet.KindProbe, sent, WayUDP)
	}
	if byTCP {
		s.sendProbe(packet.KindProbe, sent|byTunnel, WayTCP)
	}
}

// sendProbe sends a probe, or an answer to one, by a way.
func (s *Session) sendProbe(kind packet.Kind, sent uint64, way Way) {
	var buf [packet.MaxSize]byte
	probe := packet.Probe{Kind: kind, Sent: sent}
	_ = s.transport.send(way, &buf, probe.AppendTo(frameSpace(&buf))) // counted there
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
	_ = s.transport.send(s.prober.wayUp(), &buf, r.AppendTo(frameSpace(&buf))) // counted there
}
