package control

import (
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// watchPeer has the kernel find out within 30 s that the other side of a TCP
// connection has gone without a word, whether or not something is being sent to it.
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
		optionErr = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(peerTimeout/time.Millisecond))
	})
	return errors.Join(err, optionErr, tcp.SetKeepAliveConfig(keepAlive))
}
