package ui

import (
	"errors"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// field is a line of text in a form: Enter submits the form, Escape gives it up.
type field struct {
	widget.Entry
	escape func()
	app    *App // whose window's keys work in the field, too; nil: in a dialog they don't
}

func newField(text, placeholder string) *field {
	f := &field{}
	f.ExtendBaseWidget(f)
	f.SetText(text)
	f.SetPlaceHolder(placeholder)
	return f
}

// inWords has what checks a field say what is wrong in the person's language.
func inWords(check func(string) error) func(string) error {
	return func(text string) error {
		if err := check(text); err != nil {
			return errors.New(why(err))
		}
		return nil
	}
}

// newSecretField is a field whose text is hidden.
func newSecretField(placeholder string) *field {
	f := newField("", placeholder)
	f.Password = true
	return f
}

// TypedKey implements fyne.Focusable.
func (f *field) TypedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeyEscape && f.escape != nil {
		f.escape()
		return
	}
	f.Entry.TypedKey(key)
}

// TypedShortcut implements fyne.Shortcutable.
func (f *field) TypedShortcut(s fyne.Shortcut) {
	f.Entry.TypedShortcut(s)
	if f.app != nil {
		f.app.keys.TypedShortcut(s)
	}
}

// KeyDown implements desktop.Keyable.
func (f *field) KeyDown(key *fyne.KeyEvent) {
	f.Entry.KeyDown(key)
	if f.app != nil {
		f.app.keyDownInText(key)
	}
}

// KeyUp implements desktop.Keyable.
func (f *field) KeyUp(key *fyne.KeyEvent) {
	f.Entry.KeyUp(key)
	if f.app != nil {
		f.app.keyUp(key)
	}
}

// openDialog is a dialog that is open.
type openDialog struct {
	dialog.Dialog
	overlay fyne.CanvasObject // by which the window knows it
}

// show shows a dialog as wide as it is told. Escape closes it; closed, where there is one,
// is called then, and by whatever else closes it.
func (a *App) show(d dialog.Dialog, size fyne.Size, closed func()) {
	d.SetOnClosed(func() {
		a.dialogs = slices.DeleteFunc(a.dialogs, func(one openDialog) bool { return one.Dialog == d })
		if closed != nil {
			closed()
		}
	})
	d.Resize(size)
	d.Show()
	a.dialogs = append(a.dialogs, openDialog{Dialog: d, overlay: a.window.Canvas().Overlays().Top()})
}

// hide closes a dialog, wherever it is. Fyne takes all that is above it off the screen and
// tells nobody: it is put back, and has the keyboard as before.
func (a *App) hide(d dialog.Dialog) {
	canvas := a.window.Canvas()
	var above []fyne.CanvasObject
	for _, one := range a.dialogs {
		if at := slices.Index(canvas.Overlays().List(), one.overlay); one.Dialog == d && at >= 0 {
			above = slices.Clone(canvas.Overlays().List()[at+1:])
		}
	}
	focused := canvas.Focused()
	d.Hide()
	for _, one := range above {
		canvas.Overlays().Add(one)
	}
	if len(above) > 0 && focused != nil {
		canvas.Focus(focused)
	}
}

// escape closes the dialog on top.
func (a *App) escape() {
	if n := len(a.dialogs); n > 0 {
		a.hide(a.dialogs[n-1].Dialog)
	}
}

// showForm shows a form; do is called when it is submitted.
func (a *App) showForm(heading, confirm string, items []*widget.FormItem, do func()) {
	form := dialog.NewForm(heading, confirm, lang.L("Cancel"), items, func(yes bool) {
		if yes {
			do()
		}
	}, a.window)
	var first *field
	for _, item := range items {
		if f, ok := item.Widget.(*field); ok {
			f.OnSubmitted, f.escape = func(string) { form.Submit() }, form.Dismiss
			if first == nil {
				first = f
			}
		}
	}
	a.show(form, fyne.NewSize(520, 0), nil)
	if first != nil {
		a.window.Canvas().Focus(first)
		first.CursorColumn = len([]rune(first.Text))
		first.Refresh()
	}
}

// showMessage shows a text that is to be read.
func (a *App) showMessage(heading, text string) {
	label := widget.NewLabel(text)
	label.Wrapping = fyne.TextWrapWord
	a.show(dialog.NewCustom(heading, lang.L("Close"), label, a.window), fyne.NewSize(480, 0), nil)
}

// askYes asks before something is done; button says what.
func (a *App) askYes(heading, text, button string, importance widget.Importance, do func()) {
	ask := dialog.NewConfirm(heading, text, func(yes bool) {
		if yes {
			do()
		}
	}, a.window)
	ask.SetConfirmText(button)
	ask.SetDismissText(lang.L("Cancel"))
	ask.SetConfirmImportance(importance)
	a.show(ask, fyne.NewSize(460, 0), nil)
}
