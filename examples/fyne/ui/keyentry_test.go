package ui_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
)

// shortcut is what Fyne makes of a key with Ctrl, Alt or Super.
func shortcut(key fyne.KeyName, mod fyne.KeyModifier) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: key, Modifier: mod}
}

// A key is taken with the modifiers that are held, and does nothing else meanwhile.
func TestChooseAKey(t *testing.T) {
	type stroke struct {
		down, up fyne.KeyName
		shortcut fyne.Shortcut // in place of the key
	}
	const control, shift, alt = desktop.KeyControlLeft, desktop.KeyShiftLeft, desktop.KeyAltLeft
	down := func(key fyne.KeyName) stroke { return stroke{down: key} }
	up := func(key fyne.KeyName) stroke { return stroke{up: key} }
	with := func(key fyne.KeyName, s fyne.Shortcut) stroke { return stroke{down: key, shortcut: s} }
	w := newWorld(t)
	for want, strokes := range map[string][]stroke{
		"F9":              {down(fyne.KeyF9), up(fyne.KeyF9)},
		"Shift+F9":        {down(shift), down(fyne.KeyF9), up(fyne.KeyF9), up(shift)},
		"Ctrl+F9":         {down(control), with(fyne.KeyF9, shortcut(fyne.KeyF9, fyne.KeyModifierControl)), up(fyne.KeyF9), up(control)},
		"Ctrl+Alt+M":      {down(control), down(alt), with(fyne.KeyM, shortcut(fyne.KeyM, fyne.KeyModifierControl|fyne.KeyModifierAlt)), up(fyne.KeyM), up(alt), up(control)},
		"Ctrl+M":          {down(control), with(fyne.KeyM, shortcut(fyne.KeyM, fyne.KeyModifierControl)), up(control), up(fyne.KeyM)},
		"Ctrl+V":          {down(control), with(fyne.KeyV, &fyne.ShortcutPaste{}), up(fyne.KeyV), up(control)},
		"Shift+Insert":    {down(shift), with(fyne.KeyInsert, &fyne.ShortcutPaste{Secondary: true}), up(fyne.KeyInsert), up(shift)},
		"Ctrl+N":          {down(control), with(fyne.KeyUnknown, shortcut(fyne.KeyN, fyne.KeyModifierControl)), up(control)}, // on a keyboard of other letters
		"LeftControl":     {down(control), up(control)},
		"":                {down(fyne.KeyBackspace), up(fyne.KeyBackspace)},
		"Ctrl+Up":         {down(shift), down(control), up(shift), with(fyne.KeyUp, shortcut(fyne.KeyUp, fyne.KeyModifierControl)), up(fyne.KeyUp), up(control)},
		"nothing, so far": {down(control), down(shift), up(shift), up(control)},
	} {
		took := "nothing, so far"
		e := ui.NewKeyEntry("F1", w.app, func(key string) { took = key })
		w.app.Window().SetContent(e)
		test.Tap(e)
		for _, s := range strokes {
			if s.up != "" {
				e.KeyUp(&fyne.KeyEvent{Name: s.up})
				continue
			}
			e.KeyDown(&fyne.KeyEvent{Name: s.down})
			if s.shortcut != nil {
				e.TypedShortcut(s.shortcut)
			} else {
				e.TypedKey(&fyne.KeyEvent{Name: s.down})
			}
		}
		if took != want {
			t.Errorf("%s: %q is chosen", want, took)
		}
		if _, err := hotkey.ParseKey(took); err != nil && took != "" && took != "nothing, so far" {
			t.Error(err)
		}
	}
	if w.app.Muted() {
		t.Error("what was chosen was done, too")
	}
	e := ui.NewKeyEntry("F1", w.app, func(string) {})
	if e.TypedShortcut(shortcut(fyne.KeyM, fyne.KeyModifierShortcutDefault)); !w.app.Muted() {
		t.Error("while none is chosen the window's keys don't work")
	}
}
