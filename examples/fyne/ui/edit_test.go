package ui_test

import (
	"errors"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
)

// A key that is pinned stays pinned by whatever is edited, but for another address.
func TestEditKeepsThePinnedKey(t *testing.T) {
	w := newWorld(t)
	key, other := voiceapp.Fingerprint{7}, voiceapp.Fingerprint{8}
	for _, c := range []struct {
		what, address string
		want          voiceapp.Fingerprint
	}{
		{"another label", "127.0.0.1:1", key},
		{"a link to the same server", "voiceapp://127.0.0.1:1/Games", key},
		{"a link with another key", "voiceapp://127.0.0.1:1/?fp=" + other.String(), key},
		{"another address", "127.0.0.1:2", voiceapp.Fingerprint{}},
		{"a link to another server", "voiceapp://127.0.0.1:2/?fp=" + other.String(), other},
	} {
		b := w.save("Home", "127.0.0.1:1", voiceapp.Fingerprint{})
		e := w.app.Edit(b)
		if err := w.book.TrustFirstUse(b.ID)("127.0.0.1:1", key); err != nil { // while the form is open
			t.Fatal(err)
		}
		e.SetAddress(c.address)
		if _, err := e.Save(); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		if got, err := w.book.Get(b.ID); err != nil || got.Fingerprint != c.want {
			t.Errorf("%s: the key is %v, %v", c.what, got.Fingerprint, err)
		}
		if err := w.book.Remove(b.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// An address is one in whatever letters it is written.
func TestAddressInCapitals(t *testing.T) {
	w := newWorld(t)
	e := w.app.Edit(bookmarks.Bookmark{})
	e.SetAddress(" Voice.Example:7000 ")
	if b, err := e.Save(); err != nil || b.HostPort() != "voice.example:7000" {
		t.Errorf("saved: %+v, %v", b, err)
	}
}

// A password goes with its server, and is gone with the last bookmark that needs it.
func TestPasswordGoesWithItsServer(t *testing.T) {
	keyring.MockInit()
	var secrets bookmarks.Secrets
	w := newWorld(t, func(cfg *ui.Config) { secrets = cfg.Secrets })
	b := w.save("Home", "127.0.0.1:1", voiceapp.Fingerprint{7})
	if err := secrets.Set(t.Context(), b.HostPort(), b.User, bookmarks.Secret{Password: "correct horse"}); err != nil {
		t.Fatal(err)
	}
	has := func(server, user string, want bool) {
		t.Helper()
		got, err := secrets.Get(t.Context(), server, user)
		if want && got.Password != "correct horse" || !want && !errors.Is(err, voiceapp.NotFound) {
			t.Errorf("%s at %s: %v", user, server, err)
		}
	}
	double := b
	double, err := w.book.Add(double)
	if err != nil {
		t.Fatal(err)
	}
	w.app.Remove(double)
	w.tap("Remove")
	has("127.0.0.1:1", "Anna", true)
	e := w.app.Edit(b)
	e.SetAddress("127.0.0.1:2")
	e.SetUser("Olga")
	if b, err = e.Save(); err != nil {
		t.Fatal(err)
	}
	has("127.0.0.1:1", "Anna", false)
	has("127.0.0.1:2", "Olga", true)
	w.app.Remove(b)
	w.tap("Remove")
	has("127.0.0.1:2", "Olga", false)
}
