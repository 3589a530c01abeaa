package guard

import (
	"net/http"
	"net/netip"
	"strings"
)

// origin is where a request comes from, as far as one can trust it.
type origin struct {
	addr   netip.Addr // not valid: not known
	secure bool       // it came by TLS
}

// originOf finds where a request comes from. The error is about a proxy that passes
// on what a client may have made up.
func originOf(r *http.Request, proxies []netip.Prefix) (origin, error) {
	at := origin{secure: r.TLS != nil}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		at.addr = peer.Addr().Unmap().WithZone("")
	}
	if !contains(proxies, at.addr) {
		return at, nil
	}
	forwarded, xff := r.Header.Values("Forwarded"), r.Header.Values("X-Forwarded-For")
	if len(forwarded) > 0 && len(xff) > 0 {
		return at, invalid("the proxy sends both Forwarded and X-Forwarded-For, and a client may have made up one: have it drop the one that it doesn't set")
	}
	hops := splitList(xff)
	secure := strings.EqualFold(lastOf(splitList(r.Header.Values("X-Forwarded-Proto"))), "https")
	if len(forwarded) > 0 {
		hops, secure = parseForwarded(splitList(forwarded))
	}
	at.secure = at.secure || secure
	at.addr = client(at.addr, hops, proxies)
	return at, nil
}

// client goes back from the nearest hop to the first that is no trusted proxy. What
// is said beyond a hop that can't be read is not believed.
func client(peer netip.Addr, hops []string, proxies []netip.Prefix) netip.Addr {
	addr := peer
	for i := len(hops) - 1; i >= 0 && contains(proxies, addr); i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			return addr
		}
		addr = hop
	}
	return addr
}

// parseHop reads an address with or without a port.
func parseHop(text string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return addr.Unmap().WithZone(""), err == nil
}

// parseForwarded reads the "for" of each element of a Forwarded header (RFC 7239),
// and whether the nearest proxy was reached by TLS. An element without one, or with
// a name in its place, is a hop that can't be read.
func parseForwarded(elements []string) (hops []string, secure bool) {
	for _, element := range elements {
		hop, proto := "", ""
		for pair := range strings.SplitSeq(element, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			value = strings.Trim(value, `"`)
			switch strings.ToLower(name) {
			case "for":
				hop = value
			case "proto":
				proto = value
			}
		}
		hops = append(hops, hop)
		secure = strings.EqualFold(proto, "https")
	}
	return hops, secure
}

// splitList gives the elements of a header that is a list, over all its lines.
func splitList(lines []string) []string {
	var parts []string
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			parts = append(parts, strings.TrimSpace(part))
		}
	}
	return parts
}

func lastOf(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return parts[len(parts)-1]
}

// isForwarded reports whether a request says that it came through a proxy.
func isForwarded(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return true
		}
	}
	return false
}
