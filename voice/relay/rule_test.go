package relay

import (
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// A channel waits as its route says, or else as the relay does; where that does not, nothing
// does.
func TestChannelWaits(t *testing.T) {
	for _, c := range []struct{ asked, most, want time.Duration }{
		{0, DefaultMaxWait, DefaultMaxWait},
		{2 * time.Millisecond, DefaultMaxWait, 2 * time.Millisecond},
		{20 * time.Millisecond, DefaultMaxWait, 20 * time.Millisecond},
		{-1, DefaultMaxWait, 0},
		{2 * time.Millisecond, 0, 0},
	} {
		one := &channel{}
		one.rule(voiceapp.Route{MaxWait: c.asked})
		if got := one.waits(c.most); got != c.want {
			t.Errorf("asked %v of %v: %v, and not %v", c.asked, c.most, got, c.want)
		}
	}
}

// In the crowd of a channel that never waits each frame leaves in the turn in which it
// came; the next route counts at once.
func TestChannelThatNeverWaits(t *testing.T) {
	h := newHall(t, many+1)
	rule := func(wait time.Duration) {
		to := voiceapp.Route{Channel: 1, Bitrate: voiceapp.MaxBitrate, MaxWait: wait}
		if err := h.server.SetRoute(1, to); err != nil {
			t.Fatal(err)
		}
	}
	rule(-1)
	h.crowd()
	for _, c := range h.members[:many] {
		if waits := h.at(h.rig.now+time.Millisecond, c.datagram("x")); !slices.Equal(waits, []time.Duration{0}) {
			t.Fatalf("a frame waits %v", waits)
		}
	}
	rule(0)
	if waits := h.at(h.rig.now+time.Nanosecond, h.members[0].datagram("y")); len(waits) != 0 {
		t.Errorf("a frame left at once, although there is a crowd: %v", waits)
	}
}

// A channel has a limit of its own, or none where the relay has one; what can't be is refused.
func TestChannelLoudest(t *testing.T) {
	for _, c := range []struct{ relay, channel, heard int }{{0, 1, 1}, {1, -1, 3}, {1, 2, 2}, {2, 0, 2}} {
		r := newRig(t)
		r.loudest = c.relay
		to := lobby
		to.Loudest = c.channel
		var speakers []*client
		for id := range 3 {
			speakers = append(speakers, r.member(t, voiceapp.SessionID(id+1), to))
		}
		listener := r.member(t, 9, to)
		heard := 0
		for _, one := range speakers {
			one.sequence++
			a := packet.Audio{Sequence: one.sequence, Level: 40, Payload: []byte("x")}
			r.together(datagram{data: one.seal(a.AppendTo(nil)), path: one.datagram().path})
			heard += len(listener.hears())
		}
		if heard != c.heard {
			t.Errorf("the relay's %d and the channel's %d: %d are heard", c.relay, c.channel, heard)
		}
	}
	r := newRig(t)
	r.member(t, 1, lobby)
	for _, bad := range []int{-2, voiceapp.MaxLoudest + 1} {
		to := lobby
		to.Loudest = bad
		if err := r.server.SetRoute(1, to); err == nil {
			t.Errorf("%d loudest are taken", bad)
		}
	}
}
