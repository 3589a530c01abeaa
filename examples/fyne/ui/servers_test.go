package ui_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
)

// A saved server moves among those of its folder, and is doubled into it.
func TestOrderOfServers(t *testing.T) {
	w := newWorld(t)
	saved := map[string]bookmarks.Bookmark{}
	for i, label := range []string{"a", "play 1", "b", "play 2", "c"} {
		b := w.save(label, "127.0.0.1:1", voiceapp.Fingerprint{1})
		if i%2 == 1 {
			var err error
			if b, err = w.book.Update(b.ID, func(b *bookmarks.Bookmark) error { b.Folder = "Play"; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		saved[label] = b
	}
	choose := func(label, item string, can bool) {
		t.Helper()
		for _, one := range w.app.RowMenu(saved[label]).Items {
			if one.Label != item {
				continue
			}
			if one.Disabled == can {
				t.Errorf("%s: %s can be chosen: %t", label, item, !can)
			}
			if can {
				one.Action()
			}
		}
	}
	want := func(what string, folder string, want ...string) {
		t.Helper()
		var got []string
		for _, b := range w.book.List() {
			if b.Folder == folder {
				got = append(got, b.Label)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the order is %q", what, got)
		}
	}
	choose("a", "Move up", false)
	choose("play 1", "Move up", false)
	choose("play 2", "Move down", false)
	choose("c", "Move down", false)
	choose("play 2", "Move up", true)
	want("up in a folder", "Play", "play 2", "play 1")
	choose("a", "Move down", true)
	want("down", "", "b", "a", "c")
	choose("c", "Move up", true)
	want("up", "", "b", "c", "a")
	choose("play 2", "Duplicate", true)
	want("doubled", "Play", "play 2", "play 1", "Copy of play 2")
	w.tap("Play")
	if w.shows("play 1") || !w.shows("a") {
		t.Errorf("the folder is closed, and this is shown: %q", w.texts())
	}
}

// Whoever searches sees at each letter what was known of the servers before.
func TestSearchKeepsWhatIsKnown(t *testing.T) {
	w := newWorld(t)
	w.serve()
	w.app.Refill()
	w.until("how it is", func() bool { return w.shows("people") })
	for _, text := range []string{"H", "Ho", "Hom", "nothing", "Home", ""} {
		w.app.Search(text)
		if found := text != "nothing"; w.shows("people") != found {
			t.Errorf("%q: what is known is shown: %t", text, !found)
		}
	}
}

// A server with another key than the one that is pinned is not called unreachable.
func TestRowOfAnotherKey(t *testing.T) {
	w := newWorld(t)
	addr, _ := exampletest.Serve(t)
	w.save("Home", addr, voiceapp.Fingerprint{1})
	w.app.Refill()
	w.until("a word about its key", func() bool { return w.shows("another key than before") })
}

// A link that is pasted into the search, or taken from the clipboard, is saved, another
// program's, too, and a file that is dropped is imported.
func TestImport(t *testing.T) {
	w := newWorld(t)
	search := w.entry("Search")
	test.Type(search, "mumble://anna@mumble.example/Games")
	search.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !w.shows("Add a server") {
		t.Fatalf("the window shows %q", w.texts())
	}
	w.tap("Save and connect")
	w.app.Escape() // and gives up the connection
	fyne.CurrentApp().Clipboard().SetContent(" voiceapp://voice.example/?title=Chess \n")
	w.app.ServersMenu().Items[0].Action()
	w.tap("Save and connect")
	w.app.Escape()
	w.app.Escape() // nobody has a name there yet
	if got := w.labels(); !slices.Equal(got, []string{"", "Chess"}) {
		t.Errorf("saved: %q", got)
	}

	path := filepath.Join(t.TempDir(), "servers.toml")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	list := append(w.book.List(), bookmarks.Bookmark{Label: "Work", Address: "work.example"})
	if err := errors.Join(bookmarks.Export(file, list), file.Close()); err != nil {
		t.Fatal(err)
	}
	w.app.Drop(storage.NewFileURI(path))
	if !w.shows("1 server is new, 2 were there already.") || !slices.Contains(w.labels(), "Work") {
		t.Errorf("saved: %q, and the window shows %q", w.labels(), w.texts())
	}
}

// labels are the saved servers in their order.
func (w *world) labels() (all []string) {
	for _, b := range w.book.List() {
		all = append(all, b.Label)
	}
	return all
}
