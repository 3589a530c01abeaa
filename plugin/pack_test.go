package plugin

import (
	"bytes"
	"errors"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestPack(t *testing.T) {
	bare := good()
	bare.manifest = ""
	packed, err := Pack(bare.bytes(), []byte(goodManifest))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Pack(packed, bytes.Replace([]byte(goodManifest), []byte("1.0.0"), []byte("2.0.0"), 1))
	if err != nil || len(again) != len(packed) {
		t.Fatalf("%d bytes become %d, %v", len(packed), len(again), err)
	}
	if m, err := ReadManifest(again); err != nil || m.Version != "2.0.0" {
		t.Errorf("%+v, %v", m, err)
	}
	for name, try := range map[string]func() ([]byte, error){
		"no module":        func() ([]byte, error) { return Pack([]byte("hello"), []byte(goodManifest)) },
		"a cut module":     func() ([]byte, error) { return Pack(packed[:50], []byte(goodManifest)) },
		"no manifest":      func() ([]byte, error) { return Pack(packed, []byte("{}")) },
		"a missing export": func() ([]byte, error) { w := without(exportAudio); return Pack(w.bytes(), []byte(goodManifest)) },
	} {
		if _, err := try(); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
