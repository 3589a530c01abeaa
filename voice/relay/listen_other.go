//go:build !linux

package relay

import "net"

// Listen opens sockets for [Relay.Serve] that share an address, for so many loops: the
// kernel spreads the clients over them. Where the system can't do that there is one. A
// port of 0 is any free one. The errors are the system's.
func Listen(network, address string, _ int) ([]*net.UDPConn, error) {
	at, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP(network, at)
	if err != nil {
		return nil, err
	}
	return []*net.UDPConn{conn}, nil
}
