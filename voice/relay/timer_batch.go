//go:build linux && !nobatch

package relay

import (
	"errors"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// timerSlack is how much earlier than asked for a timer may have been set to ring: setting
// it anew costs a system call, as looking once more does.
const timerSlack = 20 * time.Microsecond

// timer lets a goroutine wait for its socket, but only for so long. The runtime's own
// timers are good to a millisecond here. While a system call blocks the runtime looks every
// 20 µs whether to take the processor from it, which was a fifth of all that a relay took
// in a crowd. So the runtime's poller waits, for an epoll instance of the socket and a timer
// of the kernel's. It belongs to one goroutine.
type timer struct {
	socket syscall.RawConn
	file   *os.File // the epoll instance
	raw    syscall.RawConn
	poll   int                   // its descriptor
	wants  uint32                // its events of the socket
	fd     int                   // the kernel's timer
	rings  time.Time             // when that one rings
	until  time.Time             // when the wait ends
	done   func() bool           // ends it before
	look   func(fd uintptr) bool // bound once, as the next
	change func(fd uintptr)
}

// newTimer makes one for a socket. A wait asks done first, and whenever something has come.
func newTimer(socket syscall.RawConn, done func() bool) (*timer, error) {
	t := &timer{socket: socket, done: done}
	t.look, t.change = t.over, func(fd uintptr) { _ = t.watch(unix.EPOLL_CTL_MOD, int(fd), t.wants) } // without fail: it is in there
	var err error
	if t.fd, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	if t.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, errors.Join(os.NewSyscallError("epoll_create1", err), unix.Close(t.fd))
	}
	err = errors.Join(unix.SetNonblock(t.poll, true), t.watch(unix.EPOLL_CTL_ADD, t.fd, unix.EPOLLIN)) // one that blocks is not polled by the runtime
	t.file = os.NewFile(uintptr(t.poll), "epoll")
	if control := socket.Control(func(fd uintptr) { err = errors.Join(err, t.watch(unix.EPOLL_CTL_ADD, int(fd), 0)) }); control != nil {
		err = errors.Join(err, control)
	}
	if err == nil {
		err = t.file.SetReadDeadline(time.Time{}) // it says whether the runtime polls it
	}
	if err == nil {
		t.raw, err = t.file.SyscallConn()
	}
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	return t, nil
}

// watch has the epoll instance be readable when such events come to a descriptor.
func (t *timer) watch(how, fd int, events uint32) error {
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(t.poll, how, fd, &unix.EpollEvent{Events: events}))
}

// wait returns when it is done, or after so long.
func (t *timer) wait(d time.Duration) error {
	t.until = time.Now().Add(d)
	if err := t.want(unix.EPOLLIN); err != nil {
		return err
	}
	return t.raw.Read(t.look)
}

// rest has nobody be told any more of what comes, if it was some time ago that somebody
// has waited: the runtime, which waits for the socket itself too, was told twice.
func (t *timer) rest() error {
	if t.wants == 0 || time.Since(t.until) < talkWindow {
		return nil
	}
	return t.want(0)
}

func (t *timer) want(events uint32) error {
	if t.wants == events {
		return nil
	}
	t.wants = events
	return t.socket.Control(t.change)
}

func (t *timer) over(uintptr) bool {
	if t.done() {
		return true
	}
	now := time.Now()
	if !now.Before(t.until) {
		return true
	}
	if early := t.until.Sub(t.rings); early < 0 || early > timerSlack || !now.Before(t.rings) {
		t.rings = t.until
		spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(t.until.Sub(now)))}
		_ = unix.TimerfdSettime(t.fd, 0, &spec, nil) // it has no way to fail
	}
	return false
}

func (t *timer) close() error { return errors.Join(t.file.Close(), unix.Close(t.fd)) }
