package ui

import (
	"fyne.io/fyne/v2"

	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

// Search searches among the saved servers.
func (a *App) Search(text string) { a.servers.search.SetText(text) }

// RowMenu is what one can do with a saved server.
func (a *App) RowMenu(b bookmarks.Bookmark) *fyne.Menu { return a.servers.rowMenu(b) }

// ServersMenu is what one can do with the list of servers.
func (a *App) ServersMenu() *fyne.Menu { return a.servers.menu() }

// Drop drops something on the window.
func (a *App) Drop(what ...fyne.URI) { a.servers.dropped(fyne.Position{}, what) }
