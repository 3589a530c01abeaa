package storetest

import (
	"maps"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func testSettings(t *testing.T, r *rig) {
	settings := as[Settings](r)
	check := func(want map[string]string) {
		t.Helper()
		got, err := settings.Settings(t.Context())
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("Settings = %v, %v; want %v", got, err, want)
		}
		got["callers.own"] = "x"
	}
	set := func(change map[string]string) {
		t.Helper()
		if err := settings.SetSettings(t.Context(), change); err != nil {
			t.Error(err)
		}
	}
	check(map[string]string{})
	set(map[string]string{"server.name": "Ünser\nServer", "guests": "on"})
	set(map[string]string{"guests": "off", "none": ""})
	check(map[string]string{"server.name": "Ünser\nServer", "guests": "off"})
	set(map[string]string{"guests": ""})
	want := map[string]string{"server.name": "Ünser\nServer"}
	check(want)
	for _, bad := range []map[string]string{
		{"fine": "x", "": "x"},
		{"fine": "x", "Upper": "x"},
		{"fine": "x", "9th": "x"},
		{"fine": "x", ".dot": "x"},
		{"fine": "x", "a b": "x"},
		{"fine": "x", "a\x00": "x"},
		{"fine": "x", strings.Repeat("x", 65): "x"},
		{"fine": "x", strings.Repeat("x", 10_000): "x"},
		{"fine": "x", "long": strings.Repeat("x", 1<<16+1)},
		{"fine": "x", "bytes": "\xff"},
	} {
		wantCode(t, "SetSettings", settings.SetSettings(t.Context(), bad), voiceapp.Invalid)
	}
	check(want)
}
