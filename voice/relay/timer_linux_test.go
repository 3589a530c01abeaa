//go:build !nobatch

package relay

import (
	"errors"
	"net"
	"testing"
	"time"
)

// inTime is a socket that can wait, and one that writes to it.
func inTime(t *testing.T) (s *socket, from *net.UDPConn) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if s, err = newSocket(conn, -1); err != nil {
		t.Fatal(err)
	}
	if err = s.listen(); err != nil {
		t.Fatal(err)
	}
	if from, err = net.DialUDP("udp4", nil, conn.LocalAddr().(*net.UDPAddr)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close() // a test may have done so
		if err := errors.Join(from.Close(), s.close()); err != nil {
			t.Error(err)
		}
	})
	return s, from
}

// Who waits for so long does, whatever was waited for before, and not when something comes.
func TestReceiveInTime(t *testing.T) {
	s, from := inTime(t)
	for _, d := range []time.Duration{0, 30 * time.Millisecond, 5 * time.Millisecond, 100 * time.Microsecond, time.Nanosecond, 2 * time.Millisecond} {
		began := time.Now()
		if in, err := s.receive(d); len(in) != 0 || err != nil || time.Since(began) < d {
			t.Errorf("a wait of %v: %d datagrams after %v, %v", d, len(in), time.Since(began), err)
		}
	}
	const word = "here"
	send := func() {
		if _, err := from.Write([]byte(word)); err != nil {
			t.Error(err)
		}
	}
	s.timer.until = s.timer.until.Add(-talkWindow) // as if that had been long ago
	send()
	if in, err := s.receive(-1); len(in) != 1 || err != nil || s.timer.wants != 0 {
		t.Errorf("a wait without an end: %d datagrams, %v; what comes is told twice: %v", len(in), err, s.timer.wants != 0)
	}
	for _, when := range []string{"before", "meanwhile"} {
		for range 50 {
			if when == "before" {
				send()
			} else {
				time.AfterFunc(200*time.Microsecond, send)
			}
			began := time.Now()
			in, err := s.receive(time.Minute)
			if len(in) != 1 || err != nil || string(in[0].data) != word || time.Since(began) > patience {
				t.Fatalf("what comes %s: %d datagrams after %v, %v", when, len(in), time.Since(began), err)
			}
			if in, err := s.receive(50 * time.Microsecond); len(in) != 0 || err != nil {
				t.Fatalf("then: %d datagrams, %v", len(in), err)
			}
		}
	}
	if err := s.conn.Close(); err != nil {
		t.Fatal(err)
	}
	if in, err := s.receive(time.Millisecond); len(in) != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("after the end: %d datagrams, %v", len(in), err)
	}
}
