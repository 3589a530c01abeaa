package jitter

import (
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// spurts are two of ten frames of 20 ms, a pause of 5 s apart. The last so many frames
// of the first one are lost, its end among them.
func spurts(lost int) (in []arrival) {
	s := talker{}
	at := time.Duration(0)
	say := func(frames int, flags packet.Flags) {
		for range frames {
			in = append(in, arrival{at, s.frame(20*ms, flags)})
			at += 20 * ms
		}
	}
	say(9, 0)
	say(1, packet.FlagEnd)
	in = in[:len(in)-lost]
	s.silence(5 * time.Second)
	at += 5 * time.Second
	say(9, 0)
	say(1, packet.FlagEnd)
	return in
}

// The pause after a spurt whose end was lost is the speaker's; what counts as made up is
// what was lost and what was heard of it, and the next spurt has its delay.
func TestLostEndOfASpurt(t *testing.T) {
	for lost, want := range map[int]uint64{1: 100, 3: 100, 8: 160} {
		b := New(Config{MinDelay: 40 * ms})
		got := replay(b, 5500*ms, spurts(lost))
		s := b.Stats()
		if s.ConcealedSamples != want*samplesPerMs || s.SilentConcealedSamples != (want-100)*samplesPerMs {
			t.Errorf("%d frames are lost: %d ms made up, %d ms of it silence; want %d and %d",
				lost, s.ConcealedSamples/samplesPerMs, s.SilentConcealedSamples/samplesPerMs, want, want-100)
		}
		for i, number := range got {
			if number == 11 {
				if i != 5240 {
					t.Errorf("%d frames are lost: the next spurt begins %d ms after it came, want 40", lost, i-5200)
				}
				break
			}
		}
	}
}

// What is heard before an end that comes late is no more than what was made up by then.
func TestLateEndOfASpurt(t *testing.T) {
	s := talker{}
	one, end := s.frame(20*ms, 0), s.frame(20*ms, packet.FlagEnd)
	end.Payload = nil
	b := New(Config{MinDelay: 40 * ms})
	expect(t, replay(b, 500*ms, []arrival{{0, one}, {400 * ms, end}}), "-:40 1:20 made:100 -:340")
	if got := b.Stats(); got.ConcealedSamples != 100*samplesPerMs || got.SilentConcealedSamples != 0 {
		t.Errorf("%+v", got)
	}
}

// What is skipped to catch up after an outage was there in time: it is no late frame.
func TestSkippedFramesAreNotLate(t *testing.T) {
	s := talker{}
	var in []arrival
	for at := time.Duration(0); at < 4*time.Second; at += 20 * ms {
		came := at
		if at >= time.Second && at < 2*time.Second {
			came = 2 * time.Second
		}
		in = append(in, arrival{came, s.frame(20*ms, 0)})
	}
	b := New(Config{MinDelay: 40 * ms})
	replay(b, 4*time.Second, in)
	if got := b.Stats(); got.FramesLate != 0 || got.FramesDiscarded < 20 {
		t.Errorf("%+v", got)
	}
}
