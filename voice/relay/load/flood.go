package load

import (
	"crypto/rand"
	"encoding/binary"
	"net"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

const (
	floodTurn = time.Millisecond     // how often the flood goes on
	floodLag  = 5 * time.Millisecond // what it is behind by more than that, it leaves out: a flood is no burst
)

// flood sends what no relay should take: equal shares of random bytes, of a session's
// number before a wrong tag, of a datagram that has been there, and of one that is
// too long. It comes from a socket of its own.
type flood struct {
	conn  *net.UDPConn
	kinds *burst
	rate  int
	done  chan struct{}
	ended sync.WaitGroup
	sent  uint64        // belongs to run until that has ended, as the next
	took  time.Duration // in all
}

// startFlood starts one where the rate is not 0.
func (g *group) startFlood(rate int) error {
	if rate == 0 {
		return nil
	}
	victim := g.users[0]
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(victim.addr))
	if err != nil {
		return err
	}
	bad, err := victim.badDatagrams()
	if err != nil {
		return err
	}
	f := &flood{conn: conn, rate: rate, done: make(chan struct{})}
	if f.kinds, err = newBurst(conn, bad, nil); err != nil {
		return err
	}
	g.flood = f
	f.ended.Go(f.run) // ends by stop
	return nil
}

// badDatagrams are four kinds in turn. The one that is replayed is sent first, as a
// good one.
func (u *user) badDatagrams() ([][]byte, error) {
	replayed, err := u.sealer.Seal(nil, packet.Probe{Kind: packet.KindProbe}.AppendTo(nil))
	if err != nil {
		return nil, err
	}
	u.socket.write(replayed)
	kinds := make([][]byte, burstSize)
	for i := range kinds {
		data := make([]byte, 150)
		_, _ = rand.Read(data) // never fails
		switch i % 4 {
		case 0:
			data[0] |= 0x80 // no session of this load
		case 1:
			binary.BigEndian.PutUint32(data, uint32(u.session))
		case 2:
			data = replayed
		case 3:
			data = make([]byte, packet.MaxSize+1)
			copy(data, replayed)
		}
		kinds[i] = data
	}
	return kinds, nil
}

// run sends until stop, as many in each turn as have become due since the one before.
func (f *flood) run() {
	begun := time.Now()
	defer func() { f.took = time.Since(begun) }()
	last, due := begun, 0.0
	turns := time.NewTicker(floodTurn)
	defer turns.Stop()
	for {
		select {
		case <-f.done:
			return
		case <-turns.C:
		}
		now := time.Now()
		due += min(now.Sub(last), floodLag).Seconds() * float64(f.rate)
		for last = now; due >= burstSize && !f.stopped(); due -= burstSize {
			f.kinds.send()
			f.sent += burstSize
		}
	}
}

func (f *flood) stopped() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// stop ends run and waits for it. It may be called again.
func (f *flood) stop() {
	if !f.stopped() {
		close(f.done)
	}
	f.ended.Wait()
	_ = f.conn.Close()
}
