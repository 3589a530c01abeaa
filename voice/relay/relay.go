package relay

import (
	"cmp"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/histogram"
)

// ErrClosed is what Serve and AddSession return after Close. It matches
// net.ErrClosed and [voiceapp.Unavailable].
var ErrClosed = voiceapp.WrapError(voiceapp.Unavailable, "relay: closed", net.ErrClosed)

// DefaultSocketBuffer is the size of a socket's buffers where [Config] says
// nothing: what 100,000 small datagrams a second fill in about 30 ms.
const DefaultSocketBuffer = 4 << 20

// DefaultMaxWait is how long a frame may wait for company where [Config] says
// nothing. It and its half divide the frames' times.
const DefaultMaxWait = 5 * time.Millisecond

// Config is how a relay works. The zero value is fit for use.
type Config struct {
	// Logger gets a few lines when a socket is opened or fails, none for a
	// packet. nil: slog.Default().
	Logger *slog.Logger

	// SocketBuffer is the size in bytes that is asked of the kernel for each
	// socket's receive and send buffer. 0: [DefaultSocketBuffer]. Negative: the
	// kernel's default.
	SocketBuffer int

	// MaxWait is how long at most a frame waits for others of its channel, to share
	// datagrams with them. Where up to 6 talk nothing waits, from 7 on up to half of it,
	// from 9 on all of it. What is whispered never waits, and nothing on systems
	// other than Linux. It is shortened so that a frame's 20 ms are a multiple of it.
	// 0: [DefaultMaxWait]. Negative: nothing ever waits. A route may ask for another in
	// its channel.
	MaxWait time.Duration

	// Loudest is how many at most are heard at once in a channel: the loudest, by what
	// they claim within bounds, and those who have talked less of late before those who
	// have talked more. Who whispers into a channel asks for its floor like everybody
	// else. Priority speakers are always heard, beside them, and so is what is whispered
	// to sessions. 0: all are heard.
	Loudest int
}

// Relay forwards voice between sessions. Make one with [New]. All its methods
// may be called from any goroutine.
type Relay struct {
	logger   *slog.Logger
	buffer   int
	maxWait  time.Duration
	loudest  int
	start    time.Time // what a loop's now counts from
	sessions table     // written under mu, read without
	talk     talk
	tunnel   borrower    // for what comes by control connections
	tunneled [1]datagram // of that loop
	peers    borrower    // for what comes from peers
	peer     atomic.Pointer[Peer]
	channels channels // written under mu
	done     chan struct{}

	elsewhere session // stands for all of a peer's

	help      chan *split    // to who is idle of the helpers
	helpers   []*borrower    // guarded by mu, as the next
	dismissed chan struct{}  // closed when they are to end
	helping   sync.WaitGroup // goroutines of theirs

	serving sync.WaitGroup

	mu      sync.Mutex
	loops   map[*loop]struct{}
	queues  map[*net.UDPConn]*overflow
	present int // sessions
	closed  bool

	saidShort bool // that a socket's buffers are small

	// What loops that have ended counted.
	retired      tally
	retiredDelay histogram.Histogram
	overflowed   uint64
}

// New returns a relay without sessions that serves nothing yet.
func New(c Config) *Relay {
	logger := c.Logger
	if logger == nil {
		logger = slog.Default()
	}
	r := &Relay{
		logger:   logger,
		buffer:   cmp.Or(c.SocketBuffer, DefaultSocketBuffer),
		maxWait:  cmp.Or(c.MaxWait, DefaultMaxWait),
		loudest:  c.Loudest,
		start:    time.Now(),
		talk:     newTalk(),
		done:     make(chan struct{}),
		channels: channels{byID: map[voiceapp.ChannelID]*channel{}},
		help:     make(chan *split),
		loops:    map[*loop]struct{}{},
		queues:   map[*net.UDPConn]*overflow{},
	}
	r.tunnel.loop, r.peers.loop = newLoop(r, nil), newLoop(r, nil)
	return r
}

// Serve forwards what comes in on conn until Close or until conn is closed. It
// always returns an error, [ErrClosed] after Close, and has then closed conn.
// A nil conn is [voiceapp.Invalid]. What single datagrams and destinations do wrong
// never ends it.
//
// It may be called for several sockets at once: they have to share one address, as those
// of [Listen] do, because each sends to clients that another one heard.
func (r *Relay) Serve(conn *net.UDPConn) error {
	if conn == nil {
		return voiceapp.NewError(voiceapp.Invalid, "relay: Serve needs a socket")
	}
	defer func() { _ = conn.Close() }()
	l, err := r.begin(conn)
	if err != nil {
		return err
	}
	defer r.end(l)
	return l.run()
}

// begin holds the mutex from its look at closed on, so that a socket that Close has
// closed is never taken for one of no use.
func (r *Relay) begin(conn *net.UDPConn) (*loop, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	s, err := newSocket(conn, r.buffer)
	if err == nil {
		err = s.listen()
	}
	if err == nil {
		if err = r.lend(conn); err != nil {
			err = errors.Join(err, s.close())
		}
	}
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "relay: the socket is of no use", err)
	}
	if s.short && !r.saidShort {
		r.saidShort = true
		r.logger.Warn("the kernel gives smaller buffers for voice than were asked for: in rushes it may drop datagrams; see net.core.rmem_max and wmem_max",
			"addr", conn.LocalAddr(), "asked", r.buffer)
	}
	l := newLoop(r, s)
	if hasPatience && r.maxWait > 0 {
		l.maxWait = r.maxWait
	}
	r.serving.Add(1) // end does Done
	r.loops[l] = struct{}{}
	r.watch(conn)
	r.assign()
	if len(r.loops) == 1 {
		r.startHelpers()
	}
	r.spread()
	return l, nil
}

func (r *Relay) end(l *loop) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unwatch(l.socket.conn)
	delete(r.loops, l)
	r.dismiss(l)
	r.retired.merge(&l.counts)
	r.retiredDelay.Merge(&l.delay)
	r.reclaim(l.socket.conn)
	r.spread()
	if len(r.loops) == 0 {
		r.stopHelpers()
	}
	_ = l.socket.close() // nothing was written that could be lost
	r.serving.Done()
}

// Close closes the sockets and waits until every Serve is about to return.
// Calling it again does nothing.
func (r *Relay) Close() error {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.done)
		for _, o := range r.queues {
			o.look()
		}
		for l := range r.loops {
			_ = l.socket.conn.Close()
		}
	}
	r.mu.Unlock()
	r.serving.Wait()
	return nil
}

// settle returns when no loop is in a turn that began before the call, so that
// no loop sees what was replaced before it. A helper's turn is within that of the loop
// that it helps. The caller holds r.mu.
func (r *Relay) settle() {
	for l := range r.loops {
		l.turn.wait()
	}
	r.tunnel.loop.turn.wait()
	r.peers.loop.turn.wait()
}
