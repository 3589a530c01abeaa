package ui_test

import (
	"path/filepath"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
)

// A second click before the first has had an answer begins no second recording, and one of
// a server that is left meanwhile does not begin.
func TestRecordingClickedTwice(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	if err := w.settings.Change(func(s *settings.Settings) { s.Voice.Recordings = dir }); err != nil {
		t.Fatal(err)
	}
	_, _, b := w.serve()
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.shows("Lobby") })
	w.app.ToggleRecording()
	w.app.ToggleRecording()
	w.until("it is recorded", w.app.Recording)
	w.app.ToggleRecording()
	w.settle()
	if w.app.Recording() {
		t.Error("there is a second one")
	}

	w.app.ToggleRecording()
	w.app.CloseTab()
	w.settle()
	if w.app.Recording() {
		t.Error("a server that was left is recorded")
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*.wav")); err != nil || len(files) == 0 {
		t.Errorf("%v, %v", files, err)
	}
}
