package guard

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// HeaderTime is how long the header of a request may take: for
// http.Server.ReadHeaderTimeout.
const HeaderTime = 10 * time.Second

// Config says who may reach a handler, and how. The zero value is for loopback.
type Config struct {
	// CertFile and KeyFile hold a certificate chain and its key as PEM, for TLS on any
	// address. They are read anew by [Guard.Reload]. Empty: none.
	CertFile, KeyFile string

	// ACME has certificates made and renewed, for TLS on any address.
	ACME ACME

	// Certificate is for addresses off loopback when nothing else is, such as the
	// server's own, which browsers warn of. The zero value: none.
	Certificate tls.Certificate

	// Proxies are those whose word on where a request comes from is taken. Off
	// loopback, where neither files nor ACME give a certificate, only they may connect,
	// in plain HTTP. Empty: none.
	Proxies []netip.Prefix

	// Hosts are names and addresses, without a port, that the server has besides those
	// of loopback, of ACME, and the address at which a connection came in.
	Hosts []string

	// Profiles serves what net/http/pprof has under /debug/pprof/, to this machine
	// alone.
	Profiles bool

	Limits Limits
}

// ACME is an authority that makes certificates by RFC 8555 once it has reached this
// server at port 443 of each host (challenge tls-alpn-01).
type ACME struct {
	Hosts     []string // names that certificates are made for; empty: no ACME
	Dir       string   // where the account's key and the certificates are kept
	Email     string   // where the authority writes to; empty: nowhere
	Directory string   // URL of the authority; empty: Let's Encrypt

	roots *tls.Config // how to reach the authority; nil: as the system does
}

// Limits bound what others can take. Zero values are defaults, negative ones switch
// a limit off.
type Limits struct {
	Connections          int           // at once; default 512, and 64 more of loopback and Proxies
	ConnectionsPerSource int           // at once from an IPv4 address or an IPv6 /64, loopback and Proxies apart; default 64
	Body                 int64         // bytes of a request's body; default 1 MiB
	BodyTime             time.Duration // for a request's body to arrive; default 15 s
	Stall                time.Duration // how long a connection may take nothing of what is written; default 30 s
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Connections:          cmp.Or(l.Connections, 512),
		ConnectionsPerSource: cmp.Or(l.ConnectionsPerSource, 64),
		Body:                 cmp.Or(l.Body, 1<<20),
		BodyTime:             cmp.Or(l.BodyTime, 15*time.Second),
		Stall:                cmp.Or(l.Stall, 30*time.Second),
	}
}

// check finds what can't be meant.
func (c *Config) check() error {
	switch {
	case (c.CertFile == "") != (c.KeyFile == ""):
		return invalid("a certificate needs its key, and a key its certificate: name the files of both")
	case c.CertFile != "" && len(c.ACME.Hosts) > 0:
		return invalid("name the files of a certificate or hosts for ACME, not both")
	case len(c.ACME.Hosts) > 0 && c.ACME.Dir == "":
		return invalid("ACME needs a directory that keeps its certificates")
	}
	for _, host := range c.ACME.Hosts {
		if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") || !isHost(host) {
			return invalid(fmt.Sprintf("ACME makes certificates for names such as voice.example.org, and %q is none", host))
		}
	}
	for _, host := range c.Hosts {
		if !isHost(host) {
			return invalid(fmt.Sprintf("%q is no name or address of a host: write it without a scheme, a port and a path", host))
		}
	}
	return nil
}

// isHost reports whether a text may be a host's name or address.
func isHost(text string) bool {
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	return text != "" && len(text) <= 253 && !strings.ContainsFunc(text, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.' || r == '_')
	})
}

// ParsePrefixes reads addresses and ranges, by commas: "10.0.0.7, fd00::/8". The
// error is [voiceapp.Invalid].
func ParsePrefixes(text string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		prefix, err := parsePrefix(part)
		if err != nil {
			return nil, invalid(fmt.Sprintf("%q is no address and no range: write it like 10.0.0.7 or 10.0.0.0/8", part))
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	return prefix.Masked(), err
}

// ParseHosts reads names and addresses, by commas, in the form that Config has them.
// Ports and the brackets of IPv6 are dropped.
func ParseHosts(text string) []string {
	var hosts []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			hosts = append(hosts, hostOf(part))
		}
	}
	return hosts
}

// hostOf is a host in the one form in which hosts are compared, without a port.
func hostOf(text string) string {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	if addr, err := netip.ParseAddr(text); err == nil {
		return addr.Unmap().WithZone("").String()
	}
	return strings.ToLower(strings.TrimSuffix(text, "."))
}

// contains reports whether any of the prefixes has an address.
func contains(prefixes []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}

func invalid(message string) error { return voiceapp.NewError(voiceapp.Invalid, message) }
