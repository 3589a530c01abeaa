package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
)

func TestOwnLoginAndOwnRules(t *testing.T) {
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	members := club{
		control.NewMemory(voiceapp.Channel{ID: 1, Name: "Hall"}, voiceapp.Channel{ID: kitchen, Name: "Kitchen"}),
		map[string]string{"anna": "swordfish"},
		func() time.Time { return at },
	}
	lines, keys := make(chan string, 1), t.TempDir()
	exampletest.Run(t, func(ctx context.Context) error {
		return serve(ctx, "127.0.0.1:0", keys, members, func(line string) { lines <- line })
	})
	addr, fingerprint, _ := strings.Cut(<-lines, " ")
	key, err := voiceapp.ParseFingerprint(fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, password string
		code           voiceapp.Code
	}{{"anna", "mackerel", voiceapp.BadCredentials}, {"eve", "swordfish", voiceapp.BadCredentials}, {"eve", "", voiceapp.Forbidden}} {
		config := control.ClientConfig{Name: c.name, Password: c.password, Fingerprint: key}
		if _, err := control.Dial(t.Context(), addr, config); !errors.Is(err, c.code) {
			t.Errorf("%s with %q: %v, want %s", c.name, c.password, err, c.code)
		}
	}
	anna, err := control.Dial(t.Context(), addr, control.ClientConfig{Name: "anna", Password: "swordfish", Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	defer anna.Close()
	if role := anna.Self().Role; role != voiceapp.RoleMember {
		t.Errorf("anna is a %v", role)
	}
	if _, err := anna.JoinPath(t.Context(), "Hall"); err != nil {
		t.Error(err)
	}
	if _, err := anna.JoinPath(t.Context(), "Kitchen"); !errors.Is(err, voiceapp.Forbidden) || !strings.Contains(err.Error(), "six") {
		t.Errorf("the kitchen at noon: %v", err)
	}
	at = at.Add(7 * time.Hour)
	if _, err := anna.JoinPath(t.Context(), "Kitchen"); err != nil {
		t.Errorf("the kitchen in the evening: %v", err)
	}
}
