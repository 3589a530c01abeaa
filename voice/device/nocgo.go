//go:build !cgo

package device

import "github.com/voiceapp-sdk/voiceapp"

var errNoCgo = voiceapp.NewError(voiceapp.Unavailable,
	"device: this program was built without cgo, so it has no sound devices; build it with CGO_ENABLED=1 and a C compiler")

// List returns [voiceapp.Unavailable].
func List() ([]Info, error) { return nil, errNoCgo }

func openDevice(Config, Kind, func(int) (*ring, error)) (handle, error) {
	return nil, errNoCgo
}
