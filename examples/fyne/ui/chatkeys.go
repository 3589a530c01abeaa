package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// chatKeys is what holds the messages, for the keyboard: Up and Down choose one, Space
// opens its menu, Escape leads back to where one writes.
type chatKeys struct {
	widget.BaseWidget
	keyPasser
	pane *chatPane
	at   *menuArea // the message that is chosen; nil: none
}

func newChatKeys(c *chatPane) *chatKeys {
	k := &chatKeys{pane: c, keyPasser: keyPasser{c.talk.app}}
	k.ExtendBaseWidget(k)
	return k
}

// CreateRenderer implements fyne.Widget.
func (k *chatKeys) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(k.pane.scroll)
}

// FocusGained implements fyne.Focusable: the last message is chosen.
func (k *chatKeys) FocusGained() {
	if n := len(k.pane.areas); n > 0 {
		k.choose(k.pane.areas[n-1])
	}
}

// FocusLost implements fyne.Focusable.
func (k *chatKeys) FocusLost() { k.choose(nil) }

// TypedRune implements fyne.Focusable.
func (k *chatKeys) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (k *chatKeys) TypedKey(event *fyne.KeyEvent) {
	areas := k.pane.areas
	i := slices.Index(areas, k.at)
	if i < 0 {
		i = len(areas) // it was deleted
	}
	switch event.Name {
	case fyne.KeyUp:
		i = max(i-1, 0)
	case fyne.KeyDown:
		i++
	case fyne.KeyHome:
		i = 0
	case fyne.KeyEnd:
		i = len(areas) - 1
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter, desktop.KeyMenu:
		if i < len(areas) && !k.holds(event.Name) {
			areas[i].open()
		}
		return
	case fyne.KeyEscape:
		i = len(areas)
	default:
		return
	}
	if i < len(areas) {
		k.choose(areas[i])
	} else {
		k.app.window.Canvas().Focus(k.pane.entry)
	}
}

// choose has the keys be for a message, which is scrolled to; nil: for none.
func (k *chatKeys) choose(area *menuArea) {
	if k.at != nil {
		k.at.ground.Hide()
	}
	k.at = area
	if area == nil {
		return
	}
	area.ground.Show()
	driver, scroll := fyne.CurrentApp().Driver(), k.pane.scroll
	top := driver.AbsolutePositionForObject(area).Y - driver.AbsolutePositionForObject(k.pane.lines).Y
	bottom := top + area.Size().Height - scroll.Size().Height
	scroll.ScrollToOffset(fyne.NewPos(0, min(max(scroll.Offset.Y, bottom), top)))
	k.pane.scrolled(scroll.Offset)
}
