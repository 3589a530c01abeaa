package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// NewFatal makes a window that says why there is no client.
func NewFatal(app fyne.App, icon fyne.Resource, reason error) fyne.Window {
	w := app.NewWindow("voiceapp")
	app.SetIcon(icon)
	w.SetIcon(icon)
	heading := widget.NewLabelWithStyle(lang.L("voiceapp can't start"), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	text := widget.NewLabel(why(reason))
	text.Wrapping, text.Selectable = fyne.TextWrapWord, true
	end := widget.NewButton(lang.L("Close"), app.Quit)
	end.Importance = widget.HighImportance
	w.SetContent(container.NewPadded(container.NewBorder(
		container.NewHBox(widget.NewIcon(theme.ErrorIcon()), heading),
		container.NewHBox(layout.NewSpacer(), end), nil, nil, container.NewVScroll(text))))
	w.Resize(fyne.NewSize(520, 240))
	w.CenterOnScreen()
	return w
}
