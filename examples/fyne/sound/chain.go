package sound

import (
	"errors"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
	"github.com/voiceapp-sdk/voiceapp/voice/speex"
)

// retry is the time between two tries to open a device that could not be.
const retry = 2 * time.Second

// name is what the system's mixer shows.
const name = "voiceapp"

// chain is an open microphone and what is done to its sound.
type chain struct {
	capture *voice.Capture
	fate    *fate

	mu      sync.Mutex // held while it is read
	closers []func() error
	gone    bool
}

// openChain opens a microphone. Without libspeexdsp, echo and noise stay.
func openChain(cfg Config) (_ *chain, err error) {
	c := &chain{}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	microphone, fate, err := openChosen(device.Config{ID: cfg.Microphone, Period: cfg.Period, Name: name}, device.OpenCapture)
	if err != nil {
		return nil, err
	}
	c.fate = fate
	c.closers = append(c.closers, microphone.Close)
	stages := voice.CaptureConfig{Source: microphone, Mode: cfg.Mode, Threshold: cfg.Threshold, Off: cfg.Off}
	if err := c.addSpeex(&stages); err != nil {
		return nil, err
	}
	c.capture, err = voice.NewCapture(stages)
	return c, err
}

// addSpeex adds the stages that libspeexdsp is needed for.
func (c *chain) addSpeex(cfg *voice.CaptureConfig) error {
	echo, err := speex.NewEchoCanceller(speex.EchoConfig{})
	if errors.Is(err, voiceapp.Unavailable) {
		return nil
	} else if err != nil {
		return err
	}
	c.closers = append(c.closers, echo.Close)
	noise, err := speex.NewDenoiser(speex.DenoiserConfig{Echo: echo})
	if err != nil {
		return err
	}
	c.closers = append(c.closers, noise.Close)
	cfg.EchoCanceller, cfg.Denoiser = echo, noise
	return nil
}

// apply changes what can be changed while it is open.
func (c *chain) apply(cfg Config) {
	const all = voice.HighPass | voice.EchoCancel | voice.NoiseSuppress | voice.AutoGain
	c.capture.SetMode(cfg.Mode)
	c.capture.SetThreshold(cfg.Threshold)
	c.capture.Switch(all&^cfg.Off, true)
	c.capture.Switch(cfg.Off, false)
}

// read gives the next frame; nothing after close.
func (c *chain) read(pcm []float32) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return 0, nil
	}
	return c.capture.ReadPCM(pcm)
}

// close waits for the one who reads. A nil chain has nothing to close.
func (c *chain) close() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
	for i := len(c.closers) - 1; i >= 0; i-- {
		_ = c.closers[i]() // there is nothing to be lost
	}
	c.closers = nil
}
