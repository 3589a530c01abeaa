package guard

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"

	"github.com/voiceapp-sdk/voiceapp"
)

// Handler gives next the requests that may come to it; the others are answered with
// a problem document (RFC 9457). RemoteAddr is who sent a request, with port 0 when
// a proxy has said so.
func (g *Guard) Handler(next http.Handler) http.Handler {
	inner := g.crossSite.Handler(g.profiles(g.bounded(next)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := g.now.Load()
		from, err := originOf(r, now.Proxies)
		secure(w.Header(), from.secure)
		switch {
		case err != nil:
			g.refuse(w, refusedProxy, http.StatusBadRequest, voiceapp.BadRequest, err.Error())
			return
		case !now.knows(r):
			g.refuse(w, refusedHost, http.StatusMisdirectedRequest, voiceapp.Forbidden, fmt.Sprintf(
				"this server is not known as %q: whoever runs it can add that to the hosts of the admin API", hostOf(r.Host)))
			return
		}
		inner.ServeHTTP(w, from.apply(r))
	})
}

// apply has a request say where it comes from.
func (o origin) apply(r *http.Request) *http.Request {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || peer.Addr().Unmap().WithZone("") == o.addr {
		return r
	}
	changed := *r
	changed.RemoteAddr = netip.AddrPortFrom(o.addr, 0).String()
	return &changed
}

// knows reports whether a request is for a host that the server is meant to be. A
// page of elsewhere can have its own name lead to this server, but not one of these.
func (s *state) knows(r *http.Request) bool {
	host := hostOf(r.Host)
	if s.hosts[host] || host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return addr.IsLoopback() || addr == addrOf(local)
}

func (g *Guard) denyCrossSite(w http.ResponseWriter, _ *http.Request) {
	g.refuse(w, refusedCrossSite, http.StatusForbidden, voiceapp.Forbidden, "a page of another site can't change anything here")
}
