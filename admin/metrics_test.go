package admin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin"
)

// The figures are for moderators and for keys with their scope, and for nobody who
// does not say who he is.
func TestWhoMayReadMetrics(t *testing.T) {
	r := newRig(t)
	tokens := r.tokens()
	for i, who := range callers {
		got := r.as(tokens[who]).do("GET", "/metrics", nil)
		switch {
		case i < slices.Index(callers, "guest"):
			got.refused(voiceapp.LoginRequired)
		case i < slices.Index(callers, "moderator"):
			got.refused(voiceapp.Forbidden)
		case got.status != http.StatusOK || !strings.Contains(string(got.body), "\nvoiceapp_voice_relay_seconds_count "):
			t.Errorf("%s: %d %s", who, got.status, got.body)
		}
	}
	key := func(scope string) string {
		var made struct{ Secret string }
		r.as(tokens["owner"]).do("POST", "/api/keys", map[string]any{"name": scope, "role": 20, "scopes": []string{scope}}).want(http.StatusCreated).into(&made)
		return made.Secret
	}
	r.as(key("server:read")).do("GET", "/metrics", nil).want(http.StatusOK)
	r.as(key("channels:read")).do("GET", "/metrics", nil).refused(voiceapp.Forbidden)
	r.as(tokens["owner"]).do("POST", "/metrics", nil).want(http.StatusMethodNotAllowed)
	r.as("").do("POST", "/metrics", nil).refused(voiceapp.LoginRequired)
	r.as(tokens["owner"]).do("GET", "/debug/pprof/", nil).want(http.StatusNotFound)
}

// Those addresses need no token, and no others.
func TestMetricsFrom(t *testing.T) {
	r := newRig(t)
	s, err := admin.New(admin.Config{
		Live: r.control, Accounts: r.store, Keys: r.keys,
		MetricsFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/28"), netip.MustParsePrefix("2001:db8::7/128")},
	})
	r.must(err)
	defer s.Close()
	for from, want := range map[string]int{
		"192.0.2.7:4000":          http.StatusOK,
		"[::ffff:192.0.2.7]:4000": http.StatusOK,
		"[2001:db8::7]:4000":      http.StatusOK,
		"192.0.2.16:4000":         http.StatusUnauthorized,
		"[2001:db8::8]:4000":      http.StatusUnauthorized,
		"127.0.0.1:4000":          http.StatusUnauthorized,
		"@":                       http.StatusUnauthorized,
	} {
		request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		request.RemoteAddr = from
		request.Header.Set("X-Forwarded-For", "192.0.2.7")
		answer := httptest.NewRecorder()
		s.Handler().ServeHTTP(answer, request)
		if answer.Code != want {
			t.Errorf("from %s: %d, want %d", from, answer.Code, want)
		}
		request = httptest.NewRequest(http.MethodGet, "/api/stats", nil)
		request.RemoteAddr = from
		answer = httptest.NewRecorder()
		s.Handler().ServeHTTP(answer, request)
		if answer.Code != http.StatusUnauthorized {
			t.Errorf("/api/stats from %s: %d", from, answer.Code)
		}
	}
}

// GET /api/stats has what the server's parts say.
func TestFigures(t *testing.T) {
	r := newRig(t)
	r.account("anna", voiceapp.RoleModerator)
	first := r.client("anna", password)
	r.client("anna", password)
	r.client("Ben", "")
	r.must(first.Join(t.Context(), 1))
	r.relay.Tunnel(999, []byte("nobody's"))
	var got struct {
		People   int
		Talking  int
		Channels int
		Voice    struct {
			InPackets uint64 `json:"in_packets"`
			InBytes   uint64 `json:"in_bytes"`
			Dropped   map[string]uint64
		}
		CPU        float64 `json:"cpu_seconds"`
		Memory     uint64  `json:"memory_bytes"`
		Goroutines int
		Uptime     float64 `json:"uptime_seconds"`
	}
	r.as(r.token("anna")).do("GET", "/api/stats", nil).want(http.StatusOK).into(&got)
	if got.People != 2 || got.Talking != 0 || got.Channels != 2 || got.Goroutines == 0 || got.Memory == 0 || got.CPU < 0 || got.Uptime <= 0 {
		t.Errorf("%+v", got)
	}
	if stats := r.relay.Stats(); got.Voice.InPackets != stats.Received || got.Voice.InBytes != stats.ReceivedBytes || got.Voice.Dropped["too_short"] != stats.Dropped.TooShort || stats.Dropped.TooShort != 1 {
		t.Errorf("%+v, the relay says %+v", got.Voice, stats)
	}
}

// Requests are counted by the routes that there are, whatever is asked for.
func TestRequestsAreCounted(t *testing.T) {
	r := newRig(t)
	r.account("anna", voiceapp.RoleAdmin)
	token := r.token("anna")
	r.as(token).do("GET", "/api/users/999", nil).want(http.StatusNotFound)
	r.as(token).do("GET", "/api/users/998", nil).want(http.StatusNotFound)
	r.as("").do("GET", "/api/users/999", nil).want(http.StatusUnauthorized)
	r.as(token).do("GET", "/api/server", nil).want(http.StatusOK)
	r.as(token).do("GET", "/api/anna%22%7D", nil).want(http.StatusNotFound)
	r.as(token).do("GET", "/nobody/knows", nil).want(http.StatusNotFound)
	r.as(token).do("ANNA", "/api/server", nil)
	r.as(token).do("GET", "/metrics", nil).want(http.StatusOK)
	got := map[string]float64{}
	r.admin.Metrics(func(m voiceapp.Metric) {
		if m.Name == "voiceapp_admin_requests_total" {
			got[m.Labels[0].Value+" "+m.Labels[1].Value] = m.Value
		}
		if m.Name == "voiceapp_admin_request_seconds" && m.Count != 9 {
			t.Errorf("%d times", m.Count)
		}
	})
	for route, want := range map[string]float64{
		"POST /api/login 200": 1, "GET /api/users/{id} 404": 2, "GET /api/users/{id} 401": 1, "GET /api/server 200": 1, "/metrics 200": 1,
	} {
		if got[route] != want {
			t.Errorf("%s: %v, want %v", route, got[route], want)
		}
	}
	for route := range got {
		if strings.Contains(strings.ToLower(route), "anna") || strings.Contains(route, "nobody") {
			t.Errorf("%q is a route", route)
		}
	}
}

// Ten thousand odd requests make not one series more.
func TestOddRequestsMakeNoSeries(t *testing.T) {
	r := newRig(t)
	series := func() (n int) {
		r.admin.Metrics(func(voiceapp.Metric) { n++ })
		return n
	}
	h := r.admin.Handler()
	ask := func(i int) {
		path := fmt.Sprintf("/api/%[1]d/%%22%%7d%[1]d?q=%[1]d", i)
		if i%2 == 0 {
			path = fmt.Sprintf("/api/users/%d%%0a", i)
		}
		method := http.MethodGet
		if i%4 > 1 {
			method = fmt.Sprint("ODD", i)
		}
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, path, nil))
	}
	for i := range 4 {
		ask(i)
	}
	before := series()
	for i := range 10_000 {
		ask(i)
	}
	if after := series(); after != before {
		t.Errorf("%d series, and %d before", after, before)
	}
}
