package relay

import "net"

// overflow follows how many datagrams the kernel has thrown away because a socket's
// receive queue was full. Relay.mu guards it.
type overflow struct {
	conn  *net.UDPConn
	loops int    // that serve the socket
	told  uint32 // by the kernel, which counts modulo 2^32
	count uint64
}

// look asks the kernel. Of a socket that is closed nothing more is learned.
func (o *overflow) look() {
	if drops, ok := kernelDrops(o.conn); ok {
		o.count += uint64(drops - o.told)
		o.told = drops
	}
}

// watch follows a socket's drops on behalf of one more loop. The caller holds r.mu.
func (r *Relay) watch(conn *net.UDPConn) {
	o := r.queues[conn]
	if o == nil {
		o = &overflow{conn: conn}
		r.queues[conn] = o
	}
	o.loops++
}

// unwatch ends what watch began. The caller holds r.mu.
func (r *Relay) unwatch(conn *net.UDPConn) {
	o := r.queues[conn]
	if o.loops--; o.loops == 0 {
		r.overflowed += o.count
		delete(r.queues, conn)
	}
}

// overflows returns the drops of all sockets, those that are closed too. The caller
// holds r.mu.
func (r *Relay) overflows() uint64 {
	sum := r.overflowed
	for _, o := range r.queues {
		o.look()
		sum += o.count
	}
	return sum
}
