//go:build !cgo || nospeex

package speex

import "github.com/voiceapp-sdk/voiceapp"

var errMissing = voiceapp.NewError(voiceapp.Unavailable,
	"speex: this program was built without libspeexdsp; build it with CGO_ENABLED=1, a C compiler and libspeexdsp-dev, and without the tag nospeex")

// EchoCanceller can't be made in a build without libspeexdsp.
type EchoCanceller struct{}

// NewEchoCanceller returns [voiceapp.Unavailable]: this build has no libspeexdsp.
func NewEchoCanceller(cfg EchoConfig) (*EchoCanceller, error) {
	if _, err := cfg.withDefaults(); err != nil {
		return nil, err
	}
	return nil, errMissing
}

// Cancel returns [voiceapp.Unavailable].
func (*EchoCanceller) Cancel([]float32, []float32) error { return errMissing }

// Reset does nothing.
func (*EchoCanceller) Reset() {}

// Close returns nil.
func (*EchoCanceller) Close() error { return nil }

// Denoiser can't be made in a build without libspeexdsp.
type Denoiser struct{}

// NewDenoiser returns [voiceapp.Unavailable]: this build has no libspeexdsp.
func NewDenoiser(cfg DenoiserConfig) (*Denoiser, error) {
	if _, err := cfg.withDefaults(); err != nil {
		return nil, err
	}
	return nil, errMissing
}

// Denoise returns [voiceapp.Unavailable].
func (*Denoiser) Denoise([]float32) error { return errMissing }

// Close returns nil.
func (*Denoiser) Close() error { return nil }
