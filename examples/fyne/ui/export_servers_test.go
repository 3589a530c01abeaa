package ui

import (
	"fyne.io/fyne/v2"

	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

// Search searches among the saved servers.
func (a *App) Search(text string) { a.servers.search.SetText(text) }

// RowMenu is what one can do with a saved server.
func (a *App) RowMenu(b bookmarks.Bookmark) *fyne.Menu { return a.servers.rowMenu(b) }
