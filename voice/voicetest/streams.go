package voicetest

import (
	"io"
	"net"
	"net/netip"
	"sync"
)

// streams passes on TCP connections as they are.
type streams struct {
	listener *net.TCPListener
	server   netip.AddrPort
	running  sync.WaitGroup

	mu     sync.Mutex
	conns  map[*net.TCPConn]struct{} // both sides of each
	closed bool
}

func listenStreams(addr, server netip.AddrPort) (*streams, error) {
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	return &streams{listener: listener, server: server, conns: make(map[*net.TCPConn]struct{})}, nil
}

// accept passes on each connection until close, and then waits for them to end.
func (s *streams) accept() {
	for {
		client, err := s.listener.AcceptTCP()
		if err != nil {
			break
		}
		s.running.Go(func() { s.pass(client) })
	}
	s.running.Wait()
}

// pass copies both ways until both have ended.
func (s *streams) pass(client *net.TCPConn) {
	defer s.forget(client)
	if !s.keep(client) {
		return
	}
	server, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(s.server))
	if err != nil {
		return // the client sees that its connection ends
	}
	defer s.forget(server)
	if !s.keep(server) {
		return
	}
	var up sync.WaitGroup
	up.Go(func() { half(server, client) })
	half(client, server)
	up.Wait()
}

// half copies one way, and passes on its end.
func half(dst, src *net.TCPConn) {
	if _, err := io.Copy(dst, src); err != nil {
		_ = src.Close() // a broken way breaks the other
		_ = dst.Close()
		return
	}
	_ = dst.CloseWrite() // if it is closed already, it has ended
}

func (s *streams) keep(c *net.TCPConn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.conns[c] = struct{}{}
	}
	return !s.closed
}

func (s *streams) forget(c *net.TCPConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	_ = c.Close()
}

func (s *streams) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	_ = s.listener.Close()
	for c := range s.conns {
		_ = c.Close()
	}
}
