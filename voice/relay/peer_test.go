package relay

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Two relays serve one channel together: everybody hears everybody else once, and
// nothing comes back.
func TestTwoRelaysServeOneChannel(t *testing.T) {
	here, there := serveLoopback(t), serveLoopback(t)
	here.SetPeer(there.Relay)
	there.SetPeer(here.Relay)
	var members []*client
	for i := range 4 {
		members = append(members, here.join(t, voiceapp.SessionID(i+1), lobby), there.join(t, voiceapp.SessionID(i+11), lobby))
	}
	for _, c := range members {
		c.say(fmt.Sprint(c.grant.Session))
	}
	for _, c := range members {
		for len(c.heard) < len(members)-1 {
			c.receive()
		}
	}
	for _, c := range members {
		c.sync() // what else is on its way comes before the answer
		var from []int
		for _, a := range c.heard {
			if string(a.Payload) != fmt.Sprint(a.Speaker) {
				t.Errorf("%q by %d", a.Payload, a.Speaker)
			}
			from = append(from, int(a.Speaker))
		}
		slices.Sort(from)
		if len(slices.Compact(slices.Clone(from))) != 7 || len(from) != 7 || slices.Contains(from, int(c.grant.Session)) {
			t.Errorf("session %d heard %v", c.grant.Session, from)
		}
	}
	for _, r := range []server{here, there} {
		if s := r.Stats(); s.Frames != 4 || s.PeerSent != 4 || s.PeerReceived != 4 || s.Forwarded != 4*3+4*4 || s.Dropped != (Dropped{}) {
			t.Errorf("%+v", s)
		}
	}
	here.SetPeer(nil)
	members[0].say("here alone")
	members[2].receive()
	if s := there.Stats(); s.PeerReceived != 4 {
		t.Errorf("%+v", s)
	}
}

// What a peer may not send is dropped, and what nobody here hears costs nothing.
func TestForwardRefuses(t *testing.T) {
	r := newRig(t)
	if err := r.lend(r.loop.socket.conn); err != nil {
		t.Fatal(err)
	}
	listener := r.member(t, 1, lobby)
	frame := func(a packet.Audio) []byte { return a.AppendTo(nil) }
	good := frame(packet.Audio{Speaker: 9, Payload: []byte("good")})
	for name, bad := range map[string][]byte{
		"of a session here": frame(packet.Audio{Speaker: 1, Payload: []byte("mine")}),
		"a whisper":         frame(packet.Audio{Speaker: 9, Flags: packet.FlagWhisper, Payload: []byte("psst")}),
		"a probe":           packet.Probe{Kind: packet.KindProbe}.AppendTo(nil),
		"cut off":           {1, 0xff, 0xff, 0},
		"nothing readable":  {1, 0, 1, 0},
	} {
		before := r.Stats()
		r.Forward(lobby.Channel, slices.Concat(good, bad, good))
		after := r.Stats()
		if heard := fmt.Sprint(listener.hears()); heard != "[9:good]" || after.Dropped.Malformed-before.Dropped.Malformed != 1 || after.PeerReceived-before.PeerReceived != 1 {
			t.Errorf("%s: heard %s, %+v", name, heard, after)
		}
	}
	r.Forward(77, good)
	r.Forward(lobby.Channel, nil)
	if heard := listener.hears(); len(heard) != 0 {
		t.Errorf("heard %v", heard)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r.Forward(lobby.Channel, good)
}

// Routes and peers change, and control connections speak, while two relays forward to
// each other: nobody waits for anybody in a circle.
func TestPeersUnderLoad(t *testing.T) {
	here, there := serveLoopback(t), serveLoopback(t)
	here.SetPeer(there.Relay)
	there.SetPeer(here.Relay)
	var wg sync.WaitGroup
	defer wg.Wait()
	for i, r := range []server{here, there} {
		other := []server{there, here}[i]
		first := voiceapp.SessionID(1 + 20*i)
		stop := r.crowd(t, first, 8, lobby)
		t.Cleanup(stop)
		inside := r.join(t, first+10, lobby)
		wg.Go(func() {
			for range 300 {
				inside.sequence++
				a := packet.Audio{Sequence: inside.sequence, Payload: []byte("x")}
				r.Tunnel(inside.grant.Session, inside.seal(a.AppendTo(nil)))
			}
		})
		wg.Go(func() {
			for n := range 50 {
				if err := r.SetRoute(first, voiceapp.Route{Channel: voiceapp.ChannelID(n%2 + 1)}); err != nil {
					t.Error(err)
				}
				r.SetPeer(other.Relay)
			}
		})
	}
	wg.Wait()
	for begun := time.Now(); here.Stats().PeerReceived == 0 || there.Stats().PeerReceived == 0; {
		if time.Since(begun) > patience {
			t.Fatal("nothing is forwarded")
		}
		<-time.After(time.Millisecond)
	}
}

// FuzzForward hands bytes of any form to a relay as a peer's.
func FuzzForward(f *testing.F) {
	a := packet.Audio{Speaker: 9, Payload: []byte("payload")}
	f.Add(a.AppendTo(a.AppendTo(nil)))
	f.Add([]byte{1, 0xff, 0xff, 0})
	f.Add([]byte{})
	r := newRig(f)
	if err := r.lend(r.loop.socket.conn); err != nil {
		f.Fatal(err)
	}
	listener := r.member(f, 1, lobby)
	f.Fuzz(func(t *testing.T, frames []byte) {
		listener.t = t
		r.Forward(lobby.Channel, slices.Clone(frames))
		listener.drain(50 * time.Microsecond) // whole datagrams of frames that can be parsed, or it fails
	})
}
