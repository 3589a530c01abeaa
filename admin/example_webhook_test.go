package admin_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// signed reports whether a request is from the server that has the secret of a webhook.
// That its Webhook-Timestamp is of the last minutes is to be checked too.
func signed(r *http.Request, body, secret string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, r.Header.Get("Webhook-Id")+"."+r.Header.Get("Webhook-Timestamp")+"."+body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(r.Header.Get("Webhook-Signature")), []byte(want))
}

// A program is told of an event. It is on this machine, so that it has to be allowed.
func ExampleHooks() {
	dir, err := os.MkdirTemp("", "voiceapp")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	quiet := slog.New(slog.DiscardHandler)
	db, err := store.Open(context.Background(), filepath.Join(dir, "voiceapp.db"), store.Options{Log: quiet})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()

	secrets, done := make(chan string, 1), make(chan struct{})
	program := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println("signed:", signed(r, string(body), <-secrets), "data:", strings.Contains(string(body), `"data":{"name":"Anna"}`))
		close(done)
	}))
	defer program.Close()
	_, secret, err := db.NewWebhook(context.Background(), voiceapp.Webhook{URL: program.URL, Events: []string{"raffle.*"}, Enabled: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	secrets <- secret

	hooks, err := admin.NewHooks(admin.HooksConfig{Webhooks: db, Deliveries: db, Allow: []string{"127.0.0.1"}, Logger: quiet})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- hooks.Run(ctx) }()
	hooks.Tell("raffle.won", []byte(`{"name":"Anna"}`))
	<-done
	stop()
	fmt.Println(<-ended)
	// Output:
	// signed: true data: true
	// context canceled
}
