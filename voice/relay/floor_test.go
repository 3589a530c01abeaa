package relay

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// debate is some speakers who send a frame each 20 ms to one floor.
type debate struct {
	floor
	limit    int
	now      time.Duration
	speakers []*session
	heard    []time.Duration // how long each was
	starts   []int           // how often each got the floor
	on       []bool
}

func newDebate(speakers, limit int) *debate {
	d := &debate{limit: limit, now: time.Minute, heard: make([]time.Duration, speakers), starts: make([]int, speakers), on: make([]bool, speakers)}
	for i := range speakers {
		d.speakers = append(d.speakers, &session{id: voiceapp.SessionID(i + 1)})
	}
	return d
}

// talk lets them talk at their levels for so long; a level below 0 is silence.
func (d *debate) talk(t *testing.T, lasts time.Duration, levels ...int) {
	t.Helper()
	for end := d.now + lasts; d.now < end; d.now += 20 * time.Millisecond {
		for i, level := range levels {
			if level >= 0 {
				d.say(i, packet.Audio{Level: uint8(level)})
			}
		}
		heard := 0
		for i, on := range d.on {
			if on && levels[i] >= 0 {
				heard++
			}
		}
		if heard > d.limit+1 { // one more while another one ends
			t.Fatalf("%d are heard", heard)
		}
	}
}

func (d *debate) say(i int, a packet.Audio) floorVerdict {
	verdict := d.ask(d.now, d.speakers[i], &a, d.limit)
	if given := verdict == floorGiven && a.Flags&packet.FlagEnd == 0; given != d.on[i] {
		d.on[i] = given
		if given {
			d.starts[i]++
		}
	}
	if verdict != floorDenied {
		d.heard[i] += 20 * time.Millisecond
	}
	return verdict
}

// Up to the limit everybody is heard from the first frame on.
func TestFloorWithinTheLimit(t *testing.T) {
	d := newDebate(3, 3)
	d.talk(t, 5*time.Second, 127, 30, 0)
	if fmt.Sprint(d.heard, d.starts) != "[5s 5s 5s] [1 1 1]" {
		t.Errorf("heard for %v, begun %v times", d.heard, d.starts)
	}
}

// The louder ones are heard, and levels that go up and down a little change nothing.
func TestFloorIsTheLoudests(t *testing.T) {
	d := newDebate(4, 2)
	d.talk(t, 2*time.Second, 38, 37, -1, -1)
	d.talk(t, 1*time.Second, 38, 37, 26, 26)
	if !d.on[2] || !d.on[3] || d.on[0] || d.on[1] {
		t.Errorf("heard: %v", d.on)
	}
	before := fmt.Sprint(d.starts)
	for i := range 20 {
		d.talk(t, 100*time.Millisecond, 32-i%2*4, 34, 26+i%2*6, 31-i%2*5)
	}
	if got := fmt.Sprint(d.starts); got != before {
		t.Errorf("the floor has gone from hand to hand: %s, %s before", got, before)
	}
}

// Nobody loses the floor in the first second.
func TestFloorIsHeldForASecond(t *testing.T) {
	d := newDebate(2, 1)
	d.talk(t, 20*time.Millisecond, 40, -1)
	d.talk(t, floorHold-20*time.Millisecond, 40, 0)
	if !d.on[0] || d.on[1] {
		t.Errorf("within it: %v", d.on)
	}
	d.talk(t, 100*time.Millisecond, 40, 0)
	if d.on[0] || !d.on[1] {
		t.Errorf("after it: %v", d.on)
	}
}

// Who claims the maximum all the time does not keep the others from being heard.
func TestClaimingTheMaximumHoldsNothing(t *testing.T) {
	d := newDebate(4, 2)
	d.talk(t, 10*time.Minute, 0, 0, 35, 35)
	for i, heard := range d.heard {
		if heard < 3*time.Minute {
			t.Errorf("speaker %d was heard for %v of ten minutes", i, heard)
		}
	}
	if d.starts[2] > 120 {
		t.Errorf("begun %v times", d.starts)
	}
}

// A spurt's end, and silence, free the floor at once and soon.
func TestFloorIsFree(t *testing.T) {
	d := newDebate(3, 1)
	d.talk(t, 100*time.Millisecond, 26, 40, -1)
	if d.say(0, packet.Audio{Flags: packet.FlagEnd}) != floorGiven || d.say(1, packet.Audio{Level: 40}) != floorGiven {
		t.Error("the end does not free it")
	}
	d.now += floorSilent
	if d.say(2, packet.Audio{Level: 40, Flags: packet.FlagRedundant}) != floorDenied || d.say(2, packet.Audio{Level: 40}) != floorGiven {
		t.Error("silence does not free it, or a copy gets it")
	}
	d.now += 2 * floorRecent
	d.say(0, packet.Audio{})
	if len(d.voices) != 1 {
		t.Errorf("%d are remembered", len(d.voices))
	}
}

// In a relay: priority speakers, and whispers to somebody, are heard beside the loudest,
// and who loses the floor ends his spurt.
func TestLoudest(t *testing.T) {
	r := newRig(t)
	r.loudest = 1
	route := lobby
	route.Whisper = []voiceapp.Target{{Sessions: []voiceapp.SessionID{9}}}
	first, second := r.member(t, 1, lobby), r.member(t, 2, route)
	route.Priority = true
	chair, listener := r.member(t, 3, route), r.member(t, 9, lobby)
	say := func(c *client, slot uint32, level uint8) {
		c.sequence++
		a := packet.Audio{Speaker: slot, Sequence: c.sequence, Level: level, Payload: []byte("x")}
		r.together(datagram{data: c.seal(a.AppendTo(nil)), path: c.datagram().path})
	}
	said := func() string {
		var all []string
		for range 2 {
			for _, a := range listener.hearsOnce() {
				all = append(all, fmt.Sprintf("%d%v", a.Speaker, a.Flags))
			}
		}
		return strings.Join(all, " ")
	}
	for range 60 {
		say(first, 0, 40)
		say(second, 0, 40)
		say(chair, 0, 40)
		if got := said(); got != fmt.Sprintf("1%v 3%v", packet.Flags(0), packet.FlagPriority) {
			t.Fatalf("heard %s", got)
		}
	}
	say(second, 1, 40)
	for range 5 {
		say(second, 0, 0)
	}
	say(first, 0, 40)
	var last packet.Audio
	for last.Speaker != 1 {
		last = listener.hearsOnce()[0]
	}
	if last.Flags&packet.FlagEnd == 0 {
		t.Errorf("it does not end: %+v", last)
	}
	say(first, 0, 40)
	if stats := r.counts.stats(); stats.Dropped.Quiet < 60 || len(listener.hears()) != 0 {
		t.Errorf("%+v", stats)
	}
}

// To whisper into a channel is no way around its limit; who is whispered to by himself
// hears it, and so does a channel where there is room.
func TestWhispersAskForTheFloor(t *testing.T) {
	r := newRig(t)
	r.loudest = 1
	to := in(1)
	to.Whisper = []voiceapp.Target{{Channels: []voiceapp.ChannelID{1}}, {Channels: []voiceapp.ChannelID{1, 2}}, {Channels: []voiceapp.ChannelID{1}, Sessions: []voiceapp.SessionID{9}}}
	first, second := r.member(t, 1, in(1)), r.member(t, 2, to)
	one, other, elsewhere := r.member(t, 8, in(1)), r.member(t, 9, in(1)), r.member(t, 10, in(2))
	said := func(c *client, slot uint32) string {
		c.sequence++
		a := packet.Audio{Speaker: slot, Sequence: c.sequence, Level: 30, Payload: []byte("x")}
		r.together(datagram{data: c.seal(a.AppendTo(nil)), path: c.datagram().path})
		return fmt.Sprint(len(one.hears()), len(other.hears()), len(elsewhere.hears()))
	}
	for slot, want := range []string{"0 0 0", "0 0 0", "0 0 1", "0 1 0"} {
		if got := said(first, 0); got != "1 1 0" {
			t.Fatalf("who has the floor is heard by %s", got)
		}
		if got := said(second, uint32(slot)); got != want {
			t.Errorf("by target %d heard by %s, want %s", slot, got, want)
		}
	}
}

// Ending a spurt and speaking on at once is no way to keep the floor.
func TestEndingSpurtsHoldsNothing(t *testing.T) {
	d := newDebate(2, 1)
	for i := range 120 * 50 {
		if i%45 == 44 {
			d.say(0, packet.Audio{Flags: packet.FlagEnd})
		}
		d.say(0, packet.Audio{Level: 0})
		d.say(1, packet.Audio{Level: 20})
		d.now += 20 * time.Millisecond
	}
	if d.heard[1] < 30*time.Second {
		t.Errorf("in two minutes the other one is heard for %v", d.heard[1])
	}
}
