package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
)

// standing is how one is, in one word for an icon.
type standing int

const (
	standsAway  standing = iota // on no server
	standsLost                  // on none at present: all connections are lost
	standsReady                 // on a server
	standsHeard                 // one speaks
	standsMuted                 // one can't be heard
	standsDeaf                  // and hears nothing
)

// tray is what is needed most, where the desktop has a place for it: its icon says how one
// is, its menu where. All of nil is nothing: the desktop has none.
type tray struct {
	app                *App
	desktop            desktop.App
	menu               *fyne.Menu
	where, mute, quiet *fyne.MenuItem
	icons              map[standing]fyne.Resource
	shown              standing
}

// newTray has it shown once Fyne runs, to which a later word would be too late; nil: there is no
// place for it.
func newTray(a *App) *tray {
	desk, ok := a.fyne.(desktop.App)
	if !ok || !a.cfg.Tray {
		return nil
	}
	t := &tray{app: a, desktop: desk, icons: make(map[standing]fyne.Resource), shown: -1}
	t.where = fyne.NewMenuItem("", nil)
	t.where.Disabled = true
	t.mute = fyne.NewMenuItem(lang.L("Mute the microphone"), func() { a.Mute(!a.muted) })
	t.quiet = fyne.NewMenuItem(lang.L("Hear nothing"), func() { a.Deafen(!a.deaf) })
	quit := fyne.NewMenuItem(lang.L("Quit"), a.closing)
	quit.IsQuit = true
	t.menu = fyne.NewMenu("voiceapp",
		t.where, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(lang.L("Show the window"), func() { a.window.Show(); a.window.RequestFocus() }), t.mute, t.quiet,
		fyne.NewMenuItemSeparator(), quit)
	t.update()
	return t
}

// update shows what has changed. The menu is made anew for that, and so it does not say who
// speaks.
func (t *tray) update() {
	if t == nil {
		return
	}
	a := t.app
	if where := a.where(); where != t.where.Label || t.mute.Checked != a.muted || t.quiet.Checked != a.deaf {
		t.where.Label, t.mute.Checked, t.quiet.Checked = where, a.muted, a.deaf
		t.desktop.SetSystemTrayMenu(t.menu)
	}
	if now := a.standing(); now != t.shown && a.cfg.Icon != nil {
		t.shown = now
		if t.icons[now] == nil {
			t.icons[now] = trayIcon(a.cfg.Icon, now)
		}
		t.desktop.SetSystemTrayIcon(t.icons[now])
	}
}

// standing says how one is.
func (a *App) standing() standing {
	lost, heard := 0, false
	for _, t := range a.talks {
		if t.away() {
			lost++
			continue
		}
		self, _ := t.view.Person(t.view.Self.Session)
		heard = heard || self.Talking
	}
	switch {
	case len(a.talks) == 0:
		return standsAway
	case lost == len(a.talks):
		return standsLost
	case a.deaf:
		return standsDeaf
	case a.muted:
		return standsMuted
	case heard:
		return standsHeard
	}
	return standsReady
}

// where says on which server one is, and in which of its channels.
func (a *App) where() string {
	t := a.foremost()
	if t == nil {
		return lang.L("on no server")
	}
	text := plain(title(t.bookmark))
	switch room, ok := t.view.Room(t.view.Self.Channel); {
	case t.away():
		text += " · " + lang.L("not connected")
	case ok:
		text += " · " + plain(room.Name)
	}
	return text
}
