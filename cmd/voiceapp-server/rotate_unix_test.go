//go:build !windows

package main

import (
	"net/http"
	"strings"
	"testing"
)

// A token lives out one change of the key, and not two.
func TestTheAdminKeyRotates(t *testing.T) {
	data := t.TempDir()
	log := newLog()
	ready, _ := serveLogging(t, log, "--data", data, "--listen", "127.0.0.1:0")
	token, _, code := run(t, "admin-token", "--data", data)
	if code != 0 {
		t.Fatal("there is no token")
	}
	ask := func() int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+word(ready, "admin")+"/api/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for rotations, want := range []int{http.StatusOK, http.StatusOK, http.StatusUnauthorized} {
		if got := ask(); got != want {
			t.Errorf("after %d rotations: %d, want %d", rotations, got, want)
		}
		if _, errs, code := run(t, "rotate-admin-key", "--data", data); code != 0 {
			t.Fatal(errs)
		}
		hangUp(t)
		log.takeUntil(t, "read anew")
	}
	http.DefaultClient.CloseIdleConnections()
}
