package control

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/voiceapp-sdk/voiceapp"
)

// DeviceKey is what one server knows a device by again, whatever the name and the
// address that it comes with. It logs nobody in, and has no meaning for another
// server. The zero value is none. It never shows its secret by itself.
type DeviceKey struct{ private ed25519.PrivateKey }

// NewDeviceKey makes a key that is kept nowhere.
func NewDeviceKey() (DeviceKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	return DeviceKey{private}, err
}

// DeviceKeysIn returns what gives a [ClientConfig] the device keys that are kept in
// a directory, one file for each server. Directory and key are made when they are
// asked for first, for their owner alone to read. The error is [voiceapp.Invalid]
// and says what to do: the directory can't be written, or a file is damaged.
func DeviceKeysIn(dir string) func(server voiceapp.Fingerprint) (DeviceKey, error) {
	return func(server voiceapp.Fingerprint) (DeviceKey, error) {
		return loadOrCreateDeviceKey(filepath.Join(dir, server.String()+".pem"))
	}
}

func loadOrCreateDeviceKey(path string) (DeviceKey, error) {
	der, err := readPEM(path, "PRIVATE KEY")
	if errors.Is(err, fs.ErrNotExist) {
		return createDeviceKey(path)
	}
	if err == nil {
		var key any
		if key, err = x509.ParsePKCS8PrivateKey(der); err == nil {
			if private, ok := key.(ed25519.PrivateKey); ok {
				return DeviceKey{private}, nil
			}
			err = errors.New("it is not of Ed25519")
		}
	}
	return DeviceKey{}, voiceapp.WrapError(voiceapp.Invalid, "the key of this device, "+path+", is damaged: remove it, and the server will not know the device any more", err).With(DeviceKeyDamaged).Of(path)
}

func createDeviceKey(path string) (DeviceKey, error) {
	key, err := NewDeviceKey()
	if err != nil {
		return DeviceKey{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key.private)
	if err != nil {
		return DeviceKey{}, err
	}
	if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
		err = writePEM(path, "PRIVATE KEY", der)
	}
	if err != nil {
		return DeviceKey{}, voiceapp.WrapError(voiceapp.Invalid, "the key of this device can't be kept", err).With(DeviceKeyUnkept)
	}
	return key, nil
}

// IsZero reports whether k is no key.
func (k DeviceKey) IsZero() bool { return len(k.private) == 0 }

// ID is what a server, and a [voiceapp.Ban], names the device by: the lower-case
// hex SHA-256 of the public key; "" for the zero value.
func (k DeviceKey) ID() string {
	if k.IsZero() {
		return ""
	}
	return deviceID(k.private[ed25519.SeedSize:])
}

// Format writes "[redacted]" whatever the verb.
func (DeviceKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue gives "[redacted]".
func (DeviceKey) LogValue() slog.Value { return slog.StringValue(redacted) }

func deviceID(public []byte) string {
	id := sha256.Sum256(public)
	return hex.EncodeToString(id[:])
}

// deviceLabel keeps a signature from meaning something elsewhere.
const deviceLabel = "voiceapp device v1\n"

// challenge is what a device signs: 32 random bytes, good once, for the connection
// on which they were given.
type challenge [32]byte

// signed is the message that proves a device to a server: no other server can use
// it, since its own fingerprint would be in there.
func (c challenge) signed(server voiceapp.Fingerprint) []byte {
	return append(append([]byte(deviceLabel), c[:]...), server[:]...)
}

// deviceProof is the part of session.open that proves a device.
type deviceProof struct {
	Key       []byte `json:"key"`       // Ed25519, 32 bytes
	Signature []byte `json:"signature"` // 64 bytes
}

func (k DeviceKey) prove(c challenge, server voiceapp.Fingerprint) *deviceProof {
	return &deviceProof{Key: k.private[ed25519.SeedSize:], Signature: ed25519.Sign(k.private, c.signed(server))}
}

// verify returns the device that a proof is of.
func (p *deviceProof) verify(c challenge, server voiceapp.Fingerprint) (device string, err error) {
	if len(p.Key) != ed25519.PublicKeySize || len(p.Signature) != ed25519.SignatureSize {
		return "", voiceapp.NewError(voiceapp.Invalid, "params: \"device\" has a key of 32 bytes and a signature of 64, in base64")
	}
	if !ed25519.Verify(p.Key, c.signed(server), p.Signature) {
		return "", voiceapp.NewError(voiceapp.BadCredentials, "the device does not have the key that it shows")
	}
	return deviceID(p.Key), nil
}

// device.challenge.
type challengeResult struct {
	Challenge []byte `json:"challenge"`
}

// challengeDevice answers device.challenge. The one before is good for nothing then.
func (c *call) challengeDevice(context.Context, empty) error {
	c.challenge = new(challenge)
	_, _ = rand.Read(c.challenge[:]) // it never fails
	c.reply(challengeResult{c.challenge[:]})
	return nil
}

// prove finds out which device session.open comes from. The challenge is used up.
func (c *call) prove(proof *deviceProof) (err error) {
	asked := c.challenge
	c.challenge, c.device = nil, ""
	switch {
	case proof == nil:
		return nil
	case asked == nil:
		return voiceapp.NewError(voiceapp.Conflict, "ask for a device.challenge first, on this connection; each is good once")
	case c.server.key.IsZero():
		return voiceapp.NewError(voiceapp.Forbidden, "this server knows no devices").With(voiceapp.NotOffered)
	}
	c.device, err = proof.verify(*asked, c.server.key)
	return err
}

// proveDevice makes the proof of this device, nil where it has no key.
func (c *Client) proveDevice(ctx context.Context) (*deviceProof, error) {
	if c.deviceKey == nil {
		return nil, nil
	}
	key, err := c.deviceKey(c.key)
	if err != nil || key.IsZero() {
		return nil, err
	}
	result, err := fetch[challengeResult](ctx, c, methodChallenge, empty{})
	if err != nil {
		return nil, err
	}
	if len(result.Challenge) != len(challenge{}) {
		return nil, voiceapp.NewError(voiceapp.BadRequest, "the server's challenge is not 32 bytes long")
	}
	return key.prove(challenge(result.Challenge), c.key), nil
}
