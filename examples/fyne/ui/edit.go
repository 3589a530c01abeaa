package ui

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

// edit is the form of one bookmark.
type edit struct {
	app                                          *App
	bookmark                                     bookmarks.Bookmark
	address, label, user, folder, channel, notes *field
	password                                     *field
	key                                          *widget.Label
	auto                                         *widget.Check
	forget                                       bool // the key that is pinned
	had                                          bookmarks.Secret
}

// showEdit shows a bookmark to be changed, a new one when it has no id, above a button
// with that name; then is called with what was saved.
func showEdit(a *App, b bookmarks.Bookmark, save string, then func(bookmarks.Bookmark)) {
	e := &edit{app: a, bookmark: b}
	heading := lang.L("Edit the server")
	if b.ID == "" {
		heading = lang.L("Add a server")
	}
	a.showForm(heading, save, e.items(), func() {
		saved, err := e.save()
		a.Complain(err)
		if err == nil {
			then(saved)
		}
	})
}

// items are the rows of the form.
func (e *edit) items() []*widget.FormItem {
	b := e.bookmark
	e.address = newField("", lang.L("voice.example, or voice.example:7788, or a link"))
	if b.Address != "" {
		e.address.SetText(b.HostPort())
	}
	e.address.Validator = inWords(func(text string) error { _, err := e.parse(text); return err })
	e.label = newField(b.Label, lang.L("what you call it"))
	e.user = newField(b.User, lang.L("your name there"))
	e.user.Validator = inWords(func(text string) error {
		if text == "" {
			return nil // it is asked for
		}
		return voiceapp.CheckName(text)
	})
	e.password = newSecretField(lang.L("leave it empty to come as a guest"))
	if b.ID != "" {
		e.had = e.app.secretNow(b)
		e.password.SetText(e.had.Password)
		if e.had.Token != "" {
			e.password.SetPlaceHolder(lang.L("this device logs in without it"))
		}
	}
	e.channel = newField(b.Channel, lang.L("such as Lobby or Games/Chess"))
	e.folder = newField(b.Folder, "")
	e.notes = newField(b.Notes, "")
	e.auto = widget.NewCheck(lang.L("Connect when the program starts"), nil)
	e.auto.SetChecked(b.AutoConnect)
	items := []*widget.FormItem{
		widget.NewFormItem(lang.L("Address"), e.address),
		widget.NewFormItem(lang.L("Label"), e.label),
		widget.NewFormItem(lang.L("Name"), e.user),
		widget.NewFormItem(lang.L("Password"), e.password),
		widget.NewFormItem(lang.L("Channel"), e.channel),
		widget.NewFormItem(lang.L("Folder"), e.folder),
		widget.NewFormItem(lang.L("Notes"), e.notes),
		widget.NewFormItem("", e.auto),
	}
	if !b.Fingerprint.IsZero() {
		items = append(items, widget.NewFormItem(lang.L("Server key"), e.pinned()))
	}
	return items
}

// keyringTime is how long the screens wait for a keyring. One that asks a person is waited
// for beside them, when one connects.
const keyringTime = time.Second

func (a *App) soon() (context.Context, context.CancelFunc) {
	return context.WithTimeout(a.ctx, keyringTime)
}

// secretNow is what logs one in: the password that was entered and can't be kept, or else
// what is kept, where that is known at once.
func (a *App) secretNow(b bookmarks.Bookmark) bookmarks.Secret {
	if password, ok := a.unkept[loginOf(b)]; ok {
		return bookmarks.Secret{Password: password}
	}
	ctx, cancel := a.soon()
	defer cancel()
	secret, err := a.cfg.Secrets.Get(ctx, b.HostPort(), b.User)
	if !errors.Is(err, voiceapp.NotFound) {
		a.Complain(err)
	}
	return secret
}

// pinned shows the key that the server has to have.
func (e *edit) pinned() fyne.CanvasObject {
	e.key = widget.NewLabel(shortKey(e.bookmark.Fingerprint))
	e.key.TextStyle.Monospace = true
	forget := widget.NewCheck(lang.L("Forget it: its owner told me that it has another"), func(on bool) { e.forget = on })
	return container.NewVBox(e.key, forget)
}

// parse reads an address as people write it, or a link.
func (e *edit) parse(text string) (bookmarks.Bookmark, error) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "://") {
		b, _, err := bookmarks.ParseLink(text)
		return b, err
	}
	b, text := e.bookmark, strings.ToLower(text)
	if err := voiceapp.CheckPublicAddress(text); err != nil {
		return b, err
	}
	if text == "" {
		return b, voiceapp.NewError(voiceapp.Invalid, "an address is needed").With(bookmarks.NoAddress)
	}
	host, port := voiceapp.SplitPublicAddress(text)
	b.Address, b.Port = host, 0
	if port != "" {
		b.Port, _ = strconv.Atoi(port) // CheckPublicAddress has read it
	}
	if b.HostPort() != e.bookmark.HostPort() {
		b.Fingerprint = voiceapp.Fingerprint{} // it was another server's
	}
	return b, nil
}

// save puts what was entered into the book.
func (e *edit) save() (bookmarks.Bookmark, error) {
	b, err := e.parse(e.address.Text)
	if err != nil {
		return b, err
	}
	fill := func(field *string, entry *field) {
		if text := strings.TrimSpace(entry.Text); text != "" || *field == "" || b.ID != "" {
			*field = text
		}
	}
	fill(&b.Label, e.label)
	fill(&b.User, e.user)
	fill(&b.Channel, e.channel)
	fill(&b.Folder, e.folder)
	fill(&b.Notes, e.notes)
	b.AutoConnect = e.auto.Checked
	if e.bookmark.ID == "" {
		b, err = e.app.cfg.Book.Add(b)
	} else {
		b, err = e.app.cfg.Book.Update(e.bookmark.ID, func(now *bookmarks.Bookmark) error {
			b.ID, b.LastUsed, b.Fingerprint = now.ID, now.LastUsed, e.keyOf(b, *now)
			*now = b
			return nil
		})
	}
	if err != nil {
		return b, err
	}
	return b, e.keepPassword(b)
}

// keyOf is the key that is pinned then: what is known at present, which may be more than
// the form knew, unless it is to be forgotten, or this is another server.
func (e *edit) keyOf(entered, now bookmarks.Bookmark) voiceapp.Fingerprint {
	switch {
	case e.forget:
		return voiceapp.Fingerprint{}
	case entered.HostPort() == now.HostPort():
		return now.Fingerprint
	}
	return entered.Fingerprint
}

// keepPassword keeps the password where secrets are, and takes it away from where it was.
// One that can't be kept is for the next connection.
func (e *edit) keepPassword(b bookmarks.Bookmark) error {
	secrets, was := e.app.cfg.Secrets, e.bookmark
	moved := was.ID != "" && (was.HostPort() != b.HostPort() || was.User != b.User)
	if moved {
		had, err := e.app.forgetSecret(was)
		if err != nil {
			return err
		}
		e.app.signOut(was, had.Token)
	}
	if e.password.Text == e.had.Password && !moved {
		return nil
	}
	ctx, cancel := e.app.soon()
	defer cancel()
	delete(e.app.unkept, loginOf(b))
	switch {
	case e.password.Text == "" && moved:
		return nil
	case e.password.Text == "":
		err := secrets.Delete(ctx, b.HostPort(), b.User)
		if err == nil {
			e.app.signOut(was, e.had.Token)
		}
		return err
	}
	err := secrets.Set(ctx, b.HostPort(), b.User, bookmarks.Secret{Password: e.password.Text})
	if errors.Is(err, voiceapp.Unavailable) {
		e.app.unkept[loginOf(b)] = e.password.Text
		return nil
	}
	if err == nil && !moved { // it takes the token's place
		e.app.signOut(was, e.had.Token)
	}
	return err
}
