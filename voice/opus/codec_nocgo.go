//go:build !cgo

package opus

import "github.com/voiceapp-sdk/voiceapp"

var errNoCgo = voiceapp.NewError(voiceapp.Unavailable,
	"opus: this program was built without cgo, so it has no codec; build it with CGO_ENABLED=1, a C compiler and libopus-dev")

// Encoder can't be made in a build without cgo.
type Encoder struct{}

// NewEncoder returns [voiceapp.Unavailable]: this build has no cgo.
func NewEncoder(channels, bitrate int) (*Encoder, error) {
	if err := checkChannels(channels); err != nil {
		return nil, err
	}
	return nil, errNoCgo
}

// SetBitrate returns [voiceapp.Unavailable].
func (*Encoder) SetBitrate(bitsPerSecond int) error {
	if err := checkBitrate(bitsPerSecond); err != nil {
		return err
	}
	return errNoCgo
}

// SetLoss returns [voiceapp.Unavailable].
func (*Encoder) SetLoss(percent int) error {
	if err := checkLoss(percent); err != nil {
		return err
	}
	return errNoCgo
}

// Encode returns [voiceapp.Unavailable].
func (*Encoder) Encode(dst []byte, _ []float32) ([]byte, error) { return dst, errNoCgo }

// Decoder can't be made in a build without cgo.
type Decoder struct{}

// NewDecoder returns [voiceapp.Unavailable]: this build has no cgo.
func NewDecoder(channels int) (*Decoder, error) {
	if err := checkChannels(channels); err != nil {
		return nil, err
	}
	return nil, errNoCgo
}

// Decode returns [voiceapp.Unavailable].
func (*Decoder) Decode([]float32, []byte) (int, error) { return 0, errNoCgo }

// DecodeFEC returns [voiceapp.Unavailable].
func (*Decoder) DecodeFEC([]float32, []byte) error { return errNoCgo }

// Conceal returns [voiceapp.Unavailable].
func (*Decoder) Conceal([]float32) error { return errNoCgo }
