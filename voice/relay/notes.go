package relay

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

const (
	noteInterval  = time.Second     // between two notes to a client
	probeInterval = 5 * time.Second // between two probes of the relay's

	reportFrame = packet.FrameHeaderSize + packet.ReportSize
	probeFrame  = packet.FrameHeaderSize + packet.ProbeSize
)

// notes is what the relay tells a client by itself: reports on what came from it,
// and probes. They answer what the client sends, and are never larger. The zero
// value has told nothing.
type notes struct {
	due       time.Duration // of the next note; 0: nothing has come
	probeDue  time.Duration
	probe     uint64 // what the latest one said; 0: none, or it was answered
	roundTrip time.Duration
}

// next appends the frames that are to be told now, at most room bytes. spoke:
// there is something to report on.
func (n *notes) next(b []byte, now time.Duration, room int, spoke bool, report packet.Report) []byte {
	if now < n.due {
		return b
	}
	first := n.due == 0
	if n.due = now + noteInterval; first {
		return b
	}
	if spoke && room >= reportFrame {
		b = report.AppendTo(b)
		room -= reportFrame
	}
	if now >= n.probeDue && room >= probeFrame {
		n.probeDue = now + probeInterval
		n.probe = uint64(now)
		b = packet.Probe{Kind: packet.KindProbe, Sent: n.probe}.AppendTo(b)
	}
	return b
}

// answered takes the answer to a probe.
func (n *notes) answered(now time.Duration, sent uint64) {
	if sent == n.probe && sent != 0 {
		n.roundTrip = now - time.Duration(sent)
		n.probe = 0
	}
}

// note tells a client what is due, if anything is, as an answer to a datagram.
func (l *loop) note(s *session, d *datagram, spoke bool) {
	if frames := s.note(l.now, len(d.data)-packet.Overhead, spoke, l.answer[:0]); len(frames) > 0 {
		if l.post(s, s.way(l.now, d.path), frames) {
			l.counts.count(noted)
		}
	}
}

func (s *session) note(now time.Duration, room int, spoke bool, b []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	report := packet.Report{Jitter: s.jitter.samples()}
	report.Highest, report.Received = s.up.Highest()
	return s.notes.next(b, now, room, spoke, report)
}

// jitter is the interarrival jitter of RFC 3550, section 6.4.1. The zero value has
// seen nothing.
type jitter struct {
	seen    bool
	transit int64 // of the last frame, in samples; only differences mean something
	scaled  int64 // the estimate, times 16
}

// maxTransitStep is a change in transit that is no jitter: the client's clock has
// begun anew. In samples.
const maxTransitStep = 48_000

func (j *jitter) add(now time.Duration, mediaTime uint32) {
	arrival := uint32(now.Microseconds() * 48 / 1000)
	transit := int64(arrival - mediaTime)
	step := int64(int32(uint32(transit) - uint32(j.transit)))
	first := !j.seen
	j.seen, j.transit = true, transit
	if step = max(step, -step); !first && step < maxTransitStep {
		j.scaled += step - (j.scaled+8)/16
	}
}

func (j *jitter) samples() uint32 { return uint32(j.scaled / 16) }
