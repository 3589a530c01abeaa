package guard

import (
	"crypto/tls"
	"net/http"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/acme/autocert"
)

// Guard stands before a handler. It is made by [New]; its methods may be called from
// any goroutine.
type Guard struct {
	now       atomic.Pointer[state] // never nil
	crossSite *http.CrossOriginProtection
	refused   [refusals]atomic.Uint64

	mu       sync.Mutex // for what follows
	all      int        // connections
	bySource map[source]int
}

// state is what a [Guard.Reload] replaces. It is not altered.
type state struct {
	Config
	hosts   map[string]bool
	tls     *tls.Config       // nil: there is no certificate
	manager *autocert.Manager // nil: no ACME
	wanted  bool              // TLS, on any address
}

// New makes a guard. The error is [voiceapp.Invalid] and says what to do: settings
// contradict each other, or a certificate can't be read.
func New(config Config) (*Guard, error) {
	g := &Guard{crossSite: http.NewCrossOriginProtection(), bySource: make(map[source]int)}
	g.crossSite.SetDenyHandler(http.HandlerFunc(g.denyCrossSite))
	return g, g.Reload(config)
}

// Reload has everything from here on be as config says, with the certificate as its
// files are now; connections that are open stay. Whether a listener speaks TLS
// remains as it was when it was opened. When there is an error, as from [New],
// nothing changes.
func (g *Guard) Reload(config Config) error {
	if err := config.check(); err != nil {
		return err
	}
	next := &state{Config: config, hosts: make(map[string]bool), wanted: config.CertFile != "" || len(config.ACME.Hosts) > 0}
	next.Limits = config.Limits.withDefaults()
	for _, host := range append(config.Hosts, config.ACME.Hosts...) {
		next.hosts[hostOf(host)] = true
	}
	if last := g.now.Load(); last != nil && sameACME(last.ACME, config.ACME) {
		next.manager = last.manager // it has its certificates at hand
	}
	if err := next.certify(); err != nil {
		return err
	}
	g.now.Store(next)
	return nil
}
