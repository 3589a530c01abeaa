//go:build cgo

package voice_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

// encoded is one second of speech in packets of one length and number of channels.
func encoded(t *testing.T, channels int, length time.Duration) [][]byte {
	t.Helper()
	enc, err := opusCodec.NewEncoder(channels, 48_000)
	if err != nil {
		t.Fatal(err)
	}
	samples := int(length*voice.SampleRate/time.Second) * channels
	pcm := voicetest.Speech(time.Second, channels)
	var packets [][]byte
	for ; len(pcm) >= samples; pcm = pcm[samples:] {
		p, err := enc.Encode(nil, pcm[:samples])
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, p)
	}
	return packets
}

// TestReceiverBadInput gives a receiver all that a peer may do wrong. It is counted, and
// afterwards, who speaks properly is heard as ever.
func TestReceiverBadInput(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	mono, stereo := encoded(t, 1, 20*ms), encoded(t, 2, 20*ms)
	slow := encoded(t, 1, 60*ms)
	long := slices.Concat([]byte{slow[0][0] | 1}, slow[0][1:], slow[0][1:]) // two frames of 60 ms
	for name, c := range map[string]struct {
		spoil   func(i int, a *packet.Audio)
		counted func(s jitter.Stats) bool // nil: it is within the rules
	}{
		"out of order": {
			func(i int, a *packet.Audio) { a.Sequence ^= 3; a.MediaTime = uint32(a.Sequence) * frame },
			func(s jitter.Stats) bool { return s.FramesReordered == 375 },
		},
		"each one twice": {
			func(i int, a *packet.Audio) { a.Sequence /= 2; a.MediaTime = uint32(a.Sequence) * frame },
			func(s jitter.Stats) bool { return s.FramesDuplicate == 250 },
		},
		"from the future": {
			func(i int, a *packet.Audio) { a.Sequence += 2000; a.MediaTime += 2000 * frame },
			func(s jitter.Stats) bool { return s.Restarts == 1 },
		},
		"now and then from the future": {
			func(i int, a *packet.Audio) { a.Sequence += uint16(i % 10 / 9 * 5000) },
			func(s jitter.Stats) bool { return s.FramesDiscarded == 50 && s.Restarts == 0 },
		},
		"jumping by 2^31": {
			func(i int, a *packet.Audio) { a.MediaTime += uint32(i%2) << 31 },
			func(s jitter.Stats) bool { return s.FramesDiscarded+2*s.Restarts >= 240 },
		},
		"jumping in sequence": {
			func(i int, a *packet.Audio) { a.Sequence += uint16(i%2) << 15 },
			func(s jitter.Stats) bool { return s.FramesDiscarded+2*s.Restarts >= 240 },
		},
		"media time backwards": {
			func(i int, a *packet.Audio) { a.MediaTime = -a.MediaTime },
			func(s jitter.Stats) bool { return s.FramesDiscarded >= 490 },
		},
		"one media time": {
			func(i int, a *packet.Audio) { a.MediaTime = 0 },
			func(s jitter.Stats) bool { return s.FramesLate+s.FramesDiscarded >= 490 },
		},
		"120 ms": {
			func(i int, a *packet.Audio) { a.MediaTime *= 6; a.Payload = long },
			func(s jitter.Stats) bool { return s.FormatChanges == 1 && s.FramesSpoilt == 0 },
		},
		"stereo, then mono": {
			func(i int, a *packet.Audio) { a.Payload = [][]byte{mono[i%50], stereo[i%50]}[i/7%2] },
			func(s jitter.Stats) bool { return s.FormatChanges >= 500/7 && s.FramesSpoilt == 0 },
		},
		"60 ms, not 20": {
			func(i int, a *packet.Audio) { a.Payload = slow[i%len(slow)] },
			func(s jitter.Stats) bool { return s.FormatChanges == 1 },
		},
		"a length after another": {
			func(i int, a *packet.Audio) { a.Payload = [][]byte{mono[i%50], slow[i%len(slow)]}[i/10%2] },
			func(s jitter.Stats) bool { return s.FormatChanges >= 40 },
		},
		"garbage": {
			func(i int, a *packet.Audio) { a.Payload = noise(rng, 1+rng.IntN(200)) },
			func(s jitter.Stats) bool { return s.FramesMalformed > 20 && s.FramesSpoilt > 20 },
		},
		"cut off": {
			func(i int, a *packet.Audio) { a.Payload = a.Payload[:0] },
			func(s jitter.Stats) bool { return s.FramesMalformed == 500 },
		},
		"always the end":        {func(i int, a *packet.Audio) { a.Flags = packet.FlagEnd }, nil},
		"only copies":           {func(i int, a *packet.Audio) { a.Flags = packet.FlagRedundant }, nil},
		"cut off somewhere":     {func(i int, a *packet.Audio) { a.Payload = a.Payload[:rng.IntN(len(a.Payload))] }, nil},
		"anything in any order": {func(i int, a *packet.Audio) { a.Sequence, a.MediaTime = uint16(rng.Uint32()), rng.Uint32() }, func(s jitter.Stats) bool { return s.FramesDiscarded > 400 }},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := voice.NewReceiver(voice.ReceiverConfig{Codec: opusCodec})
			if err != nil {
				t.Fatal(err)
			}
			var heard float64
			pcm := make([]float32, frame)
			for i := range 1000 {
				now := time.Duration(i) * 20 * ms
				a := packet.Audio{Speaker: 1, Sequence: uint16(i), MediaTime: uint32(i) * frame, Payload: mono[i%50]}
				if i < 500 {
					c.spoil(i, &a)
				}
				r.Put(a, now)
				r.Read(pcm, now)
				for _, x := range pcm {
					if x != x || x < -1 || x > 1 {
						t.Fatalf("sample %v", x)
					}
					if i >= 900 {
						heard += float64(x) * float64(x)
					}
				}
			}
			if level := math.Sqrt(heard / (100 * frame)); level < .05 {
				t.Errorf("who speaks properly afterwards is heard at a level of %.3f", level)
			}
			s := r.Stats()
			if s.FramesReceived != 1000 || len(s.Speakers) != 1 || c.counted != nil && !c.counted(s.Stats) {
				t.Errorf("%+v", s.Stats)
			}
		})
	}
}

func noise(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// TestReceiverCrowd: of 500 who speak at once, as many as may be are heard; the
// others cost nothing but a count.
func TestReceiverCrowd(t *testing.T) {
	r := newReceiver(t, voice.ReceiverConfig{})
	pcm := make([]float32, frame)
	for i := range 20 {
		now := time.Duration(i) * 20 * ms
		for speaker := range uint32(500) {
			r.Put(number(speaker+1, i, 1), now)
		}
		r.Read(pcm, now)
	}
	if pcm[0] != voice.DefaultMaxSpeakers*unit {
		t.Errorf("%v speakers are heard", pcm[0]/unit)
	}
	if s := r.Stats(); len(s.Speakers) != voice.DefaultMaxSpeakers || s.FramesRefused != 20*(500-voice.DefaultMaxSpeakers) {
		t.Errorf("%d speakers, %d frames refused", len(s.Speakers), s.FramesRefused)
	}
}

// TestLoudestAreHeard: of more than may be held the loudest are heard, also when they
// begin last, and those who are as loud as each other do not take turns.
func TestLoudestAreHeard(t *testing.T) {
	const most, all = 8, 200
	r := newReceiver(t, voice.ReceiverConfig{MaxSpeakers: most})
	pcm := make([]float32, frame)
	play := func(from, to int, level func(speaker int) uint8, flags packet.Flags) {
		for i := from; i < to; i++ {
			now := time.Duration(i) * 20 * ms
			for speaker := range all {
				if l := level(speaker); l < packet.SilentLevel {
					a := number(uint32(speaker+1), i, 1)
					a.Level = l
					if speaker == 0 {
						a.Flags = flags
					}
					r.Put(a, now)
				}
			}
			r.Read(pcm, now)
		}
	}
	heard := func() map[voiceapp.SessionID]bool {
		ids := map[voiceapp.SessionID]bool{}
		for _, s := range r.Stats().Speakers {
			ids[s.Speaker] = true
		}
		return ids
	}
	quiet := func(int) uint8 { return 50 }
	play(0, 50, quiet, packet.FlagPriority)
	first := heard()
	play(50, 100, quiet, packet.FlagPriority)
	if again := heard(); !reflect.DeepEqual(again, first) || len(again) != most {
		t.Errorf("of those who are as loud as each other %v are heard, and then %v", first, again)
	}
	loud := func(speaker int) uint8 {
		if speaker > all-most {
			return 25
		}
		return 50
	}
	play(100, 200, loud, packet.FlagPriority)
	ids := heard()
	for speaker := all - most + 1; speaker < all; speaker++ {
		if !ids[voiceapp.SessionID(speaker+1)] {
			t.Errorf("speaker %d is loud, and not heard: %v", speaker+1, ids)
		}
	}
	if !ids[1] {
		t.Error("who has priority is not heard any more")
	}
}
