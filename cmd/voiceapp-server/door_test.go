package main

import (
	"bufio"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

// assets gives the paths of the pages, and of the files that they load.
func assets(t *testing.T) []string {
	t.Helper()
	paths := []string{"/", "/docs", "/docs/control", "/openapi.json", "/openapi.yaml", "/openrpc.json", "/healthz", "/readyz"}
	err := fs.WalkDir(os.DirFS("../../admin/web/assets"), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.HasSuffix(path, ".html") {
			paths = append(paths, "/assets/"+path)
		}
		return err
	})
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d assets: %v", len(paths), err)
	}
	return paths
}

// ask sends the server of a test one request.
func ask(t *testing.T, method, url, body string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.Host = r.Header.Get("Host")
	transport := &http.Transport{} // as browsers: after Connection: close, net/http does not wait until an early answer is read
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer
}

// No asset, page or refusal lets a browser do more than it should.
func TestEveryAnswerOfTheProgramIsGuarded(t *testing.T) {
	ready, _ := serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	base := "http://" + word(ready, "admin")
	check := func(path string, want int) {
		t.Helper()
		answer := ask(t, "GET", base+path, "")
		if answer.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, answer.Status, want)
		}
		policy := answer.Header.Get("Content-Security-Policy")
		if path == "/docs" {
			policy = strings.Replace(policy, "img-src 'self' data:", "img-src 'self'", 1)
		}
		for _, want := range strings.Split(guard.Policy, "; ") {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %s", path, want)
			}
		}
		for _, name := range []string{"X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy"} {
			if answer.Header.Get(name) == "" {
				t.Errorf("%s: no %s", path, name)
			}
		}
		if strings.Contains(policy, "unsafe") || answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, answer.Header)
		}
	}
	for _, path := range assets(t) {
		check(path, http.StatusOK)
	}
	for _, path := range []string{"/none", "/assets/", "/api/none", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars"} {
		check(path, http.StatusNotFound)
	}
	for _, path := range []string{"/metrics", "/api/channels", "/api/me"} {
		check(path, http.StatusUnauthorized)
	}
}

func TestWhatTheProgramRefuses(t *testing.T) {
	ready, _ := serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--public-address", "voice.example.org:7788")
	base := "http://" + word(ready, "admin")
	const login = `{"name":"anna","password":"x"}`
	for _, c := range []struct {
		name, path, body string
		headers          []string
		want             int
	}{
		{"a login", "/api/login", login, nil, 401},
		{"by the public name", "/api/login", login, []string{"Host", "voice.example.org:7789"}, 401},
		{"by another name", "/api/login", login, []string{"Host", "evil.example"}, 421},
		{"of another site", "/api/login", login, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"of another origin", "/api/session", login, []string{"Origin", "https://evil.example"}, 403},
		{"a form", "/api/login", "name=anna", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"a large one", "/api/login", `{"name":"` + strings.Repeat("a", 1<<20) + `"}`, nil, 413},
		{"a large header", "/api/login", login, []string{"X-Large", strings.Repeat("a", 40<<10)}, 431},
	} {
		headers := append([]string{"Content-Type", "application/json"}, c.headers...)
		if answer := ask(t, "POST", base+c.path, c.body, headers...); answer.StatusCode != c.want {
			t.Errorf("%s: %s, want %d", c.name, answer.Status, c.want)
		}
	}
}

// Those who send a header for ever don't keep others out.
func TestSlowHeadersKeepNobodyOut(t *testing.T) {
	ready, _ := serve(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	for range 300 {
		c, err := net.Dial("tcp", word(ready, "admin"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		w := bufio.NewWriter(c)
		if _, err = w.WriteString("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "); err == nil {
			err = w.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if answer := ask(t, "GET", "http://"+word(ready, "admin")+"/readyz", ""); answer.StatusCode != http.StatusOK {
		t.Errorf("the others get %s", answer.Status)
	}
}
