package ui_test

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2/test"
	"github.com/zalando/go-keyring"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
)

// Who comes without a password where one is needed is asked for it.
func TestPasswordIsAskedFor(t *testing.T) {
	for what, change := range map[string]func(*control.Server){
		"name belongs to an account": func(*control.Server) {},
		"takes no guests":            func(s *control.Server) { s.NoGuests = true },
	} {
		w := newWorld(t)
		h := newHost(t, change)
		h.account("Anna", voiceapp.RoleMember)
		w.app.Connect(w.save("Home", h.addr, h.key))
		w.until(what, func() bool { return w.shows("Who are you") && w.shows(what) })
		test.Type(w.entry("come as a guest"), password)
		w.tap("Connect")
		w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.shows("Lobby") })
		if w.app.Client().Self().User == 0 {
			t.Errorf("%s: Anna is a guest", what)
		}
	}
}

// A password that is entered logs one in, also where it can't be kept: from then on the
// device does.
func TestPasswordWithoutAKeyring(t *testing.T) {
	keyring.MockInitWithError(errors.New("there is none"))
	var secrets bookmarks.Secrets
	w := newWorld(t, func(cfg *ui.Config) { secrets = cfg.Secrets })
	h := newHost(t)
	h.account("Anna", voiceapp.RoleMember)
	e := w.app.Edit(bookmarks.Bookmark{Label: "Home"})
	e.SetAddress(h.addr)
	e.SetUser("Anna")
	e.SetPassword(password)
	b, err := e.Save()
	if err != nil {
		t.Fatal(err)
	}
	w.app.Connect(b)
	w.until("the key", func() bool { return w.shows("Trust it") })
	w.tap("Trust it")
	w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.shows("Lobby") })
	if w.app.Client().Self().User == 0 {
		t.Error("Anna is a guest")
	}
	w.until("the device is remembered", func() bool {
		got, err := secrets.Get(t.Context(), h.addr, "Anna")
		return err == nil && got.Token != ""
	})
}
