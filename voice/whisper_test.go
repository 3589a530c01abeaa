package voice_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// [VOICE-16] Whoever changes the target ends the spurt for those who heard it;
// each target has a sequence without gaps.
func TestSenderWhispers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			sender *voice.Sender
			sent   []string
			first  = map[uint32]uint16{}
			frames int
		)
		cfg := voice.SenderConfig{Source: &counting{last: 6}, Encoder: &numberEncoder{channels: 1}}
		cfg.Send = func(datagram []packet.Audio) error {
			a := datagram[0]
			if _, known := first[a.Speaker]; !known {
				first[a.Speaker] = a.Sequence
			}
			sent = append(sent, fmt.Sprintf("%d#%d/%d:%d", a.Speaker, a.Sequence-first[a.Speaker], a.Flags, len(a.Payload)))
			if frames++; frames == 2 {
				_ = sender.SetTarget(3)
			}
			if a.Speaker == 3 && a.Sequence-first[3] == 1 {
				_ = sender.SetTarget(0)
			}
			return nil
		}
		var err error
		if sender, err = voice.NewSender(cfg); err != nil {
			t.Fatal(err)
		}
		if err := sender.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		// slot#sequence/flags:bytes. END is 1, WHISPER 4.
		want := "[0#0/0:5 0#1/0:5 0#2/1:0 3#0/4:5 3#1/4:5 3#2/5:0 0#3/0:5 0#4/0:5 0#5/1:0]"
		if got := fmt.Sprint(sent); got != want {
			t.Errorf("sent %s\nwant %s", got, want)
		}
		for _, slot := range []int{-1, 31} {
			if err := sender.SetTarget(slot); !errors.Is(err, voiceapp.Invalid) {
				t.Errorf("slot %d: %v", slot, err)
			}
		}
	})
}

// [VOICE-7] What somebody says to the channel and what he whispers are told apart.
func TestReceiverTellsWhispersApart(t *testing.T) {
	r := newReceiver(t, voice.ReceiverConfig{})
	pcm := make([]float32, frame)
	for i := range 10 {
		loud, quiet := number(7, i, 100), number(7, 1000-i, 23)
		quiet.MediaTime, quiet.Sequence, quiet.Flags = loud.MediaTime, uint16(i+30_000), packet.FlagWhisper
		r.Put(loud, time.Duration(i)*20*ms)
		r.Put(quiet, time.Duration(i)*20*ms)
		r.Read(pcm, time.Duration(i)*20*ms)
	}
	got := r.Stats()
	if pcm[0] != 123*unit || len(got.Speakers) != 2 || got.Speakers[0].Whisper || !got.Speakers[1].Whisper || got.FramesLost+got.Restarts+got.FramesDiscarded != 0 {
		t.Errorf("heard %v; %+v", pcm[0]/unit, got)
	}
}

// While somebody with priority speaks, the others are turned down by 12 dB, and
// come back after it within a second.
func TestPriorityTurnsTheOthersDown(t *testing.T) {
	for _, test := range []struct{ duck, gain float64 }{{0, math.Pow(10, -12./20)}, {6, math.Pow(10, -6./20)}, {-1, 1}} {
		r := newReceiver(t, voice.ReceiverConfig{Duck: test.duck})
		pcm := make([]float32, frame)
		hear := func(i int, priority bool) float64 {
			now := time.Duration(i) * 20 * ms
			r.Put(number(1, i, 1000), now)
			if priority {
				a := number(2, i, 8000)
				a.Flags = packet.FlagPriority
				r.Put(a, now)
			}
			r.Read(pcm, now)
			return float64(pcm[frame/2] / unit)
		}
		for i := range 10 {
			hear(i, false)
		}
		for i := 10; i < 20; i++ {
			hear(i, true)
		}
		if got, want := hear(20, true), 8000+1000*test.gain; math.Abs(got-want) > 1 {
			t.Errorf("%v dB: heard %.0f, want %.0f", test.duck, got, want)
		}
		last := 0.0
		for i := 21; i < 90; i++ {
			if last = hear(i, i == 21); i == 40 && math.Abs(last-1000*test.gain) > 1 {
				t.Errorf("%v dB: in a pause of 0.4 s the other is heard at %.0f", test.duck, last)
			}
		}
		if last != 1000 {
			t.Errorf("%v dB: at the end heard %.0f", test.duck, last)
		}
	}
}
