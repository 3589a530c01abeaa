package bookmarks_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

func openBook(t *testing.T, path string) *bookmarks.Book {
	t.Helper()
	b, err := bookmarks.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newPath(t *testing.T) string { return filepath.Join(t.TempDir(), "voiceapp", "bookmarks.toml") }

func add(t *testing.T, b *bookmarks.Book, one bookmarks.Bookmark) bookmarks.Bookmark {
	t.Helper()
	made, err := b.Add(one)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func labels(b *bookmarks.Book) (all []string) {
	for _, one := range b.List() {
		all = append(all, one.Label)
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// All of a bookmark is there at the next start, for its owner alone.
func TestBookRoundTrip(t *testing.T) {
	path := newPath(t)
	want := bookmarks.Bookmark{
		Label: "Häuschen", Folder: "Friends", Address: "2001:db8::1", Port: 7000, User: "Anna", Channel: "Games/Chess", Notes: "two\nlines",
		AutoConnect: true, Fingerprint: voiceapp.Fingerprint{1, 2, 3}, LastUsed: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC),
	}
	made := add(t, openBook(t, path), want)
	if made.ID == "" {
		t.Fatal("it has no id")
	}
	want.ID = made.ID
	got, err := openBook(t, path).Get(made.ID)
	if err != nil || got != want {
		t.Errorf("the next start has %+v, %v", got, err)
	}
	for name, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s is %v, %v", name, info.Mode(), err)
		}
	}
}

// Bookmarks keep the order that a person gives them.
func TestOrder(t *testing.T) {
	b := openBook(t, newPath(t))
	ids := map[string]string{}
	for _, label := range []string{"a", "b", "c"} {
		ids[label] = add(t, b, bookmarks.Bookmark{Label: label, Address: label}).ID
	}
	for _, step := range []struct{ move, before, want string }{
		{"c", "a", "cab"}, {"c", "", "abc"}, {"a", "c", "bac"}, {"b", "b", "bac"}, {"b", "c", "abc"},
	} {
		if err := b.Move(ids[step.move], ids[step.before]); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(labels(b), ""); got != step.want {
			t.Errorf("%s before %q: %s, and not %s", step.move, step.before, got, step.want)
		}
	}
	if err := b.Remove(ids["b"]); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(labels(b), ""); got != "ac" {
		t.Errorf("left are %s", got)
	}
	for what, err := range map[string]error{
		"Remove": b.Remove(ids["b"]), "Move": b.Move(ids["b"], ""), "Move before": b.Move(ids["a"], ids["b"]),
	} {
		if !errors.Is(err, voiceapp.NotFound) {
			t.Errorf("%s of one that is gone: %v", what, err)
		}
	}
}

// What can't be is refused, and changes nothing.
func TestInvalid(t *testing.T) {
	b := openBook(t, newPath(t))
	good := add(t, b, bookmarks.Bookmark{Address: "voice.example"})
	for name, bad := range map[string]bookmarks.Bookmark{
		"no address":        {},
		"a port too high":   {Address: "a", Port: 65536},
		"a port below 0":    {Address: "a", Port: -1},
		"an address":        {Address: "a b"},
		"a user":            {Address: "a", User: "a\u202eb"},
		"a channel":         {Address: "a", Channel: "a\x00b"},
		"a label":           {Address: "a", Label: "a\u202eb"},
		"a label of 2":      {Address: "a", Label: "a\nb"},
		"a very long label": {Address: "a", Label: strings.Repeat("a", 2000)},
	} {
		if _, err := b.Add(bad); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("Add with %s: %v", name, err)
		}
		if _, err := b.Update(good.ID, func(one *bookmarks.Bookmark) error { *one = bad; return nil }); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("Update to %s: %v", name, err)
		}
	}
	if all := b.List(); len(all) != 1 || all[0] != good {
		t.Errorf("saved: %+v", all)
	}
}

// What the file has beyond what is known is there after a change, at the top and in a server.
func TestUnknownKeysAreKept(t *testing.T) {
	path := newPath(t)
	write(t, path, "version = 1\ncolour = \"red\"\n[other]\nx = 1\n[[server]]\naddress = \"a.example\"\nemoji = \"🦜\"\n[[server]]\naddress = \"b.example\"\n")
	b := openBook(t, path)
	if _, err := b.Update(b.List()[0].ID, func(one *bookmarks.Bookmark) error { one.Label = "A"; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`colour = "red"`, "x = 1", `emoji = "🦜"`, `label = "A"`, "b.example"} {
		if text := read(t, path); !strings.Contains(text, part) {
			t.Errorf("%s is gone: %s", part, text)
		}
	}
}

// A file that was edited by hand is backed up before a program writes over it; a second
// change leaves that backup alone.
func TestEditedByHandIsBackedUp(t *testing.T) {
	path := newPath(t)
	by := "# my servers\n[[server]]\naddress = \"a.example\" # at home\n"
	write(t, path, by)
	b := openBook(t, path)
	add(t, b, bookmarks.Bookmark{Address: "b.example"})
	add(t, b, bookmarks.Bookmark{Address: "c.example"})
	if got := read(t, path+".bak"); got != by {
		t.Errorf("the backup is %q", got)
	}
	edited := strings.Replace(read(t, path), "b.example", "bb.example", 1)
	write(t, path, edited)
	add(t, b, bookmarks.Bookmark{Address: "d.example"})
	if got := read(t, path+".bak"); got != edited {
		t.Errorf("the backup of the second edit is %q", got)
	}
	if got := b.List(); len(got) != 4 || got[1].Address != "bb.example" {
		t.Errorf("saved: %+v", got)
	}
}

// A damaged file is set aside with a word, each time under a name of its own, and the book works.
func TestDamagedIsSetAside(t *testing.T) {
	path := newPath(t)
	for i, text := range []string{"[[server", "server = 3\n", "[[server]]\naddress = 7\n", "[[server]]\naddress = \"a\"\nport = 70000\n", "[[server]]\nlabel = \"none\"\n"} {
		write(t, path, text)
		b, err := bookmarks.Open(path)
		aside := fmt.Sprintf("%s.damaged-%d", path, i+1)
		if !errors.Is(err, bookmarks.SetAside) || !errors.Is(err, voiceapp.Invalid) || voiceapp.AsError(err).About != aside || !strings.Contains(err.Error(), aside) {
			t.Fatalf("%q: %v", text, err)
		}
		if got := read(t, aside); got != text {
			t.Errorf("set aside is %q", got)
		}
		if len(b.List()) != 0 {
			t.Errorf("there are %+v", b.List())
		}
		add(t, b, bookmarks.Bookmark{Address: "new.example"})
	}
}

// A file that can't be read is no damaged one: it stays where it is.
func TestUnreadable(t *testing.T) {
	path := newPath(t)
	if err := os.MkdirAll(path, 0o700); err != nil { // which root can't read as a file either
		t.Fatal(err)
	}
	if b, err := bookmarks.Open(path); b != nil || !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("Open: %v, %v", b, err)
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		t.Errorf("it is not there any more: %v", err)
	}
}

// What is written can be read again: a list that would be too long is refused, and a time
// that the file can't tell is left out.
func TestWrittenIsRead(t *testing.T) {
	path := newPath(t)
	write(t, path, "[[server]]\naddress = \"old.example\"\nlast_used = 9999-12-31T23:59:59-12:00\n")
	b := openBook(t, path)
	add(t, b, bookmarks.Bookmark{Address: "new.example"})
	if got := openBook(t, path).List(); len(got) != 2 {
		t.Fatalf("there are %+v", got)
	}
	long := make([]bookmarks.Bookmark, 3000)
	for i := range long {
		long[i] = bookmarks.Bookmark{Address: fmt.Sprintf("host%d.example", i), Notes: strings.Repeat("長", 1000)}
	}
	if _, _, err := b.AddAll(long); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("9 MB of notes: %v", err)
	}
	add(t, b, bookmarks.Bookmark{Address: "third.example"})
	if got := openBook(t, path).List(); len(got) != 3 {
		t.Errorf("there are %d then", len(got))
	}
}

// What was added is not gone again because the file was looked at meanwhile.
func TestWatchWhileAdding(t *testing.T) {
	b := openBook(t, newPath(t))
	done := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				bookmarks.ReadAgain(b)
				runtime.Gosched()
			}
		}
	})
	gone := 0
	for i := range 100 {
		one := add(t, b, bookmarks.Bookmark{Address: "h.example", Port: i + 1})
		for range 20 {
			if _, err := b.Get(one.ID); err != nil {
				gone++
				break
			}
		}
	}
	close(done)
	looking.Wait()
	if gone > 0 {
		t.Errorf("%d of 100 were gone again", gone)
	}
}

// A label that is too long for a link's title gives a link all the same.
func TestLinkOfALongLabel(t *testing.T) {
	link := bookmarks.Bookmark{Label: strings.Repeat("ä", 1000), Address: "a.example"}.Link()
	if _, err := voiceapp.ParseLink(link.String()); err != nil || link.Title == "" {
		t.Errorf("%q: %v", link.Title, err)
	}
}

// A file of a newer program is left as it is.
func TestNewerIsRefused(t *testing.T) {
	path := newPath(t)
	write(t, path, "version = 2\n")
	if b, err := bookmarks.Open(path); b != nil || !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("Open: %v, %v", b, err)
	}
	if got := read(t, path); got != "version = 2\n" {
		t.Errorf("the file is %q", got)
	}
}

// Another program that damages the file does not lose what it holds by a change here.
func TestDamagedMeanwhile(t *testing.T) {
	path := newPath(t)
	b := openBook(t, path)
	write(t, path, "[[server")
	if _, err := b.Add(bookmarks.Bookmark{Address: "a.example"}); !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), path) {
		t.Errorf("Add: %v", err)
	}
	if got := read(t, path); got != "[[server" {
		t.Errorf("the file is %q", got)
	}
}

// A link at the path, as people make who keep their settings elsewhere, stays one.
func TestLinkStays(t *testing.T) {
	path := newPath(t)
	target := filepath.Join(t.TempDir(), "real.toml")
	write(t, target, "")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	add(t, openBook(t, path), bookmarks.Bookmark{Address: "a.example"})
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if !strings.Contains(read(t, target), "a.example") {
		t.Error("what it leads to has nothing of it")
	}
}

// Whoever opened the book first sees what another changes, when it looks and when it
// changes something itself.
func TestTwoBooks(t *testing.T) {
	path := newPath(t)
	one, other := openBook(t, path), openBook(t, path)
	done, changed := make(chan struct{}), make(chan struct{}, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		one.Watch(done, func() { changed <- struct{}{} })
	}()
	t.Cleanup(func() { close(done); <-ended })
	add(t, other, bookmarks.Bookmark{Label: "theirs", Address: "a"})
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody is told of the change")
	}
	if got := labels(one); !slices.Equal(got, []string{"theirs"}) {
		t.Errorf("seen: %v", got)
	}
	add(t, one, bookmarks.Bookmark{Label: "ours", Address: "b"})
	add(t, other, bookmarks.Bookmark{Label: "third", Address: "c"})
	if got := labels(other); !slices.Equal(got, []string{"theirs", "ours", "third"}) {
		t.Errorf("kept: %v", got)
	}
}

// The first key is pinned; another one is a hard stop that names both.
func TestBookTrustFirstUse(t *testing.T) {
	path := newPath(t)
	b := openBook(t, path)
	one := add(t, b, bookmarks.Bookmark{Address: "voice.example"})
	trust := b.TrustFirstUse(one.ID)
	first, second := voiceapp.Fingerprint{1}, voiceapp.Fingerprint{2}
	for range 2 {
		if err := trust("voice.example:7788", first); err != nil {
			t.Fatal(err)
		}
	}
	err := trust("voice.example:7788", second)
	if !errors.Is(err, voiceapp.KeyChanged) || !strings.Contains(err.Error(), first.String()) || !strings.Contains(err.Error(), second.String()) {
		t.Errorf("another key: %v", err)
	}
	if got, err := openBook(t, path).Get(one.ID); err != nil || got.Fingerprint != first {
		t.Errorf("pinned is %v, %v", got.Fingerprint, err)
	}
	if err := b.TrustFirstUse("nobody")("a", first); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("of no bookmark: %v", err)
	}
}

// What is exported can be imported, without ids; what is there already is counted and left.
func TestExportImport(t *testing.T) {
	b := openBook(t, newPath(t))
	add(t, b, bookmarks.Bookmark{Label: "A", Folder: "F", Address: "a.example", User: "anna", Fingerprint: voiceapp.Fingerprint{9}})
	add(t, b, bookmarks.Bookmark{Label: "B", Address: "b.example", Port: 7000, AutoConnect: true, LastUsed: time.Now()})
	var file strings.Builder
	if err := bookmarks.Export(&file, b.List()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(file.String(), b.List()[0].ID) {
		t.Error("ids are exported")
	}
	list, err := bookmarks.Import(strings.NewReader(file.String()))
	if err != nil || len(list) != 2 || list[0].Fingerprint != (voiceapp.Fingerprint{9}) || list[0].ID != "" || list[1].AutoConnect || !list[1].LastUsed.IsZero() {
		t.Fatalf("imported: %+v, %v", list, err)
	}
	list = append(list, bookmarks.Bookmark{Address: "a.example", User: "bo"})
	added, doubles, err := b.AddAll(list)
	if err != nil || added != 1 || doubles != 2 {
		t.Errorf("AddAll: %d, %d, %v", added, doubles, err)
	}
	if _, err := bookmarks.Import(strings.NewReader("not a list")); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("Import of something else: %v", err)
	}
	if _, err := bookmarks.Import(strings.NewReader(strings.Repeat("#", 9<<20))); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("Import of 9 MB: %v", err)
	}
}

// A thousand bookmarks are opened, and one is added.
func BenchmarkBook(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bookmarks.toml")
	book, err := bookmarks.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	var all []bookmarks.Bookmark
	for i := range 1000 {
		all = append(all, bookmarks.Bookmark{Label: fmt.Sprint("server ", i), Address: fmt.Sprintf("host%d.example", i), Fingerprint: voiceapp.Fingerprint{1}})
	}
	if _, _, err := book.AddAll(all); err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := bookmarks.Open(path); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("change", func(b *testing.B) {
		id := book.List()[500].ID
		for b.Loop() {
			if _, err := book.Update(id, func(one *bookmarks.Bookmark) error { one.AutoConnect = !one.AutoConnect; return nil }); err != nil {
				b.Fatal(err)
			}
		}
	})
}
