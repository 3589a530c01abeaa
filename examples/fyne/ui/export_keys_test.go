package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// NewKeyEntry makes a field of the settings' page of keys.
func NewKeyEntry(key string, a *App, set func(string)) *keyEntry {
	return newKeyEntry(key, &a.keys, set)
}

// KeyDown presses a key while the window has the focus, and nothing in it.
func (a *App) KeyDown(key fyne.KeyName) { a.keyDown(&fyne.KeyEvent{Name: key}) }

// KeyUp releases it.
func (a *App) KeyUp(key fyne.KeyName) { a.keyUp(&fyne.KeyEvent{Name: key}) }

// Shortcut presses a key with Ctrl.
func (a *App) Shortcut(key fyne.KeyName) {
	a.keys.TypedShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault})
}
