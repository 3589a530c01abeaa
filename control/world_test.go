package control_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// The channels of a test's server.
const (
	lobby voiceapp.ChannelID = iota + 1
	quiet
	staff
	missing
)

func newMemory() *control.Memory {
	return control.NewMemory(
		voiceapp.Channel{Name: "Lobby"},
		voiceapp.Channel{Name: "Quiet", Parent: lobby, Bitrate: 24_000},
		voiceapp.Channel{Name: "Staff", RequiredRole: voiceapp.RoleModerator},
	)
}

// world is a server on a network in memory, which works inside a bubble too.
type world struct {
	t      *testing.T
	server *control.Server
	key    voiceapp.Fingerprint
	net    *pipes
	served chan error
}

var newIdentity = sync.OnceValues(func() (tls.Certificate, error) {
	cert, _, err := control.NewIdentity()
	return cert, err
})

// newWorld serves; what is nil in the server gets a value for tests.
func newWorld(t *testing.T, server *control.Server) *world {
	t.Helper()
	cert, err := newIdentity()
	if err != nil {
		t.Fatal(err)
	}
	server.Certificate = cert
	if server.Directory == nil {
		server.Directory = newMemory()
	}
	if server.Logger == nil {
		server.Logger = slog.New(slog.DiscardHandler)
	}
	w := &world{
		t: t, server: server, key: voiceapp.FingerprintOf(cert.Leaf),
		net: &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}, served: make(chan error, 1),
	}
	served, network := w.served, w.net
	go func() { served <- server.Serve(network) }()
	t.Cleanup(w.close)
	return w
}

func (w *world) close() {
	_ = w.server.Close()
	select {
	case err := <-w.served:
		if !errors.Is(err, control.ErrServerClosed) {
			w.t.Errorf("Serve returned %v", err)
		}
		w.served <- err
	case <-time.After(10 * time.Second):
		w.t.Error("Serve does not return")
	}
}

func (w *world) config(name string) control.ClientConfig {
	return control.ClientConfig{Name: name, Fingerprint: w.key, DialContext: w.net.dial}
}

// guest logs in.
func (w *world) guest(name string) *control.Client {
	w.t.Helper()
	c, err := control.Dial(w.t.Context(), "voice.example", w.config(name))
	if err != nil {
		w.t.Fatalf("%s can't log in: %v", name, err)
	}
	w.t.Cleanup(func() { _ = c.Close() })
	return c
}

// account makes an account of a role and logs in with it.
func (w *world) account(name string, role voiceapp.Role) *control.Client {
	w.t.Helper()
	const password = "correct horse"
	hash, err := control.HashPassword(password)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.server.Directory.CreateUser(w.t.Context(), name, hash, role); err != nil {
		w.t.Fatal(err)
	}
	config := w.config(name)
	config.Password = password
	c, err := control.Dial(w.t.Context(), "voice.example", config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = c.Close() })
	return c
}

// typist is a client that writes and reads lines by hand.
type typist struct {
	t     *testing.T
	raw   net.Conn
	tls   *tls.Conn
	lines *bufio.Reader
}

func (w *world) typist() *typist {
	w.t.Helper()
	raw, err := w.net.dial(w.t.Context(), "tcp", "")
	if err != nil {
		w.t.Fatal(err)
	}
	conn := tls.Client(raw, &tls.Config{InsecureSkipVerify: true})
	if err := conn.HandshakeContext(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = raw.Close() })
	return &typist{w.t, raw, conn, bufio.NewReader(conn)}
}

func (y *typist) write(text string) {
	y.t.Helper()
	if _, err := io.WriteString(y.tls, text); err != nil {
		y.t.Fatalf("writing: %v", err)
	}
}

// reply is what a typist reads.
type reply struct {
	ID     json.RawMessage
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct {
		Code    int
		Message string
		Data    struct{ Code, Needs string }
	}
}

func (r reply) code() string {
	if r.Error == nil {
		return ""
	}
	return r.Error.Data.Code
}

// read returns the next line.
func (y *typist) read() reply {
	y.t.Helper()
	line, err := y.lines.ReadBytes('\n')
	if err != nil {
		y.t.Fatalf("reading: %v", err)
	}
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		y.t.Fatalf("the server wrote %q: %v", line, err)
	}
	return r
}

// ask writes a line and returns the answer, leaving out events.
func (y *typist) ask(line string) reply {
	y.t.Helper()
	y.write(line + "\n")
	for {
		if r := y.read(); r.Method == "" {
			return r
		}
	}
}

// closing reads to the end and returns session.closed's parameters, if there was one.
func (y *typist) closing() (last struct {
	Code       string
	Message    string
	RetryAfter float64 `json:"retry_after"`
},
) {
	y.t.Helper()
	for {
		line, err := y.lines.ReadBytes('\n')
		if err != nil {
			return last
		}
		var r reply
		if err := json.Unmarshal(line, &r); err != nil {
			y.t.Fatalf("the server wrote %q: %v", line, err)
		}
		if r.Method == "session.closed" {
			if err := json.Unmarshal(r.Params, &last); err != nil {
				y.t.Fatal(err)
			}
		}
	}
}

const typistOpens = `{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"typist"}}`

// pipes is a listener in memory.
type pipes struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// until waits for an event of a kind for which ok holds.
func until[E control.Event](t *testing.T, c *control.Client, ok func(E) bool) E {
	t.Helper()
	patience := time.AfterFunc(time.Minute, func() { _ = c.Close() })
	defer patience.Stop()
	for e := range c.Events() {
		if e, is := e.(E); is && ok(e) {
			return e
		}
	}
	t.Fatalf("the events ended: %v", c.Err())
	panic("not reached")
}
