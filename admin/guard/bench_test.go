package guard_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

func BenchmarkHandler(b *testing.B) {
	g := newGuard(b, guard.Config{Proxies: prefixes(b, "10.0.0.0/8")})
	h := g.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for name, peer := range map[string]string{"direct": "127.0.0.1:1", "proxy": "10.0.0.1:1"} {
		b.Run(name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
			r.RemoteAddr = peer
			r.Header.Set("X-Forwarded-For", "192.0.2.1")
			w := httptest.NewRecorder()
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}
