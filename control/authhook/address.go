package authhook

import (
	"fmt"
	"net/netip"
	"strings"
	"syscall"

	"github.com/voiceapp-sdk/voiceapp"
)

// allowList is what may be asked wherever it is.
type allowList struct {
	names    map[string]bool
	ranges   []netip.Prefix
	anywhere bool // the host that is asked is listed, wherever it is
}

func parseAllow(entries []string) (allowList, error) {
	list := allowList{names: make(map[string]bool)}
	for _, entry := range entries {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if addr, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
			list.ranges = append(list.ranges, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
			continue
		}
		if network, err := netip.ParsePrefix(entry); err == nil {
			list.ranges = append(list.ranges, network.Masked())
			continue
		}
		if entry == "" || strings.ContainsAny(entry, "/:@ ") {
			return list, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%q is neither a host's name, nor an address, nor a range such as 10.0.0.0/8", entry))
		}
		list.names[entry] = true
	}
	return list, nil
}

// host reports whether a URL's host is listed.
func (l allowList) host(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return l.contains(addr)
	}
	return l.names[strings.ToLower(host)]
}

func (l allowList) contains(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	for _, network := range l.ranges {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// control is a net.Dialer's: it is asked with the address to which a connection is
// just about to be made, after any look-up of a name.
func (l allowList) control(_, address string, _ syscall.RawConn) error {
	if l.anywhere {
		return nil
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if l.contains(at.Addr()) || public(at.Addr()) {
		return nil
	}
	return errNotPublic(at.Addr())
}

func errNotPublic(addr netip.Addr) error {
	return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("the authenticator is at %s, which is not an address of the Internet: allow it to use it", addr))
}

// reserved are ranges that belong to nobody on the Internet, beside those that
// netip knows. They have clouds' metadata and doors into IPv4 among them.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"),    // carriers' own; a cloud's metadata is at 100.100.100.200
	netip.MustParsePrefix("168.63.129.16/32"), // a cloud's host
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),          // IPv4 in another form, as the next three
	netip.MustParsePrefix("64:ff9b::/96"),   // NAT64
	netip.MustParsePrefix("64:ff9b:1::/48"), // NAT64 of a network
	netip.MustParsePrefix("2002::/16"),      // 6to4
	netip.MustParsePrefix("2001::/32"),      // Teredo
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("fec0::/10"),
}

// public reports whether an address is one of the Internet.
func public(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	for _, network := range reserved {
		if network.Contains(addr) {
			return false
		}
	}
	return true
}
