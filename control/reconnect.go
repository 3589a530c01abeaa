package control

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// attemptTime bounds one try to come back.
const attemptTime = 30 * time.Second

// Reconnector is a client that comes back when its connection is lost: with its
// session, as long as the server knows that, else by logging in again; and into the
// channel where it was. It waits between tries, longer each time, and for as long as
// the server asks. It does not come back after a kick or a ban, when the password is
// wrong by now, or to another key.
//
// It satisfies voice.Signaling: voice goes on when the connection does. Its methods
// may be called from any goroutine, while ranging over [Reconnector.Events] too.
type Reconnector struct {
	addr string
	out  *outlets

	cancel context.CancelFunc
	done   chan struct{} // closed when it will not come back
	tryNow chan struct{} // taken by comeBack while it waits, and only then
	wg     sync.WaitGroup

	mu      sync.Mutex
	config  ClientConfig
	client  *Client
	changed chan struct{} // closed when client is another
	err     error
}

// Disconnected says that the connection is lost, or that a try to come back came to
// nothing. The next is made after Wait.
type Disconnected struct {
	Reason error
	Wait   time.Duration
}

// Reconnected says that there is a connection again. What Sessions and Channels
// return is new: what happened meanwhile had no events.
type Reconnected struct {
	Resumed bool // the session is the one before; false: it is another, by login
}

func (Disconnected) event() {}
func (Reconnected) event()  {}

// DialReconnecting connects and logs in as [Dial] does, with its errors, and from
// then on comes back when the connection is lost.
func DialReconnecting(ctx context.Context, addr string, config ClientConfig) (*Reconnector, error) {
	out := newOutlets()
	client, err := dial(ctx, addr, config, out)
	if err != nil {
		return nil, err
	}
	config.Fingerprint, config.Trust = client.Fingerprint(), nil // and no other from now on
	r := &Reconnector{
		addr: addr, config: config, out: out,
		done: make(chan struct{}), tryNow: make(chan struct{}), client: client, changed: make(chan struct{}),
	}
	life, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.wg.Add(1) // run
	go r.run(life)
	return r, nil
}

// run watches one connection after the other until it may not come back.
func (r *Reconnector) run(ctx context.Context) {
	defer r.wg.Done()
	for client := r.Client(); ; {
		select {
		case <-client.Done():
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			_ = client.Close()
		}
		client.wg.Wait()
		next, err := r.comeBack(ctx, client)
		if err != nil {
			r.end(err)
			return
		}
		client = next
	}
}

// replace puts a connection into the place of one that has ended.
func (r *Reconnector) replace(next *Client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.client = next
	close(r.changed)
	r.changed = make(chan struct{})
}

// end is the last thing that run does.
func (r *Reconnector) end(err error) {
	r.mu.Lock()
	r.err = err
	r.mu.Unlock()
	close(r.done)
	r.out.events.end()
}

// comeBack tries until there is a connection. The error is the reason why there
// will be none.
func (r *Reconnector) comeBack(ctx context.Context, lost *Client) (*Client, error) {
	t := r.newTrip(lost)
	why := lost.Err()
	for tries := 0; t.goesOn(why); tries++ {
		wait := backoff(tries, why)
		r.out.events.push(Disconnected{Reason: why, Wait: wait})
		select {
		case <-time.After(wait):
		case <-r.tryNow:
		case <-ctx.Done():
			return nil, ErrClientClosed
		}
		var next *Client
		next, why = t.attempt(ctx)
		if why == nil {
			r.replace(next) // before anyone is told of it
			r.out.events.push(Reconnected{Resumed: t.resumed})
			return next, nil
		}
		if ctx.Err() != nil {
			return nil, ErrClientClosed
		}
	}
	return nil, why
}

// trip is the way back from one lost connection.
type trip struct {
	*Reconnector
	config  ClientConfig
	token   secret // of the session; "": it can't be resumed
	channel voiceapp.ChannelID
	began   time.Time
	resumed bool
}

func (r *Reconnector) newTrip(lost *Client) *trip {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &trip{Reconnector: r, config: r.config, token: lost.resumeToken(), channel: lost.Self().Channel, began: time.Now()}
}

// goesOn reports whether another try makes sense. That somebody has a guest's name
// may be the session that was lost, for as long as the server has not noticed.
func (t *trip) goesOn(why error) bool {
	if errors.Is(why, voiceapp.Exists) && t.config.Password == "" && t.config.Token == "" {
		closed := (*ClosedError)(nil) // an account's owner has come
		return !errors.As(why, &closed) && time.Since(t.began) < 2*peerTimeout
	}
	return passes(why)
}

// attempt makes one try.
func (t *trip) attempt(ctx context.Context) (*Client, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	c, err := connect(ctx, t.addr, t.config, t.out)
	if err != nil {
		return nil, err
	}
	if err = t.login(ctx, c); err == nil {
		err = t.rejoin(ctx, c)
	}
	if token := c.resumeToken(); token != "" {
		t.token = token
	}
	if err != nil {
		c.fail(err) // and not Close, which would end the session
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// login takes the session up again or, where that can't be, begins another.
func (t *trip) login(ctx context.Context, c *Client) error {
	t.resumed = t.token != ""
	if t.resumed {
		err := c.resume(ctx, t.token)
		if err == nil || passes(err) {
			return err
		}
		t.token, t.resumed = "", false
	}
	return c.login(ctx, t.config)
}

// rejoin enters the channel in which one was, if one is in none. That it is closed
// now, or is no more, is nobody's fault.
func (t *trip) rejoin(ctx context.Context, c *Client) error {
	if t.channel == 0 || c.Self().Channel != 0 {
		return nil
	}
	if err := c.Join(ctx, t.channel); err != nil && passes(err) {
		return err
	}
	return nil
}

// TryNow ends the wait before the next try to come back, also one that the server asked
// for, and reports whether there was one. A person who knows that the network is back
// may call it; the tries become rarer after it as before.
func (r *Reconnector) TryNow() bool {
	select {
	case r.tryNow <- struct{}{}:
		return true
	default:
		return false
	}
}

// Client returns the present connection, or while there is none the one before, on
// which everything fails. It is another after each [Reconnected].
func (r *Reconnector) Client() *Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.client
}

// Events returns what happens on the server, over all connections, as
// [Client.Events] does, and [Disconnected] and [Reconnected]. It ends when there is
// no way back.
func (r *Reconnector) Events() iter.Seq[Event] { return r.out.events.all() }

// VoiceGrant implements voice.Signaling. There is no voice while there is no
// connection.
func (r *Reconnector) VoiceGrant() (grant voiceapp.Grant, replaced <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	grant, replaced = r.client.VoiceGrant()
	select {
	case <-r.client.Done():
		return voiceapp.Grant{}, r.changed
	default:
		return grant, replaced
	}
}

// SendDatagram implements voice.Tunnel, as [Client.SendDatagram] does.
func (r *Reconnector) SendDatagram(datagram []byte) error { return r.Client().SendDatagram(datagram) }

// Datagrams implements voice.Tunnel, over all connections.
func (r *Reconnector) Datagrams() <-chan []byte { return r.out.datagrams }

// Done returns a channel that is closed when the client will not come back.
func (r *Reconnector) Done() <-chan struct{} { return r.done }

// Err says why the client will not come back, as [Client.Err] does, and is nil
// before that.
func (r *Reconnector) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Close ends the session and the connection, and any try to come back. It is
// idempotent, always returns nil, and returns when its goroutines have ended.
func (r *Reconnector) Close() error {
	r.cancel()
	r.wg.Wait()
	return nil
}
