package ui

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// TreeRow is a row of the tree.
type TreeRow = treeRow

// Name is whose row it is.
func (r *treeRow) Name() string { return r.name.Text }

// Arrow is where its arrow is, from left to right.
func (r *treeRow) Arrow() (from, to float32) {
	return r.fold.Position().X, r.fold.Position().X + r.fold.Size().Width
}

// Hearing is how one hears somebody on the server that is shown.
func (a *App) Hearing(name string) (h session.Hearing) {
	for _, list := range a.current().everybody() {
		for _, p := range list {
			if p.Name == name {
				h = a.current().session.Hearing(p.Session)
			}
		}
	}
	return h
}

// PersonMenu is what one can do with somebody on the server that is shown.
func (a *App) PersonMenu(name string) []*fyne.MenuItem {
	t := a.current()
	for _, list := range t.everybody() {
		for _, p := range list {
			if p.Name == name {
				return t.personMenu(p).Items
			}
		}
	}
	return nil
}

// RoomMenu is what one can do with a channel of the server that is shown.
func (a *App) RoomMenu(name string) []*fyne.MenuItem {
	return a.current().roomMenu(a.current().room(name)).Items
}

// About shows what a channel of the server that is shown is.
func (a *App) About(name string) { a.current().aboutRoom(a.current().room(name)) }

func (t *talk) room(name string) session.Room {
	i := slices.IndexFunc(t.view.Rooms, func(r session.Room) bool { return r.Name == name })
	return t.view.Rooms[i]
}

// Whispers is to whom one whispers there.
func (a *App) Whispers() voiceapp.SessionID { return a.current().view.Whispers }
