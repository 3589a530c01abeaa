package control_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

func TestIdentityIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "tls")
	first, key, err := control.LoadOrCreateIdentity(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, sameKey, err := control.LoadOrCreateIdentity(dir)
	if err != nil || sameKey != key || key.IsZero() || string(again.Certificate[0]) != string(first.Certificate[0]) {
		t.Errorf("the second time: %v, %v", sameKey, err)
	}
	for path, mode := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "key.pem"): 0o600, filepath.Join(dir, "cert.pem"): 0o600} {
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 2 {
		t.Errorf("%d files in %s", len(files), dir)
	}
}

// A certificate that is old, of another key, damaged or gone is made anew; the
// fingerprint stays.
func TestCertificateIsRenewed(t *testing.T) {
	dir := t.TempDir()
	cert, key, err := control.LoadOrCreateIdentity(dir)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(cert.Leaf.NotAfter); left < 9*365*24*time.Hour {
		t.Errorf("a new certificate is good for %v", left)
	}
	other, _, err := control.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "cert.pem")
	for what, content := range map[string][]byte{
		"old":        expiring(t, cert),
		"of another": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.Certificate[0]}),
		"damaged":    []byte("-----BEGIN"),
		"empty":      {},
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		now, sameKey, err := control.LoadOrCreateIdentity(dir)
		if err != nil || sameKey != key || time.Until(now.Leaf.NotAfter) < 9*365*24*time.Hour {
			t.Errorf("%s: %v, %v, until %v", what, sameKey, err, now.Leaf.NotAfter)
		}
	}
}

func expiring(t *testing.T, cert tls.Certificate) []byte {
	key := cert.PrivateKey.(*ecdsa.PrivateKey)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(200 * 24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestIdentityRefused(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := control.LoadOrCreateIdentity(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "key.pem")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, says string
		content    []byte
		mode       os.FileMode
	}{
		{"readable by the group", "chmod 600 " + path, good, 0o640},
		{"readable by the world", "chmod 600 " + path, good, 0o604},
		{"damaged", "backup", good[:len(good)/2], 0o600},
		{"empty", "backup", nil, 0o600},
		{"another thing", "backup", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}), 0o600},
	} {
		if c.mode != 0o600 && runtime.GOOS == "windows" {
			continue
		}
		if err := errors.Join(os.WriteFile(path, c.content, 0o600), os.Chmod(path, c.mode)); err != nil {
			t.Fatal(err)
		}
		_, _, err := control.LoadOrCreateIdentity(dir)
		if !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("a key that is %s: %v", c.what, err)
		}
		if now, _ := os.ReadFile(path); string(now) != string(c.content) {
			t.Errorf("a key that is %s was written over", c.what)
		}
	}
	if _, _, err := control.LoadOrCreateIdentity(path); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a directory that is a file: %v", err)
	}
}

// answering is a server that says one thing, whatever it is asked. It takes
// everything that is sent to it.
func answering(cert tls.Certificate, text string) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			conn := tls.Server(there, &tls.Config{Certificates: []tls.Certificate{cert}, SessionTicketsDisabled: true})
			if _, err := conn.Read(make([]byte, 4096)); err == nil {
				_, _ = io.WriteString(conn, text)
				_ = conn.CloseWrite()
				_, _ = io.Copy(io.Discard, conn)
			}
		}()
		return here, nil
	}
}

// One in the middle, with a key of his own, gets no byte of what one would have sent.
func TestManInTheMiddle(t *testing.T) {
	w := newWorld(t, &control.Server{})
	cert, shown, err := control.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	refused := errors.New("not trusted")
	for _, c := range []struct {
		what string
		set  func(*control.ClientConfig)
		is   error
		says []string
	}{
		{"another key", func(*control.ClientConfig) {}, voiceapp.KeyChanged, []string{w.key.String(), shown.String(), "listening in"}},
		{"nobody trusts it", func(c *control.ClientConfig) {
			c.Fingerprint = voiceapp.Fingerprint{}
			c.Trust = func(addr string, f voiceapp.Fingerprint) error {
				if addr != "voice.example:7788" || f != shown {
					t.Errorf("asked about %s with %v", addr, f)
				}
				return refused
			}
		}, refused, nil},
		{"nothing is known", func(c *control.ClientConfig) { c.Fingerprint = voiceapp.Fingerprint{} }, voiceapp.Invalid, []string{shown.String()}},
	} {
		received := make(chan int64, 1)
		config := w.config("Anna")
		config.Password = "correct horse"
		config.DialContext = func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() {
				defer there.Close()
				n, _ := io.Copy(io.Discard, tls.Server(there, &tls.Config{Certificates: []tls.Certificate{cert}, SessionTicketsDisabled: true}))
				received <- n
			}()
			return here, nil
		}
		c.set(&config)
		_, err := control.Dial(t.Context(), "voice.example", config)
		if !errors.Is(err, c.is) {
			t.Errorf("%s: %v", c.what, err)
		}
		for _, part := range c.says {
			if err != nil && !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", c.what, err, part)
			}
		}
		if n := <-received; n != 0 {
			t.Errorf("%s: %d bytes were sent", c.what, n)
		}
	}
}

// A pinned key stands for the server, whatever name and dates its certificate has.
func TestTrust(t *testing.T) {
	w := newWorld(t, &control.Server{})
	config := w.config("Anna")
	config.Fingerprint = voiceapp.Fingerprint{}
	var asked string
	config.Trust = func(addr string, f voiceapp.Fingerprint) error {
		asked = addr + " " + f.String()
		return nil
	}
	for _, addr := range []string{"voice.example", "voice.example:7788"} {
		c, err := control.Dial(t.Context(), addr, config)
		if err != nil {
			t.Fatal(err)
		}
		if asked != "voice.example:7788 "+w.key.String() || c.Fingerprint() != w.key || c.Addr() != "voice.example:7788" {
			t.Errorf("asked about %s", asked)
		}
		_ = c.Close()
		<-c.Done()
		config.Name += "x"
	}
	if _, err := control.Dial(t.Context(), "127.0.0.1:1", control.ClientConfig{}); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
}
