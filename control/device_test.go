package control_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

func TestDeviceKeysAreKeptForEachServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "devices")
	keys := control.DeviceKeysIn(dir)
	one, other := voiceapp.Fingerprint{1}, voiceapp.Fingerprint{2}
	first, err := keys(one)
	if err != nil || first.IsZero() || voiceapp.CheckDevice(first.ID()) != nil || first.ID() == "" {
		t.Fatalf("the first key: %q, %v", first.ID(), err)
	}
	if again, err := control.DeviceKeysIn(dir)(one); err != nil || again.ID() != first.ID() {
		t.Errorf("the same server later: %q, %v; want %q", again.ID(), err, first.ID())
	}
	if second, err := keys(other); err != nil || second.ID() == first.ID() {
		t.Errorf("another server: %q, %v", second.ID(), err)
	}
	path := filepath.Join(dir, one.String()+".pem")
	for name, want := range map[string]os.FileMode{dir: 0o700, path: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want && runtime.GOOS != "windows" {
			t.Errorf("%s: %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := control.LoadOrCreateIdentity(dir); err != nil {
		t.Fatal(err)
	}
	server, err := os.ReadFile(filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range [][]byte{nil, raw[:len(raw)/2], []byte("nonsense"), server} {
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys(one); !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), path) {
			t.Errorf("a damaged file: %v", err)
		}
	}
	for _, text := range []string{fmt.Sprint(first), fmt.Sprintf("%+v", first), fmt.Sprintf("%x", first), first.LogValue().String()} {
		if text != "[redacted]" {
			t.Errorf("a key prints as %q", text)
		}
	}
	if (control.DeviceKey{}).ID() != "" {
		t.Error("no key has an ID")
	}
}

// prover is a device by hand.
type prover struct {
	t       *testing.T
	public  ed25519.PublicKey
	private ed25519.PrivateKey
}

func newProver(t *testing.T) prover {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return prover{t, public, private}
}

// challenge asks for one.
func (p prover) challenge(y *typist) []byte {
	p.t.Helper()
	var result struct{ Challenge []byte }
	r := y.ask(`{"jsonrpc":"2.0","id":7,"method":"device.challenge"}`)
	if err := json.Unmarshal(r.Result, &result); err != nil || len(result.Challenge) != 32 {
		p.t.Fatalf("the challenge is %s, %v", r.Result, err)
	}
	return result.Challenge
}

func (p prover) sign(challenge []byte, server voiceapp.Fingerprint) []byte {
	return ed25519.Sign(p.private, append(append([]byte("voiceapp device v1\n"), challenge...), server[:]...))
}

func opens(name string, key, signature []byte) string {
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":8,"method":"session.open","params":{"protocol":1,"name":%q,"device":{"key":%q,"signature":%q}}}`,
		name, encode(key), encode(signature))
}

// A device is who signs the challenge of this connection for this server.
func TestDeviceIsProved(t *testing.T) {
	w := newWorld(t, &control.Server{})
	device, other := newProver(t), newProver(t)
	sign := func(p prover, message ...[]byte) []byte { return ed25519.Sign(p.private, slices.Concat(message...)) }
	label := []byte("voiceapp device v1\n")
	elsewhere := device.challenge(w.typist())
	for _, c := range []struct {
		name      string
		key       []byte
		signature func(challenge []byte) []byte
		code      string
	}{
		{"a proof", device.public, func(c []byte) []byte { return sign(device, label, c, w.key[:]) }, ""},
		{"another server", device.public, func(c []byte) []byte { return sign(device, label, c, make([]byte, 32)) }, "bad_credentials"},
		{"no label", device.public, func(c []byte) []byte { return sign(device, c, w.key[:]) }, "bad_credentials"},
		{"another connection", device.public, func([]byte) []byte { return sign(device, label, elsewhere, w.key[:]) }, "bad_credentials"},
		{"another key", other.public, func(c []byte) []byte { return sign(device, label, c, w.key[:]) }, "bad_credentials"},
		{"a short key", device.public[1:], func(c []byte) []byte { return sign(device, label, c, w.key[:]) }, "invalid"},
		{"a long key", append(device.public, 0), func(c []byte) []byte { return sign(device, label, c, w.key[:]) }, "invalid"},
		{"a short signature", device.public, func(c []byte) []byte { return sign(device, label, c, w.key[:])[1:] }, "invalid"},
		{"nothing", nil, func([]byte) []byte { return nil }, "invalid"},
	} {
		y := w.typist()
		line := opens(c.name, c.key, c.signature(device.challenge(y)))
		if r := y.ask(line); r.code() != c.code {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

// A challenge is good once, and only the last one of a connection.
func TestDeviceChallengeIsGoodOnce(t *testing.T) {
	w := newWorld(t, &control.Server{})
	device := newProver(t)
	y := w.typist()
	if r := y.ask(opens("Anna", device.public, device.sign(make([]byte, 32), w.key))); r.code() != "conflict" {
		t.Errorf("without a challenge: %+v", r)
	}
	first := device.challenge(y)
	second := device.challenge(y)
	if r := y.ask(opens("Anna", device.public, device.sign(first, w.key))); r.code() != "bad_credentials" {
		t.Errorf("the first of two challenges: %+v", r)
	}
	if r := y.ask(opens("Anna", device.public, device.sign(second, w.key))); r.code() != "conflict" {
		t.Errorf("a challenge that was used: %+v", r)
	}
	third := device.challenge(y)
	if r := y.ask(opens("Anna", device.public, device.sign(third, w.key))); r.code() != "" {
		t.Errorf("a new one: %+v", r)
	}
}

// The client proves its device by itself, and says so when it can't.
func TestClientProvesItsDevice(t *testing.T) {
	w := newWorld(t, &control.Server{})
	config := w.config("Anna")
	config.DeviceKey = control.DeviceKeysIn(t.TempDir())
	anna, err := control.Dial(t.Context(), "voice.example", config)
	if err != nil {
		t.Fatal(err)
	}
	_ = anna.Close()
	config.DeviceKey = func(voiceapp.Fingerprint) (control.DeviceKey, error) { return control.DeviceKey{}, nil }
	if bo, err := control.Dial(t.Context(), "voice.example", config); err != nil {
		t.Error(err)
	} else {
		_ = bo.Close()
	}
	lost := errors.New("the disk is gone")
	config.DeviceKey = func(voiceapp.Fingerprint) (control.DeviceKey, error) { return control.DeviceKey{}, lost }
	if _, err := control.Dial(t.Context(), "voice.example", config); !errors.Is(err, lost) {
		t.Errorf("without its key: %v", err)
	}
}
