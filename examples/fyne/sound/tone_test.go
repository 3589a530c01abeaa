package sound_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sounds"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

// pair plugs in a stereo loudspeaker.
func pair(t *testing.T, p *devicetest.Pulse) string {
	t.Helper()
	p.Control("load-module", "module-null-sink", "sink_name=pair", "format=float32le", "channels=2", "rate=48000", "sink_properties=device.description=pair")
	return id(t, device.KindPlayback, "pair")
}

// tried plays what a loudspeaker is tried with, and returns what is heard there of it, left
// and right, and the highest level that the hub has shown meanwhile.
func tried(t *testing.T, hub *sound.Hub, loudspeaker string) (left, right []float32, level float64) {
	t.Helper()
	ear, err := device.OpenCapture(device.Config{ID: id(t, device.KindCapture, "Monitor of "+loudspeaker), Channels: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer ear.Close()
	played := make(chan error, 1)
	go func() { played <- hub.TryLoudspeaker(t.Context(), sounds.Sides()) }()
	level = -200
	for pcm := make([]float32, 2*frame); ; {
		select {
		case err := <-played:
			if err != nil {
				t.Error(err)
			}
			return left, right, level
		default:
		}
		n, err := ear.ReadPCM(pcm)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < n; i += 2 {
			left, right = append(left, pcm[i]), append(right, pcm[i+1])
		}
		level = max(level, hub.Status().Heard)
	}
}

// loudest is the strongest that a tone is within 100 ms, as a peak.
func loudest(pcm []float32, hertz float64) (most float64) {
	const piece = voice.SampleRate / 10
	for ; len(pcm) >= piece; pcm = pcm[piece/2:] {
		most = max(most, amplitude(pcm[:piece], hertz))
	}
	return most
}

// What a loudspeaker is tried with is heard by the chosen one, left and then right, at the
// level that it has, and is seen on the meter; also by one who is deaf to the talks.
func TestTryLoudspeaker(t *testing.T) {
	p := pulse(t)
	cfg := plain
	cfg.Loudspeaker = pair(t, p)
	hub := newHub(t, cfg)
	hub.SetDeaf(true)
	left, right, level := tried(t, hub, "pair")
	low, high := loudest(left, 523.25), loudest(right, 783.99)
	if low < 0.1 || low > 0.3 || high < 0.1 || high > 0.3 {
		t.Errorf("the left note is %.3f loud, the right one %.3f", low, high)
	}
	if l, r := loudest(right, 523.25), loudest(left, 783.99); l > 0.01 || r > 0.01 {
		t.Errorf("on the wrong side the notes are %.3f and %.3f loud", l, r)
	}
	if level < -24 || level > -12 {
		t.Errorf("the meter rises to %.1f dBFS", level)
	}
	if after := hub.Status(); after.Heard > -120 || after.Loudspeaker != nil {
		t.Errorf("afterwards the status is %+v", after)
	}
	cfg.Volume = 0.25
	hub.Configure(cfg)
	if left, _, _ = tried(t, hub, "pair"); loudest(left, 523.25) > low/3 {
		t.Errorf("at a quarter of the volume it is %.3f loud, and %.3f at all of it", loudest(left, 523.25), low)
	}
	cfg.Loudspeaker, cfg.Volume = id(t, device.KindPlayback, "vspk"), 1
	hub.Configure(cfg)
	left, _, _ = tried(t, hub, "vspk")
	if low, high := loudest(left, 523.25), loudest(left, 783.99); low < 0.05 || high < 0.05 {
		t.Errorf("by a loudspeaker without sides the notes are %.3f and %.3f loud", low, high)
	}
}

// A trial of a loudspeaker that is not there says so, and one that is given up ends.
func TestTryLoudspeakerThatIsNotThere(t *testing.T) {
	p := pulse(t)
	cfg, module := headset(t, p)
	hub := newHub(t, cfg)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := hub.TryLoudspeaker(gone, sounds.Sides()); !errors.Is(err, context.Canceled) {
		t.Errorf("what was given up: %v", err)
	}
	p.Unload(module)
	if err := hub.TryLoudspeaker(t.Context(), sounds.Sides()); !errors.Is(err, sound.ErrInstead) {
		t.Errorf("without the headset: %v", err)
	}
	p.Kill()
	t.Setenv("ALSA_CONFIG_PATH", "/dev/null")
	if err := hub.TryLoudspeaker(t.Context(), sounds.Sides()); err == nil || errors.Is(err, sound.ErrInstead) {
		t.Errorf("without an audio server: %v", err)
	}
}

// The level is that of all that is heard in the talks, and falls when it is silent.
func TestHeardLevel(t *testing.T) {
	pulse(t)
	hub := newHub(t, plain)
	one, other := hub.Port(), hub.Port()
	say := func(what string, is func(level float64) bool, said, too []float32) {
		t.Helper()
		for start := time.Now(); !is(hub.Status().Heard); {
			if err := errors.Join(one.WritePCM(said), other.WritePCM(too), one.Ready()); err != nil {
				t.Fatal(err)
			}
			if time.Since(start) > 20*time.Second {
				t.Fatalf("%s: the level is %.1f dBFS", what, hub.Status().Heard)
			}
		}
	}
	const alone = -17 // dBFS, of a sine of 0.2
	near := func(want float64) func(float64) bool {
		return func(level float64) bool { return level > want-1 && level < want+1 }
	}
	silence := make([]float32, frame)
	say("one talk", near(alone), tone(500), silence)
	say("two", near(alone+3), tone(500), tone(700))
	say("none", func(level float64) bool { return level < -100 }, silence, silence)
	hub.SetDeaf(true)
	for range 50 {
		if err := one.WritePCM(tone(500)); err != nil {
			t.Fatal(err)
		}
	}
	if level := hub.Status().Heard; level > -100 {
		t.Errorf("who is deaf hears %.1f dBFS", level)
	}
}
