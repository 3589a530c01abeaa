package ui_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// enter logs in with an account, and waits for somebody.
func (w *world) enter(h *host, role voiceapp.Role, other string) {
	w.t.Helper()
	h.account("Anna", role)
	w.app.ConnectAs(w.save("Home", h.addr, h.key), password)
	w.until(other, func() bool { return w.app.Talks() == 1 && w.app.PressAt(other, fyne.KeyUp) })
}

// choose chooses from what one can do with Bo, once it is offered.
func (w *world) choose(label string) {
	w.t.Helper()
	w.until(label, func() bool {
		for _, item := range w.app.PersonMenu("Bo") {
			if item.Label == label {
				item.Action()
				return true
			}
		}
		return false
	})
}

// What a role may not do is not offered, and what it may is done.
func TestModeration(t *testing.T) {
	offered := func(role voiceapp.Role) (*world, *control.Client) {
		w := newWorld(t)
		h := newHost(t)
		bo := h.member("Bo", voiceapp.RoleMember)
		w.enter(h, role, "Bo")
		return w, bo
	}
	w, _ := offered(voiceapp.RoleMember)
	for _, item := range w.app.PersonMenu("Bo") {
		if slices.Contains([]string{"Mute for everyone", "Deafen", "Priority speaker", "Move to", "Kick…", "Ban…"}, item.Label) {
			t.Errorf("a member is offered %q", item.Label)
		}
	}
	w, bo := offered(voiceapp.RoleModerator)
	for _, one := range []struct {
		on, off string
		is      func(voiceapp.Presence) bool
	}{
		{"Mute for everyone", "Let them speak", func(p voiceapp.Presence) bool { return p.Muted }},
		{"Deafen", "Let them hear", func(p voiceapp.Presence) bool { return p.Deaf }},
		{"Priority speaker", "No priority speaker", func(p voiceapp.Presence) bool { return p.Priority }},
	} {
		w.choose(one.on)
		w.until(one.on, func() bool { return one.is(bo.Self()) })
		w.choose(one.off)
		w.until(one.off, func() bool { return !one.is(bo.Self()) })
	}
	w.choose("Kick…")
	if !w.shows("Kick Bo?") || bo.Err() != nil {
		t.Fatalf("nobody is asked: %q, %v", w.texts(), bo.Err())
	}
	test.Type(w.entry("why"), "too loud")
	w.tap("Kick")
	w.until("Bo is gone", func() bool { return bo.Err() != nil && !w.app.PressAt("Bo", fyne.KeyUp) })
	if err := voiceapp.AsError(bo.Err()); err == nil || err.Code != voiceapp.Kicked || err.Reason != "too loud" {
		t.Errorf("Bo is told %v", bo.Err())
	}
}

// A whisper is begun and ended at the one who hears it, and ends when he leaves.
func TestWhisper(t *testing.T) {
	w := newWorld(t)
	h := newHost(t)
	bo := h.member("Bo", voiceapp.RoleMember)
	w.enter(h, voiceapp.RoleMember, "Bo")
	w.choose("Whisper")
	w.until("one whispers to Bo", func() bool { return w.app.Whispers() == bo.Self().Session })
	w.choose("Stop whispering")
	w.until("one whispers no longer", func() bool { return w.app.Whispers() == 0 })
	w.choose("Whisper")
	w.until("one whispers to Bo", func() bool { return w.app.Whispers() == bo.Self().Session })
	if err := bo.Close(); err != nil {
		t.Fatal(err)
	}
	w.until("a word that it is over", func() bool { return w.app.Whispers() == 0 && w.shows("your whisper is over") })
}
