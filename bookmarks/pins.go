package bookmarks

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/adrg/xdg"

	"github.com/voiceapp-sdk/voiceapp"
)

// Pins remembers the key of each server, by the address that the user gave. It is
// safe for concurrent use in one process; a change reads the file again first, so
// that two programs seldom lose each other's.
type Pins struct {
	path string

	mu   sync.Mutex
	keys map[string]voiceapp.Fingerprint
}

// DefaultPinsPath is where pins are kept: voiceapp/known_servers under the user's
// configuration directory (~/.config, %APPDATA%, ~/Library/Application Support).
func DefaultPinsPath() string {
	home := xdg.ConfigHome
	if runtime.GOOS == "windows" {
		if roaming := os.Getenv("APPDATA"); roaming != "" {
			home = roaming // xdg means the local folder, which does not follow the user
		}
	}
	return filepath.Join(home, "voiceapp", "known_servers")
}

// OpenPins reads the pins at path. A file that is not there holds none. The error
// is [voiceapp.Invalid] and names the line when the file is damaged.
func OpenPins(path string) (*Pins, error) {
	p := &Pins{path: path}
	return p, p.load()
}

// Lookup returns the pinned key of the server at an address.
func (p *Pins) Lookup(addr string) (voiceapp.Fingerprint, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key, ok := p.keys[addr]
	return key, ok
}

// Check reports, as [voiceapp.KeyChanged], that the server at an address does not
// show the key that was pinned, and as [voiceapp.NotFound] that none was.
func (p *Pins) Check(addr string, shown voiceapp.Fingerprint) error {
	pinned, ok := p.Lookup(addr)
	switch {
	case !ok:
		return voiceapp.NewError(voiceapp.NotFound, "no key is pinned for "+addr)
	case pinned != shown:
		return p.changed(addr, pinned, shown)
	}
	return nil
}

func (p *Pins) changed(addr string, pinned, shown voiceapp.Fingerprint) error {
	return voiceapp.NewError(voiceapp.KeyChanged, fmt.Sprintf(
		"the server at %s is not the one that you trusted before: its key was %s and is now %s. "+
			"Somebody may be listening in. If its owner tells you that the key was changed, remove the line of %s from %s",
		addr, pinned, shown, addr, p.path))
}

// TrustFirstUse accepts the key of a server that is met for the first time and
// pins it; from then on it accepts only that. It fits control.ClientConfig.Trust.
func (p *Pins) TrustFirstUse(addr string, shown voiceapp.Fingerprint) error {
	return p.TrustAsked(func(string, voiceapp.Fingerprint) error { return nil })(addr, shown)
}

// TrustAsked is like TrustFirstUse, but a server that is met for the first time is
// pinned only when ask, which shows a person its key, returns nil; the error of
// ask is passed on.
func (p *Pins) TrustAsked(ask func(addr string, shown voiceapp.Fingerprint) error) func(string, voiceapp.Fingerprint) error {
	return func(addr string, shown voiceapp.Fingerprint) error {
		err := p.Check(addr, shown)
		if !errors.Is(err, voiceapp.NotFound) {
			return err
		}
		if err := ask(addr, shown); err != nil {
			return err
		}
		return p.pinNew(addr, shown)
	}
}

// Pin remembers a server's key, in place of any other.
func (p *Pins) Pin(addr string, key voiceapp.Fingerprint) error {
	if err := checkAddr(addr); err != nil {
		return err
	}
	return p.change(func() error {
		p.keys[addr] = key
		return p.save()
	})
}

func checkAddr(addr string) error {
	if addr == "" || strings.ContainsAny(addr, " \t\r\n#") {
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%q is no server's address", addr))
	}
	return nil
}

// pinNew pins a server that was met for the first time, unless another program has
// pinned it since with another key.
func (p *Pins) pinNew(addr string, shown voiceapp.Fingerprint) error {
	if err := checkAddr(addr); err != nil {
		return err
	}
	return p.change(func() error {
		if pinned, ok := p.keys[addr]; ok && pinned != shown {
			return p.changed(addr, pinned, shown)
		}
		p.keys[addr] = shown
		return p.save()
	})
}

// change reads the file again and then does, under mu.
func (p *Pins) change(do func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.load(); err != nil {
		return err
	}
	return do()
}

// load reads the file; the caller holds mu, or is alone.
func (p *Pins) load() error {
	raw, err := os.ReadFile(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		raw, err = nil, nil
	}
	if err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, "the list of known servers can't be read", err)
	}
	keys, err := parsePins(raw)
	if err != nil {
		return voiceapp.WrapError(voiceapp.Invalid, p.path+" is damaged", err)
	}
	p.keys = keys
	return nil
}

// parsePins reads lines of an address and a fingerprint; an empty line and one
// that begins with # hold none.
func parsePins(raw []byte) (map[string]voiceapp.Fingerprint, error) {
	keys := make(map[string]voiceapp.Fingerprint)
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) != 2 {
			return nil, fmt.Errorf("line %d is not an address and a fingerprint", n)
		}
		key, err := voiceapp.ParseFingerprint(words[1])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		keys[words[0]] = key
	}
	return keys, lines.Err()
}

func appendPins(b []byte, keys map[string]voiceapp.Fingerprint) []byte {
	b = append(b, "# Servers that were trusted once, and the SHA-256 of their keys.\n"...)
	for _, addr := range slices.Sorted(maps.Keys(keys)) {
		b = fmt.Appendf(b, "%s %s\n", addr, keys[addr])
	}
	return b
}

// save, under mu, replaces the file in one step: whoever reads it sees the old or the new.
func (p *Pins) save() error {
	if err := p.replace(appendPins(nil, p.keys)); err != nil {
		return voiceapp.WrapError(voiceapp.Internal, "the server's key can't be remembered", err)
	}
	return nil
}

func (p *Pins) replace(content []byte) error {
	dir := filepath.Dir(p.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	next, err := os.CreateTemp(dir, ".known_servers-*")
	if err != nil {
		return err
	}
	_, err = next.Write(content)
	err = errors.Join(err, next.Sync(), next.Close())
	if err == nil {
		err = os.Rename(next.Name(), p.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}
