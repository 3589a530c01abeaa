package relay

import (
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// [VOICE-14] Whoever of several loops and helpers sends a frame, all of a large audience
// hear all frames, once and in order, but for the speaker.
func TestAllOfALargeAudienceHear(t *testing.T) {
	const frames = 40
	processors(t, 4)
	s := serveSockets(t, 2)
	speaker := s.join(t, 1, lobby)
	audience := make([]*client, splitFrom+splitPiece/2)
	for i := range audience {
		audience[i] = s.join(t, voiceapp.SessionID(i+2), lobby)
	}
	for i := range frames {
		speaker.say(fmt.Sprint(i))
		for _, c := range audience {
			for len(c.heard) <= i {
				c.receive()
			}
		}
	}
	for _, c := range append(audience, speaker) {
		c.sync()
	}
	for _, c := range audience {
		for i, a := range c.heard {
			if a.Speaker != 1 || string(a.Payload) != fmt.Sprint(i) {
				t.Fatalf("frame %d that session %d heard is %d:%s", i, c.grant.Session, a.Speaker, a.Payload)
			}
		}
		if len(c.heard) != frames {
			t.Fatalf("session %d heard %d frames, want %d", c.grant.Session, len(c.heard), frames)
		}
	}
	if len(speaker.heard) != 0 {
		t.Errorf("the speaker heard %d frames of his own", len(speaker.heard))
	}
	if got := s.Stats(); got.Forwarded != uint64(frames*len(audience)) || got.Dropped != (Dropped{}) {
		t.Errorf("%d frames were forwarded; %+v", got.Forwarded, got.Dropped)
	}
}

// theatre is a relay whose audience hears by tunnels.
type theatre struct {
	server
	speaker *client
	mu      sync.Mutex
	heard   map[voiceapp.SessionID]int // datagrams
}

// newTheatre has so large an audience, each of whom calls hear before what he hears counts.
func newTheatre(t *testing.T, audience int, hear func()) *theatre {
	t.Helper()
	th := &theatre{server: serveSockets(t, 1), heard: map[voiceapp.SessionID]int{}}
	th.speaker = th.add(t, 1, lobby)
	for id := voiceapp.SessionID(2); int(id) < audience+2; id++ {
		c := th.add(t, id, lobby)
		if err := th.SetTunnel(id, func([]byte) {}); err != nil {
			t.Fatal(err)
		}
		th.Tunnel(id, c.seal(packet.Probe{Kind: packet.KindProbe}.AppendTo(nil)))
		err := th.SetTunnel(id, func([]byte) {
			hear()
			th.mu.Lock()
			defer th.mu.Unlock()
			th.heard[id]++
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return th
}

func (th *theatre) say() {
	th.Tunnel(1, th.speaker.datagram("x").data)
}

// count returns how many of the audience have heard so many datagrams.
func (th *theatre) count(datagrams int) (n int) {
	th.mu.Lock()
	defer th.mu.Unlock()
	for _, got := range th.heard {
		if got == datagrams {
			n++
		}
	}
	return n
}

// meeting is where the first two to come wait for each other.
type meeting struct {
	mu   sync.Mutex
	came int
	both chan struct{}
}

// come reports whether the caller is one of the first two.
func (m *meeting) come(t *testing.T) bool {
	m.mu.Lock()
	m.came++
	n := m.came
	m.mu.Unlock()
	switch n {
	case 1:
		select {
		case <-m.both:
		case <-time.After(patience):
			t.Error("nobody helps")
		}
	case 2:
		close(m.both)
	}
	return n <= 2
}

// helps reports whether the caller is a helper.
func helps() bool { return strings.Contains(string(debug.Stack()), ".takePart(") }

// While one processor is at work for a large audience another one that is idle helps.
func TestIdleProcessorsHelp(t *testing.T) {
	processors(t, 4)
	const audience = 2 * splitFrom
	m := meeting{both: make(chan struct{})}
	th := newTheatre(t, audience, func() { m.come(t) })
	th.say()
	if n := th.count(1); n != audience {
		t.Errorf("when the turn had ended %d had heard the frame once, want %d", n, audience)
	}
}

// What was sealed before an audience is shared out is sent before.
func TestWhatComesBeforeASplitGoesBefore(t *testing.T) {
	processors(t, 2)
	var friend *client
	var once sync.Once
	th := newTheatre(t, splitFrom, func() {
		once.Do(func() { friend.receive() }) // it waits until the friend has heard
	})
	friend = th.join(t, 1000, in(2))
	to := lobby
	to.Whisper = []voiceapp.Target{{Sessions: []voiceapp.SessionID{1000}}}
	if err := th.SetRoute(1, to); err != nil {
		t.Fatal(err)
	}
	whisper := packet.Audio{Speaker: 1, Sequence: 1, Payload: []byte("psst")}
	aloud := packet.Audio{Sequence: 2, Payload: []byte("all")}
	th.Tunnel(1, th.speaker.seal(aloud.AppendTo(whisper.AppendTo(nil))))
	if n := th.count(1); n != splitFrom || len(friend.heard) != 1 {
		t.Errorf("%d of the audience heard, and the friend %d frames", n, len(friend.heard))
	}
}

// A fault in a helper's part costs no more than that, is counted, and nobody waits for it.
func TestFaultOfAHelper(t *testing.T) {
	processors(t, 2)
	const audience = 2 * splitFrom
	m := meeting{both: make(chan struct{})}
	th := newTheatre(t, audience, func() {
		if m.come(t) && helps() {
			panic("a fault of the test")
		}
	})
	th.say()
	missed := audience - th.count(1)
	if missed != splitPiece && missed != splitPiece-1 { // where the speaker is in it
		t.Errorf("%d missed the frame, want the %d of one piece", missed, splitPiece)
	}
	th.say()
	if one, both := th.count(1), th.count(2); one != missed || both != audience-missed || th.Stats().Faults != 1 {
		t.Errorf("%d heard one frame, %d heard both; %d faults", one, both, th.Stats().Faults)
	}
}

// A fault in the loop's own part ends its turn when the helper has ended his piece; the next
// frame is heard by all.
func TestFaultOfWhoIsHelped(t *testing.T) {
	processors(t, 2)
	const audience = 2 * splitFrom
	m := meeting{both: make(chan struct{})}
	th := newTheatre(t, audience, func() {
		if m.come(t) && !helps() {
			panic("a fault of the test")
		}
	})
	th.say()
	th.say()
	if n := th.count(1) + th.count(2); n != audience || th.count(2) < splitPiece-1 || th.Stats().Faults != 1 {
		t.Errorf("%d heard a frame, %d both; %d faults", n, th.count(2), th.Stats().Faults)
	}
}

// [VOICE-14] From the moment that SetRoute returns nobody who helps sends what was said
// in the old channel.
func TestRoutesCountForHelpers(t *testing.T) {
	processors(t, 4)
	s := serveSockets(t, 2)
	speaker, listener, still := s.join(t, 1, lobby), s.join(t, 2, lobby), s.join(t, 3, voiceapp.Route{})
	for i := range 2 * splitFrom {
		s.join(t, voiceapp.SessionID(i+4), lobby)
	}
	for range 60 {
		for range 3 {
			speaker.say("x")
		}
		if err := s.SetRoute(2, voiceapp.Route{Channel: 2}); err != nil {
			t.Fatal(err)
		}
		listener.drain(10 * time.Millisecond)
		heard := len(listener.heard)
		speaker.sync() // what was still in the relay's socket is through
		still.sync()
		if listener.drain(10 * time.Millisecond); len(listener.heard) != heard {
			t.Fatal("a frame took the old way after SetRoute")
		}
		if err := s.SetRoute(2, lobby); err != nil {
			t.Fatal(err)
		}
	}
}

// Helpers send by sockets that are served, by each about as many, and end with the last.
func TestHelpersUseWhatIsServed(t *testing.T) {
	processors(t, 5)
	s := serveSockets(t, 3)
	await(t, "three loops", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.loops) == 3 })
	users := func() map[string]int {
		s.mu.Lock()
		defer s.mu.Unlock()
		served, n := map[any]bool{}, map[any]int{}
		for l := range s.loops {
			served[l.socket.conn] = true
		}
		all := map[string]int{}
		for _, b := range s.helpers {
			conn := b.conn()
			if !served[conn] {
				all["none that is served"]++
			}
			n[conn]++
			all["most"] = max(all["most"], n[conn])
			all["all"]++
		}
		return all
	}
	if got := fmt.Sprint(users()); got != "map[all:4 most:2]" {
		t.Errorf("of three sockets: %s", got)
	}
	for left := 2; left >= 0; left-- {
		s.mu.Lock()
		for l := range s.loops {
			_ = l.socket.conn.Close()
			break
		}
		s.mu.Unlock()
		await(t, "a loop's end", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.loops) == left })
		want := map[int]string{2: "map[all:4 most:2]", 1: "map[all:4 most:4]", 0: "map[all:4 most:4 none that is served:4]"}[left]
		if got := fmt.Sprint(users()); got != want {
			t.Errorf("of %d sockets: %s, want %s", left, got, want)
		}
	}
}
