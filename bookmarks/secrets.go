package bookmarks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/zalando/go-keyring"

	"github.com/voiceapp-sdk/voiceapp"
)

// keyringTime is how long the system's keyring may take: one that is locked asks a person
// for its password.
const keyringTime = time.Minute

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
// name. Make one with [OpenSecrets]. A keyring that is locked waits for a person, a minute
// at most and as long as ctx lasts: then the error is [voiceapp.Unavailable].
type Secrets interface {
	// Get returns what is kept. The error is [voiceapp.NotFound].
	Get(ctx context.Context, server, user string) (Secret, error)

	// Set keeps a secret in place of the one before. A password is
	// [voiceapp.Unavailable] where there is no keyring: keep a token then, which the
	// user can revoke.
	Set(ctx context.Context, server, user string, s Secret) error

	// Delete forgets a secret; that there is none is no error.
	Delete(ctx context.Context, server, user string) error
}

// OpenSecrets returns the system's keyring, and where there is none a file in dir for its
// owner alone, which takes tokens and no passwords. It asks neither.
func OpenSecrets(dir string) Secrets {
	return &secrets{
		file: tokenFile{path: filepath.Join(dir, "tokens.json")}, line: make(chan struct{}, 1),
		get: keyring.Get, set: keyring.Set, remove: keyring.Delete,
	}
}

var (
	errNoSecret    = voiceapp.NewError(voiceapp.NotFound, "nothing is kept to log in with")
	errKeyringTime = voiceapp.NewError(voiceapp.Unavailable, "the system's keyring does not answer; it may be locked, and wait for you").With(KeyringSilent)
	errLocked      = voiceapp.NewError(voiceapp.Unavailable, "the system's keyring is locked").With(KeyringLocked)
)

func account(server, user string) string { return user + "@" + server }

// secrets are in the system's keyring, or in a file.
type secrets struct {
	file tokenFile
	line chan struct{} // holds a value while the keyring is asked: a person is asked once

	get    func(service, user string) (string, error)
	set    func(service, user, secret string) error
	remove func(service, user string) error
}

// ask asks the keyring, and does not wait for it for ever: then the call is left behind,
// and the next ones wait for that.
func (s *secrets) ask(ctx context.Context, call func() (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, keyringTime)
	defer cancel()
	select {
	case s.line <- struct{}{}:
	case <-ctx.Done():
		return "", errKeyringTime
	}
	type answer struct {
		text string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		text, err := call()
		<-s.line
		answered <- answer{text, err}
	}()
	select {
	case a := <-answered:
		return a.text, lockedOr(a.err)
	case <-ctx.Done():
		return "", errKeyringTime
	}
}

// lockedOr tells a keyring that a person did not unlock from one that is not there.
func lockedOr(err error) error {
	if err != nil && strings.Contains(err.Error(), "failed to unlock") { // go-keyring has no other name for it
		return errLocked
	}
	return err
}

// closed reports whether the keyring is there, and can't be used at present.
func closed(err error) bool { return errors.Is(err, errLocked) || errors.Is(err, errKeyringTime) }

// Get implements [Secrets].
func (s *secrets) Get(ctx context.Context, server, user string) (Secret, error) {
	text, err := s.ask(ctx, func() (string, error) { return s.get(service, account(server, user)) })
	var kept Secret
	if err == nil && json.Unmarshal([]byte(text), &kept) == nil {
		return kept, nil
	}
	token, fileErr := s.file.Get(server, user)
	if errors.Is(fileErr, voiceapp.NotFound) && closed(err) {
		return Secret{}, err
	}
	return token, fileErr
}

// Set implements [Secrets].
func (s *secrets) Set(ctx context.Context, server, user string, secret Secret) error {
	text, err := json.Marshal(secret)
	if err != nil {
		return err
	}
	_, err = s.ask(ctx, func() (string, error) { return "", s.set(service, account(server, user), string(text)) })
	switch {
	case err == nil:
		_ = s.file.Delete(server, user) // a token of before, which nobody looks at any more
		return nil
	case secret.Token == "" && closed(err):
		return err
	}
	return s.file.Set(server, user, secret)
}

// Delete implements [Secrets].
func (s *secrets) Delete(ctx context.Context, server, user string) error {
	_, err := s.ask(ctx, func() (string, error) { return "", s.remove(service, account(server, user)) })
	if !closed(err) { // that there is none is as well
		err = nil
	}
	return errors.Join(err, s.file.Delete(server, user))
}

// SharesLogin reports whether another bookmark of the book logs one in at the same server by
// the same name, and so with the same secret.
func (b *Book) SharesLogin(one Bookmark) bool {
	return slices.ContainsFunc(b.List(), func(other Bookmark) bool {
		return other.ID != one.ID && other.HostPort() == one.HostPort() && other.User == one.User
	})
}

// ForgetSecret forgets what logs one in by a bookmark, be it in the book or not, unless another
// one of the book needs it, and returns what it was: the zero value when nothing is
// forgotten. A token of it is good at its server until control.ForgetDevice ends it. The error is
// [voiceapp.Unavailable] when the keyring can't be asked.
func (b *Book) ForgetSecret(ctx context.Context, secrets Secrets, one Bookmark) (Secret, error) {
	if b.SharesLogin(one) {
		return Secret{}, nil
	}
	had, err := secrets.Get(ctx, one.HostPort(), one.User)
	if err != nil && !errors.Is(err, voiceapp.NotFound) {
		return Secret{}, err
	}
	return had, secrets.Delete(ctx, one.HostPort(), one.User)
}

// tokenFile keeps tokens in a file.
type tokenFile struct {
	path string
	mu   sync.Mutex
}

// Get returns a token. The error is [voiceapp.NotFound].
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

// Set keeps a token, and takes no password.
func (f *tokenFile) Set(server, user string, s Secret) error {
	if s.Token == "" {
		return voiceapp.NewError(voiceapp.Unavailable, "this system has no keyring: the password is not kept").With(NoKeyring)
	}
	return f.change(func(all map[string]string) { all[account(server, user)] = s.Token })
}

// Delete forgets a token.
func (f *tokenFile) Delete(server, user string) error {
	f.mu.Lock()
	all, err := f.read()
	f.mu.Unlock()
	if err == nil && all[account(server, user)] == "" {
		return nil // and no file for that
	}
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
		return nil, voiceapp.WrapError(voiceapp.Invalid, f.path+" can't be read; remove it to begin anew", err).With(TokensDamaged).Of(f.path)
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
		return voiceapp.WrapError(voiceapp.Unavailable, "the tokens can't be locked", err).With(Unwritten)
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
