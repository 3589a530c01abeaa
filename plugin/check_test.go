package plugin

import (
	"bytes"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	file, err := ReadFile("testdata/guests/gain.wasm")
	if err != nil {
		t.Fatal(err)
	}
	findings, err := Check(t.Context(), file)
	if err != nil || len(findings) < 9 {
		t.Fatalf("%+v, %v", findings, err)
	}
	for _, f := range findings {
		if !f.OK && !strings.Contains(f.Text, "would be missed") {
			t.Errorf("%+v", f)
		}
	}
	mute, err := ReadFile("testdata/guests/mute.wasm")
	if err != nil {
		t.Fatal(err)
	}
	// Its default is to trap, and what it was before passes.
	broken := bytes.Replace(mute.Module, []byte(`"default": "pass"`), []byte(`"default": "trap"`), 1)
	if mute, err = load("mute.wasm", broken); err != nil {
		t.Fatal(err)
	}
	if findings, err = Check(t.Context(), mute); err != nil {
		t.Fatal(err)
	}
	bad := 0
	for _, f := range findings {
		if !f.OK && strings.Contains(f.Text, "unreachable") {
			bad++
		}
	}
	if bad == 0 {
		t.Errorf("a plugin that traps passes: %+v", findings)
	}
}
