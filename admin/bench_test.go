package admin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin"
)

// BenchmarkBadToken is what it costs to refuse: less than a millisecond, whatever is
// sent.
func BenchmarkBadToken(b *testing.B) {
	r := newRig(b)
	other := admin.NewKeys(voiceapp.Fingerprint{9}).TokenFor(voiceapp.User{ID: 1, Role: voiceapp.RoleOwner}, 0, time.Now())
	for name, token := range map[string]string{"another's": other, "a megabyte": strings.Repeat("a", 1<<20), "none": ""} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if got := ask(r.admin, token); got != http.StatusUnauthorized {
					b.Fatal(got)
				}
			}
		})
	}
}

// BenchmarkGoodToken is a whole request, with the look-up of who asks.
func BenchmarkGoodToken(b *testing.B) {
	r := newRig(b)
	token := r.keys.TokenFor(r.account("owner", voiceapp.RoleOwner), 0, r.now())
	for b.Loop() {
		if got := ask(r.admin, token); got != http.StatusOK {
			b.Fatal(got)
		}
	}
}

func ask(s *admin.Server, token string) int {
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/api/me", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code
}
