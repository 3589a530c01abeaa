package ui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// signOutTime is how long a server may take to end a token. The end of the program waits
// for that, too.
const signOutTime = 5 * time.Second

// remove asks whether a server is to be forgotten, and where this device logs in there by a
// token of its own, whether that is to end. then is called once it is forgotten.
func (s *servers) remove(b bookmarks.Bookmark, then func(error)) {
	a := s.app
	text := widget.NewLabel(lang.L("The server stays as it is. What is remembered of it here, its password too, is gone."))
	text.Wrapping = fyne.TextWrapWord
	end := widget.NewCheck(lang.L("Sign this device out at the server"), nil)
	end.SetChecked(true)
	end.Hidden = !a.hasToken(b)
	ask := dialog.NewCustomConfirm(lang.L("Remove {{.Name}}?", map[string]any{"Name": plain(title(b))}), lang.L("Remove"), lang.L("Cancel"), container.NewVBox(text, end), func(yes bool) {
		if !yes {
			return
		}
		had, err := a.forgetSecret(b)
		then(errors.Join(err, a.cfg.Book.Remove(b.ID)))
		if end.Checked {
			a.signOut(b, had.Token)
		}
	}, a.window)
	ask.SetConfirmImportance(widget.DangerImportance)
	a.show(ask, fyne.NewSize(460, 0), nil)
}

// hasToken reports whether a bookmark, and no other, logs this device in by a token, as far as
// that is known at once.
func (a *App) hasToken(b bookmarks.Bookmark) bool {
	if a.cfg.Book.SharesLogin(b) {
		return false
	}
	ctx, cancel := a.soon()
	defer cancel()
	had, err := a.cfg.Secrets.Get(ctx, b.HostPort(), b.User)
	return err == nil && had.Token != ""
}

// forgetSecret forgets what logs one in by a bookmark, unless another one needs it, and
// returns what it was.
func (a *App) forgetSecret(b bookmarks.Bookmark) (bookmarks.Secret, error) {
	ctx, cancel := a.soon()
	defer cancel()
	had, err := a.cfg.Book.ForgetSecret(ctx, a.cfg.Secrets, b)
	if !a.cfg.Book.SharesLogin(b) {
		delete(a.unkept, loginOf(b))
	}
	return had, err
}

// signOut has a server end a token that is forgotten here, and says so when it can't be
// reached; "": there was none.
func (a *App) signOut(b bookmarks.Bookmark, token string) {
	if token == "" {
		return
	}
	a.work(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutTime)
		defer cancel()
		return control.ForgetDevice(ctx, b.HostPort(), control.ClientConfig{Fingerprint: b.Fingerprint, Logger: a.cfg.Logger}, token)
	}, func(err error) {
		if err == nil {
			return
		}
		a.showMessage(lang.L("This device is not signed out"), lang.L("{{.Server}} could not be told: {{.Why}} It is forgotten here. What logged this device in stays good there until an admin ends it, you change your password, or {{.Days}} days have passed.", map[string]any{
			"Server": plain(title(b)), "Why": why(err), "Days": int(voiceapp.DeviceTokenLifetime / (24 * time.Hour)),
		}))
	})
}
