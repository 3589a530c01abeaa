package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
)

// bindKeys gives the window's own keys their meaning: they work while it has the focus,
// and in entries, to which Fyne gives all keys, because these pass them on.
func (a *App) bindKeys() {
	on := func(key fyne.KeyName, mod fyne.KeyModifier, do func()) {
		a.ownKeys = append(a.ownKeys, keyOf(key, mod))
		pressed := &desktop.CustomShortcut{KeyName: key, Modifier: mod}
		a.window.Canvas().AddShortcut(pressed, func(fyne.Shortcut) { do() })
		a.keys.AddShortcut(pressed, func(fyne.Shortcut) { do() })
	}
	const ctrl = fyne.KeyModifierShortcutDefault
	on(fyne.KeyM, ctrl, func() { a.Mute(!a.muted) })
	on(fyne.KeyD, ctrl, func() { a.Deafen(!a.deaf) })
	on(fyne.KeyR, ctrl|fyne.KeyModifierShift, a.bar.toggleRecording)
	on(fyne.KeyR, ctrl, func() {
		if t := a.current(); t != nil {
			t.banner.press()
		}
	})
	on(fyne.KeyComma, ctrl, a.showPreferences)
	on(fyne.KeyW, ctrl, func() { a.closeTab(a.tabs.Selected()) })
	on(fyne.KeyTab, fyne.KeyModifierControl, func() { a.turn(1) })
	on(fyne.KeyTab, fyne.KeyModifierControl|fyne.KeyModifierShift, func() { a.turn(-1) })
	on(fyne.KeyPageDown, fyne.KeyModifierControl, func() { a.turn(1) })
	on(fyne.KeyPageUp, fyne.KeyModifierControl, func() { a.turn(-1) })
	on(fyne.KeyN, ctrl, func() {
		a.tabs.SelectIndex(0)
		a.window.Canvas().Focus(a.servers.search)
	})
	on(fyne.KeyL, ctrl, func() {
		if t := a.current(); t != nil {
			a.window.Canvas().Focus(t.chat.entry)
		}
	})
	on(fyne.KeyJ, ctrl, func() {
		if t := a.current(); t != nil {
			a.window.Canvas().Focus(t.people.list)
		}
	})
}

// turn selects another tab.
func (a *App) turn(by int) {
	n := len(a.tabs.Items)
	a.tabs.SelectIndex((a.tabs.SelectedIndex() + by + n) % n)
}

// watchKeys binds the keys of the settings, to work everywhere. Where that can't be had
// they work while the window has the focus.
func (a *App) watchKeys() {
	a.inWindow()
	keys := a.cfg.Keys
	if keys == nil {
		return
	}
	bindings, err := a.bindings()
	a.Complain(err)
	a.work(func(ctx context.Context) error { return keys.Bind(ctx, bindings...) }, func(err error) { // it may ask the desktop
		if a.cfg.Keys == keys { // they were not lost meanwhile
			a.keysErr = err
			a.Complain(err)
		}
	})
}

// KeysLost says that the keys no longer work everywhere, and why. Any goroutine may call it.
func (a *App) KeysLost(err error) {
	a.do(func() {
		a.cfg.Keys, a.keysErr = nil, err
		said := a.whyKeys()
		a.notify("voiceapp", said)
		a.showMessage(lang.L("Keys"), said)
	})
}

// whyKeys says why the keys of the settings don't work everywhere; "": they do, or never did.
func (a *App) whyKeys() string {
	if a.keysErr == nil {
		return ""
	}
	return lang.L("Your keys no longer work everywhere, only in this window: {{.Why}}", map[string]any{"Why": why(a.keysErr)})
}

// bindings are the keys of the settings. The error names those that are none; the others
// count.
func (a *App) bindings() (all []hotkey.Binding, err error) {
	k := a.cfg.Settings.Get().Keys
	press := func(do func()) func(bool) {
		return func(down bool) {
			if down {
				a.do(do)
			}
		}
	}
	for _, one := range []struct {
		name, what, text string
		on               func(bool)
	}{
		{"push-to-talk", lang.L("Push to talk"), k.PushToTalk, func(down bool) { a.do(func() { a.PushToTalk(down) }) }},
		{"mute", lang.L("Mute"), k.Mute, press(func() { a.Mute(!a.muted) })},
		{"deafen", lang.L("Deafen"), k.Deafen, press(func() { a.Deafen(!a.deaf) })},
	} {
		if one.text == "" {
			continue
		}
		key, bad := hotkey.ParseKey(one.text)
		if bad != nil {
			err = errors.Join(err, bad)
			continue
		}
		all = append(all, hotkey.Binding{Name: one.name, Description: one.what, Key: key, On: one.on})
	}
	return all, err
}

// inWindow has the keys of the settings work in the window. In entries those do that write
// nothing.
func (a *App) inWindow() {
	a.window.Canvas().SetOnTypedKey(func(key *fyne.KeyEvent) {
		if key.Name == fyne.KeyEscape {
			a.escape()
		}
	})
	if canvas, ok := a.window.Canvas().(desktop.Canvas); ok {
		canvas.SetOnKeyDown(a.keyDown)
		canvas.SetOnKeyUp(a.keyUp)
	}
}

// keyDown does what the settings have for a key, unless it works everywhere, or is one of
// the window's own, which are told as shortcuts, too.
func (a *App) keyDown(event *fyne.KeyEvent) {
	key := keyOf(event.Name, heldNow())
	if a.cfg.Keys != nil && a.keysErr == nil || key.IsZero() || slices.Contains(a.ownKeys, key) {
		return
	}
	bindings, _ := a.bindings() // who has set a key that is none was told
	for _, one := range bindings {
		if one.Key == key {
			a.down[event.Name] = one.On
			one.On(true)
		}
	}
}

// heldNow are the modifiers that are held.
func heldNow() fyne.KeyModifier {
	if driver, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return driver.CurrentKeyModifiers()
	}
	return 0
}

// edits are the keys, beside those of characters, that mean something where one writes.
var edits = []fyne.KeyName{
	fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter, fyne.KeyTab, fyne.KeyEscape, fyne.KeyBackspace, fyne.KeyDelete, fyne.KeyInsert,
	fyne.KeyUp, fyne.KeyDown, fyne.KeyLeft, fyne.KeyRight, fyne.KeyHome, fyne.KeyEnd, fyne.KeyPageUp, fyne.KeyPageDown,
	desktop.KeyShiftLeft, desktop.KeyShiftRight,
}

// keyDownInText is keyDown where one writes.
func (a *App) keyDownInText(event *fyne.KeyEvent) {
	const others = fyne.KeyModifierControl | fyne.KeyModifierAlt | fyne.KeyModifierSuper
	writes := utf8.RuneCountInString(string(event.Name)) == 1 || slices.Contains(edits, event.Name)
	if !writes || heldNow()&others != 0 {
		a.keyDown(event)
	}
}

// keyUp ends it.
func (a *App) keyUp(event *fyne.KeyEvent) {
	if on := a.down[event.Name]; on != nil {
		delete(a.down, event.Name)
		on(false)
	}
}

// letGo releases all keys, where nobody would say that they were.
func (a *App) letGo() {
	for name := range a.down {
		a.keyUp(&fyne.KeyEvent{Name: name})
	}
}

// missesKeys reports whether what has the focus keeps keys to itself.
func (a *App) missesKeys() bool {
	switch focused := a.window.Canvas().Focused().(type) {
	case nil, *chatEntry, *keyList, *chatKeys:
		return false
	case *field:
		return focused.app == nil
	}
	return true
}

// keyPasser gives the keys of the settings to the window while something has the focus that
// is no entry.
type keyPasser struct{ app *App }

// KeyDown implements desktop.Keyable.
func (p keyPasser) KeyDown(event *fyne.KeyEvent) { p.app.keyDown(event) }

// KeyUp implements desktop.Keyable.
func (p keyPasser) KeyUp(event *fyne.KeyEvent) { p.app.keyUp(event) }

// holds reports whether a key is one of those, and held.
func (p keyPasser) holds(key fyne.KeyName) bool { return p.app.down[key] != nil }

// keyOf is a key with modifiers as the settings know it; zero: none that they may have.
func keyOf(name fyne.KeyName, held fyne.KeyModifier) hotkey.Key {
	var parts []string
	for _, one := range []struct {
		bit  fyne.KeyModifier
		name string
	}{
		{fyne.KeyModifierControl, "Ctrl"}, {fyne.KeyModifierAlt, "Alt"}, {fyne.KeyModifierShift, "Shift"}, {fyne.KeyModifierSuper, "Super"},
	} {
		if held&one.bit != 0 && modifiers[name] == "" {
			parts = append(parts, one.name)
		}
	}
	key, _ := hotkey.ParseKey(strings.Join(append(parts, string(name)), "+")) // it is zero then
	return key
}
