// Package outbound says where the server itself may connect to when somebody gives
// it a URL: to the Internet, and elsewhere only where an operator has listed it. An
// address is looked at when the connection to it is made, so that no name, no form of
// an address and no change of a name in between leads inside.
package outbound

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Policy is what may be connected to besides the Internet. The zero value is nothing.
type Policy struct {
	names  map[string]bool
	ranges []netip.Prefix
}

// Parse reads a list of hosts: names as in a URL, addresses, and ranges of them
// ("10.0.0.0/8"). The error is [voiceapp.Invalid].
func Parse(entries []string) (Policy, error) {
	p := Policy{names: make(map[string]bool)}
	for _, entry := range entries {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if addr, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
			p.ranges = append(p.ranges, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
			continue
		}
		if network, err := netip.ParsePrefix(entry); err == nil {
			p.ranges = append(p.ranges, network.Masked())
			continue
		}
		if entry == "" || strings.ContainsAny(entry, "/:@ ") {
			return Policy{}, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%q is neither a host's name, nor an address, nor a range such as 10.0.0.0/8", entry))
		}
		p.names[entry] = true
	}
	return p, nil
}

// Lists reports whether a URL's host is listed, so that it may be wherever it is.
func (p Policy) Lists(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return p.contains(addr)
	}
	return p.names[strings.ToLower(host)]
}

func (p Policy) contains(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, network := range p.ranges {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// Check reports, as [voiceapp.Invalid], why a URL may not be asked: it is not one of
// https, or of http to a listed host, or its host is an address inside.
func (p Policy) Check(u *url.URL) error {
	host := u.Hostname()
	if host == "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return voiceapp.NewError(voiceapp.Invalid, "it needs a URL such as https://example.org/path")
	}
	if p.Lists(host) {
		return nil
	}
	if u.Scheme == "http" {
		return voiceapp.NewError(voiceapp.Invalid, host+" is asked by https, as what is sent is secret: allow the host to use http")
	}
	if addr, err := netip.ParseAddr(host); err == nil && !public(addr) {
		return errNotPublic(addr)
	}
	return nil
}

// Limits bounds what a client of [Policy.Client] takes.
type Limits struct {
	Timeout   time.Duration // to connect
	Conns     int           // to one host, at the same time; others wait
	IdleConns int           // to one host, kept for the next request
	TLSConfig *tls.Config   // nil: the system's certificates; it is copied
}

const (
	maxHeader  = 16 << 10
	idleExpiry = 30 * time.Second
)

// Client returns an HTTP client that connects to where it may, follows no redirect and
// uses no proxy of the environment. That a URL may be asked at all, [Policy.Check]
// says.
func (p Policy) Client(limits Limits) *http.Client {
	tlsConfig := limits.TLSConfig.Clone()
	if tlsConfig == nil {
		tlsConfig = new(tls.Config)
	}
	tlsConfig.MinVersion = max(tlsConfig.MinVersion, tls.VersionTLS12)
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            p.dialer(limits.Timeout),
			TLSClientConfig:        tlsConfig,
			TLSHandshakeTimeout:    limits.Timeout,
			DisableCompression:     true,
			MaxConnsPerHost:        limits.Conns,
			MaxIdleConnsPerHost:    limits.IdleConns,
			IdleConnTimeout:        idleExpiry,
			MaxResponseHeaderBytes: maxHeader,
		},
	}
}

// dialer connects to a host that is listed wherever it is, and to others where they
// may be.
func (p Policy) dialer(timeout time.Duration) func(ctx context.Context, network, address string) (net.Conn, error) {
	anywhere := &net.Dialer{Timeout: timeout}
	guarded := &net.Dialer{Timeout: timeout, Control: p.control}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if p.Lists(host) {
			return anywhere.DialContext(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	}
}

// control is a net.Dialer's: it is asked with the address to which a connection is
// just about to be made, after any look-up of a name.
func (p Policy) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if p.contains(at.Addr()) || public(at.Addr()) {
		return nil
	}
	return errNotPublic(at.Addr())
}

func errNotPublic(addr netip.Addr) error {
	return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%s is not an address of the Internet: allow it to use it", addr))
}
