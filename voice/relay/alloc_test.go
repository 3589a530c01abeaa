//go:build !race

package relay

import (
	"runtime"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// From the kernel's receive to its send, a frame for ten listeners costs no
// allocation; a refused datagram, a probe and a report none either.
func TestAllocs(t *testing.T) {
	r, speaker := fanOutRig(t, 10)
	buf := make([]byte, packet.MaxSize)
	if allocs := testing.AllocsPerRun(500, func() { r.forward(t, speaker, buf) }); allocs != 0 {
		t.Errorf("%v allocations a forwarded frame", allocs)
	}
	if stats := r.counts.stats(); stats.Forwarded != 501*10 {
		t.Errorf("%+v", stats)
	}
	addr := speaker.datagram().addr
	in := []datagram{{path: path{addr: addr}}, {path: path{addr: addr}}, {path: path{addr: addr}}}
	frames := packet.Report{Highest: 1}.AppendTo(packet.Probe{Kind: packet.KindProbe}.AppendTo(nil))
	copied := make([]byte, packet.MaxSize)
	allocs := testing.AllocsPerRun(500, func() {
		sealed, err := speaker.sealer.Seal(buf[:0], frames)
		if err != nil {
			t.Fatal(err)
		}
		in[0].data = sealed
		in[1].data = copied[:copy(copied, sealed)] // a replay
		in[2].data = copied[:packet.Overhead-1]
		r.now += 20 * time.Millisecond
		r.loop.take(r.now, in)
	})
	if allocs != 0 {
		t.Errorf("%v allocations a probe, a report, a replay and a short one", allocs)
	}
	if stats := r.counts.stats(); stats.Answers != 501 || stats.Dropped.Replayed != 501 || stats.Dropped.TooShort != 501 {
		t.Errorf("%+v", stats)
	}
}

// Nor does a frame for a large audience, to the one who splits it or to who helps.
func TestSplitAllocs(t *testing.T) {
	const audience, frames = 2 * splitFrom, 500
	r, speaker := fanOutRig(t, audience)
	r.helped(t, 4)
	buf := make([]byte, packet.MaxSize)
	r.forward(t, speaker, buf)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range frames { // by AllocsPerRun there would be one processor
		r.forward(t, speaker, buf)
	}
	runtime.ReadMemStats(&after)
	if allocs := (after.Mallocs - before.Mallocs) / frames; allocs != 0 {
		t.Errorf("%v allocations a frame", allocs)
	}
	helped := r.Stats().Forwarded
	if own := r.counts.stats().Forwarded; own+helped != (frames+1)*audience || helped == 0 {
		t.Errorf("the one who splits gave %d frames, who helped %d", own, helped)
	}
}

// Frames that wait for company cost none, nor do copies.
func TestCrowdAllocs(t *testing.T) {
	h := newHall(t, 20)
	in, buf, payload := make([]datagram, 1), make([]byte, packet.MaxSize), make([]byte, 100)
	h.take(h.rig.now, []datagram{{data: h.members[19].loses(0.1), path: *h.sessions.get(20).path.Load()}})
	number := 0
	allocs := testing.AllocsPerRun(500, func() {
		h.sayAgain(t, h.members[number%12], in, buf, payload)
		number++
	})
	if allocs != 0 {
		t.Errorf("%v allocations a frame", allocs)
	}
	if stats := h.counts.stats(); stats.Forwarded < 490*19 || stats.Sent > 200*20 || stats.Copies < 900 {
		t.Errorf("%+v", stats)
	}
}

// Nor do frames that one loop hands to another.
func TestHandOverAllocs(t *testing.T) {
	c := newCastle(t, 20)
	in, buf, payload := make([]datagram, 1), make([]byte, packet.MaxSize), make([]byte, 100)
	number := 0
	say := func() {
		c.other, c.loop = c.loop, c.other
		c.sayAgain(t, c.members[number%12], in, buf, payload)
		number++
		c.other, c.loop = c.loop, c.other
		c.sayAgain(t, c.members[number%12], in, buf, payload)
		number++
	}
	for range 2 * ringSize {
		say() // each slot takes its memory at first
	}
	if allocs := testing.AllocsPerRun(500, say); allocs != 0 {
		t.Errorf("%v allocations for two frames", allocs)
	}
	if handed := c.loop.outbox; len(c.other.outbox) != 1 || len(handed) != 0 {
		t.Error("nothing was handed over, or by whom it should not be")
	}
	if stats := c.loop.counts.stats(); stats.Forwarded < 2*ringSize*19 || stats.Dropped != (Dropped{}) {
		t.Errorf("%+v", stats)
	}
}

// What goes to a peer, and what comes from one, costs none.
func TestPeerAllocs(t *testing.T) {
	here, there := newHall(t, 20), newHall(t, 0)
	if err := there.lend(there.loop.socket.conn); err != nil {
		t.Fatal(err)
	}
	here.SetPeer(there.Relay)
	for id := range voiceapp.SessionID(3) {
		there.member(t, id+100, lobby)
	}
	in, buf, payload := make([]datagram, 1), make([]byte, packet.MaxSize), make([]byte, 100)
	number := 0
	allocs := testing.AllocsPerRun(500, func() {
		here.sayAgain(t, here.members[number%12], in, buf, payload)
		number++
	})
	if allocs != 0 {
		t.Errorf("%v allocations a frame", allocs)
	}
	if stats := there.Stats(); stats.PeerReceived < 490 || stats.Forwarded != 3*stats.PeerReceived {
		t.Errorf("%+v", stats)
	}
}

// A whisper to ten sessions, five of whom its channel has too, costs none either.
func TestWhisperAllocs(t *testing.T) {
	r, speaker := fanOutRig(t, 10)
	whisper := voiceapp.Target{Channels: []voiceapp.ChannelID{lobby.Channel}}
	for id := range voiceapp.SessionID(5) {
		whisper.Sessions = append(whisper.Sessions, id+2)
	}
	route := lobby
	route.Whisper = []voiceapp.Target{whisper}
	if err := r.SetRoute(1, route); err != nil {
		t.Fatal(err)
	}
	in := []datagram{{path: speaker.datagram().path}}
	buf := make([]byte, packet.MaxSize)
	a := packet.Audio{Speaker: 1, Payload: make([]byte, 100)}
	allocs := testing.AllocsPerRun(500, func() {
		sealed, err := speaker.sealer.Seal(buf[:0], a.AppendTo(buf[packet.HeaderSize:packet.HeaderSize]))
		if err != nil {
			t.Fatal(err)
		}
		in[0].data = sealed
		r.now += 20 * time.Millisecond
		r.loop.take(r.now, in)
	})
	if allocs != 0 {
		t.Errorf("%v allocations a whisper", allocs)
	}
	if stats := r.counts.stats(); stats.Forwarded != 501*10 {
		t.Errorf("%+v", stats)
	}
}
