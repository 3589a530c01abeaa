//go:build !cgo || nospeex

package speex_test

import (
	"errors"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/speex"
)

func TestWithoutTheLibraryItSaysSo(t *testing.T) {
	if _, err := speex.NewEchoCanceller(speex.EchoConfig{}); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("echo canceller: %v", err)
	}
	if _, err := speex.NewDenoiser(speex.DenoiserConfig{}); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("denoiser: %v", err)
	}
	if _, err := speex.NewDenoiser(speex.DenoiserConfig{Channels: 3}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a denoiser for 3 channels: %v", err)
	}
}
