package load

import (
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// bareGap is between two rounds of a bare loop, for the receivers to empty their
// queues, as in what it is measured beside.
const bareGap = 200 * time.Microsecond

// Bare is the least that a relay can do: the same datagram to many sockets, in as
// few system calls as hold them, on Linux, without a look at anything and without
// encryption. What it costs is the machine's own price for a datagram. Make one with
// [NewBare]. It is for one goroutine, but Received.
type Bare struct {
	conn     *net.UDPConn
	bursts   []*burst
	sockets  []*socket
	count    int
	received atomic.Uint64
	reader   *reader
}

// BareCost is what a bare loop has measured.
type BareCost struct {
	CPU   time.Duration // of the sending thread for each datagram, by the operating system's account
	Round time.Duration // from the first system call until the last datagram of a round was with the kernel; the median
}

// NewBare opens sockets on 127.0.0.1 for so many receivers of datagrams of size
// bytes, and starts to read. The errors are
// [voiceapp.Invalid] and [voiceapp.Unavailable].
func NewBare(receivers, size int) (*Bare, error) {
	if receivers < 1 || size < 1 || size > 1<<15 {
		return nil, invalid("%d receivers of %d bytes", receivers, size)
	}
	b := &Bare{count: receivers}
	if err := b.open(size); err != nil {
		b.Close()
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "load: there is no socket for each receiver", err)
	}
	return b, nil
}

func (b *Bare) open(size int) (err error) {
	local := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	if b.conn, err = net.ListenUDP("udp4", local); err != nil {
		return err
	}
	var to []netip.AddrPort
	for range b.count {
		s, err := net.ListenUDP("udp4", local)
		if err != nil {
			return err
		}
		to = append(to, s.LocalAddr().(*net.UDPAddr).AddrPort())
		detached, err := detach(s)
		if err != nil {
			return err
		}
		b.sockets = append(b.sockets, detached)
	}
	data := make([]byte, size)
	for some := range slices.Chunk(to, burstSize) {
		burst, err := newBurst(b.conn, slices.Repeat([][]byte{data}, len(some)), some)
		if err != nil {
			return err
		}
		b.bursts = append(b.bursts, burst)
	}
	b.reader, err = newReader(b.sockets, func(int, []byte, time.Duration) { b.received.Add(1) })
	return err
}

// Received is how many datagrams have come.
func (b *Bare) Received() uint64 { return b.received.Load() }

// Run sends so many rounds, from any CPU, or from the one that [Apart] gave to a server;
// below 0 it is any. The error is [voiceapp.Unavailable] on systems other than Linux.
func (b *Bare) Run(rounds, cpu int) (BareCost, error) {
	took := make([]time.Duration, 0, rounds)
	used, err := threadCPU(func() {
		onCPU(cpu, func() {
			for range rounds {
				begun := time.Now()
				for _, some := range b.bursts {
					some.send()
				}
				took = append(took, time.Since(begun))
				sleep(bareGap)
			}
		})
	})
	if err != nil {
		return BareCost{}, err
	}
	slices.Sort(took)
	return BareCost{CPU: used / time.Duration(rounds*b.count), Round: took[rounds/2]}, nil
}

// Close closes the sockets and waits for what reads. Calling it again does nothing.
func (b *Bare) Close() {
	if b.conn != nil {
		_ = b.conn.Close()
	}
	if b.reader != nil {
		b.reader.end()
		b.reader = nil
	}
	for _, s := range b.sockets {
		s.close()
	}
	b.sockets = nil
}
