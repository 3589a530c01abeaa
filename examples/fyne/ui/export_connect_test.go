package ui

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

// LosePatience has servers that wait for an answer about their keys be gone by then.
func (a *App) LosePatience() { a.patience = 0 }

// Talks is how many servers one is on.
func (a *App) Talks() int { return len(a.talks) }

// TabTitle is what the tab of the server that is shown is called.
func (a *App) TabTitle() string { return a.current().item.Text }

// Trust asks about a key as a connection by a bookmark does.
func (a *App) Trust(b bookmarks.Bookmark, addr string, key [32]byte) error {
	return (&connecting{app: a, bookmark: b, ctx: a.ctx}).trust(addr, key)
}

// UseInvite connects by an invite, and reports why that did not work.
func (a *App) UseInvite(b bookmarks.Bookmark, invite, password string) error {
	c := &connecting{app: a, bookmark: b, invite: invite, secret: bookmarks.Secret{Password: password}}
	c.ctx, c.cancel = context.WithCancel(a.ctx)
	defer c.cancel()
	_, err := c.open()
	return err
}

// ConnectAs connects with a password.
func (a *App) ConnectAs(b bookmarks.Bookmark, password string) {
	a.dial(b, "", &bookmarks.Secret{Password: password})
}

// Edit opens the form of a bookmark.
func (a *App) Edit(b bookmarks.Bookmark) *edit {
	e := &edit{app: a, bookmark: b}
	e.items()
	return e
}

// SetAddress, SetUser and Save do what the form does.
func (e *edit) SetAddress(text string) { e.address.SetText(text) }

// SetUser enters a name.
func (e *edit) SetUser(text string) { e.user.SetText(text) }

// SetPassword enters a password.
func (e *edit) SetPassword(text string) { e.password.SetText(text) }

// Save saves what was entered.
func (e *edit) Save() (bookmarks.Bookmark, error) { return e.save() }

// Remove asks whether a bookmark is to be removed.
func (a *App) Remove(b bookmarks.Bookmark) { a.servers.remove(b, a.Complain) }
