package metrics_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin"
	"github.com/voiceapp-sdk/voiceapp/admin/guard"
	"github.com/voiceapp-sdk/voiceapp/admin/metrics"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/plugin"
	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/store/archive"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

func TestMain(m *testing.M) {
	plugin.Main()
	goleak.VerifyTestMain(m)
}

// server is all that has figures, as voiceapp-server puts it together.
type server struct {
	control *control.Server
	relay   *relay.Relay
	store   *store.Store
	guard   *guard.Guard
	hooks   *admin.Hooks
	plugins *plugin.Host
	admin   *admin.Server
	backups archives
	addr    netip.AddrPort
	key     voiceapp.Fingerprint
}

func serve(t testing.TB) *server {
	t.Helper()
	quiet, data := slog.New(slog.DiscardHandler), t.TempDir()
	db, err := store.Open(t.Context(), filepath.Join(data, "voiceapp.db"), store.Options{Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.Init(t.Context(), []voiceapp.Channel{{ID: 1, Name: "Lobby", Bitrate: voiceapp.DefaultBitrate}}); err != nil {
		t.Fatal(err)
	}
	identity, key, err := control.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{store: db, key: key, relay: relay.New(relay.Config{Logger: quiet}), addr: tcp.Addr().(*net.TCPAddr).AddrPort()}
	s.control = &control.Server{Directory: db, Voice: s.relay, Certificate: identity, Logger: quiet}
	if s.guard, err = guard.New(guard.Config{}); err != nil {
		t.Fatal(err)
	}
	udp, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(s.addr))
	if err != nil {
		t.Fatal(err)
	}
	if s.hooks, err = admin.NewHooks(admin.HooksConfig{Webhooks: db, Deliveries: db, Logger: quiet}); err != nil {
		t.Fatal(err)
	}
	filter := filepath.Join("..", "..", "plugin", "testdata", "guests", "filter.wasm")
	if s.plugins, err = plugin.Open(t.Context(), plugin.Config{Files: []string{filter}, Logger: quiet}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.plugins.Close() })
	s.backups = archives{archive.Keeper{Dir: data, Log: quiet}}
	s.admin, err = admin.New(admin.Config{
		Live: s.control, Accounts: db, Keys: admin.NewKeys(key), Logger: quiet,
		Backups: s.backups,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.admin.Close() })
	s.admin.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/healthz", nil)) // so that there is one
	var running sync.WaitGroup
	running.Go(func() { _ = s.control.Serve(tcp) })
	running.Go(func() { _ = s.relay.Serve(udp) })
	t.Cleanup(func() {
		_, _ = s.control.Close(), s.relay.Close()
		running.Wait()
	})
	return s
}

// archives are backups of which none is opened.
type archives struct{ keeper archive.Keeper }

func (a archives) Backups(context.Context) ([]voiceapp.BackupInfo, error) { return a.keeper.List() }

func (a archives) Backup(ctx context.Context) (voiceapp.BackupInfo, error) { return a.keeper.Make(ctx) }

func (archives) OpenBackup(context.Context, string) (io.ReadSeekCloser, error) {
	return nil, voiceapp.NotFound
}

func (s *server) config() metrics.Config {
	return metrics.Config{
		Sources: []metrics.Source{s.control, s.relay, s.store, s.hooks, s.guard, s.plugins, s.admin},
		Version: "1.2.3",
		Logger:  slog.New(slog.DiscardHandler),
	}
}
