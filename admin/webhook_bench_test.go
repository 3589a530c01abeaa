package admin

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// BenchmarkWebhook tells one program of events, one after the other, from the call of
// Tell to the end of its answer over HTTP on this machine.
func BenchmarkWebhook(b *testing.B) {
	told := make(chan struct{}, 1)
	program := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		told <- struct{}{}
	}))
	defer program.Close()
	quiet := slog.New(slog.DiscardHandler)
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "voiceapp.db"), store.Options{Log: quiet})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, _, err := db.NewWebhook(b.Context(), voiceapp.Webhook{URL: strings.Replace(program.URL, "127.0.0.1", "localhost", 1), Events: []string{"*"}, Enabled: true}); err != nil {
		b.Fatal(err)
	}
	hooks, err := NewHooks(HooksConfig{Webhooks: db, Deliveries: db, Allow: []string{"localhost"}, Logger: quiet})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- hooks.Run(ctx) }()
	for b.Loop() {
		hooks.Tell("user.joined", []byte(`{"user":{"session":1,"name":"Anna"}}`))
		<-told
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		b.Error(err)
	}
}

// BenchmarkTell is what it costs whoever says what happens.
func BenchmarkTell(b *testing.B) {
	hooks, err := NewHooks(HooksConfig{Webhooks: new(store.Store), Deliveries: new(store.Store), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		hooks.Tell("user.joined", []byte(`{"user":{"session":1,"name":"Anna"}}`))
		<-hooks.events
	}
}
