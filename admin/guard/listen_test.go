package guard_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

func TestNoPlainTextOnANetwork(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", net.JoinHostPort(outside(t), "0")} {
		l, err := newGuard(t, guard.Config{}).Listen(address)
		if err == nil {
			l.Close()
		}
		if !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), "listen on 127.0.0.1") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestLoopbackIsPlain(t *testing.T) {
	own := newCertificate(t, "localhost")
	addr := serve(t, newGuard(t, guard.Config{Certificate: own}), "127.0.0.1:0", whoAsks)
	if answer, body := do(t, newClient(t), "GET", "http://"+addr, nil); body != "127.0.0.1" || answer.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("the handler sees %q", body)
	}
}

func TestTLSOffLoopback(t *testing.T) {
	host := outside(t)
	own := newCertificate(t, host)
	addr := serve(t, newGuard(t, guard.Config{Certificate: own}), host+":0", whoAsks)
	answer, body := do(t, newClient(t, own.Leaf), "GET", "https://"+addr, nil)
	if answer.ProtoMajor != 2 || body != host || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%s, the handler sees %q, headers %v", answer.Proto, body, answer.Header)
	}
	if answer, _ := do(t, newClient(t), "GET", "http://"+addr, nil); answer.StatusCode != http.StatusBadRequest {
		t.Errorf("plain text is answered with %d", answer.StatusCode)
	}
	if c, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}); err == nil {
		c.Close()
		t.Error("TLS 1.2 is spoken")
	}
}

func TestCertificateIsReadAnew(t *testing.T) {
	dir := t.TempDir()
	first, second := newCertificate(t, "127.0.0.1"), newCertificate(t, "127.0.0.1")
	certFile, keyFile := keep(t, dir, first)
	config := guard.Config{CertFile: certFile, KeyFile: keyFile}
	g := newGuard(t, config)
	addr := serve(t, g, "127.0.0.1:0", whoAsks)
	old := newClient(t, first.Leaf)
	do(t, old, "GET", "https://"+addr, nil)

	keep(t, dir, second)
	do(t, newClient(t, first.Leaf), "GET", "https://"+addr, nil)
	if err := g.Reload(config); err != nil {
		t.Fatal(err)
	}
	do(t, newClient(t, second.Leaf), "GET", "https://"+addr, nil)
	do(t, old, "GET", "https://"+addr, nil) // by its connection

	if err := os.WriteFile(certFile, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := g.Reload(config); !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), certFile) {
		t.Errorf("a damaged certificate: %v", err)
	}
	do(t, newClient(t, second.Leaf), "GET", "https://"+addr, nil)
}

func TestOnlyTheProxyMayConnect(t *testing.T) {
	host := outside(t)
	g := newGuard(t, guard.Config{Certificate: newCertificate(t, host), Proxies: prefixes(t, "203.0.113.7")})
	addr := serve(t, g, "0.0.0.0:0", whoAsks)
	_, port, _ := net.SplitHostPort(addr)
	if _, err := http.Get("http://" + net.JoinHostPort(host, port)); err == nil {
		t.Error("anyone may connect")
	}
	if _, body := do(t, newClient(t), "GET", "http://127.0.0.1:"+port, nil); body != "127.0.0.1" {
		t.Errorf("this machine is seen as %q", body)
	}
	if err := g.Reload(guard.Config{Proxies: prefixes(t, host)}); err != nil {
		t.Fatal(err)
	}
	if _, body := do(t, newClient(t), "GET", "http://"+net.JoinHostPort(host, port), nil, header("X-Forwarded-For", "198.51.100.4")); body != "198.51.100.4" {
		t.Errorf("who asks the proxy is seen as %q", body)
	}
	if err := g.Reload(guard.Config{}); err != nil {
		t.Fatal(err)
	}
	if _, err := newClient(t).Get("http://" + net.JoinHostPort(host, port)); err == nil {
		t.Error("the proxy may connect although it is not listed any more")
	}
}

func TestWhatCantBeMeant(t *testing.T) {
	missing := t.TempDir() + "/none.pem"
	for name, config := range map[string]guard.Config{
		"its key":         {CertFile: "cert.pem"},
		"both":            {CertFile: "cert.pem", KeyFile: "key.pem", ACME: guard.ACME{Hosts: []string{"a.example"}, Dir: "x"}},
		"a directory":     {ACME: guard.ACME{Hosts: []string{"a.example"}}},
		"ACME makes":      {ACME: guard.ACME{Hosts: []string{"192.0.2.1"}, Dir: "x"}},
		"\"localhost\"":   {ACME: guard.ACME{Hosts: []string{"localhost"}, Dir: "x"}},
		"without a":       {Hosts: []string{"https://voice.example.org"}},
		"\"\"":            {Hosts: []string{""}},
		"can't be read":   {CertFile: missing, KeyFile: missing},
		"no certificate ": {CertFile: "listen_test.go", KeyFile: "listen_test.go"},
	} {
		if _, err := guard.New(config); !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%q is not in: %v", name, err)
		}
	}
}

func TestParsePrefixes(t *testing.T) {
	got := prefixes(t, " 10.0.0.7, 10.1.2.3/8 ,::1,fd00::1/8,::ffff:192.0.2.1, ")
	if want := prefixes(t, "10.0.0.7/32,10.0.0.0/8,::1/128,fd00::/8,192.0.2.1/32"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, text := range []string{"proxy", "10.0.0.0/33", "10.0.0", "1.2.3.4:80"} {
		if _, err := guard.ParsePrefixes(text); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestHostsThatAServerIsKnownAs(t *testing.T) {
	outer := outside(t)
	own := newCertificate(t, "x")
	g := newGuard(t, guard.Config{Certificate: own, Hosts: guard.ParseHosts("Voice.Example.org., [2001:db8::1]:7789,198.51.100.9")})
	_, port, _ := net.SplitHostPort(serve(t, g, "0.0.0.0:0", whoAsks))
	ask := func(host string) int {
		t.Helper()
		c, err := tls.Dial("tcp", net.JoinHostPort(outer, port), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	for _, host := range []string{
		"localhost", "LOCALHOST:7789", "localhost.", "127.0.0.1", "127.9.9.9:80", "[::1]:7789", "[::1]", outer, outer + ":1",
		"voice.example.org", "VOICE.example.ORG.:443", "[2001:db8:0::1]:7789", "198.51.100.9",
	} {
		if status := ask(host); status != http.StatusOK {
			t.Errorf("%s: %d", host, status)
		}
	}
	for _, host := range []string{
		"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "2130706433", "0x7f000001", "evil.voice.example.org",
		"voice.example.org.evil.example", "192.0.2.250", "[2001:db8::2]", "0.0.0.0", "localhost..", "127.1",
	} {
		if status := ask(host); status != http.StatusMisdirectedRequest {
			t.Errorf("%q: %d", host, status)
		}
	}
}
