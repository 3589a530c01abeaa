package load

import (
	"net"
	"testing"
	"time"
)

// A look takes all that has come to each socket: one datagram of each would be fewer than
// come where many talk.
func TestReaderTakesAllThatHasCome(t *testing.T) {
	const each = 40
	var sockets []*socket
	for range 3 {
		conn := listen(t)
		to, err := net.DialUDP("udp4", nil, conn.LocalAddr().(*net.UDPAddr))
		if err != nil {
			t.Fatal(err)
		}
		for i := range byte(each) {
			if _, err := to.Write([]byte{i}); err != nil {
				t.Fatal(err)
			}
		}
		if err := to.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := detach(conn)
		if err != nil {
			t.Fatal(err)
		}
		defer s.close()
		sockets = append(sockets, s)
	}
	var took [3][]byte
	r, err := openReader(sockets, func(i int, datagram []byte, _ time.Duration) { took[i] = append(took[i], datagram...) })
	if err != nil {
		t.Fatal(err)
	}
	r.look()
	go r.run()
	r.end()
	for i := range took {
		if len(took[i]) != each {
			t.Errorf("of socket %d it took %d datagrams, want %d", i, len(took[i]), each)
		}
	}
}
