package load_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/load"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(int) { http.DefaultClient.CloseIdleConnections() }))
}

// api serves what handle does to whoever has the token.
func api(t *testing.T, handle http.HandlerFunc) *load.API {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	return &load.API{URL: server.URL, Token: "secret", Client: server.Client()}
}

func TestSteady(t *testing.T) {
	var first, second atomic.Int64
	a := api(t, func(_ http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/first":
			first.Add(1)
		case "/second":
			second.Add(1)
		}
	})
	times, err := a.Steady(t.Context(), 100, 200*time.Millisecond, "/first", "/second")
	if err != nil || len(times) != 20 || first.Load() != 10 || second.Load() != 10 {
		t.Errorf("%d times, %d and %d requests, %v", len(times), first.Load(), second.Load(), err)
	}
	if low, high := load.Quantile(times, 0), load.Quantile(times, 1); low > high || high <= 0 {
		t.Errorf("from %v to %v", low, high)
	}
}

// A server that stands still for a moment has kept all waiting who came meanwhile.
func TestStandstillIsSeen(t *testing.T) {
	still := make(chan struct{})
	a := api(t, func(http.ResponseWriter, *http.Request) { <-still })
	time.AfterFunc(200*time.Millisecond, func() { close(still) })
	times, err := a.Steady(t.Context(), 100, 300*time.Millisecond, "/")
	if err != nil {
		t.Fatal(err)
	}
	if waited := load.Quantile(times, 0.5); waited < 20*time.Millisecond {
		t.Errorf("half of them took %v or less", waited)
	}
}

func TestErrorsEndIt(t *testing.T) {
	bad := api(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	if _, err := bad.Steady(t.Context(), 1000, time.Minute, "/"); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("a refusal: %v", err)
	}
	stranger := *bad
	stranger.Token = "other"
	if err := stranger.Get(t.Context(), "/"); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("another token: %v", err)
	}
	if err := (&load.API{URL: "http://127.0.0.1:1"}).Get(t.Context(), "/"); !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
	if _, err := bad.Steady(t.Context(), 0, time.Second, "/"); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("no rate: %v", err)
	}
}

func TestKick(t *testing.T) {
	closed := make(chan struct{})
	a := api(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/api/kick" {
			w.WriteHeader(http.StatusNotFound)
		}
		close(closed)
		w.WriteHeader(http.StatusNoContent)
	})
	answered, ended, err := a.Kick(t.Context(), 7, closed)
	if err != nil || answered <= 0 || ended <= 0 {
		t.Errorf("%v, %v, %v", answered, ended, err)
	}
	refuses := api(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	if _, _, err := refuses.Kick(t.Context(), 7, make(chan struct{})); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("a refusal: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	deaf := api(t, func(http.ResponseWriter, *http.Request) {})
	if _, _, err := deaf.Kick(ctx, 7, make(chan struct{})); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a session that goes on: %v", err)
	}
}

func TestQuantile(t *testing.T) {
	times := []time.Duration{4, 1, 3, 2}
	for q, want := range map[float64]time.Duration{0: 1, 0.25: 1, 0.5: 2, 0.99: 4, 1: 4} {
		if got := load.Quantile(slices.Clone(times), q); got != want {
			t.Errorf("%v: %d, want %d", q, got, want)
		}
	}
	if got := load.Quantile(nil, 0.5); got != 0 {
		t.Errorf("of none: %v", got)
	}
}
