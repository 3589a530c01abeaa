package bookmarks

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/zalando/go-keyring"

	"github.com/voiceapp-sdk/voiceapp"
)

// keyringTime is how long the system's keyring may take. One that is locked may wait for
// a person for ever.
const keyringTime = time.Second

// service is what the keyring files our secrets under.
const service = "voiceapp"

// Secret is what logs one in: a password, or a token of control.Client.RememberDevice.
type Secret struct {
	Password string
	Token    string
}

// Format writes "[redacted]" whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[redacted]")) } // the caller's to notice

// LogValue gives "[redacted]".
func (Secret) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// Secrets keeps what logs one in, by the server's address with its port and the user's
// name. Make one with [OpenSecrets].
type Secrets interface {
	// Get returns what is kept. The error is [voiceapp.NotFound].
	Get(server, user string) (Secret, error)

	// Set keeps a secret in place of the one before. A password is
	// [voiceapp.Unavailable] where there is no keyring: keep a token then, which the
	// user can revoke.
	Set(server, user string, s Secret) error

	// Delete forgets a secret; that there is none is no error.
	Delete(server, user string) error
}

// OpenSecrets returns the system's keyring where there is one that answers, else a file
// in dir for its owner alone, which takes tokens and no passwords.
func OpenSecrets(dir string) Secrets {
	_, err := inTime(func() (string, error) { return keyring.Get(service, "is there a keyring") })
	if err == nil || errors.Is(err, keyring.ErrNotFound) {
		return ring{}
	}
	return &tokenFile{path: filepath.Join(dir, "tokens.json")}
}

var errKeyringTime = errors.New("the keyring does not answer")

// inTime calls the keyring, and does not wait for it for ever: then the call is left
// behind.
func inTime(call func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		text, err := call()
		answered <- answer{text, err}
	}()
	select {
	case a := <-answered:
		return a.text, a.err
	case <-time.After(keyringTime):
		return "", errKeyringTime
	}
}

var errNoSecret = voiceapp.NewError(voiceapp.NotFound, "nothing is kept to log in with")

func account(server, user string) string { return user + "@" + server }

// ring is the system's keyring.
type ring struct{}

// Get implements [Secrets].
func (ring) Get(server, user string) (s Secret, err error) {
	text, err := inTime(func() (string, error) { return keyring.Get(service, account(server, user)) })
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return s, errNoSecret
	case err != nil:
		return s, voiceapp.WrapError(voiceapp.Unavailable, "the system's keyring can't be read", err)
	}
	if json.Unmarshal([]byte(text), &s) != nil {
		return Secret{}, errNoSecret // not ours
	}
	return s, nil
}

// Set implements [Secrets].
func (ring) Set(server, user string, s Secret) error {
	text, err := json.Marshal(s)
	if err == nil {
		_, err = inTime(func() (string, error) { return "", keyring.Set(service, account(server, user), string(text)) })
	}
	if err != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, "the system's keyring does not take the secret", err)
	}
	return nil
}

// Delete implements [Secrets].
func (ring) Delete(server, user string) error {
	_, err := inTime(func() (string, error) { return "", keyring.Delete(service, account(server, user)) })
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return voiceapp.WrapError(voiceapp.Unavailable, "the system's keyring can't be changed", err)
	}
	return nil
}

// tokenFile keeps tokens in a file.
type tokenFile struct {
	path string
	mu   sync.Mutex
}

// Get implements [Secrets].
func (f *tokenFile) Get(server, user string) (Secret, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := f.read()
	token, ok := all[account(server, user)]
	if err != nil || !ok {
		return Secret{}, errors.Join(err, errNoSecret)
	}
	return Secret{Token: token}, nil
}

// Set implements [Secrets].
func (f *tokenFile) Set(server, user string, s Secret) error {
	if s.Token == "" {
		return voiceapp.NewError(voiceapp.Unavailable, "this system has no keyring: the password is not kept")
	}
	return f.change(func(all map[string]string) { all[account(server, user)] = s.Token })
}

// Delete implements [Secrets].
func (f *tokenFile) Delete(server, user string) error {
	return f.change(func(all map[string]string) { delete(all, account(server, user)) })
}

func (f *tokenFile) read() (map[string]string, error) {
	all := make(map[string]string)
	raw, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Invalid, f.path+" can't be read; remove it to begin anew", err)
	}
	if all == nil { // "null" is JSON
		all = make(map[string]string)
	}
	return all, nil
}

// change changes what the file holds now.
func (f *tokenFile) change(do func(map[string]string)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	guard := flock.New(f.path+".lock", flock.SetPermissions(0o600))
	if err := guard.Lock(); err != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, "the tokens can't be locked", err)
	}
	defer func() { _ = guard.Unlock() }() // closing the file unlocks it
	all, err := f.read()
	if err != nil {
		return err
	}
	do(all)
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	return replace(f.path, text)
}
