package sound_test

import (
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

// A calibration listens for as long as it says, to silence as to speech: it gets all that
// the microphone gives, also when one chooses meanwhile to be heard by a key.
func TestCalibrationTakesItsTime(t *testing.T) {
	for name, chosen := range map[string]voice.CaptureMode{"by activity": voice.ByActivity, "a key chosen meanwhile": voice.PushToTalk} {
		t.Run(name, func(t *testing.T) {
			pulse(t)
			cfg := plain
			hub := newHub(t, cfg)
			talk := hub.Port()
			hub.SpeakTo(talk)
			speaks(t, hub, talk) // opening the microphone takes time, too
			cfg.Mode = voice.ByActivity
			hub.Configure(cfg)
			trial := hub.Try(false)
			defer trial.Close()
			choose := time.AfterFunc(200*time.Millisecond, func() {
				cfg.Mode = chosen
				hub.Configure(cfg)
			})
			defer choose.Stop()
			start := time.Now()
			trial.Silence(t.Context(), time.Second)
			if took := time.Since(start); took < 500*time.Millisecond || took > 4*time.Second {
				t.Errorf("a second of silence took %v", took)
			}
		})
	}
}
