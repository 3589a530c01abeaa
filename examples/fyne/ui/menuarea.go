package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// menuArea is something with a menu at the secondary button.
type menuArea struct {
	widget.BaseWidget
	window fyne.Window
	body   fyne.CanvasObject
	menu   *fyne.Menu
	ground *tinted // seen while keys are for it
}

func newMenuArea(w fyne.Window, body fyne.CanvasObject, menu *fyne.Menu) *menuArea {
	m := &menuArea{window: w, body: body, menu: menu, ground: newPanel(theme.ColorNameSelection)}
	m.ground.Hide()
	m.ExtendBaseWidget(m)
	return m
}

// CreateRenderer implements fyne.Widget.
func (m *menuArea) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(m.ground, m.body))
}

// TappedSecondary implements fyne.SecondaryTappable.
func (m *menuArea) TappedSecondary(at *fyne.PointEvent) {
	widget.ShowPopUpMenuAtPosition(m.menu, m.window.Canvas(), at.AbsolutePosition)
}

// open opens the menu by a key.
func (m *menuArea) open() { showMenu(m.window, m, m.menu) }
