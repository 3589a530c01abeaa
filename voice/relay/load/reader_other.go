//go:build !linux

package load

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

type socket struct{ conn *net.UDPConn }

func detach(conn *net.UDPConn) (*socket, error) { return &socket{conn}, nil }

// write sends to where the socket is connected to. What the system does not take is lost.
func (s *socket) write(data []byte) { _, _ = s.conn.Write(data) }

func (s *socket) close() { _ = s.conn.Close() }

// reader reads from many sockets, on a goroutine for each.
type reader struct {
	sockets []*socket
	ended   sync.WaitGroup
}

// newReader starts the goroutines, which give to took what comes to each socket, by its
// index, valid during the call. How long it was there before is not known. end ends them.
func newReader(sockets []*socket, took func(i int, datagram []byte, waited time.Duration)) (*reader, error) {
	r := &reader{sockets: sockets}
	for i, s := range sockets {
		r.ended.Go(func() { s.read(func(datagram []byte) { took(i, datagram, 0) }) })
	}
	return r, nil
}

func (s *socket) read(took func(datagram []byte)) {
	var buf [packet.MaxSize + 1]byte
	for {
		n, err := s.conn.Read(buf[:])
		switch {
		case err == nil:
			took(buf[:n])
		case errors.Is(err, net.ErrClosed):
			return
		}
	}
}

// speaks does nothing: here each socket is waited for.
func (r *reader) speaks() {}

// end closes the sockets, and waits for the goroutines. It is called once.
func (r *reader) end() {
	for _, s := range r.sockets {
		s.close()
	}
	r.ended.Wait()
}
