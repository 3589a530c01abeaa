package ui

// Search searches among the saved servers.
func (a *App) Search(text string) { a.servers.search.SetText(text) }
