package ui_test

import (
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// password is that of all accounts.
const password = "correct horse"

// host is a server with accounts.
type host struct {
	t         *testing.T
	addr      string
	key       voiceapp.Fingerprint
	directory *control.Memory
}

// newHost starts a server with a Lobby; change changes it before.
func newHost(t *testing.T, change ...func(*control.Server)) *host {
	t.Helper()
	identity, key, err := control.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	listener, udp := exampletest.Listen(t, "127.0.0.1:0")
	quiet := slog.New(slog.DiscardHandler)
	voices := relay.New(relay.Config{Logger: quiet})
	h := &host{t: t, addr: listener.Addr().String(), key: key, directory: control.NewMemory(voiceapp.Channel{Name: "Lobby"})}
	server := &control.Server{Certificate: identity, Directory: h.directory, Voice: voices, Logger: quiet}
	for _, one := range change {
		one(server)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // they end when they are closed
	serving.Go(func() { _ = voices.Serve(udp) })
	t.Cleanup(func() {
		_ = errors.Join(server.Close(), voices.Close()) // what they left is the end of a test
		serving.Wait()
	})
	return h
}

// account makes an account.
func (h *host) account(name string, role voiceapp.Role) {
	h.t.Helper()
	hash, err := control.HashPassword(password)
	if err == nil {
		_, err = h.directory.CreateUser(h.t.Context(), name, hash, role)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// member makes an account, logs in with it and joins the Lobby.
func (h *host) member(name string, role voiceapp.Role) *control.Client {
	h.t.Helper()
	h.account(name, role)
	client, err := control.Dial(h.t.Context(), h.addr, control.ClientConfig{Name: name, Password: password, Fingerprint: h.key})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { client.Close() })
	if _, err := client.JoinPath(h.t.Context(), "Lobby"); err != nil {
		h.t.Fatal(err)
	}
	return client
}
