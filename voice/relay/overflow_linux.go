package relay

import (
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernelDrops returns how many datagrams the kernel has dropped at a socket since
// it was made: the figure that SO_RXQ_OVFL puts beside datagrams, without a control
// message with each of them, and current also when none comes.
func kernelDrops(conn *net.UDPConn) (drops uint32, ok bool) {
	const (
		skMeminfoDrops = 8 // in linux/sock_diag.h
		skMeminfoVars  = 9
	)
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, false
	}
	var info [skMeminfoVars]uint32
	size := uint32(unsafe.Sizeof(info))
	errno := unix.Errno(0)
	err = raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	})
	if err != nil || errno != 0 || uintptr(size) < unsafe.Sizeof(info) {
		return 0, false
	}
	return info[skMeminfoDrops], true
}
