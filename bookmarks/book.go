package bookmarks

import (
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// watchTime is the time between two looks whether another program has changed the file.
const watchTime = 2 * time.Second

// Book is the saved servers, in the order in which they are shown. Make one with [Open].
// It is safe for concurrent use, and several programs may have the same file open: each
// change is made to what the file holds at that moment.
type Book struct {
	path string

	mu      sync.Mutex
	content content // what the file held when it was last read or written
}

// DefaultPath is where bookmarks are kept: voiceapp/bookmarks.toml under the user's
// configuration directory (~/.config, %APPDATA%, ~/Library/Application Support).
func DefaultPath() string { return filepath.Join(filepath.Dir(DefaultPinsPath()), "bookmarks.toml") }

// Open reads the file at path; one that is not there holds no bookmarks. A file that is
// damaged is set aside, never overwritten: the error is [voiceapp.Invalid] and names the
// file that holds it now, and the book is empty and good to use. A file of a newer
// version stays as it is, and so does one that can't be read, such as another user's,
// with [voiceapp.Unavailable]: there is no book then.
func Open(path string) (*Book, error) {
	b := &Book{path: path}
	unlock, err := b.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	b.content, err = readFile(path)
	if err == nil {
		return b, nil
	}
	if isNewer(err) || errors.Is(err, voiceapp.Unavailable) {
		return nil, err
	}
	aside, asideErr := setAside(path)
	if asideErr != nil {
		return nil, asideErr
	}
	b.content = content{}
	return b, voiceapp.WrapError(voiceapp.Invalid, fmt.Sprintf("the saved servers can't be read (%v). They are in %s now, and the list begins anew", err, aside), err).With(SetAside).Of(aside)
}

// List returns all bookmarks in their order. The slice is the caller's.
func (b *Book) List() []Bookmark {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.bookmarks()
}

// Get returns a bookmark. The error is [voiceapp.NotFound].
func (b *Book) Get(id string) (Bookmark, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.content.find(id)
	if i < 0 {
		return Bookmark{}, errNoBookmark
	}
	return b.content.servers[i].Bookmark, nil
}

var errNoBookmark = voiceapp.NewError(voiceapp.NotFound, "there is no such saved server any more").With(Gone)

// Add saves a server as the last one and returns it with its id. The error is
// [voiceapp.Invalid] and names the field, or why the file can't be written.
func (b *Book) Add(one Bookmark) (Bookmark, error) {
	one.ID = rand.Text()
	if err := one.Check(); err != nil {
		return Bookmark{}, err
	}
	return one, b.change(func(c *content) error {
		c.servers = append(c.servers, entry{Bookmark: one})
		return nil
	})
}

// AddAll saves those that are not there yet, and says how many those are and how many
// were there already: with the same address, port and user. The error is as of Add;
// nothing is saved then.
func (b *Book) AddAll(all []Bookmark) (added, doubles int, err error) {
	for _, one := range all {
		if err := one.Check(); err != nil {
			return 0, 0, err
		}
	}
	return added, doubles, b.change(func(c *content) error {
		for _, one := range all {
			same := func(e entry) bool { return e.HostPort() == one.HostPort() && e.User == one.User }
			if slices.ContainsFunc(c.servers, same) {
				doubles++
				continue
			}
			one.ID = rand.Text()
			c.servers = append(c.servers, entry{Bookmark: one})
			added++
		}
		return nil
	})
}

// Update changes a bookmark and returns it. The errors are those of Add, of change, which
// leave it as it was, and [voiceapp.NotFound].
func (b *Book) Update(id string, change func(*Bookmark) error) (Bookmark, error) {
	var changed Bookmark
	err := b.change(func(c *content) error {
		i := c.find(id)
		if i < 0 {
			return errNoBookmark
		}
		changed = c.servers[i].Bookmark
		if err := change(&changed); err != nil {
			return err
		}
		changed.ID = id
		if err := changed.Check(); err != nil {
			return err
		}
		c.servers[i].Bookmark = changed
		return nil
	})
	return changed, err
}

// Remove forgets a server. The error is [voiceapp.NotFound], or why the file can't be
// written.
func (b *Book) Remove(id string) error {
	return b.change(func(c *content) error {
		i := c.find(id)
		if i < 0 {
			return errNoBookmark
		}
		c.servers = slices.Delete(c.servers, i, i+1)
		return nil
	})
}

// Move puts a bookmark before another one, or to the end where before is "". The errors
// are as of Remove.
func (b *Book) Move(id, before string) error {
	return b.change(func(c *content) error {
		from := c.find(id)
		if from < 0 || before != "" && c.find(before) < 0 {
			return errNoBookmark
		}
		one := c.servers[from]
		c.servers = slices.Delete(c.servers, from, from+1)
		to := len(c.servers)
		if before != "" && before != id {
			to = c.find(before)
		} else if before == id {
			to = from
		}
		c.servers = slices.Insert(c.servers, to, one)
		return nil
	})
}

// TrustFirstUse returns what accepts the key of a server that is met for the first time
// and pins it in the bookmark; from then on it accepts only that, and returns
// [voiceapp.KeyChanged] with both. It fits control.ClientConfig.Trust.
func (b *Book) TrustFirstUse(id string) func(addr string, shown voiceapp.Fingerprint) error {
	return func(addr string, shown voiceapp.Fingerprint) error {
		_, err := b.Update(id, func(one *Bookmark) error {
			if one.Fingerprint.IsZero() {
				one.Fingerprint = shown
			}
			if one.Fingerprint != shown {
				return voiceapp.NewError(voiceapp.KeyChanged, fmt.Sprintf(
					"the server at %s is not the one that you trusted before: its key was %s and is now %s. "+
						"Somebody may be listening in. If its owner tells you that the key was changed, edit the saved server and forget its key",
					addr, one.Fingerprint, shown))
			}
			return nil
		})
		return err
	}
}

// change makes a change to what the file holds now, and writes it.
func (b *Book) change(do func(*content) error) error {
	unlock, err := b.lock()
	if err != nil {
		return err
	}
	defer unlock()
	now, err := readFile(b.path)
	if errors.Is(err, voiceapp.Unavailable) {
		return err
	}
	if err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, "the saved servers were changed by another program, and can't be read any more; mend or remove "+b.path, err).With(Damaged).Of(b.path)
	}
	next := now.clone()
	if err := do(&next); err != nil {
		return err
	}
	text, err := next.encode()
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := next.write(b.path, text, now); err != nil {
		return voiceapp.WrapError(voiceapp.Internal, "the saved servers can't be written", err).With(Unwritten)
	}
	b.content = next
	return nil
}

// Watch reads the file again whenever another program has changed it, and calls changed
// then, until done is closed.
func (b *Book) Watch(done <-chan struct{}, changed func()) {
	tick := time.NewTicker(watchTime)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			if b.readAgain() {
				changed()
			}
		}
	}
}

// readAgain reports whether the file holds something else than before. One that can't be
// read changes nothing.
func (b *Book) readAgain() bool {
	b.mu.Lock() // while it is read, too: what is read must not be older than what is known
	defer b.mu.Unlock()
	now, err := readFile(b.path)
	if err != nil || string(now.raw) == string(b.content.raw) {
		return false
	}
	b.content = now
	return true
}
