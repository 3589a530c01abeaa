package bookmarks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/gofrs/flock"

	"github.com/voiceapp-sdk/voiceapp"
)

// version is that of the file's form.
const version = 1

// maxFile is the most bytes of a file of bookmarks.
const maxFile = 8 << 20

// sealMark begins the last line of a file that a program wrote: the SHA-256 of all before
// it follows. A file without it, or with another, was edited by hand.
const sealMark = "# sha256 "

// content is what a file holds. What it has beyond what is known here is kept.
type content struct {
	servers []entry
	others  map[string]any // further keys at the top
	raw     []byte         // as it was read; nil: there was no file
}

// entry is a bookmark as the file has it.
type entry struct {
	Bookmark
	others map[string]any // its further keys
}

var errNewer = voiceapp.NewError(voiceapp.Invalid, "the saved servers were written by a newer voiceapp; update this one").With(Newer)

func isNewer(err error) bool { return errors.Is(err, errNewer) }

func (c *content) bookmarks() []Bookmark {
	all := make([]Bookmark, 0, len(c.servers))
	for _, e := range c.servers {
		all = append(all, e.Bookmark)
	}
	return all
}

func (c *content) find(id string) int {
	return slices.IndexFunc(c.servers, func(e entry) bool { return e.ID == id })
}

func (c *content) clone() content {
	return content{servers: slices.Clone(c.servers), others: maps.Clone(c.others), raw: c.raw}
}

// readFile reads a file. One that is not there holds nothing. The error is
// [voiceapp.Unavailable] where the system does not let it be read, and else of what it
// holds.
func readFile(path string) (content, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return content{}, nil
	}
	if err != nil {
		return content{}, voiceapp.WrapError(voiceapp.Unavailable, "the saved servers can't be read: "+err.Error(), err).With(Unreadable)
	}
	return decode(raw)
}

// decode reads the text of a file.
func decode(raw []byte) (content, error) {
	c := content{raw: raw}
	if len(raw) > maxFile {
		return c, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("a file of servers has at most %d bytes", maxFile)).With(TooLarge)
	}
	var top map[string]any
	if err := toml.Unmarshal(raw, &top); err != nil {
		return c, err
	}
	if v, ok := top["version"].(int64); ok && v > version {
		return c, errNewer
	}
	list, err := tables(top["server"])
	if err != nil {
		return c, err
	}
	for i, table := range list {
		e, err := decodeEntry(table)
		if err != nil {
			return c, fmt.Errorf("server %d: %w", i+1, err)
		}
		if e.ID == "" || c.find(e.ID) >= 0 {
			e.ID = madeID(raw, i) // written by hand
		}
		c.servers = append(c.servers, e)
	}
	delete(top, "version")
	delete(top, "server")
	c.others = top
	return c, nil
}

// madeID names an entry that has no name of its own, the same each time it is read.
func madeID(raw []byte, i int) string {
	sum := sha256.Sum256(fmt.Appendf(bytes.Clone(raw), "\n%d", i))
	return strings.ToUpper(hex.EncodeToString(sum[:13]))
}

func tables(value any) ([]map[string]any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case []map[string]any:
		return v, nil
	}
	return nil, errors.New(`"server" is not a list of tables: write [[server]] above each`)
}

// decodeEntry reads one server.
func decodeEntry(table map[string]any) (entry, error) {
	e := entry{others: maps.Clone(table)}
	var err error
	text := func(key string, to *string) { err = errors.Join(err, take(e.others, key, to)) }
	text("id", &e.ID)
	text("label", &e.Label)
	text("folder", &e.Folder)
	text("address", &e.Address)
	text("user", &e.User)
	text("channel", &e.Channel)
	text("notes", &e.Notes)
	var port int64
	var key string
	err = errors.Join(err, take(e.others, "port", &port), take(e.others, "auto_connect", &e.AutoConnect), take(e.others, "last_used", &e.LastUsed))
	text("fingerprint", &key)
	if err != nil {
		return e, err
	}
	if port < 0 || port > 65535 {
		return e, fmt.Errorf("port %d is beyond 65535", port)
	}
	e.Port = int(port)
	if key != "" {
		if e.Fingerprint, err = voiceapp.ParseFingerprint(key); err != nil {
			return e, err
		}
	}
	return e, e.Check()
}

// take moves a value out of a table.
func take[T any](table map[string]any, key string, to *T) error {
	value, ok := table[key]
	if !ok {
		return nil
	}
	typed, ok := value.(T)
	if !ok {
		return fmt.Errorf("%s is not a %T", key, *to)
	}
	*to = typed
	delete(table, key)
	return nil
}

// table is what the file says of a server.
func (e entry) table() map[string]any {
	t := maps.Clone(e.others)
	if t == nil {
		t = make(map[string]any)
	}
	for key, text := range map[string]string{
		"id": e.ID, "label": e.Label, "folder": e.Folder, "address": e.Address, "user": e.User, "channel": e.Channel, "notes": e.Notes,
	} {
		if text != "" {
			t[key] = text
		}
	}
	if e.Port != 0 {
		t["port"] = e.Port
	}
	if e.AutoConnect {
		t["auto_connect"] = true
	}
	if used := e.LastUsed.UTC().Truncate(time.Second); !e.LastUsed.IsZero() && used.Year() >= 1 && used.Year() <= 9999 { // as TOML has years
		t["last_used"] = used
	}
	if !e.Fingerprint.IsZero() {
		t["fingerprint"] = e.Fingerprint.String()
	}
	return t
}

// encode gives the text of a file, one that can be read again. The error is
// [voiceapp.Invalid] where it would be too long.
func (c *content) encode() ([]byte, error) {
	top := maps.Clone(c.others)
	if top == nil {
		top = make(map[string]any)
	}
	list := make([]map[string]any, 0, len(c.servers))
	for _, e := range c.servers {
		list = append(list, e.table())
	}
	top["version"] = version
	if len(list) > 0 {
		top["server"] = list
	}
	var text bytes.Buffer
	text.WriteString("# The servers that voiceapp knows. A change by hand is kept; the file before it is in bookmarks.toml.bak.\n")
	if err := toml.NewEncoder(&text).Encode(top); err != nil {
		return nil, err
	}
	all := append(text.Bytes(), sealOf(text.Bytes())...)
	_, err := decode(all)
	return all, err
}

func sealOf(text []byte) string {
	sum := sha256.Sum256(text)
	return sealMark + hex.EncodeToString(sum[:]) + "\n"
}

// byHand reports whether a text is not as a program wrote it.
func byHand(raw []byte) bool {
	at := bytes.LastIndex(raw, []byte(sealMark))
	return at < 0 || sealOf(raw[:at]) != string(raw[at:])
}

// write puts the content's text into the file in one step. What was there before is kept beside
// it when it was edited by hand, or is the only copy before the first change of the day.
func (c *content) write(path string, text []byte, was content) error {
	if was.raw != nil && (byHand(was.raw) || backupIsOld(path)) {
		if err := replace(path+".bak", was.raw); err != nil {
			return err
		}
	}
	if err := replace(path, text); err != nil {
		return err
	}
	c.raw = text
	return nil
}

// backupIsOld reports whether there is no backup of today.
func backupIsOld(path string) bool {
	info, err := os.Stat(path + ".bak")
	return err != nil || time.Since(info.ModTime()) > 24*time.Hour
}

// replace writes a file in one step, for its owner alone. A link stays one.
func replace(path string, text []byte) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	dir := filepath.Dir(path)
	next, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	_, err = next.Write(text)
	err = errors.Join(err, next.Sync(), next.Close())
	if err == nil {
		err = os.Rename(next.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return syncDir(dir)
}

// syncDir makes a rename last. Where folders can't be synced, the system does it in time.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync() // some systems have no such thing
	return d.Close()
}

// setAside moves a damaged file out of the way, to a name that is free.
func setAside(path string) (aside string, err error) {
	for n := 1; ; n++ {
		aside = fmt.Sprintf("%s.damaged-%d", path, n)
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			return aside, os.Rename(path, aside)
		}
	}
}

// lock keeps other programs, and other goroutines, from changing the file.
func (b *Book) lock() (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(b.path), 0o700); err != nil {
		return nil, err
	}
	guard := flock.New(b.path+".lock", flock.SetPermissions(0o600))
	if err := guard.Lock(); err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the saved servers can't be locked", err).With(Unwritten)
	}
	return func() { _ = guard.Unlock() }, nil // closing the file unlocks it
}
