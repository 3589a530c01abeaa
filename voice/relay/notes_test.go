package relay

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// [VOICE-9] A speaker learns each second what became of his datagrams; nothing
// that the relay says by itself is larger than what it answers.
func TestReportsToTheSpeaker(t *testing.T) {
	r := newRig(t)
	speaker := r.member(t, 1, lobby)
	speaker.seal(nil) // is lost
	var sizes []int
	payload := strings.Repeat("x", 60)
	for range 150 { // 3 s
		in := speaker.datagram(payload)
		before := r.counts.stats()
		r.together(in)
		after := r.counts.stats()
		if after.Notes > before.Notes {
			sizes = append(sizes, int(after.SentBytes-before.SentBytes))
			if size := sizes[len(sizes)-1]; size > len(in.data) {
				t.Errorf("%d bytes answer %d", size, len(in.data))
			}
		}
	}
	speaker.hears()
	if len(sizes) != 3 || speaker.report.Highest < 100 || speaker.report.Highest-speaker.report.Received != 1 {
		t.Errorf("%d reports, the last is %+v", len(sizes), speaker.report)
	}
	if speaker.probe.Sent == 0 {
		t.Error("the relay has not probed")
	}
}

// A datagram with no room for a report is answered with none.
func TestNoNoteIsLargerThanItsCause(t *testing.T) {
	r := newRig(t)
	speaker := r.member(t, 1, lobby)
	for range 150 {
		r.together(speaker.datagram("x"))
	}
	speaker.hears()
	if stats := r.counts.stats(); speaker.report != (packet.Report{}) || stats.Notes != 1 || speaker.probe.Sent == 0 {
		t.Errorf("%d notes, report %+v, probe %+v; want the probe, which fits, alone", stats.Notes, speaker.report, speaker.probe)
	}
}

// The round trip is measured by the relay's own probes; an answer that fits none
// counts for nothing.
func TestRelayMeasuresTheRoundTrip(t *testing.T) {
	r := newRig(t)
	c := r.member(t, 1, lobby)
	r.now += time.Second
	r.together(c.datagram("a frame"))
	c.hears()
	answer := packet.Probe{Kind: packet.KindProbeAnswer, Sent: c.probe.Sent}
	tell := func(p packet.Probe) time.Duration {
		in := c.datagram()
		in.data = c.seal(p.AppendTo(nil))
		r.together(in)
		stats, err := r.SessionStats(1)
		if err != nil {
			t.Fatal(err)
		}
		return stats.RoundTrip
	}
	if got := tell(packet.Probe{Kind: packet.KindProbeAnswer, Sent: answer.Sent + 1}); got != 0 {
		t.Errorf("an answer to no probe: %v", got)
	}
	if got := tell(answer); got != 40*time.Millisecond {
		t.Errorf("the round trip is %v", got)
	}
	if got := tell(answer); got != 40*time.Millisecond {
		t.Errorf("the same answer again: %v", got)
	}
}

func TestJitter(t *testing.T) {
	for _, first := range []uint32{0, 1<<32 - 480_00, 1 << 31} {
		var j jitter
		for i := range 1000 {
			late := time.Duration(i%2) * 10 * time.Millisecond // 480 samples more or less each time
			j.add(time.Duration(i)*20*time.Millisecond+late, first+uint32(i)*960)
		}
		if got := j.samples(); got < 470 || got > 481 {
			t.Errorf("from %d: %d samples, want 480", first, got)
		}
		before := j.samples()
		j.add(20*time.Second, 12345) // began anew
		if got := j.samples(); got != before {
			t.Errorf("from %d: a new clock counts as jitter: %d", first, got)
		}
	}
}
