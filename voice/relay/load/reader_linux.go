package load

import (
	"encoding/binary"
	"net"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// socket is one that the runtime does not watch: to be told of each datagram costs it more
// than the datagram.
type socket struct{ fd int }

// detach takes a socket from the runtime.
func detach(conn *net.UDPConn) (*socket, error) {
	defer func() { _ = conn.Close() }()
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{}
	var failed error
	err = raw.Control(func(fd uintptr) {
		s.fd, failed = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err == nil {
		err = os.NewSyscallError("fcntl", failed)
	}
	return s, err
}

// write sends to where the socket is connected to. What the kernel does not take is lost.
func (s *socket) write(data []byte) { _, _ = unix.Write(s.fd, data) }

func (s *socket) close() { _ = unix.Close(s.fd) }

// reader reads from many sockets, on one goroutine.
type reader struct {
	sockets []*socket
	took    func(i int, datagram []byte)
	poll    int // an epoll instance; its events carry a socket's index
	stop    int // an eventfd; its event carries -1
	done    chan struct{}
}

// newReader starts the goroutine, which gives to took what comes to each socket, by its
// index, valid during the call. stop ends it.
func newReader(sockets []*socket, took func(i int, datagram []byte)) (*reader, error) {
	r := &reader{sockets: sockets, took: took, done: make(chan struct{})}
	var err error
	if r.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if r.stop, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		_ = unix.Close(r.poll)
		return nil, os.NewSyscallError("eventfd", err)
	}
	err = r.watch(r.stop, -1)
	for i := 0; i < len(sockets) && err == nil; i++ {
		err = r.watch(sockets[i].fd, i)
	}
	if err != nil {
		r.free()
		return nil, os.NewSyscallError("epoll_ctl", err)
	}
	go r.run()
	return r, nil
}

func (r *reader) watch(fd, index int) error {
	return unix.EpollCtl(r.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(index)})
}

func (r *reader) run() {
	defer close(r.done)
	var buf [packet.MaxSize + 1]byte
	var events [256]unix.EpollEvent
	for {
		n, err := unix.EpollWait(r.poll, events[:], -1)
		if err != nil && err != unix.EINTR {
			return // nothing but a closed instance gives another error
		}
		for _, e := range events[:max(n, 0)] {
			if e.Fd < 0 {
				return
			}
			if size := r.sockets[e.Fd].read(buf[:]); size >= 0 {
				r.took(int(e.Fd), buf[:size])
			}
		}
	}
}

// read returns the size of the next datagram; -1 where there is none, but an error.
func (s *socket) read(buf []byte) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return -1
	}
	return int(n)
}

// end ends the goroutine and waits for it. It is called once.
func (r *reader) end() {
	_, _ = unix.Write(r.stop, binary.NativeEndian.AppendUint64(nil, 1))
	<-r.done
	r.free()
}

func (r *reader) free() { _, _ = unix.Close(r.poll), unix.Close(r.stop) }
