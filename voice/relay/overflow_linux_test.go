package relay

import (
	"errors"
	"log/slog"
	"net"
	"testing"
)

// The kernel has room for a few datagrams: what it drops is counted once, however
// many loops serve the socket, and after Close as well.
func TestOverflowIsCounted(t *testing.T) {
	conn := listen(t, "udp4", "127.0.0.1:0")
	if err := conn.SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	const datagrams = 500
	client := dial(t, conn.LocalAddr().(*net.UDPAddr).AddrPort())
	for range datagrams {
		if _, err := client.Write(make([]byte, 200)); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.SetReadBuffer(1 << 20); err != nil { // room for what comes now
		t.Fatal(err)
	}
	r := New(Config{Logger: slog.New(slog.DiscardHandler), SocketBuffer: -1})
	const loops = 2
	ended := make(chan error, loops)
	for range loops {
		go func() { ended <- r.Serve(conn) }()
	}
	s := server{r, conn.LocalAddr().(*net.UDPAddr).AddrPort()}
	s.join(t, 1, lobby) // by one probe: all that waited is through
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for range loops {
		if err := <-ended; !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
	after := r.Stats()
	if after.Dropped.Overflow < datagrams/2 || after.Dropped.Overflow+after.Received != datagrams+1 {
		t.Errorf("after Close: %d dropped and %d received, of %d", after.Dropped.Overflow, after.Received, datagrams+1)
	}
	if got := r.metrics()["voiceapp_voice_dropped_total/overflow"].Value; got != float64(after.Dropped.Overflow) {
		t.Errorf("the metric says %v, Stats %d", got, after.Dropped.Overflow)
	}
}
