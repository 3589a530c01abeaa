package ui_test

import (
	"errors"
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"github.com/zalando/go-keyring"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
)

// remembered is a saved server at which this device logs in by a token, as Anna.
type remembered struct {
	*world
	*host
	anna     *control.Client
	secrets  bookmarks.Secrets
	bookmark bookmarks.Bookmark
}

func newRemembered(t *testing.T) *remembered {
	t.Helper()
	keyring.MockInitWithError(errors.New("there is none"))
	r := &remembered{}
	r.world = newWorld(t, func(cfg *ui.Config) { r.secrets = cfg.Secrets })
	r.host = newHost(t)
	r.anna = r.member("Anna", voiceapp.RoleMember)
	_, token, err := r.anna.RememberDevice(t.Context(), "desktop")
	if err != nil {
		t.Fatal(err)
	}
	r.bookmark = r.save("Home", r.addr, r.key)
	if err := r.secrets.Set(t.Context(), r.addr, "Anna", bookmarks.Secret{Token: token}); err != nil {
		t.Fatal(err)
	}
	return r
}

// devices is how many devices the server remembers.
func (r *remembered) devices() int {
	all, err := r.anna.Devices(r.world.t.Context())
	if err != nil {
		r.world.t.Fatal(err)
	}
	return len(all)
}

// forgotten checks that nothing of the server is left here.
func (r *remembered) forgotten() {
	t := r.world.t
	t.Helper()
	if left := r.book.List(); len(left) != 0 {
		t.Errorf("still saved: %+v", left)
	}
	if _, err := r.secrets.Get(t.Context(), r.addr, "Anna"); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("what logs one in: %v", err)
	}
}

func (r *remembered) box() *widget.Check {
	return find(r.world, "box", func(c *widget.Check) bool { return c.Text == "Sign this device out at the server" })
}

// Who removes a server is signed out there, unless he wants to stay.
func TestRemovalSignsOut(t *testing.T) {
	for what, left := range map[string]int{"signed out": 0, "stays": 1} {
		t.Run(what, func(t *testing.T) {
			r := newRemembered(t)
			r.app.Remove(r.bookmark)
			if left > 0 {
				test.Tap(r.box())
			}
			r.tap("Remove")
			r.forgotten()
			if left > 0 {
				r.settle()
			}
			r.until("what the server remembers", func() bool { return r.devices() == left })
			if r.shows("not signed out") {
				t.Errorf("the window shows %q", r.texts())
			}
		})
	}
}

// A server that can't be reached keeps nobody from removing it, and one is told that it has
// not forgotten.
func TestRemovalOfAServerThatIsAway(t *testing.T) {
	r := newRemembered(t)
	away, err := r.book.Update(r.bookmark.ID, func(b *bookmarks.Bookmark) error { b.Fingerprint = voiceapp.Fingerprint{1}; return nil }) // another one is there
	if err != nil {
		t.Fatal(err)
	}
	r.app.Remove(away)
	r.tap("Remove")
	r.forgotten()
	r.until("the word about it", func() bool { return r.shows("This device is not signed out") && r.shows("90 days") })
	if r.devices() != 1 {
		t.Error("another server was given the token")
	}
}

// Who is asked to sign out has a token: a guest has none, and a double shares it.
func TestRemovalWithoutAToken(t *testing.T) {
	r := newRemembered(t)
	double, err := r.book.Add(r.bookmark)
	if err != nil {
		t.Fatal(err)
	}
	guests := r.save("Guest", "127.0.0.1:1", voiceapp.Fingerprint{1})
	for _, b := range []bookmarks.Bookmark{double, guests} {
		r.app.Remove(b)
		for _, o := range r.objects() {
			if c, ok := o.(*widget.Check); ok {
				t.Errorf("%s: there is a box %q", b.Label, c.Text)
			}
		}
		r.tap("Remove")
	}
	r.settle()
	if r.devices() != 1 || len(r.book.List()) != 1 {
		t.Errorf("%d devices, %+v", r.devices(), r.book.List())
	}
}

// form is that of a saved server.
type form interface {
	SetUser(name string)
	SetPassword(password string)
}

// A token that another name or a password takes the place of ends.
func TestEditSignsOut(t *testing.T) {
	for what, change := range map[string]func(form){
		"another name": func(e form) { e.SetUser("Olga") },
		"a password": func(e form) {
			keyring.MockInit()
			e.SetPassword(password)
		},
	} {
		t.Run(what, func(t *testing.T) {
			r := newRemembered(t)
			e := r.app.Edit(r.bookmark)
			change(e)
			if _, err := e.Save(); err != nil {
				t.Fatal(err)
			}
			r.until("the token has ended", func() bool { return r.devices() == 0 })
		})
	}
}
