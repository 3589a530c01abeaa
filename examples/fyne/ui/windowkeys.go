package ui

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
)

// bindKeys gives the window's own keys their meaning: they work while it has the focus,
// and in entries, to which Fyne gives all keys, because these pass them on.
func (a *App) bindKeys() {
	on := func(key fyne.KeyName, mod fyne.KeyModifier, do func()) {
		pressed := &desktop.CustomShortcut{KeyName: key, Modifier: mod}
		a.window.Canvas().AddShortcut(pressed, func(fyne.Shortcut) { do() })
		a.keys.AddShortcut(pressed, func(fyne.Shortcut) { do() })
	}
	const ctrl = fyne.KeyModifierShortcutDefault
	on(fyne.KeyM, ctrl, func() { a.Mute(!a.muted) })
	on(fyne.KeyD, ctrl, func() { a.Deafen(!a.deaf) })
	on(fyne.KeyR, ctrl|fyne.KeyModifierShift, a.bar.toggleRecording)
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

// watchKeys binds the keys that work everywhere. Where they can't be had, push-to-talk
// works by its key while the window has the focus.
func (a *App) watchKeys() {
	a.inWindow()
	if a.cfg.Keys == nil {
		return
	}
	bindings, err := a.bindings()
	a.Complain(err)
	a.work(func(ctx context.Context) error { return a.cfg.Keys.Bind(ctx, bindings...) }, a.Complain) // it may ask the desktop
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

// inWindow has the key of push-to-talk work in the window, where no entry has the focus.
func (a *App) inWindow() {
	a.window.Canvas().SetOnTypedKey(func(key *fyne.KeyEvent) {
		if key.Name == fyne.KeyEscape {
			a.escape()
		}
	})
	canvas, ok := a.window.Canvas().(desktop.Canvas)
	if !ok {
		return
	}
	is := func(key *fyne.KeyEvent) bool {
		v := a.cfg.Settings.Get()
		return a.cfg.Keys == nil && v.Voice.Mode == settings.ModePushToTalk && string(key.Name) == v.Keys.PushToTalk
	}
	canvas.SetOnKeyDown(func(key *fyne.KeyEvent) {
		if is(key) {
			a.PushToTalk(true)
		}
	})
	canvas.SetOnKeyUp(func(key *fyne.KeyEvent) {
		if is(key) {
			a.PushToTalk(false)
		}
	})
}
