package relay

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// loses is a report of that share of the datagrams, in a datagram. Each says more
// than the one before.
func (c *client) loses(share float64) []byte {
	c.reported.Highest += 1000
	c.reported.Received += uint64(1000 * (1 - share))
	return c.seal(c.reported.AppendTo(nil))
}

// speech is a stream of frames of one client.
type speech struct {
	*client
	slot   uint32
	number uint16
	frame  uint32 // in samples
	flags  packet.Flags
}

// frames seals the next frame, unless copies stand alone, and the copies of those
// that were so many before it.
func (s *speech) frames(alone bool, back ...uint16) datagram {
	var frames []byte
	a := packet.Audio{Speaker: s.slot, Flags: s.flags}
	if !alone {
		s.number++
		frames = s.put(frames, a, s.number)
	}
	a.Flags = packet.FlagRedundant
	for _, b := range back {
		frames = s.put(frames, a, s.number-b)
	}
	return datagram{data: s.seal(frames), path: s.datagram().path}
}

func (s *speech) put(frames []byte, a packet.Audio, number uint16) []byte {
	a.Sequence, a.MediaTime, a.Payload = number, uint32(number)*s.frame, []byte(fmt.Sprintf("%d", number))
	if s.slot != 0 {
		a.Flags |= packet.FlagWhisper
	}
	return a.AppendTo(frames)
}

// [VOICE-18] A copy passes when its frame has not come, once, and at once.
func TestCopiesOfWhatCame(t *testing.T) {
	for _, start := range []uint16{1, 32_766, 65_534} {
		r := newRig(t)
		route := lobby
		route.Whisper = []voiceapp.Target{{Sessions: []voiceapp.SessionID{2}}}
		speaker, listener := r.member(t, 1, route), r.member(t, 2, lobby)
		said, whispered := &speech{client: speaker, number: start, frame: 960}, &speech{client: speaker, slot: 1, number: start, frame: 960}
		r.together(said.frames(false))
		lost := said.frames(false)
		r.together(said.frames(false, 2)) // of the first one
		r.together(said.frames(false, 2, 3))
		r.together(said.frames(true, 2), whispered.frames(false), said.frames(true, 0))
		r.together(whispered.frames(false, 1))
		r.together(lost)
		// The second frame's datagram was late: its copy was there before.
		number := func(i uint16) string { return fmt.Sprintf("1:%.4s", fmt.Sprint(start+i)) }
		want := fmt.Sprintf("[%s %s %s %s %s %s %s]", number(1), number(3), number(4), number(2), number(1), number(2), number(2))
		if got := fmt.Sprint(listener.hears()); got != want {
			t.Errorf("from %d: heard %s, want %s", start, got, want)
		}
		if stats := r.counts.stats(); stats.Dropped.Repeated != 5 || stats.Dropped.OverCopies != 0 {
			t.Errorf("from %d: %+v", start, stats)
		}
		if stats, err := r.SessionStats(1); err != nil || stats.Dropped != 0 {
			t.Errorf("%+v, %v", stats, err)
		}
	}
}

func TestSeen(t *testing.T) {
	type step struct {
		sequence uint16
		isCopy   bool
		is       novelty
	}
	for _, start := range []uint16{0, 1, 127, 128, 32_767, 32_768, 65_534, 65_535} {
		var s seen
		for i, step := range []step{
			{0, false, newest},
			{0, true, repeated},
			{3, false, newest}, // two are lost
			{0, true, repeated},
			{1, true, belated},
			{1, true, repeated},
			{2, false, belated}, // it was only late
			{2, true, repeated},
			{2, false, belated}, // no copy is never held back
			{5, true, newest},   // ahead of its frame
			{5, true, repeated},
			{70, false, newest},
			{7, true, belated},
			{6, true, repeated}, // too old to know
			{20_000, false, newest},
			{70, true, repeated},
			{19_999, true, belated},
			{9_999, false, newest}, // begun anew
			{9_999, true, repeated},
			{9_998, true, belated},
			{20_000, true, newest},
		} {
			if got := s.add(start+step.sequence, step.isCopy); got != step.is {
				t.Errorf("from %d, step %d: %d, want %d", start, i, got, step.is)
			}
		}
	}
}

// [VOICE-18] Who loses datagrams gets copies of the third frame before, or of the second and the
// fifth; who does not gets none.
func TestCopiesForWhoLoses(t *testing.T) {
	for _, test := range []struct {
		frame uint32
		want  map[float64]string
	}{
		{960, map[float64]string{0: "[6] [7]", 0.01: "[6] [7]", 0.03: "[6 3] [7 4]", 0.1: "[6 4 1] [7 5 2]"}},
		{2880, map[float64]string{0: "[6] [7]", 0.03: "[6 5] [7 6]", 0.1: "[6 5 4] [7 6 5]"}},
	} {
		r := newRig(t)
		speaker := r.member(t, 1, lobby)
		said := &speech{client: speaker, frame: test.frame}
		listeners := map[float64]*client{}
		id := voiceapp.SessionID(2)
		for loss := range test.want {
			listeners[loss] = r.member(t, id, lobby)
			r.together(datagram{data: listeners[loss].loses(loss), path: listeners[loss].datagram().path})
			id++
		}
		for range 5 {
			r.together(said.frames(false))
		}
		for _, c := range listeners {
			c.hears()
		}
		before := r.counts.stats()
		r.together(said.frames(false))
		r.together(said.frames(false))
		for loss, c := range listeners {
			heard := c.hears()
			got := strings.ReplaceAll(strings.Join(heardNumbers(heard), " "), "1:", "")
			if got != test.want[loss] {
				t.Errorf("frames of %d samples, a loss of %v: heard %s, want %s", test.frame, loss, got, test.want[loss])
			}
		}
		stats := r.counts.stats()
		if stats.Forwarded-before.Forwarded != uint64(2*len(listeners)) || stats.Copies-before.Copies != 6 {
			t.Errorf("%+v", stats)
		}
	}
}

func heardNumbers(datagrams []string) (list []string) {
	for _, d := range datagrams {
		list = append(list, "["+d+"]")
	}
	return list
}

// Nobody hears a copy of what was said elsewhere, or long before.
func TestCopiesStayInTheirChannel(t *testing.T) {
	r := newRig(t)
	speaker, listener := r.member(t, 1, lobby), r.member(t, 2, voiceapp.Route{Channel: 2})
	r.together(datagram{data: listener.loses(0.2), path: listener.datagram().path})
	said := &speech{client: speaker, frame: 960}
	for range 6 {
		r.together(said.frames(false))
	}
	if err := r.SetRoute(1, voiceapp.Route{Channel: 2}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r.together(said.frames(false))
	}
	said.frame = 961_000 // a long silence
	r.together(said.frames(false))
	if got, want := fmt.Sprint(listener.hears()), "[1:7 1:8 1:9 1:7 1:10]"; got != want {
		t.Errorf("heard %s, want %s", got, want)
	}
}

// A copy that comes late does not take the place of a newer frame.
func TestMemoryKeepsTheNewest(t *testing.T) {
	var m memory
	c := &channel{}
	keep := func(sequence uint16) {
		a := packet.Audio{Sequence: sequence, MediaTime: uint32(sequence) * 960, Payload: []byte{byte(sequence)}}
		m.keep(c, &a, a.AppendTo(nil))
	}
	for _, sequence := range []uint16{10, 11, 12, 13, 14, 15, 16, 17, 18, 10, 19} {
		keep(sequence)
	}
	next := packet.Audio{Sequence: 20, MediaTime: 20 * 960}
	if old := m.past(c, &next, 2); len(old) == 0 || old[len(old)-1] != 18 {
		t.Errorf("two frames before it was %v", old)
	}
}

// Loss that has ended costs copies for some seconds more, and a second's luck does not
// end them.
func TestCopiesFollowTheLoss(t *testing.T) {
	var s session
	var r packet.Report
	var got strings.Builder
	for _, loss := range []int{0, 5, 5, 0, 5, 5, 5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0} {
		r.Highest += 50
		r.Received += uint64(50 - loss)
		s.keepReport(0, r)
		fmt.Fprint(&got, s.copies.Load())
	}
	if want := "01112222222222222111111111111100"; got.String() != want {
		t.Errorf("%s, want %s", got.String(), want)
	}
}

// A tenth of what goes down to one listener is lost: from the fifth second on hardly a
// frame is missed, in bursts neither, and the other listener pays nothing for it.
func TestLossOnTheWayDown(t *testing.T) {
	for _, test := range []struct{ burst, missing float64 }{{1, 0.005}, {2, 0.02}} {
		r := newRig(t)
		said := &speech{client: r.member(t, 1, lobby), frame: 960}
		lossy, other := r.member(t, 2, lobby), r.member(t, 3, lobby)
		random := rand.New(rand.NewPCG(1, 2))
		heard, losing := map[uint16]bool{}, false
		var told packet.Report
		const frames, learned = 3000, 250
		for i := range frames {
			r.together(said.frames(false))
			if chance := random.Float64(); losing {
				losing = chance < 1-1/test.burst
			} else {
				losing = chance < 0.1/test.burst
			}
			told.Highest++
			for _, a := range lossy.hearsOnce() {
				heard[a.Sequence] = heard[a.Sequence] || !losing
			}
			if !losing {
				told.Received++
			}
			if got := other.hearsOnce(); len(got) != 1 {
				t.Fatalf("frame %d: the other heard %v", i, got)
			}
			if i%50 == 49 {
				r.together(datagram{data: lossy.seal(told.AppendTo(nil)), path: lossy.datagram().path})
			}
		}
		missing := 0
		for n := uint16(learned); n < frames-5; n++ {
			if !heard[n] {
				missing++
			}
		}
		share := float64(missing) / (frames - learned)
		t.Logf("bursts of %v: %.2f %% of the frames are missing", test.burst, 100*share)
		if share > test.missing {
			t.Errorf("bursts of %v: %d frames are missing", test.burst, missing)
		}
		if stats := r.counts.stats(); stats.Forwarded != 2*frames || stats.Copies > 2*frames {
			t.Errorf("%+v", stats)
		}
	}
}

// The last frames of a spurt have no later ones with which their copies could go: these go
// alone, at their time, and in the channel where it was said.
func TestCopiesOfTheEndOfASpurt(t *testing.T) {
	for loss, want := range map[float64]string{
		0:    "[] [] [] [] [] []",
		0.03: "[1:5] [1:6] [1:7] [] [] []",
		0.1:  "[1:6 1:3] [1:7 1:4] [1:5] [1:6] [1:7] []",
	} {
		if !hasPatience { // then no loop wakes up by itself
			want = "[] [] [] [] [] []"
		}
		r := newRig(t)
		said := &speech{client: r.member(t, 1, lobby), frame: 960}
		listener, other := r.member(t, 2, lobby), r.member(t, 3, lobby)
		r.together(datagram{data: listener.loses(loss), path: listener.datagram().path})
		for range 6 {
			r.together(said.frames(false))
		}
		said.flags = packet.FlagEnd
		r.together(said.frames(false))
		listener.hears()
		other.hears()
		var got []string
		for range 6 {
			r.together()
			got = append(got, heardNumbers([]string{strings.Join(listener.hears(), " ")})...)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("a loss of %v: heard %s, want %s", loss, got, want)
		}
		if heard := other.hears(); len(heard) != 0 || len(r.tails) != 0 || r.patience() >= 0 {
			t.Errorf("a loss of %v: who loses nothing heard %v; %d tails are left", loss, heard, len(r.tails))
		}
	}
}

// Who has gone, or speaks on, has no more of it.
func TestTailsEnd(t *testing.T) {
	r := newRig(t)
	said := &speech{client: r.member(t, 1, lobby), frame: 960}
	listener := r.member(t, 2, lobby)
	r.together(datagram{data: listener.loses(0.03), path: listener.datagram().path})
	end := func() {
		said.flags = 0
		r.together(said.frames(false))
		r.together(said.frames(false))
		said.flags = packet.FlagEnd
		r.together(said.frames(false))
		listener.hears()
	}
	end()
	if err := r.SetRoute(1, voiceapp.Route{Channel: 2}); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		r.together()
	}
	if got := listener.hears(); len(got) != 0 {
		t.Errorf("of who has gone: %v", got)
	}
	if err := r.SetRoute(1, lobby); err != nil {
		t.Fatal(err)
	}
	end()
	said.flags = 0
	for range 9 {
		r.together(said.frames(false))
	}
	last := listener.hears()
	if got := fmt.Sprint(last[len(last)-1]); got != "1:15 1:12" || len(r.tails) != 0 {
		t.Errorf("who speaks on: %v", last)
	}
}

// hearsOnce returns the frames of the next datagram with audio.
func (c *client) hearsOnce() []packet.Audio {
	c.t.Helper()
	var buf [2000]byte
	for c.heard = nil; len(c.heard) == 0; {
		_ = c.conn.SetReadDeadline(time.Now().Add(patience))
		n, err := c.conn.Read(buf[:])
		if err != nil {
			c.t.Fatal(err)
		}
		c.open(buf[:n])
	}
	return c.heard
}
