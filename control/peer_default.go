//go:build !linux

package control

import "net"

// watchPeer has the kernel find out within 30 s that the other side of a TCP
// connection has gone without a word.
func watchPeer(raw net.Conn) error {
	if tcp, ok := raw.(*net.TCPConn); ok {
		return tcp.SetKeepAliveConfig(keepAlive)
	}
	return nil
}
