//go:build linux && !nobatch

package relay

import (
	"encoding/binary"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

// sockaddr holds a struct sockaddr_in or sockaddr_in6: family, port in network
// order, then the address (IPv4), or flow, address and scope (IPv6).
type sockaddr [unix.SizeofSockaddrInet6]byte

// addrPort gives the address, an IPv4 one never mapped into IPv6. A link-local
// one has its interface's number as zone.
func (s *sockaddr) addrPort() netip.AddrPort {
	port := binary.BigEndian.Uint16(s[2:])
	switch binary.NativeEndian.Uint16(s[:]) {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(s[4:8])), port)
	case unix.AF_INET6:
		addr := netip.AddrFrom16([16]byte(s[8:24])).Unmap()
		if scope := binary.NativeEndian.Uint32(s[24:]); scope != 0 && addr.Is6() {
			addr = addr.WithZone(strconv.FormatUint(uint64(scope), 10))
		}
		return netip.AddrPortFrom(addr, port)
	default:
		return netip.AddrPort{}
	}
}

// set writes an address for a socket of the family and returns its size. An IPv6
// address on an IPv4 socket is the kernel's to refuse.
func (s *sockaddr) set(a netip.AddrPort, ipv6 bool) uint32 {
	addr := a.Addr()
	binary.BigEndian.PutUint16(s[2:], a.Port())
	if addr.Is4() && !ipv6 {
		binary.NativeEndian.PutUint16(s[:], unix.AF_INET)
		ip := addr.As4()
		copy(s[4:8], ip[:])
		return unix.SizeofSockaddrInet4
	}
	binary.NativeEndian.PutUint16(s[:], unix.AF_INET6)
	ip := addr.As16()
	binary.NativeEndian.PutUint32(s[4:], 0)
	copy(s[8:24], ip[:])
	scope, _ := strconv.ParseUint(addr.Zone(), 10, 32) // 0 without one
	binary.NativeEndian.PutUint32(s[24:], uint32(scope))
	return unix.SizeofSockaddrInet6
}
