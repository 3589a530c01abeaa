package relay

import (
	"errors"
	"net"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/histogram"
	"github.com/voiceapp-sdk/voiceapp/voice/packet"
)

// batchSize is how many datagrams a loop receives or sends in one system call.
const batchSize = 64

// datagram is one on its way in or out. data is valid during the turn.
type datagram struct {
	data   []byte
	waited time.Duration // in the kernel's queue, before it was received; 0 where that is not known
	path
}

// path is where a client is and which of the host's addresses it talks to: what
// the relay sends has to come from there, or the client takes it for another's.
// The zero path is the tunnel.
type path struct {
	addr  netip.AddrPort // IPv4 is never mapped into IPv6
	local netip.Addr     // nor here; the zero value: the kernel's choice
}

// loop forwards what comes in on one socket. Its fields belong to the goroutine
// in run; others read counts and wait for turn.
type loop struct {
	relay  *Relay
	socket *socket
	turn   turn
	counts tally
	delay  histogram.Histogram
	now    time.Duration // of this turn

	maxWait  time.Duration // for company; 0 or less: none
	rooms    map[*channel]*room
	holding  []*room       // those in which frames wait
	tails    []tail        // of spurts that have ended
	sweepDue time.Duration // when to look for rooms that are gone
	faultDue time.Duration // when a fault is logged again

	inbox   inbox
	outbox  map[*loop]*ring // to the owners that it has handed something
	members int             // of the channels that it owns; guarded by Relay.mu

	waits  []time.Duration // of the audio frames that leave in this turn, from when they came
	frames []voiced        // the audio frames of this turn
	past   []byte          // their copies
	group  []voiced        // those of them for one channel or target
	crowd  []*session      // who hears the whisper that is sent
	shared packings        // the group for who said nothing
	split  split           // a group that others help to send
	own    bundles         // the group without one speaker's frames
	answer [reportFrame + probeFrame]byte
	out    []datagram // sealed, waiting for flush
	space  [batchSize][packet.MaxSize]byte
	sealed [packet.MaxSize]byte // for the tunnel
}

// voiced is an audio frame, with its frame header and its speaker stamped.
type voiced struct {
	speaker *session
	channel *channel // the speaker's; nil for a whisper
	whisper *target  // nil: to the channel
	denied  uint32   // bit i: it is not heard in the target's channel i
	came    time.Duration
	frame   []byte // within the datagram that it came in, or its room's space
	follow  copies // within the loop's past, or its room's
}

func newLoop(r *Relay, s *socket) *loop {
	return &loop{
		relay: r, socket: s, turn: newTurn(), rooms: map[*channel]*room{}, outbox: map[*loop]*ring{}, out: make([]datagram, 0, batchSize),
	}
}

// run takes turns until the socket is closed.
func (l *loop) run() error {
	failures := 0
	for {
		in, err := l.socket.receive(l.rest())
		l.inbox.asleep.Store(false)
		switch {
		case err == nil:
			failures = 0
			l.handle(in)
		case l.relay.isClosed():
			return ErrClosed
		case errors.Is(err, net.ErrClosed):
			return err
		default:
			failures++
			l.failed(err, failures)
		}
	}
}

// failed counts what the kernel reports in place of a datagram: mostly that a
// client's port is gone (ICMP), which says nothing about the socket. Where
// nothing but errors comes it waits a little at times, so as not to spin.
func (l *loop) failed(err error, failures int) {
	const spell = 100
	l.counts.count(receiveErrors)
	if failures%spell != 0 {
		return
	}
	if failures == spell {
		l.relay.logger.Warn("receiving voice fails again and again", "addr", l.socket.conn.LocalAddr(), "error", err)
	}
	select {
	case <-time.After(time.Millisecond):
	case <-l.relay.done:
	}
}

func (r *Relay) isClosed() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// handle takes a turn with what came together, and counts how long that took.
func (l *loop) handle(in []datagram) {
	begun := time.Since(l.relay.start)
	l.take(begun, in)
	l.measure(begun)
}

// measure counts how long the frames of a turn that begun then were on their way:
// from when they came until all that the turn has made was handed to the kernel.
func (l *loop) measure(begun time.Duration) {
	if len(l.waits) == 0 {
		return
	}
	took := time.Since(l.relay.start) - begun
	for _, waited := range l.waits {
		l.delay.Observe(waited + took)
	}
}

// take is one turn: in is what came together; nothing, when frames are due that have
// waited.
func (l *loop) take(now time.Duration, in []datagram) {
	l.begin(now)
	defer l.end()
	for i := range in {
		l.open(&in[i])
	}
	l.deliver()
	l.takeOver()
	l.release()
	l.finish()
	l.flush()
	l.sweep()
}

// begin begins a turn with nothing left of the last one.
func (l *loop) begin(now time.Duration) {
	l.turn.begin()
	l.now = now
	l.waits, l.past, l.frames, l.group = l.waits[:0], l.past[:0], l.frames[:0], l.group[:0]
	if l.socket != nil {
		l.socket.begin()
	}
}

// end ends a turn. A fault of our own costs what the turn was about and what waits, which
// may hold its cause, and not the voice of everybody. The log has one in a second.
func (l *loop) end() {
	l.turn.end()
	fault := recover()
	if fault == nil {
		return
	}
	l.counts.count(faults)
	l.forgetWhatWaits()
	if l.now >= l.faultDue {
		l.faultDue = l.now + time.Second
		l.relay.logger.Error("relay: a turn was given up", "fault", fault, "stack", string(debug.Stack()))
	}
}

func (l *loop) forgetWhatWaits() {
	l.out = l.out[:0] // a helper's next turn may be hours away
	l.rooms, l.holding, l.tails = map[*channel]*room{}, nil, nil
	for _, ring := range l.inbox.all() {
		for ring.first() != nil {
			ring.drop()
		}
	}
}

// open authenticates a datagram, in place, and handles its frames.
func (l *loop) open(d *datagram) {
	l.counts.count(received)
	l.counts.add(receivedBytes, len(d.data))
	header, err := packet.ParseHeader(d.data)
	if err != nil {
		l.counts.count(wrongSize(len(d.data)))
		return
	}
	s := l.relay.sessions.get(header.Session)
	if s == nil {
		l.counts.count(dropSession)
		return
	}
	frames, _, err := s.up.Open(d.data[packet.HeaderSize:packet.HeaderSize], d.data)
	if err != nil {
		l.counts.count(notAuthentic(err))
		return
	}
	ok, note := s.arrived(l.now, header.Counter, d)
	if !ok {
		l.counts.count(dropDatagramRate)
		return
	}
	spoken := len(l.frames)
	if err := l.read(s, d, frames); err != nil {
		l.counts.count(dropMalformed)
	}
	if note {
		l.note(s, d, len(l.frames) > spoken)
	}
}

func wrongSize(size int) counter {
	if size > packet.MaxSize {
		return dropLong
	}
	return dropShort
}

func notAuthentic(err error) counter {
	if errors.Is(err, packet.ErrReplay) {
		return dropReplay
	}
	return dropTag
}

// post seals frames for a session and queues the datagram, or hands it to the
// tunnel. It reports whether there is one.
func (l *loop) post(s *session, to path, frames []byte) bool {
	if to == inTunnel {
		return l.postTunnel(s, frames)
	}
	if len(l.out) == batchSize {
		l.flush()
	}
	data, err := s.down.Seal(l.space[len(l.out)][:0], frames)
	if err != nil {
		l.counts.count(dropSeal)
		return false
	}
	l.out = append(l.out, datagram{data: data, path: to})
	return true
}

// flush sends what is queued. What the kernel does not take is lost.
func (l *loop) flush() {
	if len(l.out) == 0 {
		return
	}
	size := 0
	for i := range l.out {
		size += len(l.out[i].data)
	}
	refused := len(l.out)
	if l.socket != nil {
		refused = l.socket.send(l.out)
	}
	l.counts.add(sent, len(l.out)-refused)
	l.counts.add(dropSend, refused)
	l.counts.add(sentBytes, size)
	l.out = l.out[:0]
}
