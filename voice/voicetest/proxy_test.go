package voicetest_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/voicetest"
)

func ExampleProxy() {
	server, _ := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	defer func() { _ = server.Close() }()
	proxy := voicetest.Proxy{
		Server: server.LocalAddr().(*net.UDPAddr).AddrPort(),
		Up:     voicetest.Impairment{Seed: 1, Loss: 0.1, Delay: 5 * time.Millisecond},
	}
	if err := proxy.Start(); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = proxy.Close() }()
	client, _ := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(proxy.Addr()))
	defer func() { _ = client.Close() }()
	if _, err := client.Write([]byte("hello")); err != nil {
		fmt.Println(err)
	}
	b := make([]byte, 100)
	n, _, _ := server.ReadFromUDPAddrPort(b)
	fmt.Println(string(b[:n]))
	// Output: hello
}

const soon = 10 * time.Second // for what takes microseconds

func udp(t testing.TB) *net.UDPConn {
	t.Helper()
	c, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetReadDeadline(time.Now().Add(soon)); err != nil {
		t.Fatal(err)
	}
	return c
}

func addrOf(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

func start(t testing.TB, p *voicetest.Proxy) {
	t.Helper()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}

func sendTo(t testing.TB, c *net.UDPConn, to netip.AddrPort, s string) {
	t.Helper()
	if _, err := c.WriteToUDPAddrPort([]byte(s), to); err != nil {
		t.Fatal(err)
	}
}

func receive(t testing.TB, c *net.UDPConn) (s string, from netip.AddrPort) {
	t.Helper()
	b := make([]byte, 2000)
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n]), from
}

func TestProxyBothWays(t *testing.T) {
	server := udp(t)
	p := &voicetest.Proxy{Server: addrOf(server)}
	start(t, p)
	clients := []*net.UDPConn{udp(t), udp(t), udp(t)}
	var seen []netip.AddrPort
	for i, c := range clients {
		sendTo(t, c, p.Addr(), fmt.Sprint("up ", i))
		got, from := receive(t, server)
		if got != fmt.Sprint("up ", i) || slices.Contains(seen, from) {
			t.Fatalf("the server heard %q from %v", got, from)
		}
		seen = append(seen, from)
	}
	for i := range clients {
		sendTo(t, server, seen[i], fmt.Sprint("down ", i))
	}
	for i, c := range clients {
		if got, from := receive(t, c); got != fmt.Sprint("down ", i) || from != p.Addr() {
			t.Errorf("client %d heard %q from %v", i, got, from)
		}
	}
	if want := []netip.AddrPort{addrOf(clients[0]), addrOf(clients[1]), addrOf(clients[2])}; !slices.Equal(p.Clients(), want) {
		t.Errorf("clients %v, want %v", p.Clients(), want)
	}
	if s := p.Stats(); s.Up != (voicetest.Stats{Passed: 3}) || s.Down != (voicetest.Stats{Passed: 3}) {
		t.Errorf("%+v", s)
	}
}

// Each datagram is asked for before the next is sent, so that no buffer of the
// system can overflow, and what is lost is what the seed says.
func TestProxyLoses(t *testing.T) {
	server, client := udp(t), udp(t)
	p := &voicetest.Proxy{
		Server: addrOf(server),
		Up:     voicetest.Impairment{Seed: 1, Loss: 0.1, Duplicate: 0.1},
		Down:   voicetest.Impairment{Seed: 1, Loss: 0.3, Burst: 3},
	}
	start(t, p)
	var from netip.AddrPort
	heard := uint64(0)
	for i := range 500 {
		sendTo(t, client, p.Addr(), fmt.Sprint(i))
		up := await(t, p, func(s voicetest.ProxyStats) uint64 { return s.Up.Lost + s.Up.Passed }, i+1).Up
		for ; heard < up.Passed+up.Duplicated; heard++ {
			var got string
			if got, from = receive(t, server); got != fmt.Sprint(i) {
				t.Fatalf("datagram %d: the server heard %q", i, got)
			}
		}
	}
	if got, want := p.Stats().Up, (voicetest.Stats{Passed: 451, Lost: 49, Duplicated: 48}); got != want {
		t.Errorf("up: %+v, want %+v", got, want)
	}
	for i := range 500 {
		sendTo(t, server, from, fmt.Sprint(i))
		await(t, p, func(s voicetest.ProxyStats) uint64 { return s.Down.Lost + s.Down.Passed }, i+1)
	}
	if got, want := p.Stats().Down, (voicetest.Stats{Passed: 351, Lost: 149}); got != want {
		t.Errorf("down: %+v, want %+v", got, want)
	}
}

// await waits until a count has reached n.
func await(t *testing.T, p *voicetest.Proxy, count func(voicetest.ProxyStats) uint64, n int) voicetest.ProxyStats {
	t.Helper()
	ticker := time.NewTicker(50 * time.Microsecond)
	defer ticker.Stop()
	for begin := time.Now(); time.Since(begin) < soon; <-ticker.C {
		if s := p.Stats(); count(s) >= uint64(n) {
			return s
		}
	}
	t.Fatalf("%d did not come to pass: %+v", n, p.Stats())
	panic("unreachable")
}

func TestProxyDelaysAndReorders(t *testing.T) {
	server, client := udp(t), udp(t)
	p := &voicetest.Proxy{Server: addrOf(server), Up: voicetest.Impairment{Seed: 5, Delay: 50 * time.Millisecond, Reorder: 0.3}}
	start(t, p)
	begin := time.Now()
	var sent, got []string
	for i := range 20 {
		sent = append(sent, fmt.Sprint(i))
		sendTo(t, client, p.Addr(), sent[i])
	}
	for range sent {
		s, _ := receive(t, server)
		if time.Since(begin) < 50*time.Millisecond {
			t.Fatalf("%q arrived after %v", s, time.Since(begin))
		}
		got = append(got, s)
	}
	stats := p.Stats().Up
	if slices.Equal(sent, got) || stats.Reordered == 0 {
		t.Errorf("%v arrived in order, %+v", got, stats)
	}
}

func TestProxyRoam(t *testing.T) {
	server, client := udp(t), udp(t)
	p := &voicetest.Proxy{Server: addrOf(server)}
	start(t, p)
	if err := p.Roam(addrOf(client)); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("a client that never came: %v", err)
	}
	sendTo(t, client, p.Addr(), "at home")
	_, home := receive(t, server)
	if err := p.Roam(addrOf(client)); err != nil {
		t.Fatal(err)
	}
	sendTo(t, server, home, "lost")
	sendTo(t, client, p.Addr(), "on the road")
	got, road := receive(t, server)
	if got != "on the road" || road == home {
		t.Errorf("%q from %v, before that from %v", got, road, home)
	}
	sendTo(t, server, road, "found")
	if got, _ = receive(t, client); got != "found" {
		t.Errorf("the client heard %q", got)
	}
}

func TestProxyImpair(t *testing.T) {
	server, client := udp(t), udp(t)
	p := &voicetest.Proxy{Server: addrOf(server)}
	start(t, p)
	sendTo(t, client, p.Addr(), "1")
	receive(t, server)
	p.Impair(voicetest.Impairment{Loss: 1}, voicetest.Impairment{})
	sendTo(t, client, p.Addr(), "2")
	await(t, p, func(s voicetest.ProxyStats) uint64 { return s.Up.Lost }, 1)
	p.Impair(voicetest.Impairment{}, voicetest.Impairment{})
	sendTo(t, client, p.Addr(), "3")
	if got, _ := receive(t, server); got != "3" {
		t.Errorf("the server heard %q", got)
	}
}

// A server that is not there yet refuses by ICMP; nothing may end because of it.
func TestProxySurvivesRefusals(t *testing.T) {
	server, client := udp(t), udp(t)
	addr := addrOf(server)
	_ = server.Close()
	p := &voicetest.Proxy{Server: addr}
	start(t, p)
	for i := range 20 {
		sendTo(t, client, p.Addr(), "is somebody there?")
		await(t, p, func(s voicetest.ProxyStats) uint64 { return s.Up.Passed }, i+1)
	}
	server, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		t.Skip("the port was taken meanwhile:", err)
	}
	t.Cleanup(func() { _ = server.Close() })
	if err := server.SetReadDeadline(time.Now().Add(soon)); err != nil {
		t.Fatal(err)
	}
	// One datagram can still meet the last refusal.
	sendTo(t, client, p.Addr(), "hello")
	sendTo(t, client, p.Addr(), "hello")
	got, from := receive(t, server)
	for got != "hello" { // what was sent before may come first
		got, from = receive(t, server)
	}
	sendTo(t, server, from, "here I am")
	if got, _ = receive(t, client); got != "here I am" {
		t.Errorf("the client heard %q", got)
	}
}

func TestProxyStreams(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := &voicetest.Proxy{Server: listener.Addr().(*net.TCPAddr).AddrPort(), Up: voicetest.Impairment{Loss: 1}}
	start(t, p)
	done := make(chan error, 1)
	go func() { done <- shout(listener) }()
	c, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(p.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write([]byte(strings.Repeat("hear me\n", 10000))); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil { // the other way must stay open
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil || string(got) != strings.Repeat("HEAR ME\n", 10000) {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A server that has said all it has to say still listens.
func TestProxyStreamsServerEndsFirst(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	p := &voicetest.Proxy{Server: listener.Addr().(*net.TCPAddr).AddrPort()}
	start(t, p)
	c, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(p.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = accepted.Close() }()
	if err := accepted.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(c); len(got) > 0 || err != nil {
		t.Fatalf("%q, %v; want the end", got, err)
	}
	if _, err := c.Write([]byte("and yet")); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(accepted); string(got) != "and yet" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// shout answers one connection, once all of it was heard.
func shout(listener net.Listener) error {
	c, err := listener.Accept()
	if err != nil {
		return err
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	if err != nil {
		return err
	}
	_, err = c.Write([]byte(strings.ToUpper(string(b))))
	return err
}

func TestProxyClose(t *testing.T) {
	server, client := udp(t), udp(t)
	p := &voicetest.Proxy{Server: addrOf(server), Up: voicetest.Impairment{Delay: time.Hour}}
	if err := p.Close(); err != nil {
		t.Errorf("never started: %v", err)
	}
	p = &voicetest.Proxy{Server: addrOf(server), Up: voicetest.Impairment{Delay: time.Hour}}
	start(t, p)
	if err := p.Start(); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("started twice: %v", err)
	}
	sendTo(t, client, p.Addr(), "too late")
	await(t, p, func(s voicetest.ProxyStats) uint64 { return s.Up.Passed }, 1)
	stuck, err := net.Dial("tcp", p.Addr().String()) // the server takes no TCP
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := p.Roam(addrOf(client)); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("roaming after Close: %v", err)
	}
}

func TestProxyManyClients(t *testing.T) {
	server := udp(t)
	p := &voicetest.Proxy{Server: addrOf(server)}
	start(t, p)
	first := udp(t)
	sendTo(t, first, p.Addr(), "first")
	receive(t, server)
	for range 256 {
		sendTo(t, udp(t), p.Addr(), "x")
		receive(t, server)
	}
	if n := len(p.Clients()); n != 256 || slices.Contains(p.Clients(), addrOf(first)) {
		t.Errorf("%d clients, the silent first among them: %v", n, slices.Contains(p.Clients(), addrOf(first)))
	}
}
