package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/control"
)

// certify makes a certificate of a new key and links it into a directory.
func certify(t *testing.T, dir string) (certFile, keyFile string, key []byte) {
	t.Helper()
	from := t.TempDir()
	certificate, _, err := control.LoadOrCreateIdentity(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cert.pem", "key.pem"} {
		text, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), certificate.Leaf.RawSubjectPublicKeyInfo
}

func TestHealthcheck(t *testing.T) {
	certFile, keyFile, _ := certify(t, t.TempDir())
	for name, flags := range map[string][]string{
		"this machine":  {"--admin", "127.0.0.1:0"},
		"every address": {"--admin", ":0"},
		"a certificate": {"--admin", "127.0.0.1:0", "--admin-cert", certFile, "--admin-key", keyFile},
		"a proxy":       {"--admin", "0.0.0.0:0", "--trusted-proxies", "203.0.113.1"},
		"no admin API":  {"--admin", "off"},
	} {
		t.Run(name, func(t *testing.T) {
			common := append([]string{"--data", t.TempDir()}, flags...)
			ready, stop := serve(t, append(common, "--listen", "127.0.0.1:0")...)
			ask := append([]string{"healthcheck"}, common...)
			ask = append(ask, "--listen", word(ready, "control"))
			if addr := word(ready, "admin"); addr != "off" {
				ask = append(ask, "--admin", addr)
			}
			if _, errs, code := run(t, ask...); code != 0 {
				t.Errorf("exit %d: %s", code, errs)
			}
			stop()
			if _, errs, code := run(t, ask...); code != 1 || !strings.Contains(errs, "does not answer") {
				t.Errorf("of a server that stopped: exit %d: %s", code, errs)
			}
		})
	}
}

func TestHealthcheckOfAnotherServer(t *testing.T) {
	ready, _ := serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "off")
	_, errs, code := run(t, "healthcheck", "--data", t.TempDir(), "--listen", word(ready, "control"), "--admin", "off")
	if code != 1 || !strings.Contains(errs, "another server") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
