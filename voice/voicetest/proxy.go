package voicetest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// maxClients is how many clients a [Proxy] serves; another takes the place of
// the one that was silent for longest.
const maxClients = 256

// Proxy is a bad network between real UDP sockets: clients send to its address,
// and it passes on what they send to the server, from a socket for each client,
// and back. On the same port it passes on TCP, unimpaired, so that a client whose
// voice goes where its control went needs no other address.
//
// Fill in Server and what else is wanted, call [Proxy.Start], and Close it in the
// end. All methods are safe for concurrent use.
type Proxy struct {
	// Server is where the server listens.
	Server netip.AddrPort

	// Listen is where the proxy listens; zero is a free port of 127.0.0.1.
	Listen netip.AddrPort

	// Up is what happens to datagrams to the server, Down to those from it.
	// Later changes are made by [Proxy.Impair]. Each client has dice of its own,
	// by the order in which they came.
	Up, Down Impairment

	socket  *net.UDPConn
	streams *streams
	delayed *delayed
	addr    netip.AddrPort
	start   time.Time
	running sync.WaitGroup

	mu      sync.Mutex
	up      way
	down    way
	clients map[netip.AddrPort]*proxied
	seen    uint64 // clients so far
	closed  bool
}

// way is one direction.
type way struct {
	impairment Impairment
	stats      Stats
}

// proxied is a client of a proxy. Its fields are guarded by the proxy's mutex.
type proxied struct {
	addr     netip.AddrPort // immutable
	socket   *net.UDPConn   // to the server
	up, down *Model
	number   uint64 // immutable
	heard    time.Duration
}

// ProxyStats counts what a [Proxy] did to datagrams, each way. It is a snapshot.
type ProxyStats struct{ Up, Down Stats }

// Start listens and begins to pass on. The errors are those of the sockets, and
// [voiceapp.Conflict] when it was started before.
func (p *Proxy) Start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clients != nil {
		return voiceapp.NewError(voiceapp.Conflict, "the proxy was started before")
	}
	if err := p.listen(); err != nil {
		return err
	}
	p.start = time.Now()
	p.up.impairment, p.down.impairment = p.Up, p.Down
	p.clients = make(map[netip.AddrPort]*proxied)
	p.delayed = newDelayed()
	p.running.Go(p.delayed.run)
	p.running.Go(p.readClients)
	p.running.Go(p.streams.accept)
	return nil
}

// listen finds a port that is free for UDP and for TCP.
func (p *Proxy) listen() error {
	want := p.Listen
	if !want.IsValid() {
		want = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
	}
	var err error
	for range 10 {
		if p.socket, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(want)); err != nil {
			return fmt.Errorf("proxy: %w", err)
		}
		p.addr = p.socket.LocalAddr().(*net.UDPAddr).AddrPort()
		if p.streams, err = listenStreams(p.addr, p.Server); err == nil {
			return nil
		}
		_ = p.socket.Close() // nothing was sent
	}
	return fmt.Errorf("proxy: %w", err)
}

// Addr returns where clients are to send, after [Proxy.Start].
func (p *Proxy) Addr() netip.AddrPort { return p.addr }

// Impair changes what happens to datagrams from now on.
func (p *Proxy) Impair(up, down Impairment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.up.impairment, p.down.impairment = up, down
	for _, c := range p.clients {
		c.up.change(up, 2*c.number)
		c.down.change(down, 2*c.number+1)
	}
}

// Stats returns what happened up to now.
func (p *Proxy) Stats() ProxyStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return ProxyStats{Up: p.up.stats, Down: p.down.stats}
}

// Clients returns the addresses of the clients, first come first.
func (p *Proxy) Clients() []netip.AddrPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	clients := slices.SortedFunc(maps.Values(p.clients), func(a, b *proxied) int { return cmp.Compare(a.number, b.number) })
	addrs := make([]netip.AddrPort, len(clients))
	for i, c := range clients {
		addrs[i] = c.addr
	}
	return addrs
}

// Roam gives a client another address, as the server sees it: a new source port.
// What the server sends to the old one is lost. The errors are those of the
// socket, and [voiceapp.NotFound].
func (p *Proxy) Roam(client netip.AddrPort) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.clients[client]
	if c == nil || p.closed {
		return voiceapp.NewError(voiceapp.NotFound, fmt.Sprintf("the proxy has no client %v", client))
	}
	old := c.socket
	if err := p.connect(c); err != nil {
		return err
	}
	_ = old.Close() // its reader ends; there is nothing else to lose
	return nil
}

// Close ends everything and waits for it. What is delayed is lost. A second Close
// does nothing.
func (p *Proxy) Close() error {
	p.mu.Lock()
	started := p.clients != nil && !p.closed
	if started {
		p.closed = true
		_ = p.socket.Close()
		for _, c := range p.clients {
			_ = c.socket.Close()
		}
		p.streams.close()
		p.delayed.close()
	}
	p.mu.Unlock()
	p.running.Wait()
	return nil
}

// connect opens a client's socket to the server and reads from it. The mutex is
// held.
func (p *Proxy) connect(c *proxied) error {
	socket, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(p.Server))
	if err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	c.socket = socket
	p.running.Go(func() { p.readServer(c, socket) })
	return nil
}

// readClients passes on what clients send, until the socket is closed.
func (p *Proxy) readClients() {
	buffer := make([]byte, maxDatagram)
	for {
		n, from, err := p.socket.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err == nil:
			p.sendUp(netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), buffer[:n])
		}
	}
}

// readServer passes on what the server sends to one client, until its socket is
// closed. Other errors tell that the server was not there for a moment.
func (p *Proxy) readServer(c *proxied, socket *net.UDPConn) {
	buffer := make([]byte, maxDatagram)
	for {
		n, err := socket.Read(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err == nil:
			p.sendDown(c, buffer[:n])
		}
	}
}

func (p *Proxy) sendUp(from netip.AddrPort, b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.client(from); c != nil {
		p.pass(c.up, &p.up.stats, b, func(b []byte) { p.toServer(c, b) })
	}
}

func (p *Proxy) sendDown(c *proxied, b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pass(c.down, &p.down.stats, b, func(b []byte) {
		_, _ = p.socket.WriteToUDPAddrPort(b, c.addr) // as with any datagram, nobody asks
	})
}

// toServer sends from the address that the client has now.
func (p *Proxy) toServer(c *proxied, b []byte) {
	p.mu.Lock()
	socket := c.socket
	p.mu.Unlock()
	_, _ = socket.Write(b) // as with any datagram, nobody asks
}

// pass decides what becomes of a datagram. The mutex is held.
func (p *Proxy) pass(model *Model, stats *Stats, b []byte, send func([]byte)) {
	now := time.Since(p.start)
	fate := model.Next(now)
	stats.count(fate)
	b = slices.Clone(b)
	for range fate.copies() {
		if !p.delayed.add(p.start.Add(now+fate.Delay), func() { send(b) }) {
			stats.Overflow++
		}
	}
}

// client returns the client with an address, a new one if need be, or nil when
// that fails. The mutex is held.
func (p *Proxy) client(addr netip.AddrPort) *proxied {
	now := time.Since(p.start)
	if c := p.clients[addr]; c != nil {
		c.heard = now
		return c
	}
	if p.closed {
		return nil
	}
	if len(p.clients) >= maxClients {
		p.dropSilent()
	}
	c := &proxied{addr: addr, number: p.seen, heard: now}
	c.up, c.down = p.up.impairment.Model(2*c.number), p.down.impairment.Model(2*c.number+1)
	if p.connect(c) != nil {
		return nil // no socket left: the datagram is lost
	}
	p.seen++
	p.clients[addr] = c
	return c
}

// dropSilent forgets the client that was silent for longest. The mutex is held.
func (p *Proxy) dropSilent() {
	silent := slices.MinFunc(slices.Collect(maps.Values(p.clients)), func(a, b *proxied) int {
		return cmp.Compare(a.heard, b.heard)
	})
	_ = silent.socket.Close() // its reader ends
	delete(p.clients, silent.addr)
}
