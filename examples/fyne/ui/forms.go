package ui

import (
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
	window fyne.Shortcutable // whose keys work in the field, too; nil: in a dialog they don't
}

func newField(text, placeholder string) *field {
	f := &field{}
	f.ExtendBaseWidget(f)
	f.SetText(text)
	f.SetPlaceHolder(placeholder)
	return f
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
	if f.window != nil {
		f.window.TypedShortcut(s)
	}
}

// show shows a dialog as wide as it is told. Escape closes it; closed, where there is one,
// is called then, and by whatever else closes it.
func (a *App) show(d dialog.Dialog, size fyne.Size, closed func()) {
	a.dialogs = append(a.dialogs, d)
	d.SetOnClosed(func() {
		a.dialogs = slices.DeleteFunc(a.dialogs, func(one dialog.Dialog) bool { return one == d })
		if closed != nil {
			closed()
		}
	})
	d.Resize(size)
	d.Show()
}

// escape closes the dialog on top.
func (a *App) escape() {
	if n := len(a.dialogs); n > 0 {
		a.dialogs[n-1].Dismiss()
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
