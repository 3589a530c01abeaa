package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// tinted is something in colours and sizes of the theme: it is painted anew when there is
// another theme, which what is drawn by itself is not.
type tinted struct {
	widget.BaseWidget
	object fyne.CanvasObject
	paint  func()
}

func newTinted(object fyne.CanvasObject, paint func()) *tinted {
	t := &tinted{object: object, paint: paint}
	t.ExtendBaseWidget(t)
	paint()
	return t
}

// Refresh implements fyne.Widget.
func (t *tinted) Refresh() {
	t.paint()
	t.BaseWidget.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (t *tinted) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.object) }

// newPanel returns the ground that other things stand on.
func newPanel(fill fyne.ThemeColorName) *tinted {
	r := canvas.NewRectangle(nil)
	return newTinted(r, func() { r.FillColor = colored(fill) })
}

// newCard returns a ground of its own, for one thing among others.
func newCard() *tinted {
	r := canvas.NewRectangle(nil)
	r.CornerRadius, r.StrokeWidth = 8, 1
	return newTinted(r, func() { r.FillColor, r.StrokeColor = colored(colorPanel), colored(theme.ColorNameSeparator) })
}

// newHeading returns a line of bold text.
func newHeading(text string, color fyne.ThemeColorName, size fyne.ThemeSizeName) *tinted {
	t := canvas.NewText(text, nil)
	t.TextStyle.Bold = true
	return newTinted(t, func() { t.Color, t.TextSize = colored(color), theme.Size(size) })
}

// newCaption returns a line of small and quiet text.
func newCaption(text string) *tinted {
	t := canvas.NewText(text, nil)
	return newTinted(t, func() {
		t.Color, t.TextSize = colored(theme.ColorNamePlaceHolder), theme.Size(theme.SizeNameCaptionText)
	})
}
