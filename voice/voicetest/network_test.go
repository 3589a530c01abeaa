package voicetest_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

var (
	_ net.PacketConn = (*voicetest.Conn)(nil)
	_ net.Conn       = (*voicetest.Conn)(nil)

	serverAddr = netip.MustParseAddrPort("192.0.2.1:7788")
)

func ExampleNetwork() {
	var n voicetest.Network
	n.Impair(netip.AddrPort{}, netip.AddrPort{}, voicetest.Impairment{Delay: time.Millisecond})
	server, _ := n.Listen(netip.MustParseAddrPort("192.0.2.1:7788"))
	client, _ := n.Dial(netip.AddrPort{}, server.AddrPort())
	if _, err := client.Write([]byte("hello")); err != nil {
		fmt.Println(err)
	}
	b := make([]byte, 100)
	size, from, err := server.ReadFrom(b)
	fmt.Println(string(b[:size]), from, err)
	// Output: hello 10.0.0.1:40001 <nil>
}

func listen(t testing.TB, n *voicetest.Network, addr netip.AddrPort) *voicetest.Conn {
	t.Helper()
	c, err := n.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func dial(t testing.TB, n *voicetest.Network, remote netip.AddrPort) *voicetest.Conn {
	t.Helper()
	c, err := n.Dial(netip.AddrPort{}, remote)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// read returns the next datagram, or "" after a second without one.
func read(t testing.TB, c *voicetest.Conn) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 2000)
	n, err := c.Read(b)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	return string(b[:n])
}

func write(t testing.TB, c *voicetest.Conn, s string) {
	t.Helper()
	if _, err := c.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
}

func TestNetworkDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n voicetest.Network
		server, client := listen(t, &n, serverAddr), dial(t, &n, serverAddr)
		n.Impair(client.AddrPort(), serverAddr, voicetest.Impairment{Delay: 70 * time.Millisecond})
		start := time.Now()
		write(t, client, "one way")
		if got := read(t, server); got != "one way" || time.Since(start) != 70*time.Millisecond {
			t.Errorf("%q after %v", got, time.Since(start))
		}
		start = time.Now()
		if _, err := server.WriteTo([]byte("back"), client.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		if got := read(t, client); got != "back" || time.Since(start) != 0 {
			t.Errorf("the way back, which is not impaired: %q after %v", got, time.Since(start))
		}
	})
}

func TestNetworkRules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n voicetest.Network
		var anyone netip.AddrPort
		other := netip.MustParseAddrPort("192.0.2.2:7788")
		server, second := listen(t, &n, serverAddr), listen(t, &n, other)
		a, b := listen(t, &n, anyone), listen(t, &n, anyone)
		after := func(d time.Duration) voicetest.Impairment { return voicetest.Impairment{Delay: d} }
		n.Impair(anyone, anyone, after(1))
		n.Impair(anyone, serverAddr, after(2))
		n.Impair(a.AddrPort(), anyone, after(3))
		n.Impair(a.AddrPort(), serverAddr, after(4))
		n.Impair(other, anyone, after(5))
		for _, test := range []struct {
			from, to *voicetest.Conn
			want     time.Duration
		}{
			{a, server, 4}, {a, second, 3}, {b, server, 2}, {b, second, 1}, {server, second, 1}, {second, server, 5},
		} {
			start := time.Now()
			if _, err := test.from.WriteToUDPAddrPort([]byte("x"), test.to.AddrPort()); err != nil {
				t.Fatal(err)
			}
			if read(t, test.to) != "x" || time.Since(start) != test.want {
				t.Errorf("%v to %v took %v, want %v", test.from.AddrPort(), test.to.AddrPort(), time.Since(start), test.want)
			}
		}
	})
}

// A change while datagrams are on their way lets none of them overtake another.
func TestNetworkChangedOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n voicetest.Network
		server, client := listen(t, &n, serverAddr), dial(t, &n, serverAddr)
		n.Impair(client.AddrPort(), serverAddr, voicetest.Impairment{Delay: time.Second / 2})
		write(t, client, "first")
		n.Impair(client.AddrPort(), serverAddr, voicetest.Impairment{})
		write(t, client, "second")
		if got := []string{read(t, server), read(t, server)}; !slices.Equal(got, []string{"first", "second"}) {
			t.Errorf("arrived: %q", got)
		}
	})
}

func TestNetworkImpaired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := func() ([]string, voicetest.Stats) {
			var n voicetest.Network
			n.Impair(netip.AddrPort{}, netip.AddrPort{}, voicetest.Impairment{
				Seed: 1, Loss: 0.1, Delay: 20 * time.Millisecond, Reorder: 0.05, Duplicate: 0.02,
			})
			server, client := listen(t, &n, serverAddr), dial(t, &n, serverAddr)
			var got []string
			var wg sync.WaitGroup
			wg.Go(func() {
				for s := read(t, server); s != ""; s = read(t, server) {
					got = append(got, s)
				}
			})
			ticker := time.NewTicker(20 * time.Millisecond)
			defer ticker.Stop()
			for i := range 1000 {
				write(t, client, fmt.Sprintf("%04d", i))
				<-ticker.C
			}
			wg.Wait()
			return got, n.Stats()
		}
		got, stats := run()
		want := voicetest.Stats{Passed: 905, Lost: 95, Duplicated: 16, Reordered: 45}
		if stats != want || len(got) != 921 {
			t.Errorf("%d arrived, %+v, want %+v", len(got), stats, want)
		}
		if slices.IsSorted(got) {
			t.Error("nothing was overtaken")
		}
		if again, _ := run(); !slices.Equal(got, again) {
			t.Error("the same seed did something else")
		}
	})
}

func TestNetworkListenersLoseTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n voicetest.Network
		n.Impair(serverAddr, netip.AddrPort{}, voicetest.Impairment{Seed: 1, Loss: 0.5})
		server := listen(t, &n, serverAddr)
		var heard [2]string
		for i := range heard {
			client := dial(t, &n, serverAddr)
			for c := 'a'; c <= 'z'; c++ {
				if _, err := server.WriteToUDPAddrPort([]byte{byte(c)}, client.AddrPort()); err != nil {
					t.Fatal(err)
				}
			}
			for s := read(t, client); s != ""; s = read(t, client) {
				heard[i] += s
			}
		}
		if heard[0] == heard[1] {
			t.Errorf("both heard %q", heard[0])
		}
	})
}

func TestNetworkKeepsTheOrderOfOneInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n voicetest.Network
		server, client := listen(t, &n, serverAddr), dial(t, &n, serverAddr)
		n.Impair(netip.AddrPort{}, netip.AddrPort{}, voicetest.Impairment{Delay: time.Millisecond})
		for i := range 100 {
			write(t, client, fmt.Sprint(i))
		}
		for i := range 100 {
			if got := read(t, server); got != fmt.Sprint(i) {
				t.Fatalf("%q arrived in place %d", got, i)
			}
		}
	})
}

func TestConnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n voicetest.Network
		server := listen(t, &n, serverAddr)
		start := time.Now()
		if got := read(t, server); got != "" || time.Since(start) != time.Second {
			t.Errorf("%q after %v, want nothing after a second", got, time.Since(start))
		}
		if _, err := server.Read(nil); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a deadline in the past: %v", err)
		}
		var timeout net.Error
		if _, err := server.Read(nil); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("not a timeout: %v", err)
		}
		if err := server.SetDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() {
			_, err := server.Read(nil)
			done <- err
		}()
		synctest.Wait()
		if err := server.SetReadDeadline(time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a deadline set during a read: %v", err)
		}
	})
}

func TestConnClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n voicetest.Network
		server, client := listen(t, &n, serverAddr), dial(t, &n, serverAddr)
		done := make(chan error)
		for range 3 {
			go func() {
				_, _, err := server.ReadFrom(make([]byte, 10))
				done <- err
			}()
		}
		synctest.Wait()
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := <-done; !errors.Is(err, net.ErrClosed) {
				t.Errorf("a read that waited: %v", err)
			}
		}
		for name, err := range map[string]error{
			"close":    server.Close(),
			"deadline": server.SetReadDeadline(time.Time{}),
			"write":    second(server.WriteToUDPAddrPort(nil, client.AddrPort())),
		} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s after Close: %v", name, err)
			}
		}
		write(t, client, "nobody is there")
		if n.Stats().NoReceiver != 1 {
			t.Errorf("%+v", n.Stats())
		}
		server = listen(t, &n, serverAddr)
		write(t, client, "again")
		if got := read(t, server); got != "again" {
			t.Errorf("after another Listen: %q", got)
		}
	})
}

func second(_ int, err error) error { return err }

func TestConnRefuses(t *testing.T) {
	var n voicetest.Network
	server, client := listen(t, &n, serverAddr), dial(t, &n, serverAddr)
	stranger := listen(t, &n, netip.AddrPort{})
	if _, err := n.Listen(serverAddr); !errors.Is(err, voiceapp.Exists) {
		t.Errorf("listening twice: %v", err)
	}
	for name, test := range map[string]struct{ got, want error }{
		"write, not dialled": {second(server.Write(nil)), syscall.EDESTADDRREQ},
		"write to, dialled":  {second(client.WriteToUDPAddrPort(nil, serverAddr)), net.ErrWriteToConnected},
		"not UDP":            {second(server.WriteTo(nil, &net.TCPAddr{})), syscall.EINVAL},
		"too large":          {second(client.Write(make([]byte, 65508))), syscall.EMSGSIZE},
	} {
		if !errors.Is(test.got, test.want) {
			t.Errorf("%s: %v, want %v", name, test.got, test.want)
		}
	}
	if _, err := stranger.WriteToUDPAddrPort([]byte("psst"), client.AddrPort()); err != nil {
		t.Fatal(err)
	}
	if _, err := server.WriteTo([]byte("hello"), client.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, client); got != "hello" {
		t.Errorf("a dialled connection heard %q", got)
	}
}

func TestConnTruncatesAndTakesEmptyDatagrams(t *testing.T) {
	var n voicetest.Network
	server, client := listen(t, &n, serverAddr), dial(t, &n, serverAddr)
	write(t, client, "")
	write(t, client, "abcdef")
	write(t, client, "x")
	b := make([]byte, 3)
	for _, want := range []string{"", "abc", "x"} {
		size, from, err := server.ReadFromUDPAddrPort(b)
		if err != nil || string(b[:size]) != want || from != client.AddrPort() {
			t.Errorf("%q from %v, %v; want %q", b[:size], from, err, want)
		}
	}
}

func TestConnMappedAddress(t *testing.T) {
	var n voicetest.Network
	server, client := listen(t, &n, serverAddr), listen(t, &n, netip.AddrPort{})
	mapped := &net.UDPAddr{IP: serverAddr.Addr().AsSlice(), Port: int(serverAddr.Port())}
	mapped.IP = mapped.IP.To16()
	if _, err := client.WriteTo([]byte("x"), mapped); err != nil {
		t.Fatal(err)
	}
	if got := read(t, server); got != "x" {
		t.Errorf("sent to %v, arrived: %q", mapped, got)
	}
}

func TestConnOverflow(t *testing.T) {
	var n voicetest.Network
	listen(t, &n, serverAddr)
	client := dial(t, &n, serverAddr)
	for range 20000 {
		write(t, client, "x")
	}
	if got := n.Stats().Overflow; got != 20000-16384 {
		t.Errorf("%d dropped of 20000", got)
	}
}
