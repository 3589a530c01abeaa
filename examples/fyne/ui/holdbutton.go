package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// holdButton is a button that does something while it is held.
type holdButton struct {
	widget.Button
	on  func(held bool)
	key fyne.KeyName // by which it is held; "": by none
}

func newHoldButton(text string, on func(bool)) *holdButton {
	h := &holdButton{on: on}
	h.Text, h.Icon = text, iconMicrophone
	h.ExtendBaseWidget(h)
	return h
}

// held shows whether it is.
func (h *holdButton) held(on bool) {
	importance := widget.MediumImportance
	if on {
		importance = widget.SuccessImportance
	}
	if importance != h.Importance {
		h.Importance = importance
		h.Refresh()
	}
}

// MouseDown implements desktop.Mouseable.
func (h *holdButton) MouseDown(*desktop.MouseEvent) { h.on(true) }

// MouseUp implements desktop.Mouseable.
func (h *holdButton) MouseUp(*desktop.MouseEvent) { h.on(false) }

// Dragged implements fyne.Draggable, for DragEnd.
func (h *holdButton) Dragged(*fyne.DragEvent) {}

// DragEnd implements fyne.Draggable: a button that is released elsewhere is released, too.
func (h *holdButton) DragEnd() { h.on(false) }

// KeyDown implements desktop.Keyable.
func (h *holdButton) KeyDown(event *fyne.KeyEvent) {
	if slices.Contains([]fyne.KeyName{fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter}, event.Name) {
		h.key = event.Name
		h.on(true)
	}
}

// KeyUp implements desktop.Keyable.
func (h *holdButton) KeyUp(event *fyne.KeyEvent) {
	if event.Name == h.key {
		h.release()
	}
}

// FocusLost implements fyne.Focusable: nobody would say that the key was released.
func (h *holdButton) FocusLost() {
	h.release()
	h.Button.FocusLost()
}

func (h *holdButton) release() {
	if h.key != "" {
		h.key = ""
		h.on(false)
	}
}
