package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/plugin"
)

func TestPack(t *testing.T) {
	guests := filepath.Join("..", "..", "testdata", "guests")
	manifest := filepath.Join(t.TempDir(), "manifest.json")
	text, err := os.ReadFile(filepath.Join(guests, "gain.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, []byte(strings.Replace(string(text), "gain", "loud", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "loud.wasm")
	if err := pack([]string{filepath.Join(guests, "gain.wasm")}, manifest, out); err != nil {
		t.Fatal(err)
	}
	if file, err := plugin.ReadFile(out); err != nil || file.Manifest.Name != "loud" {
		t.Errorf("%+v, %v", file, err)
	}
	if err := pack(nil, manifest, out); err == nil {
		t.Error("no module")
	}
	if err := pack([]string{manifest}, manifest, out); err == nil || !strings.Contains(err.Error(), "no WebAssembly") {
		t.Errorf("no module: %v", err)
	}
}
