package bookmarks_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

// Where there is no keyring, tokens are kept in a file for their owner, and passwords are not.
func TestTokensWithoutKeyring(t *testing.T) {
	keyring.MockInitWithError(errors.New("no keyring"))
	dir := filepath.Join(t.TempDir(), "voiceapp")
	s := bookmarks.OpenSecrets(dir)
	if err := s.Set(t.Context(), "h:1", "anna", bookmarks.Secret{Password: "hunter22"}); !errors.Is(err, voiceapp.Unavailable) || !errors.Is(err, bookmarks.NoKeyring) {
		t.Errorf("a password is kept: %v", err)
	}
	if err := s.Set(t.Context(), "h:1", "anna", bookmarks.Secret{Password: "hunter22", Token: "TOKEN"}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "tokens.json")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if text := read(t, path); strings.Contains(text, "hunter22") {
		t.Error("the password is in the file")
	}
	s = bookmarks.OpenSecrets(dir)
	if got, err := s.Get(t.Context(), "h:1", "anna"); err != nil || got.Token != "TOKEN" {
		t.Errorf("Get: %v", err)
	}
	for _, who := range [][2]string{{"h:2", "anna"}, {"h:1", "bo"}} {
		if _, err := s.Get(t.Context(), who[0], who[1]); !errors.Is(err, voiceapp.NotFound) {
			t.Errorf("%v has one, too: %v", who, err)
		}
	}
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			if err := s.Set(t.Context(), "h:1", fmt.Sprint(i), bookmarks.Secret{Token: "T"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := errors.Join(s.Delete(t.Context(), "h:1", "anna"), s.Delete(t.Context(), "h:1", "nobody")); err != nil {
		t.Error(err)
	}
	if _, err := s.Get(t.Context(), "h:1", "anna"); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("it is still there: %v", err)
	}
	for i := range 10 {
		if _, err := s.Get(t.Context(), "h:1", fmt.Sprint(i)); err != nil {
			t.Errorf("%d is lost: %v", i, err)
		}
	}
}

// A keyring that answers keeps all of a secret, and what is not ours there is none.
func TestKeyring(t *testing.T) {
	keyring.MockInit()
	dir := t.TempDir()
	s := bookmarks.OpenSecrets(dir)
	want := bookmarks.Secret{Password: "hunter22", Token: "TOKEN"}
	if err := s.Set(t.Context(), "h:1", "anna", want); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), "h:1", "anna"); err != nil || got.Password != want.Password || got.Token != want.Token {
		t.Errorf("Get: %v", err)
	}
	if err := keyring.Set("voiceapp", "bo@h:1", "of another program"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), "h:1", "bo"); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("Get of something else: %v", err)
	}
	if err := errors.Join(s.Delete(t.Context(), "h:1", "anna"), s.Delete(t.Context(), "h:1", "anna")); err != nil {
		t.Error(err)
	}
	if _, err := s.Get(t.Context(), "h:1", "anna"); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("it is still there: %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("there are files: %v, %v", files, err)
	}
}

// What logs one in is forgotten with the last bookmark that needs it.
func TestForgetSecret(t *testing.T) {
	keyring.MockInitWithError(errors.New("no keyring"))
	dir := t.TempDir()
	book, err := bookmarks.Open(filepath.Join(dir, "bookmarks.toml"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := bookmarks.OpenSecrets(dir)
	var all []bookmarks.Bookmark
	for _, user := range []string{"anna", "anna", "bo"} {
		b, err := book.Add(bookmarks.Bookmark{Address: "h", User: user})
		if err == nil {
			err = secrets.Set(t.Context(), b.HostPort(), user, bookmarks.Secret{Token: "of " + user})
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	forget := func(b bookmarks.Bookmark, want string) {
		t.Helper()
		if had, err := book.ForgetSecret(t.Context(), secrets, b); err != nil || had.Token != want {
			t.Errorf("%q is forgotten, %v; want %q", had.Token, err, want)
		}
	}
	forget(all[0], "")
	if err := book.Remove(all[0].ID); err != nil {
		t.Fatal(err)
	}
	forget(all[0], "") // the other one needs it
	forget(all[1], "of anna")
	forget(all[1], "")
	if got, err := secrets.Get(t.Context(), all[2].HostPort(), "bo"); err != nil || got.Token != "of bo" {
		t.Errorf("another's: %v", err)
	}
}

// A secret never shows itself.
func TestSecretIsRedacted(t *testing.T) {
	s := bookmarks.Secret{Password: "hunter22", Token: "TOKEN"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v", s), fmt.Sprintf("%#v", s), fmt.Sprintf("%s", s), log.String()} {
		if strings.Contains(text, "hunter22") || strings.Contains(text, "TOKEN") {
			t.Errorf("it shows itself: %s", text)
		}
	}
}

// A file of tokens that says that there is nothing is one without tokens.
func TestNoTokens(t *testing.T) {
	keyring.MockInitWithError(errors.New("no keyring"))
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tokens.json"), "null")
	s := bookmarks.OpenSecrets(dir)
	if err := s.Set(t.Context(), "h:1", "anna", bookmarks.Secret{Token: "TOKEN"}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), "h:1", "anna"); err != nil || got.Token != "TOKEN" {
		t.Errorf("Get: %v", err)
	}
}

// A keyring that is locked waits for a person, and is asked once; what it has is there
// then. Opening it waits for nobody, and a call no longer than its context.
func TestLockedKeyring(t *testing.T) {
	const password = "hunter22"
	unlocked, asked := make(chan struct{}), make(chan struct{}, 10)
	s := bookmarks.OpenSecretsWith(t.TempDir(), func(string, string) (string, error) {
		asked <- struct{}{}
		<-unlocked
		return `{"Password":"` + password + `"}`, nil
	})
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Get(short, "h:1", "anna"); !errors.Is(err, voiceapp.Unavailable) || !errors.Is(err, bookmarks.KeyringSilent) {
		t.Errorf("Get of a locked one: %v", err)
	}
	time.AfterFunc(1500*time.Millisecond, func() { close(unlocked) })
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if len(asked) > 1 {
				t.Error("a person is asked again")
			}
			if got, err := s.Get(t.Context(), "h:1", "anna"); err != nil || got.Password != password {
				t.Errorf("Get of one that was unlocked: %v", err)
			}
		})
	}
	all.Wait()
}

// Where a person does not unlock the keyring, a token in the file counts, and nobody is told
// that nothing is kept.
func TestKeyringStaysLocked(t *testing.T) {
	s := bookmarks.OpenSecretsWith(t.TempDir(), func(string, string) (string, error) {
		return "", errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'")
	})
	if _, err := s.Get(t.Context(), "h:1", "anna"); !errors.Is(err, voiceapp.Unavailable) || errors.Is(err, voiceapp.NotFound) || !errors.Is(err, bookmarks.KeyringLocked) {
		t.Errorf("Get: %v", err)
	}
	if err := s.Set(t.Context(), "h:1", "anna", bookmarks.Secret{Password: "hunter22"}); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("Set of a password: %v", err)
	}
	if err := s.Set(t.Context(), "h:1", "anna", bookmarks.Secret{Token: "TOKEN"}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(t.Context(), "h:1", "anna"); err != nil || got.Token != "TOKEN" {
		t.Errorf("Get of a token: %v", err)
	}
	if err := s.Delete(t.Context(), "h:1", "anna"); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("Delete: %v", err)
	}
}
