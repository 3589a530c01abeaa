//go:build linux && !nobatch

package relay

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ancillary is room for what the kernel tells of a datagram that came in: when it
// came, and to which of the host's addresses. They are control messages, one after
// the other, aligned.
type ancillary [12]uint64

// askTimes makes the kernel note when each datagram comes. Where it can't, none
// has waited.
func askTimes(fd int) { _ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) }

// room lets the kernel write with the next datagram.
func (a *ancillary) room(h *unix.Msghdr) {
	h.Control = (*byte)(unsafe.Pointer(a))
	h.SetControllen(int(unsafe.Sizeof(*a)))
}

// read gives what the kernel has told of d, which was received at now.
func (a *ancillary) read(h *unix.Msghdr, d *datagram, now time.Time) {
	told := unsafe.Slice((*byte)(unsafe.Pointer(a)), unsafe.Sizeof(*a))
	told = told[:min(int(h.Controllen), len(told))]
	for len(told) >= unix.SizeofCmsghdr {
		message := (*unix.Cmsghdr)(unsafe.Pointer(&told[0]))
		size := int(message.Len) - unix.CmsgLen(0)
		if size < 0 || unix.CmsgLen(size) > len(told) {
			return
		}
		body := told[unix.CmsgLen(0):unix.CmsgLen(size)]
		if message.Level == unix.SOL_SOCKET && message.Type == unix.SO_TIMESTAMPNS {
			d.waited = since(body, now)
		} else {
			d.local = localOf(message.Level, message.Type, body)
		}
		told = told[min(unix.CmsgSpace(size), len(told)):]
	}
}

// since gives how long before now a struct timespec is, by the wall clock: it may
// have been set meanwhile.
func since(body []byte, now time.Time) time.Duration {
	if len(body) < int(unsafe.Sizeof(unix.Timespec{})) {
		return 0
	}
	stamp := (*unix.Timespec)(unsafe.Pointer(&body[0]))
	return max(time.Duration(now.UnixNano()-stamp.Nano()), 0)
}
