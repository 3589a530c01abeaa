package authhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// directory is Accounts with one account that has a password of its own.
type directory struct {
	mu   sync.Mutex
	keys map[string]voiceapp.User
}

func (d *directory) Credential(_ context.Context, name string) (voiceapp.User, string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name == "Owner" {
		return voiceapp.User{ID: 1, Name: name, Role: voiceapp.RoleOwner}, "$argon2id$", nil
	}
	for _, user := range d.keys {
		if user.Name == name {
			return user, "", nil
		}
	}
	return voiceapp.User{}, "", voiceapp.NewError(voiceapp.NotFound, "there is no such account")
}

func (d *directory) ExternalUser(_ context.Context, key, name string, role voiceapp.Role) (voiceapp.User, error) {
	if name == "Owner" {
		return voiceapp.User{}, voiceapp.NewError(voiceapp.Exists, "the name is taken")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.keys == nil {
		d.keys = make(map[string]voiceapp.User)
	}
	user, ok := d.keys[key]
	if !ok {
		user.ID = voiceapp.UserID(len(d.keys) + 2)
	}
	user.Name, user.Role = name, role
	d.keys[key] = user
	return user, nil
}

// served starts an authenticator over TLS and a hook that may ask it.
func served(t *testing.T, handler http.HandlerFunc) (*Hook, *directory) {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	accounts := new(directory)
	return newHook(t, server, Config{Accounts: accounts, Allow: []string{"127.0.0.1"}}), accounts
}

func newHook(t *testing.T, server *httptest.Server, config Config) *Hook {
	t.Helper()
	config.URL = server.URL + "/login"
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	config.TLSConfig = &tls.Config{RootCAs: roots}
	h, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

func answering(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func wantCode(t *testing.T, what string, err error, code voiceapp.Code) {
	t.Helper()
	var typed *voiceapp.Error
	if !errors.As(err, &typed) || typed.Code != code {
		t.Errorf("%s: %v; want %s", what, err, code)
	}
}

func TestQuestionAndAnswer(t *testing.T) {
	hook, accounts := served(t, func(w http.ResponseWriter, r *http.Request) {
		var q map[string]string
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &q); err != nil || r.Method != http.MethodPost || r.URL.Path != "/login" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s with %s", r.Method, r.URL, body)
		}
		if q["password"] != "correct horse" || q["address"] != "203.0.113.7" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"id":%d,"name":%q,"role":"moderator","new":[1]}`, len(q["name"]), strings.ToUpper(q["name"]))
	})
	hook.config.Address = func(context.Context) (netip.Addr, bool) { return netip.MustParseAddr("203.0.113.7"), true }
	first, err := hook.Authenticate(t.Context(), "anna@example.org", "correct horse")
	if err != nil || first.Name != "ANNA@EXAMPLE.ORG" || first.Role != voiceapp.RoleModerator {
		t.Errorf("Authenticate = %+v, %v", first, err)
	}
	again, err := hook.Authenticate(t.Context(), "bert@example.org", "correct horse") // of the same length: the same id
	if err != nil || again.ID != first.ID || again.Name == first.Name {
		t.Errorf("after a change of name: %+v, %v", again, err)
	}
	if _, ok := accounts.keys["id:16"]; !ok || len(accounts.keys) != 1 {
		t.Errorf("the accounts are %+v", accounts.keys)
	}
	_, err = hook.Authenticate(t.Context(), "Anna", "wrong")
	wantCode(t, "a wrong password", err, voiceapp.BadCredentials)
}

// An account with a password of its own is not the hook's, whatever it says.
func TestLocalAccountsAreNotTheHooks(t *testing.T) {
	hook, _ := served(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "Owner") {
			t.Errorf("it was asked %s", body)
		}
		_, _ = io.WriteString(w, `{"name":"Owner","role":40}`)
	})
	_, err := hook.Authenticate(t.Context(), "Owner", "x")
	wantCode(t, "the owner's name", err, voiceapp.NotFound)
	_, err = hook.Authenticate(t.Context(), "Mallory", "x")
	wantCode(t, "an answer with the owner's name", err, voiceapp.Exists)
}

func TestRolesAreCapped(t *testing.T) {
	for role, want := range map[string]voiceapp.Role{"40": MaxRole, "30": MaxRole, "1000": MaxRole, `"owner"`: MaxRole, "29": 29, "0": 0, `"member"`: 10, `"15"`: 15} {
		hook, _ := served(t, answering(`{"name":"Anna","role":`+role+`}`))
		if user, err := hook.Authenticate(t.Context(), "Anna", "x"); err != nil || user.Role != want {
			t.Errorf("the role %s gave %+v, %v; want %v", role, user, err, want)
		}
	}
}

func TestUselessAnswers(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	good := `{"name":"Anna","role":10`
	for what, c := range map[string]struct {
		answer http.HandlerFunc
		want   voiceapp.Code
	}{
		"401":              {status(401), voiceapp.BadCredentials},
		"403":              {status(403), voiceapp.BadCredentials},
		"404":              {status(404), voiceapp.BadCredentials},
		"429":              {status(429), voiceapp.Limited},
		"500":              {status(500), voiceapp.Unavailable},
		"204":              {status(204), voiceapp.Unavailable},
		"nothing":          {answering(""), voiceapp.Unavailable},
		"no JSON":          {answering("<html>"), voiceapp.Unavailable},
		"two values":       {answering(good + "}{}"), voiceapp.Unavailable},
		"no name":          {answering(`{"role":10}`), voiceapp.Unavailable},
		"a name that hits": {answering(`{"name":"a\u001b[2J","role":10}`), voiceapp.Unavailable},
		"no role":          {answering(`{"name":"Anna"}`), voiceapp.Unavailable},
		"a null role":      {answering(`{"name":"Anna","role":null}`), voiceapp.Unavailable},
		"a negative role":  {answering(`{"name":"Anna","role":-1}`), voiceapp.Unavailable},
		"an unknown role":  {answering(`{"name":"Anna","role":"king"}`), voiceapp.Unavailable},
		"an id of parts":   {answering(good + `,"id":1.5}`), voiceapp.Unavailable},
		"an id of objects": {answering(good + `,"id":{}}`), voiceapp.Unavailable},
		"a long id":        {answering(good + `,"id":"` + strings.Repeat("x", 201) + `"}`), voiceapp.Unavailable},
		"64 KiB and more":  {answering(good + strings.Repeat(" ", MaxAnswer) + "}"), voiceapp.Unavailable},
		"a broken body": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, good)
		}, voiceapp.Unavailable},
		"a huge header": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 64<<10))
			_, _ = io.WriteString(w, good+"}")
		}, voiceapp.Unavailable},
	} {
		hook, accounts := served(t, c.answer)
		_, err := hook.Authenticate(t.Context(), "Anna", "x")
		wantCode(t, what, err, c.want)
		if len(accounts.keys) != 0 {
			t.Errorf("%s made an account", what)
		}
	}
	hook, _ := served(t, answering(good+strings.Repeat(" ", MaxAnswer-len(good)-1)+"}"))
	if _, err := hook.Authenticate(t.Context(), "Anna", "x"); err != nil {
		t.Errorf("64 KiB: %v", err)
	}
}

// A redirect is followed nowhere.
func TestNoRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		hook, _ := served(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, code) })
		_, err := hook.Authenticate(t.Context(), "Anna", "x")
		wantCode(t, fmt.Sprint(code), err, voiceapp.Unavailable)
	}
}

// One that does not answer costs the time that is set and no more.
func TestTimeout(t *testing.T) {
	done := make(chan struct{})
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	defer server.Close()
	defer close(done)
	hook := newHook(t, server, Config{Accounts: new(directory), Allow: []string{"127.0.0.1"}, Timeout: 50 * time.Millisecond})
	_, err := hook.Authenticate(t.Context(), "Anna", "x")
	wantCode(t, "no answer", err, voiceapp.Unavailable)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the cause is lost: %v", err)
	}
}

// A certificate that nobody vouches for is no authenticator's.
func TestCertificateIsChecked(t *testing.T) {
	server := httptest.NewTLSServer(answering(`{"name":"Anna","role":10}`))
	defer server.Close()
	hook, err := New(Config{URL: server.URL, Accounts: new(directory), Allow: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer hook.Close()
	_, err = hook.Authenticate(t.Context(), "Anna", "x")
	wantCode(t, "an unknown certificate", err, voiceapp.Unavailable)
}

// A name that leads to this machine is refused when the connection is made, and let
// pass when the name, or the address, is listed.
func TestNamesThatLeadInside(t *testing.T) {
	server := httptest.NewServer(answering(`{"name":"Anna","role":10}`))
	defer server.Close()
	inside := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	for _, c := range []struct {
		url   string
		allow []string
		ok    bool
	}{
		{strings.Replace(inside, "http:", "https:", 1), nil, false},
		{inside, []string{"LocalHost"}, true},
		{server.URL, []string{"127.0.0.0/8"}, true},
	} {
		hook, err := New(Config{URL: c.url, Accounts: new(directory), Allow: c.allow})
		if err != nil {
			t.Fatal(err)
		}
		_, err = hook.Authenticate(t.Context(), "Anna", "x")
		if c.ok && err != nil {
			t.Errorf("%s with %q: %v", c.url, c.allow, err)
		}
		if !c.ok && (!errors.Is(err, voiceapp.Unavailable) || !errors.Is(err, voiceapp.Invalid)) {
			t.Errorf("%s with %q: %v; want unavailable because of invalid", c.url, c.allow, err)
		}
		hook.Close()
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []Config{
		{},
		{URL: "auth.example"},
		{URL: "ftp://auth.example"},
		{URL: "https://"},
		{URL: "https://:443/"},
		{URL: "https://auth.example/#x"},
		{URL: "http://auth.example/"},
		{URL: "http://auth.example/", Allow: []string{"other.example"}},
		{URL: "https://127.0.0.1/"},
		{URL: "https://[::1]/"},
		{URL: "https://[::ffff:10.0.0.1]/"},
		{URL: "https://169.254.169.254/latest"},
		{URL: "https://10.1.2.3/", Allow: []string{"10.1.2.4"}},
		{URL: "https://auth.example/", Allow: []string{""}},
		{URL: "https://auth.example/", Allow: []string{"http://a/"}},
	} {
		c.Accounts = new(directory)
		_, err := New(c)
		wantCode(t, fmt.Sprintf("%+v", c.URL), err, voiceapp.Invalid)
	}
	_, err := New(Config{URL: "https://auth.example/"})
	wantCode(t, "no accounts", err, voiceapp.Invalid)
}

// Whatever is answered: an account that may be, with a role below an admin's, or an
// error of its kind.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"id":"4711","name":"Anna","role":"moderator"}`, `{"id":4711,"name":"Anna","role":40}`, `{"id":null,"name":"Anna","role":0}`, `{"id":1e3,"name":"A","role":1e1}`,
		`{"ID":"","NAME":"a/b","Role":"role 15"}`, `[]`, `null`, ``, `{"id":[1],"name":"A","role":1}`, `{"name":"A","role":9223372036854775808}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := parseAnswer(body)
		if err != nil {
			if !errors.Is(err, voiceapp.Unavailable) {
				t.Errorf("the error is %v", err)
			}
			return
		}
		if role := a.role(); role < voiceapp.RoleGuest || role >= voiceapp.RoleAdmin || voiceapp.CheckName(a.Name) != nil || len(a.key()) < 4 || len(a.key()) > 300 {
			t.Errorf("%q gave %+v with the key %q", body, a, a.key())
		}
	})
}
