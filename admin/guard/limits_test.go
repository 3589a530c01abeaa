package guard_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

// memory is a listener whose connections are in memory, from any address.
type memory struct {
	conns chan net.Conn
	done  chan struct{}
}

type memoryConn struct {
	net.Conn
	peer net.Addr
}

var here = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7789}

func (c *memoryConn) LocalAddr() net.Addr  { return here }
func (c *memoryConn) RemoteAddr() net.Addr { return c.peer }

func newMemory() *memory { return &memory{make(chan net.Conn), make(chan struct{})} }

func (m *memory) Addr() net.Addr { return here }

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	close(m.done)
	return nil
}

// dial connects from an address.
func (m *memory) dial(from string) net.Conn {
	client, server := net.Pipe()
	m.conns <- &memoryConn{server, &net.TCPAddr{IP: net.ParseIP(from), Port: 40000}}
	return client
}

// open is a guard on a listener in memory.
func open(t *testing.T, limits guard.Limits, handler http.Handler) *memory {
	t.Helper()
	g := newGuard(t, guard.Config{Limits: limits})
	inner := newMemory()
	l, err := g.Protect(inner)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, g, l, handler)
	return inner
}

// alive reports whether a connection is answered.
func alive(c net.Conn) bool {
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		return false
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err == nil
}

func TestConnectionsOfASourceAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := open(t, guard.Limits{ConnectionsPerSource: 2}, whoAsks)
		for _, pair := range [][2]string{{"192.0.2.1", "192.0.2.1"}, {"2001:db8::1", "2001:db8::ffff"}} {
			first, second, third := m.dial(pair[0]), m.dial(pair[1]), m.dial(pair[1])
			if !alive(first) || !alive(second) || alive(third) {
				t.Errorf("%v: two of three have to be answered", pair)
			}
			first.Close()
			synctest.Wait()
			fourth := m.dial(pair[1])
			if !alive(fourth) {
				t.Errorf("%v: one that left still counts", pair)
			}
			second.Close()
			fourth.Close()
		}
		other := m.dial("2001:db8:0:1::1")
		if !alive(other) {
			t.Error("another network is bounded with it")
		}
		other.Close()
		for range 10 {
			c := m.dial("127.0.0.1")
			defer c.Close()
			if !alive(c) {
				t.Error("this machine is bounded")
			}
		}
	})
}

func TestConnectionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := open(t, guard.Limits{Connections: 20}, whoAsks)
		for i := range 25 {
			c := m.dial(fmt.Sprintf("192.0.2.%d", i))
			defer c.Close()
			if got := alive(c); got != (i < 20) {
				t.Errorf("connection %d: answered %v", i, got)
			}
		}
		for i := range 70 {
			c := m.dial("127.0.0.1")
			defer c.Close()
			if got := alive(c); got != (i < 64) {
				t.Errorf("connection %d of this machine: answered %v", i, got)
			}
		}
	})
}

// ended waits until the other side closes, and returns how long that took.
func ended(c net.Conn, start time.Time) time.Duration {
	_, _ = io.Copy(io.Discard, c)
	return time.Since(start)
}

func TestASlowHeaderEndsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, guard.Limits{}, whoAsks).dial("192.0.2.1")
		start := time.Now()
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHo"); err != nil {
			t.Fatal(err)
		}
		if took := ended(c, start); took != guard.HeaderTime {
			t.Errorf("it took %v", took)
		}
	})
}

func TestASlowBodyEndsTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, guard.Limits{}, echo).dial("192.0.2.1")
		start := time.Now()
		if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
		if took := ended(c, start); took != 15*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestALongAnswerToABodyGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cut error
		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			select {
			case <-time.After(5 * time.Minute):
			case <-r.Context().Done():
				cut = r.Context().Err()
			}
			_, _ = io.WriteString(w, "done")
		})
		c := open(t, guard.Limits{}, slow).dial("192.0.2.1")
		defer c.Close()
		if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
			t.Fatal(err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || answer.StatusCode != 200 || cut != nil {
			t.Errorf("%v, %v, %v", answer, err, cut)
		}
	})
}

// events writes one each second until nobody takes them.
func events(ended chan<- error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		for {
			if _, err := io.WriteString(w, "data: "+strings.Repeat("x", 100)+"\n\n"); err != nil {
				ended <- err
				return
			}
			if err := control.Flush(); err != nil {
				ended <- err
				return
			}
			select {
			case <-time.After(time.Second):
			case <-r.Context().Done():
				ended <- r.Context().Err()
				return
			}
		}
	})
}

func TestAStreamGoesOnWhileItIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan error, 1)
		c := open(t, guard.Limits{}, events(end)).dial("192.0.2.1")
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(c)
		for start := time.Now(); time.Since(start) < time.Hour; {
			if !lines.Scan() {
				t.Fatalf("the stream ended after %v: %v", time.Since(start), lines.Err())
			}
		}
		start := time.Now()
		err := <-end
		if kept := time.Since(start); err == nil || kept < 30*time.Second || kept > 31*time.Second {
			t.Errorf("who reads no more was kept for %v: %v", kept, err)
		}
		c.Close()
	})
}
