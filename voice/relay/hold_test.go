package relay

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// hall is a rig whose frames may wait, with so many members in one channel.
type hall struct {
	*rig
	members []*client
}

func newHall(t testing.TB, members int) *hall {
	t.Helper()
	h := &hall{rig: newRig(t)}
	h.loop.maxWait, h.server.maxWait = DefaultMaxWait, DefaultMaxWait
	for i := range members {
		h.members = append(h.members, h.member(t, voiceapp.SessionID(i+1), voiceapp.Route{Channel: 1, Bitrate: voiceapp.MaxBitrate}))
	}
	h.rig.now = h.rig.now/time.Second*time.Second + 10*time.Second
	return h
}

// at takes a turn then, with what is due before it in turns of its own, and returns
// how long the frames had waited that left.
func (h *hall) at(now time.Duration, in ...datagram) (waits []time.Duration) {
	for len(h.holding) > 0 {
		due := slices.MinFunc(h.holding, func(a, b *room) int { return int(a.due - b.due) }).due
		if due >= now {
			break
		}
		h.take(due, nil)
		waits = append(waits, h.waits...)
	}
	h.rig.now = now
	h.take(now, in)
	return append(waits, h.waits...)
}

// crowd lets as many of the members speak as make a crowd, so that they count as talking.
func (h *hall) crowd() {
	for _, c := range h.members[:many] {
		h.at(h.rig.now, c.datagram("hm"))
	}
	h.at(h.rig.now + 2*DefaultMaxWait)
	for _, c := range h.members {
		c.hears()
	}
}

// Where six talk each frame leaves in the turn in which it came.
func TestFewNeverWait(t *testing.T) {
	h := newHall(t, 8)
	for i := range 60 {
		now := h.rig.now + 3*time.Millisecond
		if waits := h.at(now, h.members[i%few].datagram("x")); !slices.Equal(waits, []time.Duration{0}) || len(h.holding) > 0 {
			t.Fatalf("frame %d: %v", i, waits)
		}
	}
}

// Where many talk no frame waits longer than MaxWait, and a speaker's frames all for
// equally long.
func TestManyWaitForEquallyLong(t *testing.T) {
	const speakers, frame = 12, 20 * time.Millisecond
	h := newHall(t, speakers+1)
	var periods [][]time.Duration
	begin := h.rig.now + 3*time.Millisecond
	for period := range 5 {
		var waits []time.Duration
		for i, c := range h.members[:speakers] {
			phase := frame * time.Duration(i) / speakers
			waits = append(waits, h.at(begin+time.Duration(period)*frame+phase, c.datagram("x"))...)
		}
		waits = append(waits, h.at(begin+time.Duration(period+1)*frame-time.Nanosecond)...)
		periods = append(periods, waits)
	}
	for _, waits := range periods[1:] {
		if longest := slices.Max(waits); len(waits) != speakers || longest > DefaultMaxWait || longest < DefaultMaxWait/2 {
			t.Errorf("%d frames waited %v", len(waits), waits)
		}
		if !slices.Equal(waits, periods[1]) {
			t.Errorf("they waited %v, and then %v", periods[1], waits)
		}
	}
	h.at(h.rig.now + DefaultMaxWait)
	// The listener got a part of the datagrams that the frames came in.
	heard := h.members[speakers].hears()
	if n := strings.Count(fmt.Sprint(heard), ":"); n != 5*speakers || len(heard) > n/2 {
		t.Errorf("%d frames in %d datagrams", n, len(heard))
	}
}

// What came before leaves before, when the crowd has gone, too; and a listener who
// speaks hears the others alone.
func TestWaitingKeepsTheOrder(t *testing.T) {
	h := newHall(t, 12)
	h.crowd()
	now := h.rig.now
	h.at(now+time.Millisecond, h.members[0].datagram("a1"), h.members[1].datagram("b1"))
	h.at(now+2*time.Millisecond, h.members[0].datagram("a2"))
	h.at(now + DefaultMaxWait)
	for i, want := range map[int]string{0: "[2:b1]", 1: "[1:a1 1:a2]", 11: "[1:a1 2:b1 1:a2]"} {
		if got := fmt.Sprint(h.members[i].hears()); got != want {
			t.Errorf("session %d heard %s, want %s", i+1, got, want)
		}
	}
	h.at(now+talkWindow-12*time.Millisecond, h.members[0].datagram("a3"))
	if len(h.holding) != 1 {
		t.Fatal("it does not wait")
	}
	h.at(now+talkWindow+DefaultMaxWait/2, h.members[0].datagram("a4")) // alone by now
	if got := fmt.Sprint(h.members[11].hears()); got != "[1:a3 1:a4]" || len(h.holding) > 0 {
		t.Errorf("heard %s", got)
	}
}

// A room that is full leaves before its time: with one datagram, or as many as cost less
// together.
func TestFullRoomsDoNotWait(t *testing.T) {
	h := newHall(t, 13)
	h.crowd()
	now := h.rig.now
	long := strings.Repeat("x", 500) // two in a datagram
	fit := h.loop.full() / (500 + packet.FrameHeaderSize + packet.AudioHeaderSize)
	for i := range fit + 1 {
		if got := h.members[12].hears(); len(got) != 0 {
			t.Fatalf("after %d of %d heard %v", i, fit, got)
		}
		h.at(now+time.Duration(i+1)*time.Microsecond, h.members[i].datagram(long))
	}
	if got := h.members[12].hears(); len(got) != fit/2 {
		t.Errorf("heard %v", got)
	}
	h.at(now + DefaultMaxWait)
	if got := h.members[12].hears(); len(got) != 1 || got[0] != fmt.Sprintf("%d:xxxx", fit+1) {
		t.Errorf("heard %v", got)
	}
}

// [VOICE-14] A route counts when SetRoute has returned, for frames that wait, too.
func TestRoutesCountForWhatWaits(t *testing.T) {
	h := newHall(t, 12)
	h.crowd()
	now := h.rig.now
	muted := voiceapp.Route{Channel: 1, Muted: true}
	elsewhere := voiceapp.Route{Channel: 2}
	for i, c := range h.members[:4] {
		h.at(now+time.Millisecond, c.datagram(fmt.Sprint("f", i)))
	}
	for id, to := range map[voiceapp.SessionID]voiceapp.Route{1: muted, 2: elsewhere, 11: elsewhere} {
		if err := h.SetRoute(id, to); err != nil {
			t.Fatal(err)
		}
	}
	h.RemoveSession(3)
	h.at(now + DefaultMaxWait)
	for i, want := range map[int]string{11: "[4:f3]", 10: "[]", 2: "[]", 1: "[]"} {
		if got := fmt.Sprint(h.members[i].hears()); got != want {
			t.Errorf("session %d heard %s, want %s", i+1, got, want)
		}
	}
	if d := h.counts.stats().Dropped; d.Moved != 3 {
		t.Errorf("%+v", d)
	}
}

// A crowd in one channel keeps nobody in another one waiting, nor a whisper in its own.
func TestOthersDoNotWaitForACrowd(t *testing.T) {
	h := newHall(t, 12)
	h.crowd()
	now := h.rig.now
	anna := h.member(t, 20, voiceapp.Route{Channel: 2})
	ben := h.member(t, 21, voiceapp.Route{Channel: 2, Whisper: []voiceapp.Target{{Sessions: []voiceapp.SessionID{1}}}})
	h.at(now+time.Millisecond, h.members[0].datagram("crowd"))
	whisper := packet.Audio{Speaker: 1, Payload: []byte("psst")}
	h.at(now+2*time.Millisecond, ben.datagram("hi"), datagram{data: ben.seal(whisper.AppendTo(nil)), path: ben.datagram().path})
	if got := fmt.Sprint(anna.hears(), h.members[0].hears(), h.members[11].hears()); got != "[21:hi] [21:psst] []" {
		t.Errorf("heard %s", got)
	}
}

// A room ends with its channel.
func TestRoomsEnd(t *testing.T) {
	h := newHall(t, 12)
	h.crowd()
	for id := range voiceapp.SessionID(12) {
		h.RemoveSession(id + 1)
	}
	h.at(h.rig.now + 2*roomsInterval)
	if len(h.rooms) != 0 {
		t.Errorf("%d are left", len(h.rooms))
	}
}

// With the real clock: what waits leaves, whether anything more comes or not.
func TestWaitingEndsByItself(t *testing.T) {
	s := serveLoopback(t)
	members := make([]*client, 12)
	for i := range members {
		members[i] = s.join(t, voiceapp.SessionID(i+1), lobby)
	}
	for range 3 {
		for _, c := range members {
			c.say("x")
		}
		for _, c := range members {
			for len(c.heard) < len(members)-1 {
				c.receive()
			}
			c.heard = nil
		}
	}
}

func BenchmarkCrowd(b *testing.B) {
	h := newHall(b, 200)
	in, buf, payload := make([]datagram, 1), make([]byte, packet.MaxSize), make([]byte, 100)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		h.sayAgain(b, h.members[i%20], in, buf, payload)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*199), "ns/egress")
}

// sayAgain takes one frame through the whole way, a millisecond after the one before.
func (h *hall) sayAgain(t testing.TB, c *client, in []datagram, buf, payload []byte) {
	c.sequence++
	a := packet.Audio{Sequence: c.sequence, MediaTime: uint32(c.sequence) * 960, Payload: payload}
	sealed, err := c.sealer.Seal(buf[:0], a.AppendTo(buf[packet.HeaderSize:packet.HeaderSize]))
	if err != nil {
		t.Fatal(err)
	}
	in[0] = datagram{data: sealed, path: *h.sessions.get(c.grant.Session).path.Load()}
	h.rig.now += time.Millisecond
	h.take(h.rig.now, in)
}
