package guard_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

func TestHeadersOnEveryAnswer(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "page") })
	addr := serve(t, newGuard(t, guard.Config{}), "127.0.0.1:0", mux)
	client := newClient(t)
	for name, ask := range map[string]func() *http.Response{
		"200": func() *http.Response { a, _ := do(t, client, "GET", "http://"+addr+"/page", nil); return a },
		"404": func() *http.Response { a, _ := do(t, client, "GET", "http://"+addr+"/none", nil); return a },
		"415": func() *http.Response {
			a, _ := do(t, client, "POST", "http://"+addr+"/page", strings.NewReader("a=b"))
			return a
		},
		"403": func() *http.Response {
			a, _ := do(t, client, "POST", "http://"+addr+"/page", nil, header("Sec-Fetch-Site", "cross-site"))
			return a
		},
		"421": func() *http.Response {
			a, _ := do(t, client, "GET", "http://"+addr+"/page", nil, func(r *http.Request) { r.Host = "evil.example" })
			return a
		},
	} {
		answer := ask()
		if !strings.HasPrefix(answer.Status, name) {
			t.Errorf("%s: %s", name, answer.Status)
		}
		for header, want := range map[string]string{
			"Content-Security-Policy": guard.Policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "",
		} {
			if got := answer.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", name, header, got, want)
			}
		}
		if answer.Header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: no Permissions-Policy", name)
		}
	}
	for _, weak := range []string{"unsafe", "*", "data:", "http"} {
		if strings.Contains(guard.Policy, weak) {
			t.Errorf("the policy has %q", weak)
		}
	}
}

func TestPagesOfOtherSitesChangeNothing(t *testing.T) {
	addr := serve(t, newGuard(t, guard.Config{}), "127.0.0.1:0", whoAsks)
	for _, c := range []struct {
		method, name, value string
		want                int
	}{
		{"POST", "Sec-Fetch-Site", "cross-site", 403},
		{"POST", "Sec-Fetch-Site", "same-site", 403},
		{"DELETE", "Sec-Fetch-Site", "cross-site", 403},
		{"PATCH", "Origin", "https://evil.example", 403},
		{"PUT", "Origin", "null", 403},
		{"POST", "Origin", "http://" + addr + ".evil.example", 403},
		{"POST", "Sec-Fetch-Site", "same-origin", 200},
		{"POST", "Sec-Fetch-Site", "none", 200},
		{"POST", "Origin", "http://" + addr, 200},
		{"POST", "User-Agent", "curl", 200},
		{"GET", "Sec-Fetch-Site", "cross-site", 200},
	} {
		answer, body := do(t, newClient(t), c.method, "http://"+addr, nil, header(c.name, c.value))
		if answer.StatusCode != c.want {
			t.Errorf("%s with %s: %s gives %d", c.method, c.name, c.value, answer.StatusCode)
		}
		if c.want == 403 && codeOf(t, answer, body) != voiceapp.Forbidden {
			t.Errorf("%s", body)
		}
	}
}

func TestBodies(t *testing.T) {
	addr := serve(t, newGuard(t, guard.Config{}), "127.0.0.1:0", echo)
	post := func(contentType string, body io.Reader) (*http.Response, string) {
		t.Helper()
		return do(t, newClient(t), "POST", "http://"+addr, body, header("Content-Type", contentType))
	}
	for _, contentType := range []string{"application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"} {
		if answer, body := post(contentType, jsonBody(1<<20)); answer.StatusCode != 200 || len(body) != 1<<20 {
			t.Errorf("%s: %d, %d bytes", contentType, answer.StatusCode, len(body))
		}
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "text/json+json", ";"} {
		if answer, body := post(contentType, jsonBody(10)); answer.StatusCode != 415 || codeOf(t, answer, body) != voiceapp.BadRequest {
			t.Errorf("%q: %d", contentType, answer.StatusCode)
		}
	}
	if answer, body := post("application/json", jsonBody(1<<20+1)); answer.StatusCode != 413 || codeOf(t, answer, body) != voiceapp.TooLarge {
		t.Errorf("a large body: %d", answer.StatusCode)
	}
	chunked := io.MultiReader(jsonBody(1<<20 + 1)) // of unknown length
	if answer, _ := post("application/json", chunked); answer.StatusCode != 413 {
		t.Errorf("a large body of unknown length: %d", answer.StatusCode)
	}
	if answer, body := do(t, newClient(t), "POST", "http://"+addr, nil); answer.StatusCode != 200 || body != "" {
		t.Errorf("without a body: %d %s", answer.StatusCode, body)
	}
}

func TestProfilesAreForThisMachine(t *testing.T) {
	host := outside(t)
	own := newCertificate(t, host)
	ask := func(g *guard.Guard, listen, scheme, path string, change ...func(*http.Request)) int {
		addr := serve(t, g, listen, http.NotFoundHandler())
		answer, _ := do(t, newClient(t, own.Leaf), "GET", scheme+"://"+addr+path, nil, change...)
		return answer.StatusCode
	}
	on := newGuard(t, guard.Config{Profiles: true, Certificate: own})
	if status := ask(newGuard(t, guard.Config{}), "127.0.0.1:0", "http", "/debug/pprof/"); status != 404 {
		t.Errorf("unasked: %d", status)
	}
	for path, want := range map[string]int{"/debug/pprof/": 200, "/debug/pprof/goroutine?debug=1": 200, "/debug/pprof/cmdline": 404} {
		if status := ask(on, "127.0.0.1:0", "http", path); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status := ask(on, "127.0.0.1:0", "http", "/debug/pprof/", header("X-Forwarded-For", "192.0.2.1")); status != 404 {
		t.Errorf("through a proxy: %d", status)
	}
	if status := ask(on, host+":0", "https", "/debug/pprof/"); status != 404 {
		t.Errorf("from the network: %d", status)
	}
}

func TestWhatIsRefusedIsCounted(t *testing.T) {
	g := newGuard(t, guard.Config{})
	addr := serve(t, g, "127.0.0.1:0", echo)
	do(t, newClient(t), "GET", "http://"+addr, nil, func(r *http.Request) { r.Host = "evil.example" })
	do(t, newClient(t), "POST", "http://"+addr, nil, header("Origin", "https://evil.example"))
	do(t, newClient(t), "POST", "http://"+addr, jsonBody(9))
	got := map[string]float64{}
	g.Metrics(func(m voiceapp.Metric) {
		name := m.Name
		for _, l := range m.Labels {
			name += " " + l.Value
		}
		got[name] = m.Value
	})
	for name, want := range map[string]float64{
		"voiceapp_admin_refused_total host": 1, "voiceapp_admin_refused_total cross_site": 1, "voiceapp_admin_refused_total body": 1,
		"voiceapp_admin_refused_total forwarded": 0, "voiceapp_admin_connections": 3,
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %v, %v; want %v", name, value, ok, want)
		}
	}
}
