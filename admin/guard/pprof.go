package guard

import (
	"net/http"
	"net/http/pprof"
	"net/netip"
	"strings"
)

const profilesPath = "/debug/pprof/"

// profiles serves the program's profiles to this machine when they are asked for in
// the configuration. To everyone else they are not there.
func (g *Guard) profiles(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(profilesPath, pprof.Index)
	mux.HandleFunc(profilesPath+"cmdline", http.NotFound) // arguments are nobody's business
	mux.HandleFunc(profilesPath+"profile", pprof.Profile)
	mux.HandleFunc(profilesPath+"symbol", pprof.Symbol)
	mux.HandleFunc(profilesPath+"trace", pprof.Trace)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.now.Load().Profiles && strings.HasPrefix(r.URL.Path, profilesPath) && isLocal(r) {
			mux.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isLocal reports whether a request comes from this machine, and not through a proxy
// on it.
func isLocal(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && !isForwarded(r)
}
