package load

import (
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"time"
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
	switch {
	case err != nil:
		return nil, err
	case failed != nil:
		return nil, os.NewSyscallError("fcntl", failed)
	}
	if err = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		s.close()
		return nil, os.NewSyscallError("setsockopt", err)
	}
	return s, nil
}

// write sends to where the socket is connected to. What the kernel does not take is lost.
func (s *socket) write(data []byte) { _, _ = unix.Write(s.fd, data) }

func (s *socket) close() { _ = unix.Close(s.fd) }

// pause is between two looks for what has come. To wait for each datagram would cost the
// one who sends it: the kernel has it wake who waits. To look often would, too: who reads
// from a socket while the next is filled shares the kernel's locks and memory with the
// sender, and where there are few of them the CPU. So the reader lets those who were
// spoken to just now get theirs first. What comes tells when it came.
const pause = 5 * time.Millisecond

// reader reads from many sockets, on one goroutine.
type reader struct {
	sockets []*socket
	took    func(i int, datagram []byte, waited time.Duration)
	poll    int // an epoll instance; its events carry a socket's index
	start   time.Time
	spoken  atomic.Int64 // when somebody has spoken last, from start on
	stop    chan struct{}
	done    chan struct{}

	// What the kernel reads and writes.
	buf     [packet.MaxSize + 1]byte
	told    [64]byte // control messages: a time takes 32 bytes
	iovec   unix.Iovec
	message unix.Msghdr
}

// newReader starts the goroutine, which gives to took what comes to each socket, by its
// index, valid during the call, and how long it was there before. end ends it.
func newReader(sockets []*socket, took func(i int, datagram []byte, waited time.Duration)) (*reader, error) {
	r, err := openReader(sockets, took)
	if err != nil {
		return nil, err
	}
	go r.run()
	return r, nil
}

func openReader(sockets []*socket, took func(i int, datagram []byte, waited time.Duration)) (*reader, error) {
	r := &reader{sockets: sockets, took: took, start: time.Now(), stop: make(chan struct{}), done: make(chan struct{})}
	var err error
	if r.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	for i, s := range sockets {
		if err := unix.EpollCtl(r.poll, unix.EPOLL_CTL_ADD, s.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}); err != nil {
			_ = unix.Close(r.poll)
			return nil, os.NewSyscallError("epoll_ctl", err)
		}
	}
	r.iovec.Base = &r.buf[0]
	r.iovec.SetLen(len(r.buf))
	r.message.Iov = &r.iovec
	r.message.SetIovlen(1)
	r.message.Control = &r.told[0]
	return r, nil
}

func (r *reader) run() {
	defer close(r.done)
	runtime.LockOSThread() // its sleep is finer than the runtime's timers
	defer runtime.UnlockOSThread()
	for {
		r.look()
		select {
		case <-r.stop:
			return
		default:
			r.rest()
		}
	}
}

// look takes all that has come.
func (r *reader) look() {
	var events [256]unix.EpollEvent
	for {
		n, _ := unix.EpollWait(r.poll, events[:], 0) // a wait of 0 is not interrupted
		if n <= 0 {
			return
		}
		for _, e := range events[:n] {
			r.read(int(e.Fd))
		}
	}
}

// rest sleeps until it is time to look again.
func (r *reader) rest() {
	sleep(pause)
	if left := pause - (time.Since(r.start) - time.Duration(r.spoken.Load())); left > 0 {
		sleep(left)
	}
}

// speaks says that what many will read is sent now. Any goroutine may call it.
func (r *reader) speaks() { r.spoken.Store(int64(time.Since(r.start))) }

// read takes one datagram from a socket. Where there is an error in its place it is gone
// then.
func (r *reader) read(i int) {
	r.message.SetControllen(len(r.told))
	n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(r.sockets[i].fd), uintptr(unsafe.Pointer(&r.message)), unix.MSG_DONTWAIT)
	if errno == 0 {
		r.took(i, r.buf[:n], r.waited())
	}
}

// waited is how long ago the kernel has put what was read into the socket's queue; 0
// where it does not say.
func (r *reader) waited() time.Duration {
	header, body, _, err := unix.ParseOneSocketControlMessage(r.told[:r.message.Controllen])
	if err != nil || header.Level != unix.SOL_SOCKET || header.Type != unix.SCM_TIMESTAMPNS || len(body) < int(unsafe.Sizeof(unix.Timespec{})) {
		return 0
	}
	came := (*unix.Timespec)(unsafe.Pointer(&body[0]))
	return max(time.Duration(time.Now().UnixNano()-came.Nano()), 0)
}

// end ends the goroutine and waits for it. It is called once.
func (r *reader) end() {
	close(r.stop)
	<-r.done
	_ = unix.Close(r.poll)
}
