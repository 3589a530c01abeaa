package archive_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/store/archive"
)

// quiet is for stores whose log is of no interest.
var quiet = slog.New(slog.DiscardHandler)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$c3Vt"

// newServer makes a data directory with accounts of those names.
func newServer(t *testing.T, names ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db := open(t, dir)
	for _, name := range names {
		if _, err := db.CreateUser(t.Context(), name, hash, voiceapp.RoleMember); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "tls/key.pem", "key of "+fmt.Sprint(names))
	write(t, dir, "tls/cert.pem", "cert")
	return dir
}

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(dir, archive.Database), store.Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// content is what a data directory holds: its accounts and its small files.
func content(t *testing.T, dir string) string {
	t.Helper()
	db := open(t, dir)
	defer db.Close()
	users, err := db.Users(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	said := "users"
	for _, u := range users {
		said += " " + u.Name
	}
	for _, name := range []string{"tls/key.pem", "tls/cert.pem", "token.key"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			said += fmt.Sprintf(", %s %q", name, text)
		}
	}
	return said
}

func create(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "backup.tar")
	if _, err := archive.Create(t.Context(), dir, file, archive.Options{Program: "test 1"}); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRoundTrip(t *testing.T) {
	dir := newServer(t, "anna", "bo")
	write(t, dir, "token.key", "secret")
	db := open(t, dir) // as a running server has it
	defer db.Close()
	file := create(t, dir)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the archive is %v, %v", info.Mode(), err)
	}
	m, err := archive.Verify(t.Context(), file)
	if err != nil || m.Format != archive.Format || m.Program != "test 1" || len(m.Files) != 4 || m.Schema < 1 {
		t.Errorf("%+v, %v", m, err)
	}
	into := filepath.Join(t.TempDir(), "new", "data")
	result, err := archive.Restore(t.Context(), file, into)
	if err != nil || result.Aside != "" {
		t.Fatalf("%+v, %v", result, err)
	}
	if got, want := content(t, into), content(t, dir); got != want {
		t.Errorf("restored: %s, want %s", got, want)
	}
	checkPrivate(t, into)
}

// checkPrivate fails when somebody else may read something.
func checkPrivate(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		info, infoErr := entry.Info()
		if infoErr == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return errors.Join(err, infoErr)
	})
	if err != nil {
		t.Error(err)
	}
}

// What was there is kept whole, the log that SQLite left behind too, and spoils
// nothing.
func TestRestoreKeepsWhatWasThere(t *testing.T) {
	file := create(t, newServer(t, "anna"))
	into := newServer(t, "old")
	write(t, into, "token.key", "old secret")
	write(t, into, "config.toml", "name = 'mine'")
	for _, log := range []string{"-wal", "-shm", "-journal"} {
		write(t, into, archive.Database+log, strings.Repeat("spoilt", 10_000))
	}
	result, err := archive.Restore(t.Context(), file, into)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := content(t, into), `users anna, tls/key.pem "key of [anna]", tls/cert.pem "cert"`; got != want {
		t.Errorf("restored: %s, want %s", got, want)
	}
	for _, name := range []string{"voiceapp.db-wal", "voiceapp.db-shm", "voiceapp.db-journal", "voiceapp.db", "tls/key.pem", "token.key"} {
		if _, err := os.Stat(filepath.Join(result.Aside, name)); err != nil {
			t.Errorf("what was there is not kept: %v", err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(into, "config.toml")); err != nil || string(text) != "name = 'mine'" {
		t.Errorf("the settings are %q, %v", text, err)
	}
	for _, left := range []string{"restore.part", "restore.ready"} {
		if _, err := os.Stat(filepath.Join(into, left)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", left, err)
		}
	}
	checkPrivate(t, into)
}

// An archive that was made under load holds what was acknowledged before it began.
func TestCreateWhileWriting(t *testing.T) {
	dir := newServer(t)
	db := open(t, dir)
	defer db.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan []string)
	acked := make(chan string, 1<<16)
	go func() {
		var all []string
		for i := 0; ctx.Err() == nil; i++ {
			name := fmt.Sprint("user ", i)
			if _, err := db.CreateUser(ctx, name, hash, 0); err == nil {
				all = append(all, name)
				acked <- name
			}
		}
		done <- all
	}()
	for range 3 {
		for range 20 {
			<-acked
		}
		before := <-acked
		into := t.TempDir()
		if _, err := archive.Restore(t.Context(), create(t, dir), into); err != nil {
			t.Fatal(err)
		}
		copied := open(t, into)
		if _, _, err := copied.Credential(t.Context(), before); err != nil {
			t.Errorf("%s was acknowledged before the archive was begun: %v", before, err)
		}
		if err := copied.Close(); err != nil {
			t.Error(err)
		}
	}
	cancel()
	<-done
}

func TestCreateRefused(t *testing.T) {
	dir := newServer(t)
	there := filepath.Join(t.TempDir(), "there")
	write(t, filepath.Dir(there), "there", "precious")
	foreign := t.TempDir()
	write(t, foreign, archive.Database, strings.Repeat("no database ", 1000))
	for _, c := range []struct {
		name, dir, file string
		options         archive.Options
		code            voiceapp.Code
	}{
		{"taken", dir, there, archive.Options{}, voiceapp.Exists},
		{"a directory", dir, t.TempDir(), archive.Options{Replace: true}, voiceapp.Exists},
		{"no server", t.TempDir(), filepath.Join(t.TempDir(), "x"), archive.Options{}, voiceapp.NotFound},
		{"nowhere", dir, filepath.Join(t.TempDir(), "no", "x"), archive.Options{}, voiceapp.Unavailable},
		{"no database", foreign, filepath.Join(t.TempDir(), "x"), archive.Options{}, voiceapp.Invalid},
	} {
		if _, err := archive.Create(t.Context(), c.dir, c.file, c.options); !errors.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(c.file), "*.part")); len(left) > 0 {
			t.Errorf("%s: %v is left", c.name, left)
		}
	}
	if text, _ := os.ReadFile(there); string(text) != "precious" {
		t.Errorf("what was there is %q now", text)
	}
	if _, err := archive.Create(t.Context(), dir, there, archive.Options{Replace: true}); err != nil {
		t.Errorf("writing over a file: %v", err)
	}
}

// entry is one of a tar file made by hand.
type entry struct {
	name string
	kind byte
	text string
}

func tarOf(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: e.kind, Size: int64(len(e.text)), Mode: 0o600}
		if e.kind == tar.TypeSymlink {
			h.Size, h.Linkname = 0, e.text
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if e.kind != tar.TypeSymlink {
			_, _ = io.WriteString(w, e.text)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// entriesOf takes an archive apart.
func entriesOf(t *testing.T, file string) (all []entry) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(bytes.NewReader(text)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		content, readErr := io.ReadAll(r)
		if err := errors.Join(err, readErr); err != nil {
			t.Fatal(err)
		}
		all = append(all, entry{h.Name, h.Typeflag, string(content)})
	}
}

func edit(t *testing.T, manifest string, change func(*archive.Manifest)) string {
	t.Helper()
	var m archive.Manifest
	if err := json.Unmarshal([]byte(manifest), &m); err != nil {
		t.Fatal(err)
	}
	change(&m)
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// hostile is archives that are not whole, each made of a good one's entries.
func hostile(t *testing.T, good []entry) map[string][]byte {
	whole := tarOf(t, good...)
	with := func(change func([]entry) []entry) []byte { return tarOf(t, change(slices.Clone(good))...) }
	manifest := func(change func(*archive.Manifest)) []byte {
		return with(func(e []entry) []entry { e[0].text = edit(t, e[0].text, change); return e })
	}
	return map[string][]byte{
		"empty":             {},
		"text":              []byte(strings.Repeat("no archive\n", 1000)),
		"cut in a file":     whole[:len(whole)/2],
		"cut in a header":   whole[:700],
		"no manifest":       with(func(e []entry) []entry { return e[1:] }),
		"manifest only":     with(func(e []entry) []entry { return e[:1] }),
		"manifest no JSON":  with(func(e []entry) []entry { e[0].text = "x"; return e }),
		"a long manifest":   with(func(e []entry) []entry { e[0].text = strings.Repeat(" ", 1<<20); return e }),
		"a file more":       with(func(e []entry) []entry { return append(e, entry{"extra", tar.TypeReg, "x"}) }),
		"a file twice":      with(func(e []entry) []entry { return append(e, e[2]) }),
		"outside":           with(func(e []entry) []entry { e[2].name = "../key.pem"; return e }),
		"absolute":          with(func(e []entry) []entry { e[2].name = "/etc/key.pem"; return e }),
		"a link":            with(func(e []entry) []entry { e[2] = entry{e[2].name, tar.TypeSymlink, "/etc/passwd"}; return e }),
		"changed":           with(func(e []entry) []entry { e[2].text = strings.ToUpper(e[2].text); return e }),
		"database changed":  with(func(e []entry) []entry { e[1].text = strings.Replace(e[1].text, "users", "usors", 1); return e }),
		"swapped":           with(func(e []entry) []entry { e[2], e[3] = e[3], e[2]; return e }),
		"manifest: outside": manifest(func(m *archive.Manifest) { m.Files[1].Name = "../key.pem" }),
		"manifest: twice":   manifest(func(m *archive.Manifest) { m.Files = append(m.Files, m.Files[1]) }),
		"manifest: nothing": manifest(func(m *archive.Manifest) { m.Files = nil }),
		"manifest: huge":    manifest(func(m *archive.Manifest) { m.Files[0].Size = 1 << 60 }),
		"manifest: minus":   manifest(func(m *archive.Manifest) { m.Files[0].Size = -1 }),
		"manifest: no hash": manifest(func(m *archive.Manifest) { m.Files[0].SHA256 = "" }),
		"manifest: format":  manifest(func(m *archive.Manifest) { m.Format = 0 }),
		"manifest: schema":  manifest(func(m *archive.Manifest) { m.Schema++ }),
	}
}

// Of what is not whole nothing is taken, and what was there stays as it is.
func TestBadArchivesChangeNothing(t *testing.T) {
	good := entriesOf(t, create(t, newServer(t, "new")))
	into := newServer(t, "old")
	before := content(t, into)
	for name, text := range hostile(t, good) {
		file := filepath.Join(t.TempDir(), "bad.tar")
		write(t, filepath.Dir(file), "bad.tar", string(text))
		if _, err := archive.Verify(t.Context(), file); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: Verify says %v", name, err)
		}
		if _, err := archive.Restore(t.Context(), file, into); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: Restore says %v", name, err)
		}
		if after := content(t, into); after != before {
			t.Fatalf("%s: %s became %s", name, before, after)
		}
	}
	if entries, _ := os.ReadDir(into); slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), "restore") }) {
		t.Errorf("something is left: %v", entries)
	}
	newer := filepath.Join(t.TempDir(), "newer.tar")
	good[0].text = edit(t, good[0].text, func(m *archive.Manifest) { m.Format = 99 })
	write(t, filepath.Dir(newer), "newer.tar", string(tarOf(t, good...)))
	if _, err := archive.Restore(t.Context(), newer, into); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("a newer format: %v", err)
	}
	if _, err := archive.Restore(t.Context(), filepath.Join(into, "missing"), into); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := archive.Verify(t.Context(), into); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a directory: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := archive.Restore(ended, create(t, newServer(t)), into); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("a context that has ended: %v", err)
	}
}
