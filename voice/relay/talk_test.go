package relay

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// talker hands frames to a loop as if they had come, without a socket.
type talker struct {
	*loop
	sealer   *packet.Sealer
	sequence uint16
}

func newTalker(t *testing.T, r *Relay, id voiceapp.SessionID, to voiceapp.Route) *talker {
	t.Helper()
	grant, err := r.AddSession(id)
	if err == nil {
		err = r.SetRoute(id, to)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &talker{loop: r.tunnel.loop, sealer: packet.NewSealer(id, grant.Up)}
}

func (k *talker) says(slot uint32, flags packet.Flags) {
	k.sequence++
	a := packet.Audio{Speaker: slot, Sequence: k.sequence, Flags: flags, Payload: []byte("x")}
	data, _ := k.sealer.Seal(nil, a.AppendTo(nil))
	k.loop.take(time.Since(k.loop.relay.start), []datagram{{data: data}})
}

// changes is what is new, in order.
func changes(r *Relay) string {
	talking, silent := r.TalkChanges(nil, nil)
	slices.Sort(talking)
	slices.Sort(silent)
	return fmt.Sprint(talking, silent)
}

func TestTalkChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := New(Config{})
		whispers := in(1)
		whispers.Whisper = []voiceapp.Target{{Sessions: []voiceapp.SessionID{2}}}
		anna, ben, cleo := newTalker(t, r, 1, whispers), newTalker(t, r, 2, in(1)), newTalker(t, r, 3, in(2))
		expect := func(what, want string) {
			t.Helper()
			if got := changes(r); got != want {
				t.Errorf("%s: %s, want %s", what, got, want)
			}
		}
		expect("at first", "[] []")
		anna.says(1, 0)
		expect("a whisper", "[] []")
		anna.says(0, packet.FlagEnd)
		anna.sequence -= 2
		anna.says(0, packet.FlagRedundant)
		anna.sequence++
		expect("a spurt of one frame, and a copy of what was before it", "[] []")
		anna.says(0, packet.FlagRedundant)
		expect("a copy of a frame that was lost", "[1] []")
		anna.says(0, packet.FlagEnd)
		expect("it ends", "[] [1]")
		anna.says(0, 0)
		cleo.says(0, 0)
		select {
		case <-r.TalkChanged():
		default:
			t.Error("there is no token")
		}
		expect("two begin", "[1 3] []")
		anna.says(0, 0)
		expect("one goes on", "[] []")
		anna.says(0, packet.FlagEnd)
		expect("one has said all", "[] [1]")
		anna.says(0, 0)
		anna.says(0, packet.FlagEnd)
		ben.says(0, 0)
		expect("a blip", "[2] []")

		time.Sleep(talkTimeout - time.Millisecond)
		ben.says(0, 0)
		expect("just before the time is over", "[] []")
		time.Sleep(2 * time.Millisecond)
		expect("just after", "[] [3]")
		ben.says(0, 0)
		muted := in(1)
		muted.Muted = true
		if err := r.SetRoute(2, muted); err != nil {
			t.Fatal(err)
		}
		expect("muted", "[] [2]")
		cleo.says(0, 0)
		expect("again", "[3] []")
		if err := r.SetRoute(3, in(1)); err != nil {
			t.Fatal(err)
		}
		expect("in another channel", "[] []")
		r.RemoveSession(3)
		expect("gone", "[] []")
		if len(r.talk.talkers) != 0 {
			t.Errorf("%d talkers are left", len(r.talk.talkers))
		}
	})
}
