package voice_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/voice"
)

// stages are an echo canceller and a denoiser that say what they were called with.
type stages struct {
	far    []float32
	resets int
	calls  int
	err    error
}

func (s *stages) Cancel(heard, far []float32) error {
	if len(far) != 480 || len(heard)%480 != 0 {
		return errors.New("not 10 ms")
	}
	s.far = append(s.far, far...)
	return s.err
}

func (s *stages) Reset() { s.resets++ }

func (s *stages) Denoise([]float32) error {
	s.calls++
	return s.err
}

func TestCaptureSwitchesStages(t *testing.T) {
	echo, noise := &stages{}, &stages{}
	c := newCapture(t, voice.CaptureConfig{
		Source: &microphone{pcm: hiss(voice.SampleRate)}, EchoCanceller: echo, Denoiser: noise, Off: voice.NoiseSuppress,
	})
	frame := make([]float32, 960)
	read := func(name string, wantEcho, wantNoise bool) {
		t.Helper()
		e, n := len(echo.far), noise.calls
		if _, err := c.ReadPCM(frame); err != nil {
			t.Fatal(err)
		}
		if len(echo.far) > e != wantEcho || noise.calls > n != wantNoise {
			t.Errorf("%s: echo cancellation is %v, noise suppression %v", name, len(echo.far) > e, noise.calls > n)
		}
	}
	read("nothing is played", false, false)
	if err := c.Reference(&taken{}, 1).WritePCM(frame); err != nil {
		t.Fatal(err)
	}
	read("something is played", true, false)
	c.Switch(voice.NoiseSuppress|voice.EchoCancel, true)
	read("both are on", true, true)
	c.Switch(voice.EchoCancel|voice.AutoGain, false)
	read("echo cancellation is off", false, true)
	if got := c.Stages(); got != voice.HighPass|voice.NoiseSuppress {
		t.Errorf("stages %b", got)
	}
	plain := newCapture(t, voice.CaptureConfig{Source: &microphone{}})
	plain.Switch(voice.NoiseSuppress|voice.EchoCancel, true)
	if got := plain.Stages(); got != voice.HighPass|voice.AutoGain {
		t.Errorf("stages %b, without any", got)
	}
}

func TestCaptureStageBreaks(t *testing.T) {
	broken := errors.New("broken")
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: hiss(voice.SampleRate)}, Denoiser: &stages{err: broken}})
	for range 2 {
		if n, err := c.ReadPCM(make([]float32, 960)); n != 0 || !errors.Is(err, broken) {
			t.Errorf("%d samples, error %v", n, err)
		}
	}
}

// What has nothing to do rests: the canceller when nothing was played for long, all of it
// when the microphone gives silence. Both are back with the first sound.
func TestCaptureRests(t *testing.T) {
	echo, noise := &stages{}, &stages{}
	pcm := slices.Concat(hiss(3*voice.SampleRate), make([]float32, 3*voice.SampleRate), hiss(voice.SampleRate))
	c := newCapture(t, voice.CaptureConfig{Source: &microphone{pcm: pcm}, EchoCanceller: echo, Denoiser: noise, Mode: voice.Continuously})
	sink := c.Reference(&taken{}, 1)
	second := func(played float32) (canceled, denoised int) {
		e, n := len(echo.far)/480, noise.calls
		for range 50 {
			frame := make([]float32, 960)
			for i := range frame {
				frame[i] = played
			}
			if err := sink.WritePCM(frame); err != nil {
				t.Fatal(err)
			}
			if _, err := c.ReadPCM(frame); err != nil {
				t.Fatal(err)
			}
		}
		return len(echo.far)/480 - e, noise.calls - n
	}
	for i, want := range []struct {
		played             float32
		canceled, denoised int
	}{
		{0.1, 100, 100}, {0, 100, 100}, {0, 0, 100}, // a sound, silence, and there is nothing to be canceled any more
		{0.1, 100, 100}, {0.1, 0, 0}, {0.1, 0, 0}, // the microphone was switched off
		{0.1, 100, 100}, // and on
	} {
		canceled, denoised := second(want.played)
		if max(canceled-want.canceled, want.canceled-canceled) > 5 || max(denoised-want.denoised, want.denoised-denoised) > 1 {
			t.Errorf("second %d: %d blocks were canceled, %d denoised; want %d and %d", i, canceled, denoised, want.canceled, want.denoised)
		}
	}
}

// patient is a microphone that is told whether it may rest.
type patient struct {
	microphone
	rests bool
}

func (p *patient) MayRest(rest bool) { p.rests = rest }

// A microphone may rest while nothing of it is sent and what opens it is its own sound, and
// at no other time: who presses a key, or is heard always, does not wait for it.
func TestCaptureLetsTheMicrophoneRest(t *testing.T) {
	source := &patient{microphone: microphone{pcm: slices.Concat(make([]float32, 2*voice.SampleRate), hiss(voice.SampleRate))}}
	c := newCapture(t, voice.CaptureConfig{Source: source})
	for i := range 150 {
		mode := []voice.CaptureMode{voice.ByActivity, voice.Continuously, voice.PushToTalk}[i%3]
		c.SetMode(mode)
		n, err := c.ReadPCM(make([]float32, 960))
		if err != nil {
			t.Fatal(err)
		}
		if want := mode == voice.ByActivity && n == 0; source.rests != want {
			t.Fatalf("frame %d: mode %d, %d samples are sent, and it may rest: %v", i, mode, n, source.rests)
		}
	}
}
