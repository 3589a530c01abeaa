package ui_test

import (
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
)

// Who starts the client from a menu sees why there is none.
func TestFatal(t *testing.T) {
	w := ui.NewFatal(test.NewTempApp(t), theme.ErrorIcon(), voiceapp.NewError(voiceapp.Invalid, "version 2").With(bookmarks.Newer))
	w.Show()
	said := map[string]bool{}
	for _, o := range below(w.Content()) {
		switch o := o.(type) {
		case *widget.Label:
			said[o.Text] = true
		case *widget.Button:
			said[o.Text] = true
		}
	}
	for _, text := range []string{"voiceapp can't start", "The saved servers were written by a newer voiceapp. Update this one.", "Close"} {
		if !said[text] {
			t.Errorf("%q is not said: %v", text, said)
		}
	}
	if size := w.Canvas().Size(); size.Width > 1280 || size.Height > 720 {
		t.Errorf("it is %v large", size)
	}
}
