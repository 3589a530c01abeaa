package ui_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
)

// bind chooses keys for push-to-talk, and to be mute.
func (w *world) bind(talk, mute string) {
	w.t.Helper()
	if err := w.settings.Change(func(s *settings.Settings) {
		s.Voice.Mode, s.Keys.PushToTalk, s.Keys.Mute = settings.ModePushToTalk, talk, mute
	}); err != nil {
		w.t.Fatal(err)
	}
}

// Where no keys work everywhere, those of the settings work in the window; they are
// released whoever has the keyboard by then.
func TestKeysInTheWindow(t *testing.T) {
	w := newWorld(t, func(cfg *ui.Config) { cfg.Keys = nil })
	w.bind("F9", "F8")
	hold := func() {
		t.Helper()
		w.app.KeyDown(fyne.KeyF9)
		w.until("F9 opens the microphone", w.talking)
	}
	released := func() bool { return !w.talking() }
	hold()
	w.app.KeyDown(fyne.KeyF8)
	w.app.KeyUp(fyne.KeyF8)
	w.until("F8 makes one mute", w.app.Muted)
	w.app.KeyUp(fyne.KeyF9)
	w.until("F9 is released", released)

	hold()
	search := w.entry("Search").(desktop.Keyable) //nolint:forcetypeassert // entries are
	w.app.Window().Canvas().Focus(search)
	search.KeyUp(&fyne.KeyEvent{Name: fyne.KeyF9})
	w.until("F9 is released in an entry", released)
	w.bind("F9", "M")
	for _, key := range []fyne.KeyName{fyne.KeyM, fyne.KeyF9} {
		search.KeyDown(&fyne.KeyEvent{Name: key})
	}
	w.until("F9 opens the microphone in an entry", w.talking)
	if !w.app.Muted() {
		t.Error("M, which writes, does more")
	}
	w.tap("Add a server")
	w.app.Window().Canvas().Focus(w.entry("your name there"))
	w.until("a form has the keyboard", released)
	w.app.Escape()
	hold()
	fyne.CurrentApp().Lifecycle().(interface{ OnExitedForeground() func() }).OnExitedForeground()() //nolint:forcetypeassert // Fyne's drivers call it
	w.until("another program has the keyboard", released)
}

// Keys that work everywhere are not heard in the window as well, until they are lost:
// then one is told.
func TestKeysThatAreLost(t *testing.T) {
	w := newWorld(t)
	w.bind("F9", "F8")
	if w.app.KeyDown(fyne.KeyF9); w.talking() {
		t.Error("F9 is heard twice")
	}
	w.app.KeysLost(voiceapp.NewError(voiceapp.Unavailable, "the X server has hung up").With(hotkey.Lost))
	w.until("a word about it", func() bool {
		return w.shows("The connection to the desktop broke off. Start voiceapp again to have them back.")
	})
	w.tap("Close")
	w.app.KeyDown(fyne.KeyF9)
	w.until("F9 opens the microphone", w.talking)
	w.app.Settings().SelectIndex(1)
	if !w.shows("The connection to the desktop broke off. Start voiceapp again to have them back.") {
		t.Errorf("the settings say %q", w.texts())
	}
}
