//go:build !cgo

package opus_test

import (
	"errors"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

func TestWithoutCgoItSaysSo(t *testing.T) {
	if _, err := opus.NewEncoder(1, 0); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("encoder: %v", err)
	}
	if _, err := opus.NewDecoder(1); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("decoder: %v", err)
	}
}
