package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// must runs the client and returns what it printed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := run(t, "", args...)
	if code != 0 {
		t.Fatalf("voiceapp %v: %d, %s", args, code, errs)
	}
	return out
}

// A server that is saved is used by its label, with its name, channel and key; the key is
// pinned at the first contact, and another one ends it.
func TestBookmark(t *testing.T) {
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	must(t, "bookmark", "add", s.addr, "--label", "Home", "--user", "anna", "--channel", "Games")
	if out, errs, code := run(t, "", "channels", "--server", "@home"); code == 0 {
		t.Errorf("a key that nobody has seen is trusted: %s%s", out, errs)
	}
	must(t, "channels", "--server", "@home", "--trust-first-use")
	must(t, "channels", "--server", "@HOME") // it is pinned now
	if got := must(t, "bookmark", "list", "--json"); !strings.Contains(got, s.fingerprint) || !strings.Contains(got, `"user":"anna"`) {
		t.Errorf("saved: %s", got)
	}
	if out, errs, _ := run(t, "good evening\n", "chat", "--server", "@home", "--json"); !strings.Contains(out, `"name":"anna"`) {
		t.Errorf("chat: %s%s", out, errs)
	}
	if got := must(t, "bookmark", "list", "--json"); !strings.Contains(got, `"last_used":"20`) {
		t.Errorf("the list does not say when it was used: %s", got)
	}
	link := strings.TrimSpace(must(t, "bookmark", "link", "Home"))
	if l, err := voiceapp.ParseLink(link); err != nil || l.Fingerprint.String() != s.fingerprint || l.Channel != "Games" {
		t.Errorf("the link is %s, %v", link, err)
	}
	book, err := bookmarks.Open(bookmarks.DefaultPath())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Update(book.List()[0].ID, func(b *bookmarks.Bookmark) error { b.Fingerprint = voiceapp.Fingerprint{1}; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := run(t, "", "channels", "--server", "@home", "--trust-first-use"); code == 0 || !strings.Contains(errs, "key") {
		t.Errorf("another key: %d, %s", code, errs)
	}
}

// What logs one in goes with the saved server, and a token of this device ends at the server,
// where that can be reached.
func TestBookmarkRemoveSignsOut(t *testing.T) {
	keyring.MockInitWithError(errors.New("there is none"))
	ownConfig(t)
	s := startServer(t, t.TempDir(), anyPort)
	key, err := voiceapp.ParseFingerprint(s.fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	anna, err := control.Connect(t.Context(), s.addr, control.ClientConfig{Fingerprint: key})
	if err != nil {
		t.Fatal(err)
	}
	defer anna.Close()
	if _, err = anna.Register(t.Context(), "anna", "correct horse"); err == nil {
		err = anna.Open(t.Context(), "anna", "correct horse")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		fingerprint, warning string
		args                 []string
		left                 int // devices that the server remembers then
	}{
		{s.fingerprint, "", nil, 0},
		{s.fingerprint, "", []string{"--stay-signed-in"}, 1},
		{strings.Repeat("01", 32), "not signed out", nil, 2},
	} {
		must(t, "bookmark", "add", "voiceapp://anna@"+s.addr+"/?fp="+c.fingerprint, "--label", "Home")
		_, token, err := anna.RememberDevice(t.Context(), "laptop")
		if err == nil {
			err = openSecrets().Set(t.Context(), s.addr, "anna", bookmarks.Secret{Token: token})
		}
		if err != nil {
			t.Fatal(err)
		}
		out, errs, code := run(t, "", append([]string{"bookmark", "remove", "Home"}, c.args...)...)
		if code != 0 || out != "" || (errs == "") != (c.warning == "") || !strings.Contains(errs, c.warning) {
			t.Errorf("%v: %d, %s%s", c.args, code, out, errs)
		}
		if _, err := openSecrets().Get(t.Context(), s.addr, "anna"); !errors.Is(err, voiceapp.NotFound) {
			t.Errorf("%v: what logs one in is still there: %v", c.args, err)
		}
		if all, err := anna.Devices(t.Context()); err != nil || len(all) != c.left {
			t.Errorf("%v: the server remembers %+v, %v; want %d", c.args, all, err, c.left)
		}
	}
}

// The list is changed, handed on and taken in.
func TestBookmarkList(t *testing.T) {
	keyring.MockInit()
	ownConfig(t)
	must(t, "bookmark", "add", "a.example", "--label", "A", "--folder", "Friends", "--auto-connect", "yes")
	must(t, "bookmark", "add", "mumble://bo:pw@b.example/Room?title=B")
	must(t, "bookmark", "move", "B", "--before", "A")
	must(t, "bookmark", "edit", "A", "--folder", "-", "--address", "aa.example:7000", "--auto-connect", "no")
	if got := must(t, "bookmark", "list"); !strings.Contains(got, "aa.example:7000") || strings.Index(got, "b.example") > strings.Index(got, "aa.example") || strings.Contains(got, "pw") {
		t.Errorf("saved:\n%s", got)
	}
	file := filepath.Join(t.TempDir(), "servers.toml")
	must(t, "bookmark", "export", file)
	must(t, "bookmark", "remove", "A")
	if got := must(t, "bookmark", "import", file); got != "1 are new, 1 were there already\n" {
		t.Errorf("import: %s", got)
	}
	for _, args := range [][]string{
		{"bookmark", "export", file},
		{"bookmark", "remove", "nobody"},
		{"bookmark", "add", "https://x.example"},
		{"bookmark", "add", "a b"},
		{"bookmark", "edit", "B", "--auto-connect", "maybe"},
		{"channels", "--server", "@nobody"},
	} {
		if out, errs, code := run(t, "", args...); code == 0 || errs == "" {
			t.Errorf("%v: %d, %s%s", args, code, out, errs)
		}
	}
}
