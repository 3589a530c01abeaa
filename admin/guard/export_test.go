package guard

import (
	"crypto/tls"
	"net"
)

// Protect is Listen on a listener of the test's.
func (g *Guard) Protect(inner net.Listener) (net.Listener, error) { return g.protect(inner) }

// WithRoots has an authority reached by another TLS configuration.
func (a ACME) WithRoots(config *tls.Config) ACME {
	a.roots = config
	return a
}
