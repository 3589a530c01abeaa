//go:build linux && !nobatch

package relay

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// sendPatience is how long all that a turn sends waits for room in the send buffer: a
// queue in the network card is waited for, voice older than that is better lost.
const sendPatience = 20 * time.Millisecond

// hasPatience says whether receive can wait for so long and no longer.
const hasPatience = true

// socket receives and sends in batches: recvmmsg and sendmmsg, on memory that is
// laid out once. It belongs to one goroutine.
//
// Its system calls never block, and none takes longer than some 0.3 ms, 64
// datagrams' worth of the kernel's work. So the runtime is not told of them
// (RawSyscall6): it would hand the processor to another thread each time, which
// costs a tenth of all that a small server does.
type socket struct {
	conn  *net.UDPConn
	raw   syscall.RawConn
	ipv6  bool                  // of its addresses, not of its peers
	short bool                  // of buffers: the kernel gave less than was asked for
	any   bool                  // bound to no address: each datagram tells its own
	whole bool                  // no datagram is cut for a path that is too narrow for it
	read  func(fd uintptr) bool // recvmmsg, bound once
	once  func(fd uintptr)      // recvmmsg, likewise
	timer *timer                // nil for who only sends
	write func(fd uintptr)      // sendmmsg of all, likewise

	in      messages
	told    [batchSize]ancillary
	buffers [batchSize][packet.MaxSize + 1]byte // one more tells what is too long
	batch   [batchSize]datagram
	count   int // messages in the batch received last
	errno   syscall.Errno
	gone    error // why nothing can be received any more
	wakes   atomic.Uint32
	woken   uint32 // of them, those that were noticed

	out     messages
	cut     segmentation
	queue   []datagram // that out has
	next    int        // of out, to send
	end     int
	refused int // datagrams
	poll    [1]unix.PollFd
	patient time.Duration // for how long the turn may still wait for room
}

// messages is what the kernel reads and writes.
type messages struct {
	headers [batchSize]mmsghdr
	iovecs  [batchSize]unix.Iovec
	names   [batchSize]sockaddr
}

// mmsghdr is struct mmsghdr.
type mmsghdr struct {
	header unix.Msghdr
	size   uint32
}

func newSocket(conn *net.UDPConn, buffer int) (*socket, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{conn: conn, raw: raw}
	s.any = conn.LocalAddr().(*net.UDPAddr).IP.IsUnspecified()
	s.read, s.once, s.write = s.recvmmsg, s.recvmmsgOnce, s.sendAll
	if err := s.configure(buffer); err != nil {
		return nil, err
	}
	s.in.link()
	s.out.link()
	for i := range s.buffers {
		s.in.point(i, s.buffers[i][:])
	}
	s.count = batchSize
	return s, nil
}

// listen makes it one that can receive, too. It is to be closed then.
func (s *socket) listen() (err error) {
	s.timer, err = newTimer(s.raw, s.hasCome)
	return err
}

// configure finds out the family, asks for each datagram's time, for its local
// address where the socket has none, for haste, and for large buffers, past the
// system's limit where the process may.
func (s *socket) configure(buffer int) error {
	var domain int
	var err error
	control := func(fd uintptr) {
		if domain, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN); err != nil {
			return
		}
		s.ipv6 = domain == unix.AF_INET6
		s.cut.probe(int(fd))
		if s.any {
			err = askPktinfo(int(fd), s.ipv6)
		}
		askTimes(int(fd))
		expedite(int(fd), s.ipv6)
		s.whole = setCutting(int(fd), unix.IP_PMTUDISC_DO) == nil
		if err != nil || buffer < 0 {
			return
		}
		for _, option := range [][2]int{{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF}, {unix.SO_SNDBUFFORCE, unix.SO_SNDBUF}} {
			if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option[0], buffer) != nil {
				err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, option[1], buffer)
			}
			if err != nil {
				return
			}
			given, _ := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, option[1])
			s.short = s.short || given < 2*buffer // the kernel counts its own part, too
		}
	}
	if err := s.raw.Control(control); err != nil {
		return err
	}
	return err
}

// expedite marks what is sent as DSCP EF, which networks that know it send first. A
// system that does not let it be marked sends it all the same.
func expedite(fd int, ipv6 bool) {
	const expedited = 46 << 2
	_ = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_TOS, expedited)
	if ipv6 {
		_ = unix.SetsockoptInt(fd, unix.SOL_IPV6, unix.IPV6_TCLASS, expedited)
	}
}

// setCutting says whether the kernel may cut an IPv4 datagram that its path is too narrow
// for. As long as it may, it takes a number for each from a table that a thousand clients
// keep out of a processor's caches, though the datagram says that no router may cut it: a
// tenth of all that a datagram costs. What is at most 1,200 bytes fits everywhere, so it
// may not until one is refused.
func setCutting(fd, how int) error {
	return unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_MTU_DISCOVER, how)
}

func (m *messages) link() {
	for i := range m.headers {
		h := &m.headers[i].header
		h.Name = &m.names[i][0]
		h.Iov = &m.iovecs[i]
		h.SetIovlen(1)
	}
}

func (m *messages) point(i int, data []byte) {
	m.iovecs[i].Base = unsafe.SliceData(data)
	m.iovecs[i].SetLen(len(data))
}

// gather has a message hold n pieces from i on.
func (m *messages) gather(message, i, n int) {
	h := &m.headers[message].header
	h.Iov = &m.iovecs[i]
	h.SetIovlen(n)
}

// receive waits for datagrams and returns those that are there, valid until the
// next call. It waits forever where patience is negative; where none has come in time
// there are none.
func (s *socket) receive(patience time.Duration) ([]datagram, error) {
	for i := range s.count { // where the kernel wrote another length
		h := &s.in.headers[i].header
		h.Namelen = uint32(len(sockaddr{}))
		s.told[i].room(h)
	}
	s.count, s.errno = 0, 0
	if err := s.await(patience); err != nil {
		return nil, err
	}
	if s.errno != 0 {
		return nil, s.errno
	}
	now := time.Now()
	for i := range s.count {
		m := &s.in.headers[i]
		s.batch[i] = datagram{data: s.buffers[i][:m.size], path: path{addr: s.in.names[i].addrPort()}}
		s.told[i].read(&m.header, &s.batch[i], now)
	}
	return s.batch[:s.count], nil
}

// await fills the batch, or sets errno. Waiting for less than forever does not take the
// connection's lock, as another loop may hold that one forever.
func (s *socket) await(patience time.Duration) error {
	if patience < 0 {
		if err := s.timer.rest(); err != nil {
			return err
		}
		err := s.raw.Read(s.read)
		if wakes := s.wakes.Load(); wakes != s.woken && errors.Is(err, os.ErrDeadlineExceeded) {
			s.woken = wakes
			return s.conn.SetReadDeadline(time.Time{})
		}
		return err
	}
	if err := s.timer.wait(patience); err != nil {
		return err
	}
	return s.gone
}

// hasCome takes what is there, and reports whether that is something, or nothing will come
// any more.
func (s *socket) hasCome() bool {
	s.gone = s.raw.Control(s.once)
	return s.count > 0 || s.errno != 0 || s.gone != nil
}

func (s *socket) recvmmsgOnce(fd uintptr) { s.recvmmsg(fd) }

// wake ends a receive that waits forever, or the next one. Any goroutine may call it.
func (s *socket) wake() {
	_ = s.conn.SetReadDeadline(time.Unix(0, 1))
	s.wakes.Add(1)
}

func (s *socket) recvmmsg(fd uintptr) (done bool) {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&s.in.headers[0])), batchSize, unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			s.count = int(n)
			return true
		case unix.EINTR:
		case unix.EAGAIN:
			return false
		default:
			s.errno = errno
			return true
		}
	}
}

// close frees what there is beside the connection.
func (s *socket) close() error {
	if s.timer == nil {
		return nil
	}
	return s.timer.close()
}

// begin begins a turn, whose patience is new.
func (s *socket) begin() { s.patient = sendPatience }

// send sends at most batchSize datagrams and returns how many the kernel refused.
// An error on one of them is not the others'.
func (s *socket) send(out []datagram) (refused int) {
	s.queue, s.refused = out, 0
	s.lay(0)
	_ = s.raw.Control(s.write) // a socket that is closed takes nothing
	return s.refused + len(out) - s.cut.first[s.next]
}

// lay makes messages of the queue, from a datagram on.
func (s *socket) lay(from int) {
	s.next, s.end = 0, 0
	for i := from; i < len(s.queue); s.end++ {
		n := s.cut.row(s.queue[i:])
		for j := range n {
			s.out.point(i+j, s.queue[i+j].data)
		}
		s.out.gather(s.end, i, n)
		s.address(s.end, &s.queue[i], n)
		s.cut.first[s.end] = i
		i += n
	}
	s.cut.first[s.end] = len(s.queue)
}

// address says where a message of n datagrams goes, and from where.
func (s *socket) address(message int, d *datagram, n int) {
	h, c := &s.out.headers[message].header, &s.cut.told[message]
	h.Namelen = s.out.names[message].set(d.addr, s.ipv6)
	h.Control = nil
	h.SetControllen(0)
	if s.any {
		c.local.set(h, d.local, s.ipv6)
	}
	if n > 1 {
		c.set(h, len(d.data))
	}
}

// segments reports whether datagrams in a row to one client cost less than alone.
func (s *socket) segments() bool { return s.cut.works }

// sendAll sends what is to be sent, and waits for room while there is patience. As it
// waits by itself, those who share the socket do not disturb each other's deadlines.
func (s *socket) sendAll(fd uintptr) {
	for !s.sendmmsg(fd) && s.patient > 0 {
		began, until := time.Now(), unix.NsecToTimespec(int64(s.patient))
		s.poll[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLOUT}
		_, _ = unix.Ppoll(s.poll[:], &until, nil) // whatever it says, what counts is what the next try says
		s.patient -= max(time.Since(began), time.Microsecond)
	}
}

// sendmmsg is done when nothing is left to send.
func (s *socket) sendmmsg(fd uintptr) (done bool) {
	for s.next < s.end {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&s.out.headers[s.next])), uintptr(s.end-s.next), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			s.cut.sent(s.next, s.next+int(n))
			s.next += int(n)
		case unix.EINTR:
		case unix.EAGAIN:
			return false
		default: // the first one's fault; what comes after it was not tried
			if errno == unix.EMSGSIZE && s.whole {
				s.whole = false
				_ = setCutting(int(fd), unix.IP_PMTUDISC_WANT) // where it can't, the next try skips it
				continue
			}
			s.skip()
		}
	}
	return true
}

// skip leaves out the message that was refused. One that was to be cut is tried again as
// single datagrams.
func (s *socket) skip() {
	first, n := s.cut.first[s.next], s.cut.first[s.next+1]-s.cut.first[s.next]
	if n == 1 {
		s.next++
		s.refused++
		return
	}
	s.cut.refused()
	works := s.cut.works
	s.cut.works = false
	s.lay(first)
	s.cut.works = works
}
