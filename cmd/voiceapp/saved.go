package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// saved is the saved server that a command was told to use.
type saved struct {
	bookmarks.Bookmark

	book *bookmarks.Book // nil: the command names an address
}

// lookUp finds the saved server of --server @NAME, and where it is. It may be called
// again.
func (r *reach) lookUp() error {
	name, ok := strings.CutPrefix(r.Server, "@")
	if !ok {
		return nil
	}
	book, err := openBook()
	if err != nil {
		return err
	}
	found, err := findBookmark(book, name)
	if err != nil {
		return err
	}
	r.saved = saved{found, book}
	r.Server = found.HostPort()
	if r.Fingerprint.IsZero() {
		r.Fingerprint = found.Fingerprint
	}
	return nil
}

// openBook opens the saved servers. A file that is damaged is an error here: nobody looks
// at a list that begins anew.
func openBook() (*bookmarks.Book, error) { return bookmarks.Open(bookmarks.DefaultPath()) }

// openSecrets opens what logs one in.
func openSecrets() bookmarks.Secrets {
	return bookmarks.OpenSecrets(filepath.Dir(bookmarks.DefaultPath()))
}

// findBookmark finds a saved server by its label, its address or its id.
func findBookmark(book *bookmarks.Book, name string) (found bookmarks.Bookmark, err error) {
	n := 0
	for _, b := range book.List() {
		if b.ID == name {
			return b, nil
		}
		if voiceapp.FoldName(b.Label) == voiceapp.FoldName(name) || b.Address == strings.ToLower(name) || b.HostPort() == strings.ToLower(name) {
			found, n = b, n+1
		}
	}
	switch n {
	case 1:
		return found, nil
	case 0:
		return found, voiceapp.NewError(voiceapp.NotFound, fmt.Sprintf("no saved server is called %q; voiceapp bookmark list shows them", name))
	}
	return found, voiceapp.NewError(voiceapp.Conflict, fmt.Sprintf("%d saved servers are called %q: name one by its id, which voiceapp bookmark list --json shows", n, name))
}

// trust pins the key of a saved server that has none yet, once it was asked about.
func (s saved) trust(ask func(addr string, shown voiceapp.Fingerprint) error) func(string, voiceapp.Fingerprint) error {
	return func(addr string, shown voiceapp.Fingerprint) error {
		if err := ask(addr, shown); err != nil {
			return err
		}
		return s.book.TrustFirstUse(s.ID)(addr, shown)
	}
}

// secret is what is kept to log in there under a name; none for an address.
func (s saved) secret(ctx context.Context, streams *cli.Streams, name string) bookmarks.Secret {
	if s.book == nil {
		return bookmarks.Secret{}
	}
	late := time.AfterFunc(2*time.Second, func() {
		fmt.Fprintln(streams.Err, "The system's keyring is asked for your password; it may wait for you to unlock it.")
	})
	defer late.Stop()
	kept, err := openSecrets().Get(ctx, s.HostPort(), name)
	if err != nil {
		return bookmarks.Secret{} // as a guest, or the server says that it is not enough
	}
	return kept
}

// used takes note of when one was there last.
func (s saved) used(streams *cli.Streams) {
	if s.book == nil {
		return
	}
	_, err := s.book.Update(s.ID, func(b *bookmarks.Bookmark) error { b.LastUsed = time.Now(); return nil })
	if err != nil {
		fmt.Fprintln(streams.Err, "warning: that you were on this server is not remembered:", err)
	}
}
