package voice_test

import (
	"errors"
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
