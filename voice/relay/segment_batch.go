//go:build linux && !nobatch

package relay

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// What goes to one client in a row is handed to the kernel as one message, which it cuts
// into datagrams behind most of the work that one costs (UDP_SEGMENT, Linux 4.18): all of
// the size of the first, only the last may be shorter.
const (
	maxSegments = 16
	maxRefusals = 8 // in a row of such messages, after which none is made any more
)

// segmentation is what a socket knows of it.
type segmentation struct {
	works    bool // as far as is known
	refusals int  // in a row
	told     [batchSize]control
	first    [batchSize + 1]int // of each message, its first datagram
}

// control is what goes with a message: the size of a segment, and pktinfo behind it. Either
// may be absent.
type control struct {
	header unix.Cmsghdr
	size   uint16
	_      [6]byte
	local  pktinfo
}

// probe finds out whether the kernel has it.
func (g *segmentation) probe(fd int) {
	_, err := unix.GetsockoptInt(fd, unix.SOL_UDP, unix.UDP_SEGMENT)
	g.works = err == nil
}

// row returns how many of the datagrams, which are at least one, go as one message.
func (g *segmentation) row(out []datagram) (n int) {
	size := len(out[0].data)
	for n = 1; g.works && n < min(len(out), maxSegments); n++ {
		next := &out[n]
		if next.path != out[0].path || len(next.data) > size || len(out[n-1].data) < size {
			break
		}
	}
	return n
}

// set says of a message in how long segments it is cut; 0: in none.
func (c *control) set(h *unix.Msghdr, size int) {
	if size == 0 {
		return
	}
	c.header.Level, c.header.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	c.header.SetLen(unix.CmsgLen(int(unsafe.Sizeof(c.size))))
	c.size = uint16(size) //nolint:gosec // at most packet.MaxSize
	h.SetControllen(unix.CmsgSpace(int(unsafe.Sizeof(c.size))) + int(h.Controllen))
	h.Control = (*byte)(unsafe.Pointer(c))
}

// sent takes note that messages, from one to before another, were taken.
func (g *segmentation) sent(from, to int) {
	if g.first[to]-g.first[from] > to-from {
		g.refusals = 0
	}
}

// refused takes note that a message in segments was refused: a route or a network card
// that can't do it.
func (g *segmentation) refused() {
	if g.refusals++; g.refusals >= maxRefusals {
		g.works = false
	}
}
