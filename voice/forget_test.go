package voice_test

import (
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// The jitter is that of those who are held, and not of who was forgotten.
func TestJitterIsOfThoseWhoAreHeld(t *testing.T) {
	r := newReceiver(t, voice.ReceiverConfig{Forget: time.Second})
	pcm := make([]float32, frame)
	now := time.Duration(0)
	for i := range 50 { // one comes by a bad path
		r.Put(number(1, i, 1), now+time.Duration(i%2)*60*ms)
		r.Read(pcm, now)
		now += 20 * ms
	}
	if r.Stats().Jitter == 0 {
		t.Fatal("the path is a good one")
	}
	for i := range 200 {
		r.Put(number(2, i, 1), now)
		r.Read(pcm, now)
		now += 20 * ms
	}
	if got := r.Stats(); len(got.Speakers) != 1 || got.Jitter != 0 {
		t.Errorf("of %d speakers the jitter is %d", len(got.Speakers), got.Jitter)
	}
}

// A speaker who was forgotten, and has come back, is not let go in the place of who he was.
func TestSpeakerWhoIsBackIsHeldOnce(t *testing.T) {
	r := newReceiver(t, voice.ReceiverConfig{MaxSpeakers: 1, Forget: 600 * ms})
	pcm := make([]float32, frame)
	now := time.Duration(0)
	for i := range 5 {
		a := number(1, i, 1)
		if i == 4 {
			a.Flags = packet.FlagEnd
		}
		r.Put(a, now)
		r.Read(pcm, now)
		now += 20 * ms
	}
	for ; now < 660*ms; now += 20 * ms {
		r.Read(pcm, now)
	}
	silent := number(2, 0, 1)
	silent.Level = packet.SilentLevel
	r.Put(silent, now) // it is looked who could go, for nothing
	for ; len(r.Stats().Speakers) > 0; now += 20 * ms {
		r.Read(pcm, now)
	}
	r.Put(number(1, 100, 1), now)
	loud := number(3, 0, 1)
	loud.Level = 10
	r.Put(loud, now)
	if got := r.Stats(); len(got.Speakers) > 1 || got.FramesReceived > 7 {
		t.Errorf("%d speakers are held, %d frames were received of 7", len(got.Speakers), got.FramesReceived)
	}
}

// Who has begun to speak with priority a moment ago stays.
func TestPriorityIsNotLetGo(t *testing.T) {
	r := newReceiver(t, voice.ReceiverConfig{MaxSpeakers: 1})
	pcm := make([]float32, frame)
	ended := number(1, 0, 1)
	ended.Flags = packet.FlagEnd
	r.Put(ended, 0)
	now := time.Duration(0)
	for ; now < 200*ms; now += 20 * ms {
		r.Read(pcm, now)
	}
	silent := number(2, 0, 1)
	silent.Level = packet.SilentLevel
	r.Put(silent, now) // it is looked who could go, for nothing
	again := number(1, 1, 1)
	again.MediaTime += 20 * frame
	again.Flags, again.Level = packet.FlagPriority, 1
	r.Put(again, now+20*ms)
	r.Read(pcm, now+20*ms)
	loud := number(3, 0, 1)
	loud.Level = 30
	r.Put(loud, now+40*ms)
	if got := r.Stats().Speakers; len(got) != 1 || got[0].Speaker != 1 {
		t.Errorf("held are %+v", got)
	}
}
