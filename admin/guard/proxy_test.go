package guard_test

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

// from has a transport's connections come from a loopback address.
func from(address string) *http.Transport {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Transport{DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
}

func TestBehindARealProxy(t *testing.T) {
	const person, proxyOut, stranger = "127.0.0.9", "127.0.0.7", "127.0.0.8"
	if l, err := net.Listen("tcp", person+":0"); err != nil {
		t.Skip("this system has one loopback address only")
	} else {
		l.Close()
	}
	g := newGuard(t, guard.Config{Proxies: prefixes(t, proxyOut)})
	addr := serve(t, g, "127.0.0.1:0", whoAsks)

	out := from(proxyOut)
	defer out.CloseIdleConnections()
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{
		Transport: out,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: addr})
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.SetXForwarded()
			if forwarded := r.In.Header.Get("Forwarded"); forwarded != "" {
				r.Out.Header.Set("Forwarded", forwarded) // as one that does not know it does
			}
		},
	})
	defer proxy.Close()
	through, past := from(person), from(stranger)
	defer through.CloseIdleConnections()
	defer past.CloseIdleConnections()

	for _, made := range []string{"", "6.6.6.6", "6.6.6.6, 127.0.0.7", "127.0.0.7", "nonsense,,", "\"", "[::1]:80, 127.0.0.7"} {
		answer, body := do(t, &http.Client{Transport: through}, "GET", proxy.URL, nil, header("X-Forwarded-For", made))
		if body != person {
			t.Errorf("with %q made up, the handler sees %q", made, body)
		}
		if answer.Header.Get("Strict-Transport-Security") == "" {
			t.Error("the handler does not see that the proxy does TLS")
		}
	}
	answer, body := do(t, &http.Client{Transport: through}, "GET", proxy.URL, nil, header("Forwarded", "for=6.6.6.6"))
	if answer.StatusCode != http.StatusBadRequest || codeOf(t, answer, body) != voiceapp.BadRequest {
		t.Errorf("a header that the proxy does not set: %d %s", answer.StatusCode, body)
	}
	for _, name := range []string{"X-Forwarded-For", "X-Real-IP", "Forwarded"} {
		answer, body := do(t, &http.Client{Transport: past}, "GET", "http://"+addr, nil, header(name, "for=6.6.6.6"), header("X-Forwarded-Proto", "https"))
		if body != stranger || answer.Header.Get("Strict-Transport-Security") != "" {
			t.Errorf("past the proxy, by %s, a stranger is seen as %q, headers %v", name, body, answer.Header)
		}
	}
}

// seenAs is the address that a handler sees of a request that comes from a peer.
func seenAs(g *guard.Guard, peer string, change func(http.Header)) (status int, addr string) {
	r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
	r.RemoteAddr = peer
	change(r.Header)
	w := httptest.NewRecorder()
	g.Handler(whoAsks).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestForwardedForms(t *testing.T) {
	g := newGuard(t, guard.Config{Proxies: prefixes(t, "10.0.0.0/8,fd00::/8")})
	const peer = "10.0.0.1:50000"
	for _, c := range []struct{ peer, name, value, want string }{
		{peer, "X-Forwarded-For", "192.0.2.1", "192.0.2.1"},
		{peer, "X-Forwarded-For", "192.0.2.1:4711", "192.0.2.1"},
		{peer, "X-Forwarded-For", "2001:db8::1", "2001:db8::1"},
		{peer, "X-Forwarded-For", "[2001:db8::1]:80", "2001:db8::1"},
		{peer, "X-Forwarded-For", "::ffff:192.0.2.1", "192.0.2.1"},
		{peer, "X-Forwarded-For", "192.0.2.9, 192.0.2.1, 10.2.2.2", "192.0.2.1"},
		{peer, "X-Forwarded-For", "10.3.3.3, 10.2.2.2", "10.3.3.3"},
		{peer, "X-Forwarded-For", "192.0.2.9, unknown, 10.2.2.2", "10.2.2.2"},
		{peer, "X-Forwarded-For", "", "10.0.0.1"},
		{peer, "Forwarded", "for=192.0.2.1;proto=https;by=10.0.0.1", "192.0.2.1"},
		{peer, "Forwarded", `For="[2001:db8::1]:4711"`, "2001:db8::1"},
		{peer, "Forwarded", "for=192.0.2.9, for=192.0.2.1, for=10.2.2.2", "192.0.2.1"},
		{peer, "Forwarded", "for=192.0.2.9, for=_hidden", "10.0.0.1"},
		{peer, "Forwarded", "for=192.0.2.9, proto=https", "10.0.0.1"},
		{"[fd00::5%eth0]:1", "X-Forwarded-For", "192.0.2.1", "192.0.2.1"},
		{"[::ffff:10.0.0.1]:1", "X-Forwarded-For", "192.0.2.1", "192.0.2.1"},
		{"203.0.113.1:1", "X-Forwarded-For", "192.0.2.1", "203.0.113.1"},
		{"127.0.0.1:1", "X-Forwarded-For", "192.0.2.1", "127.0.0.1"},
	} {
		if status, got := seenAs(g, c.peer, func(h http.Header) { h.Set(c.name, c.value) }); status != http.StatusOK || got != c.want {
			t.Errorf("from %s, %s: %s is seen as %d %q; want %s", c.peer, c.name, c.value, status, got, c.want)
		}
	}
}

// Whatever a client writes, the proxy's own word behind it is what counts.
func FuzzForwarded(f *testing.F) {
	f.Add("", "192.0.2.1")
	f.Add(`for="6.6.6.6`, "2001:db8::7")
	f.Add("for=6.6.6.6;", "192.0.2.1")
	f.Add("[::1", "192.0.2.1")
	f.Add("10.0.0.2,10.0.0.3", "8.8.8.8")
	g := newGuard(f, guard.Config{Proxies: prefixes(f, "10.0.0.0/8")})
	f.Fuzz(func(t *testing.T, made, client string) {
		addr, err := netip.ParseAddr(client)
		if err != nil || addr.Zone() != "" || addr.Is4In6() || netip.MustParsePrefix("10.0.0.0/8").Contains(addr) {
			t.Skip()
		}
		element := "for=" + client
		if addr.Is6() {
			element = fmt.Sprintf("for=\"[%s]\"", client)
		}
		for name, own := range map[string]string{"X-Forwarded-For": client, "Forwarded": element} {
			for _, lines := range [][]string{{made + ", " + own}, {made, own}} {
				status, got := seenAs(g, "10.0.0.1:1", func(h http.Header) { h[name] = lines })
				if status != http.StatusOK || got != addr.String() {
					t.Errorf("%s: %q is seen as %d %s", name, lines, status, got)
				}
			}
		}
	})
}
