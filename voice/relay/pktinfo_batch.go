//go:build linux && !nobatch

package relay

import (
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pktinfo is the control message that says to or from which of the host's
// addresses a datagram goes. Its body is a struct in_pktinfo (interface, local
// address, address in the header) or in6_pktinfo (address, interface).
type pktinfo struct {
	header unix.Cmsghdr
	body   [24]byte // in6_pktinfo's 20, aligned
}

// askPktinfo makes the kernel add one to each datagram that comes in. On an IPv6
// socket IPv4 addresses are mapped in it.
func askPktinfo(fd int, ipv6 bool) error {
	if ipv6 {
		return unix.SetsockoptInt(fd, unix.SOL_IPV6, unix.IPV6_RECVPKTINFO, 1)
	}
	return unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_PKTINFO, 1)
}

// localOf gives the host's address of such a control message, or the zero value
// where it tells none.
func localOf(level, kind int32, body []byte) netip.Addr {
	var addr netip.Addr
	switch {
	case level == unix.SOL_IP && kind == unix.IP_PKTINFO && len(body) >= unix.SizeofInet4Pktinfo:
		addr = netip.AddrFrom4([4]byte(body[4:8]))
		if addr.IsUnspecified() { // it came before the kernel was asked
			addr = netip.AddrFrom4([4]byte(body[8:12]))
		}
	case level == unix.SOL_IPV6 && kind == unix.IPV6_PKTINFO && len(body) >= unix.SizeofInet6Pktinfo:
		addr = netip.AddrFrom16([16]byte(body[:16])).Unmap()
	}
	if addr.IsUnspecified() || addr.IsMulticast() {
		return netip.Addr{}
	}
	return addr
}

// set makes a datagram, which has no control message yet, leave from addr. Without one
// there must be none at all: the kernel refuses an empty one.
func (p *pktinfo) set(h *unix.Msghdr, addr netip.Addr, ipv6 bool) {
	size := 0
	p.body = [24]byte{} // whatever the interface
	switch {
	case !addr.IsValid() || addr.Is6() && !ipv6:
		return
	case ipv6:
		p.header.Level, p.header.Type = unix.SOL_IPV6, unix.IPV6_PKTINFO
		ip := addr.As16()
		copy(p.body[:], ip[:])
		size = unix.SizeofInet6Pktinfo
	default:
		p.header.Level, p.header.Type = unix.SOL_IP, unix.IP_PKTINFO
		ip := addr.As4()
		copy(p.body[4:], ip[:])
		size = unix.SizeofInet4Pktinfo
	}
	p.header.SetLen(unix.CmsgLen(size))
	h.Control = (*byte)(unsafe.Pointer(p))
	h.SetControllen(unix.CmsgSpace(size))
}
