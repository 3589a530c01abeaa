package relay

import (
	"context"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// Listen opens sockets for [Relay.Serve] that share an address, for so many loops: the
// kernel spreads the clients over them. Where the system can't do that there is one. A
// port of 0 is any free one. The errors are the system's.
func Listen(network, address string, loops int) ([]*net.UDPConn, error) {
	shared := net.ListenConfig{}
	if loops > 1 {
		shared.Control = sharePort
	}
	var conns []*net.UDPConn
	for range max(loops, 1) {
		conn, err := shared.ListenPacket(context.Background(), network, address)
		if err != nil {
			for _, c := range conns {
				_ = c.Close()
			}
			return nil, err
		}
		conns = append(conns, conn.(*net.UDPConn))
		address = conn.LocalAddr().String()
	}
	return conns, nil
}

func sharePort(_, _ string, raw syscall.RawConn) (err error) {
	if outer := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}); outer != nil {
		return outer
	}
	return err
}
