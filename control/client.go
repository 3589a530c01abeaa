package control

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// DefaultPort is [voiceapp.DefaultPort].
const DefaultPort = voiceapp.DefaultPort

// ErrClientClosed is a client's reason to have ended after [Client.Close].
var ErrClientClosed = voiceapp.NewError(voiceapp.Unavailable, "the client is closed")

// ClientConfig says who one is and how the server is known. One of Fingerprint
// and Trust is needed.
type ClientConfig struct {
	Name     string // the account's, or any that is free for a guest
	Password string // "": as a guest
	Token    string // of [Client.RememberDevice], in place of Name and Password; "": none

	// Fingerprint is the server's key, where it is known. A server with another is
	// left before anything is sent to it: the error is [voiceapp.KeyChanged].
	Fingerprint voiceapp.Fingerprint

	// Trust is asked when Fingerprint is zero, after the TLS handshake and before
	// anything is sent; its error ends the connection. addr has a port always. The
	// server waits for about 20 s. bookmarks.Pins.TrustFirstUse fits.
	Trust func(addr string, shown voiceapp.Fingerprint) error

	// DialContext makes the connection in place of net.Dialer's.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)

	// DeviceKey gives the key by which the server knows this device, for Open to prove:
	// [DeviceKeysIn] keeps them. nil, and the zero key: the device shows none.
	DeviceKey func(server voiceapp.Fingerprint) (DeviceKey, error)

	Logger *slog.Logger // nil: nothing is logged
}

// Client is a connection to a server. [Dial] and [Connect] make one, and it never
// comes back once it has ended. Its methods may be called from any goroutine, while
// ranging over [Client.Events] too; those that ask the server return the
// [voiceapp.Error] that it answers, ctx's, or the reason why the connection has
// ended.
type Client struct {
	conn *tls.Conn
	raw  net.Conn
	addr string
	udp  netip.AddrPort
	key  voiceapp.Fingerprint
	log  *slog.Logger

	deviceKey func(voiceapp.Fingerprint) (DeviceKey, error) // nil: none

	mirror mirror
	events *events // the Reconnector's where there is one
	tunnel tunnel

	writing sync.Mutex // held while a line is written

	mu       sync.Mutex
	pending  map[uint64]*pending
	lastID   uint64
	farewell *ClosedError // what the server said last
	token    secret       // with which the session can be resumed; "": it can't
	err      error        // why it has ended
	beating  bool

	sharesEvents bool

	done chan struct{}  // closed once the connection has ended
	wg   sync.WaitGroup // read, beat and pump
}

// ClosedError is the reason of a connection that the server has ended. It unwraps
// to a [voiceapp.Error].
type ClosedError struct {
	Reason     *voiceapp.Error
	RetryAfter time.Duration // to wait before coming back; 0: not said
}

// Error gives the reason for people.
func (e *ClosedError) Error() string {
	return "the server has ended the connection: " + e.Reason.Message
}

// Final reports whether a client is not to come back by itself: it was kicked or
// banned, or the same would happen again.
func (e *ClosedError) Final() bool { return e.Reason.Code.Final() }

// Unwrap gives Reason.
func (e *ClosedError) Unwrap() error { return e.Reason }

// Dial connects to a server, logs in, and learns its channels and who is there.
// The port is 7788 where addr has none. The error is the server's, or one of
// [voiceapp.Unavailable] when it can't be reached, [voiceapp.KeyChanged], or
// Trust's.
func Dial(ctx context.Context, addr string, config ClientConfig) (*Client, error) {
	return dial(ctx, addr, config, nil)
}

// outlets is where a client puts what comes by itself.
type outlets struct {
	events    *events
	datagrams chan []byte
}

func newOutlets() *outlets {
	o := &outlets{events: new(events), datagrams: make(chan []byte, datagramQueue)}
	o.events.init()
	return o
}

// dial is Dial with outlets as connect takes them.
func dial(ctx context.Context, addr string, config ClientConfig, out *outlets) (*Client, error) {
	c, err := connect(ctx, addr, config, out)
	if err != nil {
		return nil, err
	}
	if err := c.login(ctx, config); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

// login opens a session as config says.
func (c *Client) login(ctx context.Context, config ClientConfig) error {
	if config.Token != "" {
		return c.OpenToken(ctx, config.Token)
	}
	return c.Open(ctx, config.Name, config.Password)
}

// Connect connects to a server and knows it, as [Dial] does, but does not log in.
// Before login there are Info, Ping, Claim, Register, UseInvite, ForgetDevice, Open and OpenToken. The
// server closes the connection when no login has come within about 20 s.
func Connect(ctx context.Context, addr string, config ClientConfig) (*Client, error) {
	return connect(ctx, addr, config, nil)
}

// connect is Connect with outlets that outlive the connection; nil: some that end
// with it.
func connect(ctx context.Context, addr string, config ClientConfig, out *outlets) (*Client, error) {
	addr = withPort(addr)
	raw, err := dialTCP(ctx, addr, config.DialContext)
	if err != nil {
		return nil, unreachable(ctx, addr, err)
	}
	conn, key, err := handshake(ctx, raw, addr, config)
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	c := &Client{
		conn: conn, raw: raw, addr: addr, key: key, udp: addrPortOf(raw), log: config.Logger,
		deviceKey: config.DeviceKey, sharesEvents: out != nil,
		pending: make(map[uint64]*pending), done: make(chan struct{}),
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.mirror.init()
	if out == nil {
		out = newOutlets()
	}
	c.events = out.events
	c.tunnel.init(out.datagrams)
	c.wg.Add(1) // read
	go c.read()
	return c, nil
}

// Open logs in: as a guest when password is empty. It learns the channels and who
// is there before it returns.
func (c *Client) Open(ctx context.Context, name, password string) error {
	return c.open(ctx, openParams{Name: name, Password: secret(password)})
}

// OpenToken logs in with a token of [Client.RememberDevice], as Open does.
// [voiceapp.BadCredentials]: it was revoked, or has ended with the password, by a
// kick, or because it was not used for long.
func (c *Client) OpenToken(ctx context.Context, token string) error {
	return c.open(ctx, openParams{Token: secret(token)})
}

func (c *Client) open(ctx context.Context, params openParams) error {
	params.Protocol, params.Keepalive = ProtocolVersion, int(peerTimeout/time.Second)
	device, err := c.proveDevice(ctx)
	if err != nil {
		return err
	}
	params.Device = device
	if err := c.ask(ctx, methodOpen, params, c.opened); err != nil {
		return err
	}
	return c.look(ctx)
}

// resume takes up a session by its token, in the place of Open. The error is
// [voiceapp.BadCredentials] when it can't be resumed.
func (c *Client) resume(ctx context.Context, token secret) error {
	params := resumeParams{Protocol: ProtocolVersion, Token: token, Keepalive: int(peerTimeout / time.Second)}
	if err := c.ask(ctx, methodResume, params, c.opened); err != nil {
		return err
	}
	return c.look(ctx)
}

// resumeToken returns with what the session can be resumed; "": it can't.
func (c *Client) resumeToken() secret {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token
}

// look learns the channels and who is there.
func (c *Client) look(ctx context.Context) error {
	if err := c.listChannels(ctx); err != nil {
		return err
	}
	return c.listSessions(ctx)
}

// opened, in read, takes the answer to session.open or session.resume.
func (c *Client) opened(m message) error {
	var result openResult
	if err := decodeParams(m.Result, &result); err != nil {
		return err
	}
	if result.Resume != nil {
		c.mu.Lock()
		c.token = result.Resume.Token
		c.mu.Unlock()
	}
	c.mirror.begin(voiceapp.Presence{Session: result.Session, User: result.User, Name: result.Name, Role: result.Role})
	if result.Voice != nil {
		c.granted(*result.Voice)
	}
	c.startBeat()
	return nil
}

// granted takes a grant, and adds the address that it has not.
func (c *Client) granted(g voiceGrant) {
	grant := g.grant()
	grant.Addr = c.udp
	before, _ := c.VoiceGrant()
	if grant.Up == before.Up && grant.Down == before.Down {
		grant.State = before.State
	} else {
		grant.State = new(voiceapp.KeyState)
	}
	c.mirror.setGrant(grant)
}

// Done returns a channel that is closed when the connection has ended for good.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err says why the connection has ended, and is nil before that: a [*ClosedError]
// when the server said so, [ErrClientClosed] after Close, and else a
// [voiceapp.Unavailable].
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the session and the connection. It is idempotent, always returns nil,
// and returns when the client's goroutines have ended.
func (c *Client) Close() error {
	c.fail(ErrClientClosed)
	c.wg.Wait()
	return nil
}

// fail ends the connection; the first reason stays.
func (c *Client) fail(reason error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	if c.farewell != nil && !errors.Is(reason, ErrClientClosed) {
		reason = c.farewell
	}
	c.err = reason
	c.mu.Unlock()
	close(c.done)
	if errors.Is(reason, ErrClientClosed) {
		c.sayGoodbye()
	}
	_ = c.raw.Close()
	c.mirror.end()
	if !c.sharesEvents {
		c.events.end()
	}
	c.log.Debug("the connection has ended", "server", c.addr, "reason", reason)
}

// sayGoodbye tells the server that the client leaves on purpose, so that it forgets
// the session, unless something else is being written.
func (c *Client) sayGoodbye() {
	if c.resumeToken() != "" && c.writing.TryLock() {
		_ = c.raw.SetWriteDeadline(time.Now().Add(goodbyeTime))
		_, _ = c.conn.Write(mustEncode(outgoing{ID: 0, Method: methodClose}))
		c.writing.Unlock()
	}
	_ = c.conn.Close()
}

// lost is the reason of a connection that ended without a word.
func lost(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return voiceapp.NewError(voiceapp.Unavailable, "the server has closed the connection").With(ConnectionLost)
	}
	return voiceapp.WrapError(voiceapp.Unavailable, "the connection to the server is lost", err).With(ConnectionLost)
}

// Addr returns the server's address as it was dialled, with its port.
func (c *Client) Addr() string { return c.addr }

// Fingerprint returns the server's key.
func (c *Client) Fingerprint() voiceapp.Fingerprint { return c.key }

// VoiceGrant returns the voice grant in force and a channel that is closed when
// another takes its place. A grant with session 0 means that there is no voice:
// before login, on a server without a relay, and after the end.
func (c *Client) VoiceGrant() (grant voiceapp.Grant, replaced <-chan struct{}) {
	return c.mirror.voiceGrant()
}
