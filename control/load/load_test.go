package load_test

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/control/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// host is a server that can be started again.
type host struct {
	t        *testing.T
	identity tls.Certificate
	memory   *control.Memory
	addr     string
	server   *control.Server
	served   chan error
}

func newHost(t *testing.T) (*host, load.Target) {
	t.Helper()
	identity, key, err := control.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, identity: identity, memory: control.NewMemory(voiceapp.Channel{Name: "Lobby"}), addr: "127.0.0.1:0"}
	h.start()
	t.Cleanup(h.stop)
	return h, load.Target{Addr: h.addr, Key: key}
}

func (h *host) start() {
	h.t.Helper()
	listener, err := net.Listen("tcp", h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	h.addr, h.served = listener.Addr().String(), make(chan error, 1)
	server, served := &control.Server{Directory: h.memory, Certificate: h.identity, Logger: slog.New(slog.DiscardHandler)}, h.served
	h.server = server
	go func() { served <- server.Serve(listener) }()
}

func (h *host) stop() {
	_ = h.server.Close()
	if err := <-h.served; !errors.Is(err, control.ErrServerClosed) {
		h.t.Errorf("Serve returned %v", err)
	}
}

func TestCrowd(t *testing.T) {
	h, target := newHost(t)
	logins := load.Guests(12)
	logins[0] = load.Login{Name: "Anna", Password: "correct horse"}
	if err := load.Register(t.Context(), target, logins[:1], 1); err != nil {
		t.Fatal(err)
	}
	crowd, err := load.Connect(t.Context(), target, logins, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer crowd.Close()
	if n := h.server.Stats().Sessions; n != len(crowd) {
		t.Errorf("%d sessions, want %d", n, len(crowd))
	}
	times, err := crowd.Events(t.Context(), 2)
	if err != nil || times.Len() != 2*(len(crowd)-1) || times.Quantile(0.5) <= 0 || times.Quantile(0.5) > times.Quantile(0.99) {
		t.Errorf("%d times of events, %v", times.Len(), err)
	}
	release, err := load.Stall(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	if times, err = crowd.Chatter(t.Context(), time.Second); err != nil || times.Len() < len(crowd) {
		t.Errorf("%d answers, %v", times.Len(), err)
	}
	release()
	storm, err := crowd.Restart(t.Context(), func() error { h.stop(); h.start(); return nil })
	if err != nil || storm.Resumed != len(crowd) || storm.Lost != 0 || storm.Back.Len() != len(crowd) {
		t.Errorf("%d are back, %+v, %v", storm.Back.Len(), storm, err)
	}
}

func TestLoginTimes(t *testing.T) {
	_, target := newHost(t)
	target.Source = load.Loopback
	accounts := []load.Login{{Name: "Anna", Password: "correct horse"}, {Name: "Bo", Password: "correct horse"}}
	if err := load.Register(t.Context(), target, accounts, 2); err != nil {
		t.Fatal(err)
	}
	unknown, wrong, err := load.LoginTimes(t.Context(), target, accounts, 6)
	if err != nil || unknown.Len() != 6 || wrong.Len() != 6 {
		t.Errorf("%d and %d, %v", unknown.Len(), wrong.Len(), err)
	}
	if _, _, err = load.LoginTimes(t.Context(), load.Target{Addr: target.Addr, Key: target.Key}, accounts[:1], 3); err == nil {
		t.Error("an account that was tried too often is not an error")
	}
}

func TestTimes(t *testing.T) {
	var none load.Times
	if none.Quantile(0.5) != 0 || none.Len() != 0 {
		t.Error("nothing has a quantile")
	}
}

func TestConnectFails(t *testing.T) {
	_, target := newHost(t)
	target.Channel = "Nowhere"
	if crowd, err := load.Connect(t.Context(), target, load.Guests(2), 2); !errors.Is(err, voiceapp.NotFound) || crowd != nil {
		t.Errorf("%v, %v", crowd, err)
	}
}
