package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
)

// bindKeys gives the window's own keys their meaning: they work while it has the focus.
func (a *App) bindKeys() {
	on := func(key fyne.KeyName, mod fyne.KeyModifier, do func()) {
		a.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: mod}, func(fyne.Shortcut) { do() })
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
	k := a.cfg.Settings.Get().Keys
	press := func(do func()) func(bool) {
		return func(down bool) {
			if down {
				a.do(do)
			}
		}
	}
	a.work_.Go(func() { // it asks the desktop
		for _, one := range []struct {
			name, key string
			on        func(bool)
		}{
			{"push-to-talk", k.PushToTalk, func(down bool) { a.do(func() { a.PushToTalk(down) }) }},
			{"mute", k.Mute, press(func() { a.Mute(!a.muted) })},
			{"deafen", k.Deafen, press(func() { a.Deafen(!a.deaf) })},
		} {
			if err := a.cfg.Keys.Bind(one.name, one.key, one.on); err != nil && a.ctx.Err() == nil && voiceapp.AsError(err) != nil {
				a.do(func() { a.Complain(err) })
			}
		}
	})
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
