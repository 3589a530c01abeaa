package guard

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Listen opens an address for TCP connections: plain on loopback, else with TLS, or
// for the proxies alone (see [Config]). HTTP/2 is negotiated with TLS. The error is
// [voiceapp.Invalid] when anyone on the network could read along, and says what to
// do; else it is that of net.Listen.
func (g *Guard) Listen(address string) (net.Listener, error) {
	inner, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	l, err := g.protect(inner)
	if err != nil {
		return nil, errors.Join(err, inner.Close())
	}
	return l, nil
}

// protect decides how a listener's connections are protected.
func (g *Guard) protect(inner net.Listener) (net.Listener, error) {
	now := g.now.Load()
	local := addrOf(inner.Addr()).IsLoopback()
	switch {
	case now.encrypts(inner.Addr()):
		return tls.NewListener(&listener{Listener: inner, guard: g}, &tls.Config{GetConfigForClient: g.tlsNow, MinVersion: tls.VersionTLS13}), nil
	case local:
		return &listener{Listener: inner, guard: g}, nil
	case len(now.Proxies) > 0:
		return &listener{Listener: inner, guard: g, proxied: true}, nil
	}
	return nil, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf(
		"%s can be reached from a network, where passwords must not be sent in plain text: give it a certificate and its key, or hosts for ACME, or name the proxy in front of it that does TLS, or listen on 127.0.0.1", inner.Addr()))
}

// encrypts reports whether there is TLS on an address.
func (s *state) encrypts(addr net.Addr) bool {
	return s.wanted || !addrOf(addr).IsLoopback() && len(s.Proxies) == 0 && s.tls != nil
}

// Scheme returns that of the URLs at a listener's address: "https" or "http".
func (g *Guard) Scheme(addr net.Addr) string {
	if g.now.Load().encrypts(addr) {
		return "https"
	}
	return "http"
}

// tlsNow gives what a handshake goes by.
func (g *Guard) tlsNow(*tls.ClientHelloInfo) (*tls.Config, error) {
	if now := g.now.Load().tls; now != nil {
		return now, nil
	}
	return nil, voiceapp.NewError(voiceapp.Unavailable, "there is no certificate any more")
}

// listener takes connections from those who may connect, within the limits.
type listener struct {
	net.Listener
	guard   *Guard
	proxied bool // only this machine and proxies may connect
}

// Accept waits for the next connection that may be.
func (l *listener) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.guard.admit(inner, l.proxied); c != nil {
			return c, nil
		}
		inner.Close()
	}
}

// source is what connections are counted by: an IPv4 address or an IPv6 /64.
type source = netip.Prefix

func sourceOf(addr netip.Addr) source {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return source{} // of no address: all such are one source
	}
	return prefix
}

// admit counts a connection, or gives nil when it may not be.
func (g *Guard) admit(inner net.Conn, proxied bool) *conn {
	now := g.now.Load()
	addr := addrOf(inner.RemoteAddr())
	trusted := addr.IsLoopback() || contains(now.Proxies, addr)
	if proxied && !trusted {
		g.refused[refusedNoProxy].Add(1)
		return nil
	}
	from := sourceOf(addr)
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Limits.full(g.all, g.bySource[from], trusted) {
		g.refused[refusedConnections].Add(1)
		return nil
	}
	g.all++
	g.bySource[from]++
	return &conn{Conn: inner, guard: g, from: from, stall: now.Limits.Stall}
}

// reserved is how many connections more than others this machine and the proxies may
// have, so that others can't keep whoever runs the server out.
const reserved = 64

// full reports whether there may not be one more connection.
func (l Limits) full(all, ofSource int, trusted bool) bool {
	if trusted {
		return over(all, l.Connections, reserved)
	}
	return over(all, l.Connections, 0) || over(ofSource, l.ConnectionsPerSource, 0)
}

func over(count, limit, reserve int) bool { return limit >= 0 && count >= limit+reserve }

// leave counts a connection out.
func (g *Guard) leave(from source) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all--
	if g.bySource[from]--; g.bySource[from] == 0 {
		delete(g.bySource, from)
	}
}

// addrOf is an address without its port and zone; not valid where there is none.
func addrOf(addr net.Addr) netip.Addr {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// deadline is how long from now something may take; negative: for good.
func deadline(limit time.Duration) time.Time {
	if limit < 0 {
		return time.Time{}
	}
	return time.Now().Add(limit)
}
