package bookmarks_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

func ExamplePins_TrustFirstUse() {
	dir, err := os.MkdirTemp("", "pins")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	pins, err := bookmarks.OpenPins(filepath.Join(dir, "known_servers"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(pins.TrustFirstUse("voice.example:7788", voiceapp.Fingerprint{1}))
	err = pins.TrustFirstUse("voice.example:7788", voiceapp.Fingerprint{2})
	fmt.Println(errors.Is(err, voiceapp.KeyChanged))
	// Output:
	// <nil>
	// true
}
