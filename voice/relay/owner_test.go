package relay

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// castle is a hall whose channel the hall's loop owns, and another loop that receives.
type castle struct {
	*hall
	other *loop
}

func newCastle(t testing.TB, members int) *castle {
	t.Helper()
	c := &castle{hall: newHall(t, members)}
	c.other = newLoop(c.Relay, c.loop.socket)
	c.other.maxWait = DefaultMaxWait
	c.channels.get(1).owner.Store(c.loop)
	return c
}

// elsewhere lets the other loop receive.
func (c *castle) elsewhere(in ...datagram) {
	c.rig.now += time.Microsecond
	c.other.take(c.rig.now, in)
}

// What the other loop, tunnels and peers receive leaves together with what the owner does.
func TestOwnersGatherWhatOthersReceive(t *testing.T) {
	c := newCastle(t, 12)
	c.crowd()
	c.elsewhere(c.members[0].datagram("a"))
	c.elsewhere(c.members[1].datagram("b1", "b2"))
	c.tunnel.loop.take(c.rig.now, []datagram{{data: c.members[2].datagram("tun").data}})
	said := packet.Audio{Speaker: 99, Payload: []byte("far")}
	c.peers.loop.takeFromPeer(c.rig.now, 1, said.AppendTo(nil))
	c.at(c.rig.now+time.Microsecond, c.members[4].datagram("e"))
	if got := c.members[11].hears(); len(got) != 0 {
		t.Errorf("%v did not wait", got)
	}
	c.at(c.rig.now + DefaultMaxWait)
	got := c.members[11].hears()
	if len(got) != 1 || len(strings.Fields(got[0])) != 6 {
		t.Fatalf("heard %v", got)
	}
	for _, want := range []string{"1:a", "2:b1 2:b2", "3:tun", "99:far", "5:e"} {
		if !strings.Contains(got[0], want) {
			t.Errorf("%s is not in %v", want, got)
		}
	}
}

// Where few talk nothing is handed over.
func TestFewAreSentByWhoReceivesThem(t *testing.T) {
	c := newCastle(t, 8)
	c.elsewhere(c.members[0].datagram("a"))
	if got := fmt.Sprint(c.members[7].hears()); got != "[1:a]" || len(c.other.outbox) != 0 {
		t.Errorf("heard %s", got)
	}
}

// A listener who loses datagrams gets copies of what was handed over, too.
func TestCopiesAreHandedOver(t *testing.T) {
	c := newCastle(t, 12)
	c.crowd()
	c.at(c.rig.now, datagram{data: c.members[11].loses(0.1), path: *c.sessions.get(12).path.Load()})
	for i := range 4 {
		c.elsewhere(c.members[0].datagram(fmt.Sprint("f", i)))
	}
	c.at(c.rig.now + DefaultMaxWait)
	if got := c.loop.counts.stats(); got.Copies != 3 {
		t.Errorf("%d copies, want each of the first three behind the next but one", got.Copies)
	}
}

// An owner that is too far behind loses frames, counted, and no order.
func TestBacklog(t *testing.T) {
	c := newCastle(t, 12)
	c.crowd()
	a := packet.Audio{Payload: []byte("x")}
	speakers := c.members[:10]
	for i := range ringSize + 20 {
		speaker := speakers[i%len(speakers)]
		a.Sequence = speaker.sequence + 1
		speaker.sequence++
		c.elsewhere(datagram{data: speaker.seal(a.AppendTo(nil)), path: speaker.datagram().path})
	}
	c.at(c.rig.now + DefaultMaxWait)
	c.at(c.rig.now + 2*DefaultMaxWait)
	heard := strings.Fields(strings.Trim(fmt.Sprint(c.members[11].hears()), "[]"))
	if n := c.other.counts.stats().Dropped.Backlog; n != 20 || len(heard) != ringSize {
		t.Errorf("%d frames were dropped, %d heard", n, len(heard))
	}
	for i, frame := range heard {
		if want := fmt.Sprintf("%d:x", i%len(speakers)+1); frame != want {
			t.Fatalf("frame %d is %s, want %s", i, frame, want)
		}
	}
}

// [VOICE-14] A route counts when SetRoute has returned, for what was handed over, too.
func TestRoutesCountForWhatIsHandedOver(t *testing.T) {
	c := newCastle(t, 12)
	c.crowd()
	for i := range 3 {
		c.elsewhere(c.members[i].datagram(fmt.Sprint("f", i)))
	}
	if err := c.SetRoute(1, voiceapp.Route{Channel: 1, Muted: true}); err != nil {
		t.Fatal(err)
	}
	c.RemoveSession(2)
	c.at(c.rig.now + DefaultMaxWait)
	if got := fmt.Sprint(c.members[11].hears()); got != "[3:f2]" {
		t.Errorf("heard %s", got)
	}
	if n := c.loop.counts.stats().Dropped.Moved; n != 2 {
		t.Errorf("%d frames were dropped", n)
	}
}

// What was handed to a loop that ends is counted, and rings that lead nowhere are forgotten.
func TestLoopsThatEndLeaveNothing(t *testing.T) {
	c := newCastle(t, 12)
	c.crowd()
	c.elsewhere(c.members[0].datagram("lost"))
	c.mu.Lock()
	c.dismiss(c.loop)
	c.mu.Unlock()
	if n := c.loop.counts.stats().Dropped.Backlog; n != 1 {
		t.Errorf("%d frames were dropped", n)
	}
	c.rig.now += 2 * roomsInterval
	c.elsewhere()
	if len(c.other.outbox) != 0 {
		t.Error("its ring is left")
	}
	heir := newLoop(c.Relay, nil)
	heir.inbox.connect(c.loop)
	heir.inbox.sweep()
	if len(heir.inbox.all()) != 0 {
		t.Error("the ring from it is left")
	}
}

// An owner looks just after the instants at which frames leave: what was received before
// one, and handed over a moment later, is there then.
func TestOwnersLookJustAfterFramesAreDue(t *testing.T) {
	var b inbox
	for _, step := range []time.Duration{DefaultMaxWait, DefaultMaxWait / 2} {
		b.watch(time.Second, step) // the shortest counts
		for now := time.Second; now < time.Second+20*time.Millisecond; now += 70 * time.Microsecond {
			if at := b.look(now); at <= now || at > now+step || (at-handing)%step != 0 {
				t.Fatalf("at %v it looks at %v", now, at)
			}
		}
	}
	if b.watch(2*time.Second, 0); b.look(2*time.Second) > 2*time.Second+DefaultMaxWait/2 {
		t.Error("the first of a crowd waits for longer than it has to")
	}
	c := newCastle(t, 12)
	c.crowd()
	due := c.rig.now - c.rig.now%DefaultMaxWait + DefaultMaxWait
	c.rig.now = due - 10*time.Microsecond
	c.elsewhere(c.members[0].datagram("a"))
	for _, at := range []time.Duration{due + 20*time.Microsecond, due + handing} {
		c.take(at, nil)
	}
	if got := c.members[11].hears(); len(got) != 1 {
		t.Errorf("heard %v", got)
	}
}
