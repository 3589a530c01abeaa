package load

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// burstSize is how many datagrams one system call takes.
const burstSize = 64

// burst is datagrams that are sent again and again, in one system call.
type burst struct {
	raw   syscall.RawConn
	names []unix.RawSockaddrInet4
	lists []unix.Iovec
	heads []mmsghdr
	next  int
	write func(fd uintptr) bool // bound once
}

// mmsghdr is struct mmsghdr.
type mmsghdr struct {
	header unix.Msghdr
	size   uint32
}

// newBurst takes at most burstSize datagrams, which are kept. to: where they go, IPv4
// alone; nil for a connected socket.
func newBurst(conn *net.UDPConn, data [][]byte, to []netip.AddrPort) (*burst, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	b := &burst{raw: raw, names: make([]unix.RawSockaddrInet4, len(data)), lists: make([]unix.Iovec, len(data)), heads: make([]mmsghdr, len(data))}
	b.write = b.sendmmsg
	for i, d := range data {
		b.lists[i].Base = unsafe.SliceData(d)
		b.lists[i].SetLen(len(d))
		h := &b.heads[i].header
		h.Iov = &b.lists[i]
		h.SetIovlen(1)
		if to != nil {
			b.names[i] = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: to[i].Addr().As4()}
			port := (*[2]byte)(unsafe.Pointer(&b.names[i].Port))
			binary.BigEndian.PutUint16(port[:], to[i].Port())
			h.Name = (*byte)(unsafe.Pointer(&b.names[i]))
			h.Namelen = unix.SizeofSockaddrInet4
		}
	}
	return b, nil
}

// send sends them once. What the kernel does not take is lost.
func (b *burst) send() {
	b.next = 0
	_ = b.raw.Write(b.write)
}

func (b *burst) sendmmsg(fd uintptr) (done bool) {
	for b.next < len(b.heads) {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&b.heads[b.next])), uintptr(len(b.heads)-b.next), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			b.next += int(n)
		case unix.EINTR:
		case unix.EAGAIN:
			return false
		default:
			b.next++
		}
	}
	return true
}
