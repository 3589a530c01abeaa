package outbound

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func parsed(t testing.TB, entries ...string) Policy {
	t.Helper()
	p, err := Parse(entries)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// get asks a URL by a policy's client and gives the status, or what kept it.
func get(t *testing.T, p Policy, url string) (int, error) {
	t.Helper()
	client := p.Client(Limits{Timeout: 5 * time.Second, Conns: 1, IdleConns: 1})
	defer client.CloseIdleConnections()
	response, err := client.Get(url)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// inside starts a server on this machine that counts who gets there, and gives its
// port.
func inside(t *testing.T) (server *httptest.Server, port string, visits *atomic.Int64) {
	t.Helper()
	visits = new(atomic.Int64)
	server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return server, at.Port(), visits
}

// Whatever a host is called, no connection is made to this machine.
func TestNothingLeadsInside(t *testing.T) {
	_, port, visits := inside(t)
	for _, host := range []string{
		"127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",
		"localhost", "LOCALHOST", "localhost.", "ip6-localhost", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]",
		"[64:ff9b::7f00:1]", "[2002:7f00:1::]", "127.0.0.1.", "①②⑦.⓪.⓪.①", "127。0。0。1",
	} {
		if status, err := get(t, Policy{}, "http://"+host+":"+port+"/"); err == nil {
			t.Errorf("%s answered with %d", host, status)
		}
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("%d requests came inside", n)
	}
}

// A name is let pass or not by the address that it has when the connection is made.
func TestNamesAreLookedAtWhenConnected(t *testing.T) {
	_, port, visits := inside(t)
	at := "http://localhost:" + port
	_, err := get(t, Policy{}, at)
	if !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a name that leads inside: %v", err)
	}
	for i, p := range []Policy{parsed(t, "LocalHost"), parsed(t, "127.0.0.0/8", "::1")} {
		if status, err := get(t, p, at); err != nil || status != http.StatusOK || visits.Load() != int64(i+1) {
			t.Errorf("a name that is listed: %d, %v", status, err)
		}
	}
}

// A redirect is an answer, and followed nowhere.
func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere, _, visits := inside(t)
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	if status, err := get(t, parsed(t, "127.0.0.1"), server.URL); err != nil || status != http.StatusTemporaryRedirect || visits.Load() != 0 {
		t.Errorf("the answer is %d, %v after %d visits elsewhere", status, err, visits.Load())
	}
}

// The environment's proxy is not asked.
func TestNoProxy(t *testing.T) {
	proxy, _, visits := inside(t)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	if _, err := get(t, parsed(t, "127.0.0.1"), "http://hooks.invalid/"); err == nil || visits.Load() != 0 {
		t.Errorf("the proxy was asked %d times, %v", visits.Load(), err)
	}
}

func TestCheck(t *testing.T) {
	p := parsed(t, "intern.example", "10.1.0.0/16", "[fd00::1]", "192.168.0.7")
	for raw, ok := range map[string]bool{
		"https://hooks.example/a?b=c": true, "https://1.1.1.1/": true, "https://[2606:4700::1111]/": true, "https://hooks.example:8443": true,
		"http://intern.example/": true, "http://INTERN.example/": true, "http://10.1.2.3/": true, "https://[fd00::1]/": true, "http://192.168.0.7/": true,
		"http://[::ffff:10.1.2.3]/": true,
		"http://hooks.example/":     false, "http://1.1.1.1/": false, "https://10.2.0.1/": false, "https://[fd00::2]/": false, "https://192.168.0.8/": false,
		"https://169.254.169.254/latest/meta-data": false, "https://[::ffff:169.254.169.254]/": false, "https:///": false, "https://": false, "ftp://hooks.example/": false,
		"file:///etc/passwd": false, "hooks.example": false, "https://hooks.example/#part": false, "": false,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(u); (err == nil) != ok || err != nil && !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%s: %v; ok is to be %v", raw, err, ok)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, entry := range []string{"", " ", "http://a/", "a/b", "a:80", "me@a", "a b"} {
		if _, err := Parse([]string{"good.example", entry}); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%q: %v", entry, err)
		}
	}
}

// No list opens what it does not name, and no URL makes the check panic.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"https://127.0.0.1/", "https://[fe80::1%25eth0]/", "http://intern.example:80/", "https://2130706433/", "//x", "https://[::ffff:7f00:1]"} {
		f.Add(seed, "10.0.0.0/8")
		f.Add(seed, "intern.example")
	}
	f.Fuzz(func(t *testing.T, raw, entry string) {
		u, err := url.Parse(raw)
		p, wrong := Parse([]string{entry})
		if err != nil || wrong != nil || p.Check(u) != nil {
			return
		}
		if host := u.Hostname(); !p.Lists(host) && (u.Scheme != "https" || host == "" || strings.HasPrefix(host, "127.0.0.")) {
			t.Errorf("%q passed with %q listed", raw, entry)
		}
	})
}
