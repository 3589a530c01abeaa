package ui_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
)

func press(e fyne.Focusable, keys ...fyne.KeyName) {
	for _, key := range keys {
		e.TypedKey(&fyne.KeyEvent{Name: key})
	}
}

// Tab completes names one after the other, and leads on where there is none to complete.
func TestCompletion(t *testing.T) {
	w := newWorld(t)
	addr, key, b := w.serve()
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.shows("Lobby") })
	for _, name := range []string{"Bo", "Bob"} {
		exampletest.Guest(t, name, addr, key)
		w.until(name, func() bool { return w.shows(name) })
	}
	e := w.app.Entry()
	test.Type(e, "hello b")
	for _, want := range []string{"hello Bo ", "hello Bob ", "hello Bo "} {
		if press(e, fyne.KeyTab); e.Text != want {
			t.Errorf("it is %q, want %q", e.Text, want)
		}
	}
	press(e, fyne.KeyReturn, fyne.KeyTab)
	if e.Text != "" || e.AcceptsTab() {
		t.Errorf("after it was sent it is %q", e.Text)
	}
	for text, accepts := range map[string]bool{"": false, "nobody": false, "bob": true, "hello bob": true} {
		if e.SetText(text); e.AcceptsTab() != accepts {
			t.Errorf("%q: a name is offered: %t", text, !accepts)
		}
	}
	if press(e, fyne.KeyTab); e.AcceptsTab() {
		t.Errorf("after the only name, %q, Tab does not lead on", e.Text)
	}
}

// Whoever holds Shift, goes elsewhere and comes back, sends with Enter.
func TestShiftIsNotHeldForever(t *testing.T) {
	w := newWorld(t)
	_, _, b := w.serve()
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.shows("Lobby") })
	e := w.app.Entry()
	e.FocusGained()
	e.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	e.FocusLost()
	e.FocusGained()
	test.Type(e, "hello")
	if press(e, fyne.KeyReturn); e.Text != "" {
		t.Errorf("it was not sent: %q", e.Text)
	}
}

// The window's keys work while one writes, and the entry's own do not become the window's.
func TestKeysWhileOneWrites(t *testing.T) {
	w := newWorld(t)
	_, _, b := w.serve()
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.shows("Lobby") })
	for _, e := range w.app.Entries() {
		was := w.app.Muted()
		e.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyM, Modifier: fyne.KeyModifierShortcutDefault})
		if w.app.Muted() == was {
			t.Errorf("%T: Ctrl+M does nothing", e)
		}
	}
	e := w.app.Entry()
	e.SetText("hello")
	if e.TypedShortcut(&fyne.ShortcutSelectAll{}); e.SelectedText() != "hello" {
		t.Errorf("Ctrl+A selects %q", e.SelectedText())
	}
}

// What is begun for one conversation stays with it, and what could not be sent comes back
// to where it was written.
func TestDrafts(t *testing.T) {
	w := newWorld(t)
	bo := w.meetBo()
	e := w.app.Entry()
	e.SetText("for all")
	w.app.OpenPerson(bo.Self())
	if e.Text != "" {
		t.Errorf("what was written for all would go to Bo: %q", e.Text)
	}
	e.SetText("for Bo alone")
	press(e, fyne.KeyReturn) // which guests may not
	w.app.OpenChannel(1)
	if e.Text != "for all" {
		t.Errorf("the Lobby has %q", e.Text)
	}
	w.until("that it did not work", func() bool { return w.shows("That did not work") })
	w.app.Escape()
	if e.Text != "for all" {
		t.Errorf("the Lobby has %q then", e.Text)
	}
	w.app.OpenPerson(bo.Self())
	if e.Text != "for Bo alone" {
		t.Errorf("Bo's has %q", e.Text)
	}
}

// Who is moved while another tab is shown writes to where he is.
func TestMovedWhileHidden(t *testing.T) {
	w := newWorld(t)
	_, _, b := w.serve(voiceapp.Channel{Name: "Quiet"})
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.shows("Lobby") })
	w.app.Entry().SetText("as I said")
	client := w.app.Client()
	w.app.ShowTab(0)
	if _, err := client.JoinPath(t.Context(), "Quiet"); err != nil {
		t.Fatal(err)
	}
	w.until("Quiet", func() bool { return w.app.Topic() == "channel:2" })
	w.app.ShowTab(1)
	if e := w.app.Entry(); e.Text != "as I said" {
		t.Errorf("what was begun is %q", e.Text)
	}
}
