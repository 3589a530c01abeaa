package sound_test

import (
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// The talk has the microphone again when the last trial has ended, in whatever order they
// were begun and ended.
func TestTrialAfterTrial(t *testing.T) {
	pulse(t)
	hub := newHub(t, plain)
	talk := hub.Port()
	hub.SpeakTo(talk)
	speaks(t, hub, talk)
	meter := hub.Try(false)
	loop := hub.Try(true)
	meter.Close()
	if _, spoken := read(t, talk, 100*time.Millisecond); spoken != 0 {
		t.Error("the talk hears what is tried")
	}
	loop.Close()
	speaks(t, hub, talk)
	other := hub.Port()
	loop = hub.Try(true)
	hub.SpeakTo(other) // another tab, while the settings are open
	loop.Close()
	speaks(t, hub, other)
	if _, spoken := read(t, talk, 100*time.Millisecond); spoken != 0 {
		t.Error("the talk before hears it, too")
	}
}

// Who chooses push-to-talk while the microphone is calibrated is heard by the key alone.
func TestModeIsChosenDuringATrial(t *testing.T) {
	pulse(t)
	cfg := sound.Config{Mode: voice.ByActivity, Volume: 1}
	hub := newHub(t, cfg)
	talk := hub.Port()
	hub.SpeakTo(talk)
	trial := hub.Try(false)
	time.AfterFunc(200*time.Millisecond, func() {
		cfg.Mode = voice.PushToTalk
		hub.Configure(cfg)
	})
	trial.Silence(t.Context(), time.Second)
	trial.Close()
	if got := hub.Config().Mode; got != voice.PushToTalk {
		t.Errorf("the mode is %v", got)
	}
	play(t)
	if _, spoken := read(t, talk, time.Second); spoken != 0 {
		t.Error("one is heard without the key")
	}
	hub.SetTalking(true)
	speaks(t, hub, talk)
}

// A talk that has no loudspeaker takes as much time as one that has: a recording of it
// lasts as long as it did.
func TestTimePassesWithoutLoudspeaker(t *testing.T) {
	hub := newHub(t, plain)
	p := hub.Port()
	start := time.Now()
	for range 50 {
		if err := p.Ready(); err != nil {
			t.Fatal(err)
		}
		if err := p.WritePCM(make([]float32, frame)); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took < 900*time.Millisecond || took > 3*time.Second {
		t.Errorf("a second took %v", took)
	}
}
