package relay

import (
	"errors"
	"fmt"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// whisper seals one audio frame to a target slot.
func (c *client) whisper(slot uint32, flags packet.Flags, payload string) datagram {
	c.t.Helper()
	in := c.datagram()
	c.sequence++
	a := packet.Audio{Speaker: slot, Sequence: c.sequence, Flags: flags, Payload: []byte(payload)}
	in.data = c.seal(a.AppendTo(nil))
	return in
}

func in(channel voiceapp.ChannelID) voiceapp.Route { return voiceapp.Route{Channel: channel} }

// [VOICE-14] [VOICE-16] A whisper reaches everyone in its target once, whatever
// channel they are in, and nobody else; not the speaker, nor who is deafened.
func TestWhisper(t *testing.T) {
	r := newRig(t)
	route := in(1)
	route.Whisper = []voiceapp.Target{
		{Sessions: []voiceapp.SessionID{3, 3, 4, 99, 1}},
		{},
		{Channels: []voiceapp.ChannelID{2, 2, 3}, Sessions: []voiceapp.SessionID{4, 6}},
	}
	anna := r.member(t, 1, route)
	others := map[voiceapp.SessionID]*client{
		2: r.member(t, 2, in(1)),
		3: r.member(t, 3, in(2)),
		4: r.member(t, 4, in(2)),
		5: r.member(t, 5, in(3)),
		6: r.member(t, 6, voiceapp.Route{Channel: 4, Deaf: true}),
		7: r.member(t, 7, voiceapp.Route{}),
		8: r.member(t, 8, voiceapp.Route{Channel: 1, Listen: []voiceapp.ChannelID{2, 3}}),
	}
	tests := []struct {
		slot  uint32
		heard []voiceapp.SessionID
	}{
		{0, []voiceapp.SessionID{2, 8}},
		{1, []voiceapp.SessionID{3, 4}},
		{3, []voiceapp.SessionID{3, 4, 5, 8}},
	}
	for _, test := range tests {
		r.together(anna.whisper(test.slot, 0, "psst"))
		for id, c := range others {
			want := ""
			for _, hears := range test.heard {
				if id == hears {
					want = "1:psst"
				}
			}
			got := c.hears()
			if len(got) > 1 || len(got) == 1 && got[0] != want || len(got) == 0 && want != "" {
				t.Errorf("slot %d: session %d heard %q, want %q", test.slot, id, got, want)
			}
			if flags := c.flags(); len(got) == 1 && (flags&packet.FlagWhisper != 0) != (test.slot != 0) {
				t.Errorf("slot %d: the flags are %b", test.slot, flags)
			}
		}
		if got := anna.hears(); len(got) != 0 {
			t.Errorf("slot %d: the speaker heard %q", test.slot, got)
		}
	}
	r.RemoveSession(3)
	r.together(anna.whisper(1, 0, "gone"))
	if got := fmt.Sprint(others[3].hears(), others[4].hears()); got != "[] [1:gone]" {
		t.Errorf("after one of them has left: %s", got)
	}
}

// flags are those of the frame heard last.
func (c *client) flags() packet.Flags {
	if len(c.heard) == 0 {
		return 0
	}
	return c.heard[len(c.heard)-1].Flags
}

// [VOICE-16] What is not set, or not allowed, is dropped and counted.
func TestWhispersThatMayNotPass(t *testing.T) {
	r := newRig(t)
	target := []voiceapp.Target{{Sessions: []voiceapp.SessionID{9}}}
	hears := r.member(t, 9, in(1))
	tests := []struct {
		route voiceapp.Route
		slot  uint32
		flags packet.Flags
		want  Dropped
	}{
		{in(1), 1, 0, Dropped{NoTarget: 1}},
		{voiceapp.Route{Channel: 1, Whisper: target}, 2, 0, Dropped{NoTarget: 1}},
		{voiceapp.Route{Channel: 1, Whisper: target}, 1 << 31, 0, Dropped{NoTarget: 1}},
		{voiceapp.Route{Channel: 1, Whisper: target}, 0, packet.FlagWhisper, Dropped{NoTarget: 1}},
		{voiceapp.Route{Channel: 1, Whisper: target, Muted: true}, 1, 0, Dropped{Muted: 1}},
		{voiceapp.Route{Whisper: target}, 1, 0, Dropped{NoChannel: 1}},
	}
	for i, test := range tests {
		before := r.counts.stats().Dropped
		c := r.member(t, voiceapp.SessionID(i+1), test.route)
		r.together(c.whisper(test.slot, test.flags, "psst"))
		after := r.counts.stats().Dropped
		after.NoTarget -= before.NoTarget
		after.Muted -= before.Muted
		after.NoChannel -= before.NoChannel
		if got := hears.hears(); after != test.want || len(got) != 0 {
			t.Errorf("%d: heard %q, dropped %+v, want %+v", i, got, after, test.want)
		}
	}
}

// [VOICE-16] The server alone says who has priority.
func TestPriorityIsTheServersToSay(t *testing.T) {
	r := newRig(t)
	listener := r.member(t, 1, in(1))
	for i, priority := range []bool{true, false} {
		speaker := r.member(t, voiceapp.SessionID(i+2), voiceapp.Route{Channel: 1, Priority: priority})
		r.together(speaker.whisper(0, packet.FlagPriority|1<<7, "hear me"))
		listener.hears()
		want := packet.Flags(1 << 7)
		if priority {
			want |= packet.FlagPriority
		}
		if got := listener.flags(); got != want {
			t.Errorf("priority %v: the flags are %b, want %b", priority, got, want)
		}
	}
}

// Who listens further hears these channels too, each frame once, also while in
// none; the bookkeeping ends with the route.
func TestListening(t *testing.T) {
	r := newRig(t)
	one, two := r.member(t, 1, in(1)), r.member(t, 2, in(2))
	ear := r.member(t, 3, voiceapp.Route{})
	tests := []struct {
		route voiceapp.Route
		want  string
	}{
		{voiceapp.Route{Listen: []voiceapp.ChannelID{2}}, "[2:b]"},
		{voiceapp.Route{Channel: 1, Listen: []voiceapp.ChannelID{2, 1, 2}}, "[1:a 2:b]"},
		{voiceapp.Route{Channel: 2, Listen: []voiceapp.ChannelID{2}}, "[2:b]"},
		{voiceapp.Route{Channel: 1, Deaf: true, Listen: []voiceapp.ChannelID{2}}, "[]"},
		{voiceapp.Route{Listen: []voiceapp.ChannelID{7}}, "[]"},
	}
	for i, test := range tests {
		if err := r.SetRoute(3, test.route); err != nil {
			t.Fatal(err)
		}
		r.together(one.datagram("a"))
		r.together(two.datagram("b"))
		if got := fmt.Sprint(ear.hears()); got != test.want {
			t.Errorf("%d: heard %s, want %s", i, got, test.want)
		}
	}
	if stats := r.Stats(); stats.Channels != 2 || len(r.channels.byID) != 3 {
		t.Errorf("%d channels with somebody in, %d that are used", stats.Channels, len(r.channels.byID))
	}
	for id := range voiceapp.SessionID(4) {
		r.RemoveSession(id)
	}
	if len(r.channels.byID) != 0 {
		t.Errorf("%d channels are left", len(r.channels.byID))
	}
}

func TestRoutesOutOfBounds(t *testing.T) {
	r := newRig(t)
	r.add(t, 1, in(1))
	channels := func(n int) (ids []voiceapp.ChannelID) {
		for i := range n {
			ids = append(ids, voiceapp.ChannelID(i+1))
		}
		return ids
	}
	most := voiceapp.Route{Channel: 1, Listen: channels(voiceapp.MaxListen), Whisper: make([]voiceapp.Target, voiceapp.MaxWhispers)}
	most.Whisper[29] = voiceapp.Target{Sessions: make([]voiceapp.SessionID, voiceapp.MaxWhisperSessions), Channels: channels(voiceapp.MaxWhisperChannels)}
	if err := r.SetRoute(1, most); err != nil {
		t.Error("the most that there may be:", err)
	}
	for i, route := range []voiceapp.Route{
		{Listen: channels(voiceapp.MaxListen + 1)},
		{Listen: []voiceapp.ChannelID{0}},
		{Whisper: make([]voiceapp.Target, voiceapp.MaxWhispers+1)},
		{Whisper: []voiceapp.Target{{Sessions: make([]voiceapp.SessionID, voiceapp.MaxWhisperSessions+1)}}},
		{Whisper: []voiceapp.Target{{Channels: channels(voiceapp.MaxWhisperChannels + 1)}}},
		{Whisper: []voiceapp.Target{{}, {Channels: []voiceapp.ChannelID{0}}}},
	} {
		if err := r.SetRoute(1, route); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%d: %v", i, err)
		}
	}
	r.RemoveSession(1)
	if len(r.channels.byID) != 0 {
		t.Errorf("%d channels are left", len(r.channels.byID))
	}
}

// [VOICE-14] A whisper does not outlive its target either.
func TestNoWhisperTakesTheOldWay(t *testing.T) {
	s := serve(t, "udp4", "127.0.0.1:0", 3)
	listener, speaker := s.join(t, 1, in(2)), s.join(t, 2, in(1))
	set := in(1)
	set.Whisper = []voiceapp.Target{{Sessions: []voiceapp.SessionID{1}, Channels: []voiceapp.ChannelID{2}}}
	for range 50 {
		if err := s.SetRoute(2, set); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			speaker.send(speaker.whisper(1, 0, "x").data)
		}
		if err := s.SetRoute(2, in(1)); err != nil {
			t.Fatal(err)
		}
		listener.sync()
		listener.drain(0)
		heard := len(listener.heard)
		speaker.sync()
		listener.sync()
		if len(listener.heard) != heard {
			t.Fatal("a whisper was heard after its target was taken away")
		}
	}
}
