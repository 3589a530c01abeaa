package admin_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

var update = flag.Bool("update", false, "write what is golden anew")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// password is that of every account of a rig.
const password = "correct horse battery"

var passwordHash = sync.OnceValues(func() (string, error) { return control.HashPassword(password) })

var newIdentity = sync.OnceValues(func() (tls.Certificate, error) {
	cert, _, err := control.NewIdentity()
	return cert, err
})

// rig is a server with its database, its relay and its admin API, on real sockets.
type rig struct {
	t        testing.TB
	store    *store.Store
	control  *control.Server
	relay    *relay.Relay
	keys     *admin.Keys
	key      voiceapp.Fingerprint
	hooks    *admin.Hooks
	admin    *admin.Server
	web      *httptest.Server
	addr     string // of control
	listener string // of admin with its guard; "": not open

	mu    sync.Mutex
	clock time.Duration // ahead of the real one
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t}
	var err error
	quiet := slog.New(slog.DiscardHandler)
	r.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "voiceapp.db"), store.Options{Log: quiet})
	r.must(err)
	_, err = r.store.Init(t.Context(), []voiceapp.Channel{
		{ID: 1, Name: "Lobby", Bitrate: voiceapp.DefaultBitrate},
		{ID: 2, Name: "Staff", RequiredRole: voiceapp.RoleModerator, SeeRole: voiceapp.RoleModerator, Bitrate: voiceapp.DefaultBitrate},
	})
	r.must(err)
	cert, err := newIdentity()
	r.must(err)
	r.key = voiceapp.FingerprintOf(cert.Leaf)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	r.must(err)
	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Addr().(*net.TCPAddr).Port})
	r.must(err)
	r.addr = tcp.Addr().String()
	r.relay = relay.New(relay.Config{Logger: quiet})
	r.control = &control.Server{Directory: r.store, Voice: r.relay, Certificate: cert, Logger: quiet, Limits: control.Limits{KickTime: -1}}
	var running sync.WaitGroup
	running.Go(func() { _ = r.relay.Serve(udp) })
	running.Go(func() { _ = r.control.Serve(tcp) })
	r.keys = admin.NewKeys(r.key)
	r.hooks, err = admin.NewHooks(admin.HooksConfig{Webhooks: r.store, Deliveries: r.store, Live: r.control, Allow: []string{"localhost"}, Logger: quiet})
	r.must(err)
	ctx, stop := context.WithCancel(context.Background())
	running.Go(func() { _ = r.hooks.Run(ctx) })
	r.admin, err = admin.New(admin.Config{
		Live: r.control, Accounts: r.store, Keys: r.keys, APIKeys: r.store, Hooks: r.hooks, Logger: quiet,
		Sources: []admin.Source{r.control, r.relay, r.store},
		Info:    admin.Info{Version: "test", Control: r.addr, Fingerprint: r.key, Started: time.Now()},
		Now:     r.now,
	})
	r.must(err)
	r.web = httptest.NewServer(r.admin.Handler())
	t.Cleanup(func() {
		stop()
		_ = r.admin.Close()
		r.web.Close()
		_ = r.control.Close()
		_ = r.relay.Close()
		running.Wait()
		_ = udp.Close()
		_ = r.store.Close()
	})
	return r
}

// listen serves the admin API as the program does.
func (r *rig) listen() {
	r.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	r.must(err)
	served := make(chan error, 1)
	go func() { served <- r.admin.Serve(l) }()
	r.listener = l.Addr().String()
	r.t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		_ = r.admin.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			r.t.Errorf("Serve ended with %v", err)
		}
	})
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Now().Add(r.clock)
}

// later moves the admin API's clock.
func (r *rig) later(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock += d
}

// account makes an account of a role.
func (r *rig) account(name string, role voiceapp.Role) voiceapp.User {
	r.t.Helper()
	hash, err := passwordHash()
	r.must(err)
	user, err := r.store.CreateUser(r.t.Context(), name, hash, role)
	r.must(err)
	return user
}

// token logs an account in.
func (r *rig) token(name string) string {
	r.t.Helper()
	var got struct{ Token string }
	r.as("").do("POST", "/api/login", map[string]any{"name": name, "password": password}).want(http.StatusOK).into(&got)
	return got.Token
}

// client is somebody who is here.
func (r *rig) client(name, password string) *control.Client {
	r.t.Helper()
	c, err := control.Dial(r.t.Context(), r.addr, control.ClientConfig{Name: name, Password: password, Fingerprint: r.key})
	r.must(err)
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// caller asks the API with one token.
type caller struct {
	r      *rig
	token  string
	header http.Header
}

func (r *rig) as(token string) *caller {
	return &caller{r: r, token: token, header: make(http.Header)}
}

// with adds a header.
func (c *caller) with(name, value string) *caller {
	c.header.Set(name, value)
	return c
}

// answer is what the API said.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

func (c *caller) do(method, path string, body any) answer {
	c.r.t.Helper()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		c.r.must(err)
		in = bytes.NewReader(text)
	}
	ctx, cancel := context.WithTimeout(c.r.t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.r.web.URL+path, in)
	c.r.must(err)
	req.Header = c.header.Clone()
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.r.web.Client().Do(req)
	c.r.must(err)
	defer resp.Body.Close()
	if resp.Header.Get("Content-Type") == "text/event-stream" { // it has no end
		return answer{t: c.r.t, what: method + " " + path, status: resp.StatusCode, header: resp.Header}
	}
	text, err := io.ReadAll(resp.Body)
	c.r.must(err)
	return answer{c.r.t, method + " " + path, resp.StatusCode, resp.Header, text}
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: %d %s, want %d", a.what, a.status, a.body, status)
	}
	return a
}

func (a answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%s: %v: %s", a.what, err, a.body)
	}
}

// code returns that of a problem; "" for what is none.
func (a answer) code() voiceapp.Code {
	var p admin.Problem
	if a.header.Get("Content-Type") != "application/problem+json" || json.Unmarshal(a.body, &p) != nil || p.Status != a.status {
		return ""
	}
	return p.Code
}

// refused checks that the answer is a problem of a code.
func (a answer) refused(code voiceapp.Code) {
	a.t.Helper()
	if a.code() != code {
		a.t.Errorf("%s: %d %s, want %s", a.what, a.status, a.body, code)
	}
}

// entries returns the audit log, the oldest entry first.
func (r *rig) entries() []voiceapp.AuditEntry {
	r.t.Helper()
	entries, err := r.store.AuditLog(r.t.Context(), voiceapp.AuditQuery{Limit: 500})
	r.must(err)
	for i, j := 0, len(entries)-1; i < j; i, j = i+1, j-1 {
		entries[i], entries[j] = entries[j], entries[i]
	}
	return entries
}

// ended reports whether a client's session ends within a few seconds, and how.
func ended(t *testing.T, c *control.Client) error {
	t.Helper()
	select {
	case <-c.Done():
		return c.Err()
	case <-time.After(5 * time.Second):
		return errors.New("the session goes on")
	}
}
