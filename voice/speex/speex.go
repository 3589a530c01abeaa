package speex

import (
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// SampleRate is the rate of all PCM, in Hz.
const SampleRate = 48_000

// FrameSize is how many samples of each channel are taken at a time: 10 ms.
const FrameSize = SampleRate / 100

// DenoiserDelay is how much later a [Denoiser] gives what it was given.
const DenoiserDelay = FrameSize * time.Second / SampleRate

// The defaults of an [EchoConfig] and a [DenoiserConfig].
const (
	DefaultTail        = 200 * time.Millisecond
	DefaultSuppression = 30.0 // dB
)

// The bounds of an [EchoConfig] and a [DenoiserConfig].
const (
	maxTail        = time.Second
	maxSuppression = 60.0
)

// EchoConfig says how an [EchoCanceller] works. The zero value is for mono.
type EchoConfig struct {
	Channels    int           // of the microphone: 1 or 2; 0: 1
	FarChannels int           // of the loudspeaker: 1 or 2; 0: 1
	Tail        time.Duration // how long after it was played a sound may still be heard, at most 1 s; 0: DefaultTail
}

// DenoiserConfig says how a [Denoiser] works. The zero value is for mono.
type DenoiserConfig struct {
	Channels    int            // 1 or 2; 0: 1
	Suppression float64        // by how much noise is lowered, in dB, at most 60; 0: DefaultSuppression
	Echo        *EchoCanceller // what it leaves of the echo is lowered too; nil: nothing knows of echo
}

// Errors are made once, so that a bad frame costs nothing.
var (
	errChannels    = voiceapp.NewError(voiceapp.Invalid, "speex: there are 1 or 2 channels")
	errTail        = voiceapp.NewError(voiceapp.Invalid, "speex: the tail is from 10 ms to 1 s")
	errSuppression = voiceapp.NewError(voiceapp.Invalid, "speex: the suppression is from 0 to 60 dB")
)

func (cfg EchoConfig) withDefaults() (EchoConfig, error) {
	cfg.Channels, cfg.FarChannels = max(cfg.Channels, 1), max(cfg.FarChannels, 1)
	if cfg.Tail == 0 {
		cfg.Tail = DefaultTail
	}
	switch {
	case cfg.Channels > 2 || cfg.FarChannels > 2:
		return cfg, errChannels
	case cfg.Tail < DenoiserDelay || cfg.Tail > maxTail:
		return cfg, errTail
	}
	return cfg, nil
}

func (cfg DenoiserConfig) withDefaults() (DenoiserConfig, error) {
	cfg.Channels = max(cfg.Channels, 1)
	if cfg.Suppression == 0 {
		cfg.Suppression = DefaultSuppression
	}
	switch {
	case cfg.Channels > 2:
		return cfg, errChannels
	case !(cfg.Suppression > 0 && cfg.Suppression <= maxSuppression):
		return cfg, errSuppression
	}
	return cfg, nil
}
