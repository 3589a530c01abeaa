//go:build !windows

package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// logLines is a log that a test reads while it is written.
type logLines struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // gets a value, if it has room, at each write
}

func newLog() *logLines { return &logLines{more: make(chan struct{}, 1)} }

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return l.text.Write(p)
}

// takeUntil waits for a line with a text and returns all up to there, which is then gone.
func (l *logLines) takeUntil(t *testing.T, text string) string {
	t.Helper()
	for late := time.After(10 * time.Second); ; {
		l.mu.Lock()
		all := l.text.String()
		found := strings.Contains(all, text)
		if found {
			l.text.Reset()
		}
		l.mu.Unlock()
		if found {
			return all
		}
		select {
		case <-l.more:
		case <-late:
			t.Fatalf("the log lacks %q:\n%s", text, all)
		}
	}
}

// hangUp sends this process SIGHUP.
func hangUp(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

// keyOf is the key that the admin API shows.
func keyOf(t *testing.T, addr string) []byte {
	t.Helper()
	c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0].RawSubjectPublicKeyInfo
}

func TestReload(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile, first := certify(t, dir)
	text := fmt.Sprintf("listen = '127.0.0.1:0'\nadmin = '127.0.0.1:0'\nadmin-cert = '%s'\nadmin-key = '%s'\n", certFile, keyFile)
	data := withConfig(t, text)
	configure := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(data, "config.toml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		hangUp(t)
	}
	log := newLog()
	ready, _ := serveLogging(t, log, "--data", data)
	addr := word(ready, "admin")
	if !bytes.Equal(keyOf(t, addr), first) {
		t.Fatal("the admin API does not show the certificate of the settings")
	}

	_, _, second := certify(t, dir)
	configure(text + "log-level = 'DEBUG'\nname = 'Other'\nguests = false\nbackup-keep = 2\n")
	lines := log.takeUntil(t, "take a restart")
	if !strings.Contains(lines, "changed=\"name guests log-level\"\n") || !strings.Contains(lines, "settings=backup-keep\n") {
		t.Errorf("the log says\n%s", lines)
	}
	if !bytes.Equal(keyOf(t, addr), second) {
		t.Error("the certificate is the old one")
	}
	c, err := net.Dial("tcp", word(ready, "control"))
	if err == nil {
		_, err = c.Write([]byte("no TLS\n"))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	log.takeUntil(t, "level=DEBUG")
	if _, err := control.Dial(t.Context(), word(ready, "control"), control.ClientConfig{Name: "anna", Trust: func(string, voiceapp.Fingerprint) error { return nil }}); !errors.Is(err, voiceapp.Forbidden) {
		t.Errorf("a guest comes: %v", err)
	}

	for bad, want := range map[string]string{"lisen = ':1'\n": "lisen", "trusted-proxies = 'proxy'\n": "proxy", "admin-hosts = 'a b'\n": "a b"} {
		configure(text + bad)
		if lines := log.takeUntil(t, "stay as they were"); !strings.Contains(lines, want) {
			t.Errorf("the log says of %q\n%s", bad, lines)
		}
	}
	if err := os.Remove(certFile); err != nil {
		t.Fatal(err)
	}
	configure(text)
	log.takeUntil(t, "stay as they were")
	if !bytes.Equal(keyOf(t, addr), second) {
		t.Error("the certificate that was removed is not served any more")
	}
}

func TestTheAdminAPIOffThisMachine(t *testing.T) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	host := ""
	for _, a := range addrs {
		if at, ok := a.(*net.IPNet); ok && at.IP.To4() != nil && !at.IP.IsLoopback() && !at.IP.IsLinkLocalUnicast() {
			host = at.IP.String()
		}
	}
	if host == "" {
		t.Skip("this machine has no address but loopback")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	get := func(url string) int {
		answer, err := client.Get(url)
		if err != nil {
			return 0
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	ready, stop := serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", host+":0")
	if status := get("https://" + word(ready, "admin") + "/healthz"); status != 200 {
		t.Errorf("by TLS: %d", status)
	}
	if status := get("http://" + word(ready, "admin") + "/healthz"); status != 400 {
		t.Errorf("in plain text: %d", status)
	}
	stop()
	ready, stop = serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", host+":0", "--trusted-proxies", host)
	if status := get("http://" + word(ready, "admin") + "/healthz"); status != 200 {
		t.Errorf("by the proxy: %d", status)
	}
	stop()
	ready, _ = serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", host+":0", "--trusted-proxies", "203.0.113.1")
	if status := get("http://" + word(ready, "admin") + "/healthz"); status != 0 {
		t.Errorf("past the proxy: %d", status)
	}
}
