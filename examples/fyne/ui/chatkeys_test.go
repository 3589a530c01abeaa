package ui_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// The menu of each message can be reached without a mouse.
func TestMessagesByKeyboard(t *testing.T) {
	w := newWorld(t)
	_, _, b := w.serve()
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.app.Topic() == "channel:1" })
	e := w.app.Entry()
	for _, text := range []string{"first", "second" + strings.Repeat("\nand more", 60), "third"} {
		e.SetText(text)
		press(e, fyne.KeyReturn)
		w.until(text, func() bool { return w.shows(text) })
	}
	canvas := w.app.Window().Canvas()
	canvas.Capture() // it is drawn
	focus := func() fyne.Focusable { return canvas.Focused() }
	copied := func(want string) {
		t.Helper()
		press(focus(), fyne.KeySpace)
		press(focus(), fyne.KeyUp, fyne.KeyReturn) // the last item, which is to copy
		if got := fyne.CurrentApp().Clipboard().Content(); got != want {
			t.Errorf("%.20q is copied, and not %q", got, want)
		}
	}
	canvas.Focus(e)
	test.Type(e, "x")
	if press(e, fyne.KeyUp); focus() != fyne.Focusable(e) {
		t.Error("who writes is led away")
	}
	e.SetText("")
	press(e, fyne.KeyUp)
	copied("third")
	press(focus(), fyne.KeyUp, fyne.KeyUp, fyne.KeyUp)
	copied("first")
	if w.app.BelowChat() < 200 {
		t.Error("what is chosen is out of sight")
	}
	press(focus(), fyne.KeyEnd)
	if copied("third"); w.app.BelowChat() > 1 {
		t.Error("what is chosen is out of sight")
	}
	for _, back := range []fyne.KeyName{fyne.KeyDown, fyne.KeyEscape} {
		canvas.Focus(e)
		press(e, fyne.KeyUp)
		if press(focus(), back); focus() != fyne.Focusable(e) {
			t.Errorf("%s does not lead back", back)
		}
	}
}
