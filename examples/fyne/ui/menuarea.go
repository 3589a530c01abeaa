package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// menuArea is something with a menu at the secondary button.
type menuArea struct {
	widget.BaseWidget
	window fyne.Window
	body   fyne.CanvasObject
	menu   *fyne.Menu
}

func newMenuArea(w fyne.Window, body fyne.CanvasObject, menu *fyne.Menu) *menuArea {
	m := &menuArea{window: w, body: body, menu: menu}
	m.ExtendBaseWidget(m)
	return m
}

// CreateRenderer implements fyne.Widget.
func (m *menuArea) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(m.body) }

// TappedSecondary implements fyne.SecondaryTappable.
func (m *menuArea) TappedSecondary(at *fyne.PointEvent) {
	widget.ShowPopUpMenuAtPosition(m.menu, m.window.Canvas(), at.AbsolutePosition)
}
