package ui_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
)

// Two servers are in a tab each: what one does to oneself holds on both, what is written
// goes to the one that is shown, and leaving one leaves the other as it is.
func TestTwoServers(t *testing.T) {
	w := newWorld(t)
	var others []*control.Client
	for i, label := range []string{"Home", "Work"} {
		addr, key := exampletest.Serve(t)
		others = append(others, exampletest.Guest(t, "Bo", addr, key))
		w.app.Connect(w.save(label, addr, key))
		w.until(label, func() bool { return w.app.Talks() == i+1 && w.app.TabTitle() == label && w.shows("Lobby") })
	}
	anna := func(bo *control.Client) (p voiceapp.Presence) {
		for _, one := range bo.Sessions() {
			if one.Name == "Anna" {
				p = one
			}
		}
		return p
	}
	w.app.Mute(true)
	w.until("both see that Anna is muted", func() bool { return anna(others[0]).SelfMuted && anna(others[1]).SelfMuted })

	w.app.Entry().SetText("for work alone")
	w.app.Turn(1) // past the last, to the list of servers
	w.app.Turn(1)
	if got := w.app.TabTitle(); got != "Home" {
		t.Fatalf("the tab of %q is shown", got)
	}
	if e := w.app.Entry(); e.Text != "" {
		t.Errorf("what is written at work is at home, too: %q", e.Text)
	}
	w.app.Entry().SetText("for home alone")
	press(w.app.Entry(), fyne.KeyReturn)
	for e := range others[0].Events() {
		if m, ok := e.(control.ChatSent); ok {
			if m.Text != "for home alone" {
				t.Errorf("home reads %q", m.Text)
			}
			break
		}
	}
	w.app.CloseTab()
	w.until("Anna has left home", func() bool { return anna(others[0]).Session == 0 })
	if w.app.Talks() != 1 || anna(others[1]).Session == 0 {
		t.Error("she has left work as well")
	}
}
