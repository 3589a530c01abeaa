package admin

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// TokenLifetime is how long a token is good for.
const TokenLifetime = 15 * time.Minute

// Keys sign tokens and check them. The first of them signs. Keys are immutable and
// may be used by any goroutine. They never show themselves.
type Keys struct {
	issuer string
	all    []signingKey
}

type signingKey struct {
	kid     string
	private ed25519.PrivateKey
}

// LogValue leaves the keys out.
func (*Keys) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// String leaves the keys out.
func (*Keys) String() string { return "[redacted]" }

// NewKeys makes a key that is kept nowhere: its tokens end with the program.
func NewKeys(issuer voiceapp.Fingerprint) *Keys {
	_, private, _ := ed25519.GenerateKey(rand.Reader) // which does not fail
	return keysOf(issuer, private)
}

func keysOf(issuer voiceapp.Fingerprint, private ...ed25519.PrivateKey) *Keys {
	k := &Keys{issuer: "voiceapp:" + issuer.String()}
	for _, key := range private {
		sum := sha256.Sum256(key.Public().(ed25519.PublicKey))
		k.all = append(k.all, signingKey{base64.RawURLEncoding.EncodeToString(sum[:12]), key})
	}
	return k
}

// LoadOrCreateKeys reads the keys of a file, or makes one there. The file has one or
// more PEM blocks of PKCS #8; the first signs, the others are earlier ones whose
// tokens may still be in use. issuer is the server's: no other server's tokens are
// good here. The errors are [voiceapp.Invalid] for a file that holds something else,
// or that others may read.
func LoadOrCreateKeys(file string, issuer voiceapp.Fingerprint) (*Keys, error) {
	private, err := readKeys(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err = RotateKeys(file); err == nil {
			private, err = readKeys(file)
		}
	}
	if err != nil {
		return nil, err
	}
	return keysOf(issuer, private...), nil
}

// RotateKeys puts a new key before those of a file, of which the latest is kept so
// that its tokens live out their time. To end them all at once, remove the file.
func RotateKeys(file string) error {
	private, err := readKeys(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, fresh, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	for _, key := range append([]ed25519.PrivateKey{fresh}, private[:min(len(private), 1)]...) {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return err
		}
		if err := pem.Encode(&text, &pem.Block{Type: "PRIVATE KEY", Bytes: der}); err != nil {
			return err
		}
	}
	return writeWhole(file, text.Bytes())
}

// writeWhole puts a file in its place in one step, for its owner only.
func writeWhole(file string, data []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.part")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}

// maxKeys is the most keys of a file.
const maxKeys = 8

func readKeys(file string) (private []ed25519.PrivateKey, err error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > 64<<10 {
		return nil, errKeys(file, "it is no file of keys")
	}
	if loose(info.Mode()) {
		return nil, errKeys(file, "others may read it: make it 0600")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for len(bytes.TrimSpace(text)) > 0 {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil || len(private) == maxKeys {
			return nil, errKeys(file, "it is no file of keys, in PEM")
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		signs, ok := key.(ed25519.PrivateKey)
		if err != nil || !ok {
			return nil, errKeys(file, "it holds a key that is not Ed25519 in PKCS #8")
		}
		private = append(private, signs)
	}
	if len(private) == 0 {
		return nil, errKeys(file, "it is empty")
	}
	return private, nil
}

func errKeys(file, why string) error {
	return voiceapp.NewError(voiceapp.Invalid, "the key of the admin tokens, "+file+", is of no use: "+why)
}

// Operator makes a token for whoever owns the server's data, with the role of an
// owner and no account. It is good for [TokenLifetime].
func (k *Keys) Operator(now time.Time) (token string, expires time.Time, err error) {
	c := newClaims(audienceAPI, voiceapp.User{Role: voiceapp.RoleOwner}, 0, now)
	token, err = k.sign(c)
	return token, c.expires, err
}
