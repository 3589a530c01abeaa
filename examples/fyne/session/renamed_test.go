package session_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// serveAs serves without voice under a name, until it is stopped.
func serveAs(t *testing.T, name string, identity tls.Certificate) (addr string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &control.Server{
		Name: name, Certificate: identity, Directory: control.NewMemory(voiceapp.Channel{Name: "Lobby"}),
		Logger: slog.New(slog.DiscardHandler),
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // it ends when it is closed
	stop = sync.OnceFunc(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		serving.Wait()
	})
	t.Cleanup(stop)
	return listener.Addr().String(), stop
}

// A server that comes back under another name is shown with it.
func TestServerIsRenamed(t *testing.T) {
	identity, _, err := control.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	before, stop := serveAs(t, "Before", identity)
	var at atomic.Value
	at.Store(before)
	one, err := session.Open(t.Context(), session.Config{
		Addr: before, Codec: exampletest.Codec(), Sound: &ear{},
		Client: control.ClientConfig{
			Name: "Anna", Trust: func(string, voiceapp.Fingerprint) error { return nil },
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, at.Load().(string))
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = one.Close() }) // it returns nil, always
	p := &place{Session: one, t: t}
	p.until("the name", func(v session.View) bool { return v.Server.Name == "Before" })
	after, _ := serveAs(t, "After", identity)
	at.Store(after)
	stop()
	p.until("the new name", func(v session.View) bool { return v.Server.Name == "After" })
}
