package control_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// A configuration that changes while the server runs counts as it would after a
// restart.
func TestConfigure(t *testing.T) {
	d := &settingsKept{Memory: newMemory()}
	w := newWorld(t, &control.Server{Directory: d, Name: "First", Fixed: []string{"name"}})
	defer w.close()
	by := voiceapp.Actor{Operator: true}
	closed, name := voiceapp.RegistrationClosed, "Ours"
	if _, err := w.server.SetSettings(t.Context(), by, voiceapp.SettingsEdit{Registration: &closed}, ""); err != nil {
		t.Fatal(err)
	}
	said, _, err := w.server.Settings()
	if err != nil {
		t.Fatal(err)
	}
	said.Name, said.Guests, said.Registration = "Second", false, voiceapp.RegistrationOpen
	if err := w.server.Configure(t.Context(), said, []string{"guests"}); err != nil {
		t.Fatal(err)
	}
	now, fixed, err := w.server.Settings()
	if err != nil || now.Name != "Second" || now.Guests || now.Registration != closed || !slices.Equal(fixed, []string{"guests"}) {
		t.Errorf("%+v, fixed %v, %v", now, fixed, err)
	}
	if _, err := control.Dial(t.Context(), "voice.example", w.config("Anna")); !errors.Is(err, voiceapp.Forbidden) {
		t.Errorf("a guest comes: %v", err)
	}
	if _, err := w.server.SetSettings(t.Context(), by, voiceapp.SettingsEdit{Name: &name}, ""); err != nil {
		t.Errorf("one that is not fixed any more: %v", err)
	}
	if _, err := w.server.SetSettings(t.Context(), by, voiceapp.SettingsEdit{Guests: new(bool)}, ""); err != nil {
		t.Errorf("what is as it was: %v", err)
	}

	said.KickTime = -1
	if err := w.server.Configure(t.Context(), said, nil); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a bad one: %v", err)
	}
	if now, fixed, _ := w.server.Settings(); now.Name != "Ours" || !slices.Equal(fixed, []string{"guests"}) {
		t.Errorf("after a bad one: %+v, %v", now, fixed)
	}
}
