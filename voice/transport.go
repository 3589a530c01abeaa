package voice

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// Conn is the socket of a session. *net.UDPConn is one. Its methods are called
// by several goroutines at once.
type Conn interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	Close() error
}

var errNoWay = voiceapp.NewError(voiceapp.Unavailable, "voice: there is no way to the server at present")

// maxPause is the longest pause after an error of the socket that comes again
// and again.
const maxPause = 250 * time.Millisecond

// transport carries sealed datagrams to the server and back.
type transport struct {
	conn   Conn
	tunnel Tunnel               // nil: UDP alone
	keys   atomic.Pointer[keys] // nil: no voice at present
	link   *link                // of the latest grant with keys; who calls use owns it

	datagrams, foreign, size, unauthentic, replayed, malformed, socketErrors atomic.Uint64
}

// keys are what a grant says, ready for use. They are immutable but for the
// counters in link.
type keys struct {
	addr netip.AddrPort
	*link
}

// link is a grant's keys with their counters.
type link struct {
	session  voiceapp.SessionID
	up, down voiceapp.Key
	sealer   *packet.Sealer
	opener   *packet.Opener
}

func (l *link) of(grant voiceapp.Grant) bool {
	return l.session == grant.Session && l.up == grant.Up && l.down == grant.Down
}

// linkOf returns the link of a grant: the one that an earlier session has used,
// so that no counter is used twice and nothing is heard again.
func linkOf(grant voiceapp.Grant) *link {
	fresh := func() any {
		return &link{
			session: grant.Session, up: grant.Up, down: grant.Down,
			sealer: packet.NewSealer(grant.Session, grant.Up),
			opener: packet.NewOpener(grant.Down),
		}
	}
	if grant.State != nil {
		if used, ok := grant.State.Load(fresh).(*link); ok && used.of(grant) {
			return used
		}
	}
	return fresh().(*link)
}

// use takes a grant, and reports whether it comes with new keys or to a new
// address. The counters of a key are kept over a time without a grant, too: none is
// used twice.
func (t *transport) use(grant voiceapp.Grant) (changed bool) {
	if grant.Session == 0 || !grant.Addr.IsValid() {
		return t.keys.Swap(nil) != nil
	}
	if t.link == nil || !t.link.of(grant) {
		t.link = linkOf(grant)
	}
	next := &keys{addr: unmap(grant.Addr), link: t.link}
	old := t.keys.Swap(next)
	return old == nil || old.link != next.link || old.addr != next.addr
}

// send seals frames that lie in buf, the caller's, at frameSpace, and sends them by
// a way; WayTCP is only for those who have a tunnel.
func (t *transport) send(way Way, buf *[packet.MaxSize]byte, frames []byte) error {
	k := t.keys.Load()
	if k == nil {
		return errNoWay
	}
	datagram, err := k.sealer.Seal(buf[:0], frames)
	if err != nil {
		return err
	}
	if way == WayTCP {
		return t.tunnel.SendDatagram(datagram)
	}
	if _, err = t.conn.WriteToUDPAddrPort(datagram, k.addr); err != nil {
		t.socketErrors.Add(1)
	}
	return err
}

// frameSpace is where in a buffer frames are put, to be sealed in place.
func frameSpace(buf *[packet.MaxSize]byte) []byte {
	return buf[packet.HeaderSize:packet.HeaderSize]
}

// handler takes a frame that came by a way.
type handler func(kind packet.Kind, body []byte, way Way)

// receive hands the frames of each authentic datagram to handle until ctx ends
// or the socket is closed. Nothing else ends it.
func (t *transport) receive(ctx context.Context, handle handler) {
	var (
		buf   [packet.MaxSize + 1]byte // one more, so that too long shows
		wait  alarm
		pause time.Duration
	)
	for {
		n, from, err := t.conn.ReadFromUDPAddrPort(buf[:])
		if err == nil {
			pause = 0
			t.open(buf[:n], unmap(from), handle)
			continue
		}
		if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
			return
		}
		t.socketErrors.Add(1)
		if !wait.sleep(ctx, pause) {
			return
		}
		pause = min(max(time.Millisecond, 2*pause), maxPause)
	}
}

// receiveTunnel is receive for what comes by the tunnel, until ctx ends or the grant
// is replaced.
func (t *transport) receiveTunnel(ctx context.Context, replaced <-chan struct{}, handle handler) {
	datagrams := t.tunnel.Datagrams()
	for {
		select {
		case datagram := <-datagrams:
			if k := t.keys.Load(); k != nil {
				t.unseal(k, datagram, handle, WayTCP)
			}
		case <-replaced:
			return
		case <-ctx.Done():
			return
		}
	}
}

// open drops and counts what is not for us, and hands the frames of the rest on.
func (t *transport) open(datagram []byte, from netip.AddrPort, handle handler) {
	k := t.keys.Load()
	if k == nil || from != k.addr {
		t.foreign.Add(1)
		return
	}
	t.unseal(k, datagram, handle, WayUDP)
}

// unseal opens a datagram in place.
func (t *transport) unseal(k *keys, datagram []byte, handle handler, way Way) {
	frames := []byte(nil)
	if len(datagram) >= packet.HeaderSize {
		frames = datagram[packet.HeaderSize:packet.HeaderSize]
	}
	frames, _, err := k.opener.Open(frames, datagram)
	if err != nil {
		t.dropped(err)
		return
	}
	t.datagrams.Add(1)
	t.take(frames, handle, way)
}

// take tells the frames of an authentic datagram apart.
func (t *transport) take(frames []byte, handle handler, way Way) {
	for len(frames) > 0 {
		kind, body, rest, err := packet.Next(frames)
		if err != nil {
			t.malformed.Add(1)
			return
		}
		handle(kind, body, way)
		frames = rest
	}
}

func (t *transport) dropped(err error) {
	switch {
	case errors.Is(err, packet.ErrSize):
		t.size.Add(1)
	case errors.Is(err, packet.ErrReplay):
		t.replayed.Add(1)
	default:
		t.unauthentic.Add(1)
	}
}

// Drops counts the datagrams, and frames, that were dropped, by reason.
type Drops struct {
	Foreign     uint64 // not from the server's address
	Size        uint64 // truncated, empty or too long
	Unauthentic uint64 // not sealed with our key, or changed on the way
	Replayed    uint64 // seen before
	Malformed   uint64 // authentic, but not of the protocol
}

func (t *transport) drops() Drops {
	return Drops{
		Foreign:     t.foreign.Load(),
		Size:        t.size.Load(),
		Unauthentic: t.unauthentic.Load(),
		Replayed:    t.replayed.Load(),
		Malformed:   t.malformed.Load(),
	}
}

// unmap gives IPv4 addresses one form, however the socket writes them.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
