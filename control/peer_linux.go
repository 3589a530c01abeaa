package control

import (
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// unsentBytes is how much the kernel takes before it is sent.
const unsentBytes = 16 << 10

// watchPeer has the kernel find out within 30 s that the other side of a TCP
// connection has gone without a word, whether or not something is being sent to it,
// and keep little that is not yet sent: what waits has an order, and gets old.
func watchPeer(raw net.Conn) error {
	tcp, ok := raw.(*net.TCPConn)
	if !ok {
		return nil
	}
	sys, err := tcp.SyscallConn()
	if err != nil {
		return err
	}
	var optionErr error
	err = sys.Control(func(fd uintptr) {
		optionErr = errors.Join(
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(peerTimeout/time.Millisecond)),
			unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsentBytes),
		)
	})
	return errors.Join(err, optionErr, tcp.SetKeepAliveConfig(keepAlive))
}
