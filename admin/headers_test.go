package admin_test

import (
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// Every page, file and answer carries what keeps a browser from more than it should
// do, whoever asks.
func TestHeadersOnEverything(t *testing.T) {
	r := newRig(t)
	document, err := r.admin.OpenAPI()
	r.must(err)
	paths := []string{"/", "/docs", "/openapi.json", "/openapi.yaml", "/healthz", "/readyz", "/metrics", "/none", "/api/none"}
	r.must(fs.WalkDir(os.DirFS("web/assets"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths = append(paths, "/assets/"+name)
		}
		return err
	}))
	for _, op := range operations(t, document) {
		if op.method == http.MethodGet {
			paths = append(paths, fill(op.path))
		}
	}
	for _, path := range paths {
		h := r.served(path)
		policy := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(policy+";", part) {
				t.Errorf("%s: the policy %q lacks %s", path, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		for name, want := range map[string][]string{
			"X-Content-Type-Options": {"nosniff"}, "Referrer-Policy": {"no-referrer"}, "X-Frame-Options": {"DENY"},
			"Cache-Control": {"no-store", "no-cache", ""}, "Access-Control-Allow-Origin": {""},
		} {
			if !slices.Contains(want, h.Get(name)) {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
}

// served asks the real listener, with its guard, for the headers of an answer.
func (r *rig) served(path string) http.Header {
	r.t.Helper()
	if r.listener == "" {
		r.listen()
	}
	resp, err := http.Get("http://" + r.listener + path)
	r.must(err)
	defer resp.Body.Close()
	return resp.Header
}
