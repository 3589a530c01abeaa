package voiceapp

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Ban keeps a user, a device or an address out of the server. At least one of
// User, Device and Address is set; each keeps out by itself.
type Ban struct {
	ID      BanID     `json:"id"`
	User    UserID    `json:"user"`    // 0: not by account
	Device  string    `json:"device"`  // hex SHA-256 of the device key; "": not by device
	Address string    `json:"address"` // CIDR as ParseAddressRange gives it; "": not by address
	Reason  string    `json:"reason"`
	By      UserID    `json:"by"`
	Created time.Time `json:"created"`
	Until   time.Time `json:"until"` // the zero time: for good
}

// Active reports whether the ban is in force at the given time.
func (b Ban) Active(now time.Time) bool {
	return b.Until.IsZero() || now.Before(b.Until)
}

// Hits reports whether the ban names the account, the device or the address of
// someone, whenever it is in force. A zero value is none.
func (b Ban) Hits(user UserID, device string, addr netip.Addr) bool {
	if b.User != 0 && b.User == user || b.Device != "" && b.Device == device {
		return true
	}
	network, err := netip.ParsePrefix(b.Address)
	return err == nil && network.Contains(addr.Unmap().WithZone(""))
}

// The widest address ranges that can be banned, and the narrowest of IPv6: its
// users change their address within a /64 as they like.
const (
	MinIPv4Prefix = 8
	MinIPv6Prefix = 16
	MaxIPv6Prefix = 64
)

// ParseAddressRange reads the address range of a [Ban]: an address, or one with
// the length of its prefix ("203.0.113.0/24"). What is beyond the prefix is
// cleared. An IPv6 range of less than a /64 becomes that /64; an IPv4 one in the
// form of IPv6 becomes IPv4. The error is [Invalid], also for a range wider than
// [MinIPv4Prefix] or [MinIPv6Prefix].
func ParseAddressRange(s string) (netip.Prefix, error) {
	network, err := parsePrefix(strings.TrimSpace(s))
	if err != nil {
		return netip.Prefix{}, WrapError(Invalid, quote(s)+" is no address and no range of addresses such as 203.0.113.0/24", err)
	}
	least := MinIPv4Prefix
	if network.Addr().Is6() {
		least = MinIPv6Prefix
		network = netip.PrefixFrom(network.Addr(), min(network.Bits(), MaxIPv6Prefix))
	}
	if network.Bits() < least {
		return netip.Prefix{}, NewError(Invalid, fmt.Sprintf("the range %s has too many addresses: its prefix has to be at least /%d", quote(s), least))
	}
	return network.Masked(), nil
}

// parsePrefix reads an address as the range of that one. IPv4 comes out as such.
func parsePrefix(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, err
		}
		addr = addr.Unmap()
		return addr.WithZone("").Prefix(addr.BitLen())
	}
	network, err := netip.ParsePrefix(s)
	if err == nil && network.Addr().Is4In6() && network.Bits() >= 96 {
		network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-96)
	}
	return network, err
}
