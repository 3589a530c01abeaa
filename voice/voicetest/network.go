package voicetest

import (
	"fmt"
	"hash/fnv"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// maxDatagram is the most that UDP over IPv4 carries.
const maxDatagram = 65507

// firstPort is where the ports that the network chooses begin.
const firstPort = 40000

// Network is an internet in memory. The zero value is ready and loses nothing.
// It starts no goroutines and asks only the time package for the time, so that
// in a testing/synctest bubble it runs on the bubble's clock; network and
// bubble must then be made together. It is safe for concurrent use.
type Network struct {
	mu     sync.Mutex
	conns  map[netip.AddrPort]*Conn
	rules  map[direction]Impairment
	models map[direction]*Model
	start  time.Time
	ports  uint16 // given out
	stats  Stats
}

// direction is from one address to another; the zero address stands for any.
type direction struct{ from, to netip.AddrPort }

// stream gives each direction dice of its own.
func (d direction) stream() uint64 {
	hash := fnv.New64a()
	hash.Write([]byte(d.from.String() + ">" + d.to.String()))
	return hash.Sum64()
}

// Impair sets what happens to the datagrams from one address to another, from
// now on. The zero [netip.AddrPort] stands for any address; the closest rule
// wins: from and to, then from, then to, then any. Each pair of addresses has
// dice of its own, made of the seed and the addresses.
func (n *Network) Impair(from, to netip.AddrPort, i Impairment) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.rules == nil {
		n.rules = make(map[direction]Impairment)
	}
	n.rules[direction{from, to}] = i
	for pair, m := range n.models {
		m.change(n.rule(pair), pair.stream())
	}
}

// Listen returns a connection at an address. An invalid address, or one with
// port 0, is completed: 10.0.0.1 and the next free port. The error, as a
// *net.OpError, has the code [voiceapp.Exists].
func (n *Network) Listen(addr netip.AddrPort) (*Conn, error) {
	return n.open(addr, netip.AddrPort{})
}

// Dial returns a connection that sends to one address and hears only that one.
// The local address is completed as by [Network.Listen].
func (n *Network) Dial(local, remote netip.AddrPort) (*Conn, error) {
	return n.open(local, remote)
}

// Stats returns what happened up to now.
func (n *Network) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.stats
}

func (n *Network) open(local, remote netip.AddrPort) (*Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conns == nil {
		n.conns = make(map[netip.AddrPort]*Conn)
		n.start = time.Now()
	}
	local = n.complete(local)
	if n.conns[local] != nil {
		err := voiceapp.NewError(voiceapp.Exists, fmt.Sprintf("the address %v is in use", local))
		return nil, &net.OpError{Op: "listen", Net: "udp", Addr: net.UDPAddrFromAddrPort(local), Err: err}
	}
	c := &Conn{network: n, local: local, remote: remote, changed: make(chan struct{})}
	n.conns[local] = c
	return c, nil
}

func (n *Network) complete(addr netip.AddrPort) netip.AddrPort {
	ip := addr.Addr()
	if !ip.IsValid() {
		ip = netip.AddrFrom4([4]byte{10, 0, 0, 1})
	}
	if addr.Port() != 0 {
		return netip.AddrPortFrom(ip, addr.Port())
	}
	for {
		n.ports++
		if addr = netip.AddrPortFrom(ip, firstPort+n.ports); n.conns[addr] == nil {
			return addr
		}
	}
}

// send decides what becomes of a datagram and hands it to its receiver.
func (n *Network) send(from, to netip.AddrPort, b []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Since(n.start)
	fate := n.model(from, to).Next(now)
	n.stats.count(fate)
	c := n.conns[to]
	for range fate.copies() {
		switch {
		case c == nil:
			n.stats.NoReceiver++
		case !c.take(n.start.Add(now+fate.Delay), datagram{from, slices.Clone(b)}):
			n.stats.Overflow++
		}
	}
}

func (n *Network) model(from, to netip.AddrPort) *Model {
	pair := direction{from, to}
	if m := n.models[pair]; m != nil {
		return m
	}
	if n.models == nil {
		n.models = make(map[direction]*Model)
	}
	m := n.rule(pair).Model(pair.stream())
	n.models[pair] = m
	return m
}

func (n *Network) rule(pair direction) Impairment {
	for _, d := range []direction{pair, {from: pair.from}, {to: pair.to}, {}} {
		if i, ok := n.rules[d]; ok {
			return i
		}
	}
	return Impairment{}
}

// remove makes the address free. What is on its way to it is lost.
func (n *Network) remove(c *Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.conns[c.local] == c {
		delete(n.conns, c.local)
	}
}
