package control

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/histogram"
)

// ErrServerClosed is what [Server.Serve] returns after [Server.Shutdown] or
// [Server.Close].
var ErrServerClosed = errors.New("control: the server is closed")

// Server serves the control protocol. Directory and one of Certificate and
// TLSConfig are needed; the zero value of everything else works. Its fields are
// not to be changed once Serve was called, and it can't be used again after
// Shutdown or Close. Its methods may be called from any goroutine, but not from
// one of Directory's or Voice's.
type Server struct {
	// Directory keeps accounts and channels. It may be an [Authenticator] too.
	Directory Directory

	// Voice is told who speaks where. nil: text only.
	Voice Voice

	// ChatFilter reads each message before it is kept and delivered. nil: none does.
	ChatFilter ChatFilter

	// Certificate is the server's identity; see [LoadOrCreateIdentity].
	Certificate tls.Certificate

	// TLSConfig takes the place of Certificate. It is copied; TLS 1.3 is asked for
	// whatever it says.
	TLSConfig *tls.Config

	Name    string       // what people read; "" shows as "voiceapp"
	Version string       // of the program that serves; "" is fine
	Logger  *slog.Logger // nil: slog.Default()

	NoGuests     bool                  // an account is needed
	NoHistory    bool                  // chat is not kept, also where the Directory could
	NoPing       bool                  // nobody is answered a ping before login
	Registration voiceapp.Registration // who may make an account; "": voiceapp.RegistrationOpen

	// History is how long chat is kept, as [Server.Settings] tells whoever removes
	// what is older; 0: for good.
	History time.Duration

	// Fixed names settings, as the JSON of voiceapp.Settings has them, that keep the
	// values of these fields: what owners have set while the server ran does not count,
	// and they can't set it.
	Fixed []string

	// PublicAddress is where clients reach the server, HOST or HOST:PORT, for links;
	// "": not known, and who hands a link on adds it.
	PublicAddress string

	Limits Limits

	started  sync.Once
	startErr error
	tls      *tls.Config
	key      voiceapp.Fingerprint // zero: not known, for a TLSConfig that makes certificates
	limits   Limits
	inForce  atomic.Pointer[settingsInForce]
	log      *slog.Logger
	gate     *gate
	throttle *throttle
	hasher   *hasher

	registrations *quotas       // by source
	refusals      *quotas       // of changes, by source
	expired       chan struct{} // closed when expireParked has ended; nil: it did not begin

	fingerprint voiceapp.Fingerprint // zero: TLSConfig does not say

	roster   *roster
	turn     chan struct{} // holds a token while a change is under way
	chat     chan struct{} // holds a token while a message is on its way
	counters counters

	answered    answered
	logins      outcomes
	requestTime histogram.Histogram

	open, base   context.Context    // until Shutdown or Close; until the last connection has gone
	shut, cancel context.CancelFunc // of these

	mu        sync.Mutex
	closing   bool
	listeners map[net.Listener]struct{}
	conns     map[*conn]struct{}
	drained   chan struct{} // closed when closing and without connections
	swept     chan struct{} // closed when sweep has ended
	stopped   sync.Once
}

// Serve accepts connections until the listener fails or the server is closed. It
// closes the listener and always returns an error: [ErrServerClosed] after
// Shutdown or Close, [voiceapp.Invalid] for a nil listener or when a field that is
// needed is missing. It may be called for several listeners at once.
func (s *Server) Serve(l net.Listener) error {
	if l == nil {
		return voiceapp.NewError(voiceapp.Invalid, "control: Serve needs a listener")
	}
	defer func() { _ = l.Close() }()
	if s.started.Do(s.start); s.startErr != nil {
		return s.startErr
	}
	if !s.trackListener(l) {
		return ErrServerClosed
	}
	defer s.forgetListener(l)
	var pause time.Duration
	for {
		raw, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			s.accept(raw)
		case s.isClosing():
			return ErrServerClosed
		case !passing(err):
			return err
		default:
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.log.Warn("a connection could not be accepted; waiting", "error", err, "wait", pause)
			if !s.sleep(pause) {
				return ErrServerClosed
			}
		}
	}
}

// passing reports whether an error of Accept may go away by itself: descriptors
// or memory have run out, or the client has given up.
func passing(err error) bool {
	for _, errno := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

func (s *Server) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.open.Done():
		return false
	}
}

// start makes what the fields describe, and the loop.
func (s *Server) start() {
	s.prepare()
	if s.tls, s.startErr = s.tlsConfig(); s.startErr != nil {
		return
	}
	s.key = keyOf(s.tls)
	s.limits = s.Limits.withDefaults()
	s.inForce.Store(&settingsInForce{s.fieldSettings(), s.Fixed})
	if s.log = s.Logger; s.log == nil {
		s.log = slog.Default()
	}
	s.gate, s.throttle = newGate(s.limits, &s.counters.pending), newThrottle()
	s.registrations = newQuotas(s.limits.RegisterBurst, s.limits.RegisterEvery)
	s.refusals = newQuotas(refusalBurst, refusalEvery)
	s.hasher = newHasher(s.limits.Hashes, s.limits.HashQueue)
	s.roster = newRoster(s.Voice, s.limits, s.log)
	go s.roster.loop()
	go s.sweep()
	if resumer, ok := s.Directory.(Resumer); ok && s.limits.ResumeTime > 0 {
		s.expired = make(chan struct{})
		go s.expireParked(resumer)
	}
	s.startErr = s.load()
}

// load reads the settings and the channels before the first client comes.
func (s *Server) load() error {
	ctx, cancel := context.WithTimeout(s.base, s.limits.RequestTimeout)
	defer cancel()
	if err := s.loadSettings(ctx, *s.inForce.Load()); err != nil {
		return err
	}
	if err := s.clearTemporary(ctx); err != nil {
		return err
	}
	return s.reload(ctx)
}

// neverStart takes start's place when the server is closed before it served.
func (s *Server) neverStart() {
	s.prepare()
	s.startErr = ErrServerClosed
}

func (s *Server) prepare() {
	s.base, s.cancel = context.WithCancel(context.Background())
	s.open, s.shut = context.WithCancel(s.base)
	s.listeners, s.conns = make(map[net.Listener]struct{}), make(map[*conn]struct{})
	s.drained, s.swept = make(chan struct{}), make(chan struct{})
	s.turn, s.chat = make(chan struct{}, 1), make(chan struct{}, 1)
	s.answered, s.logins = newAnswered(), newOutcomes()
}

func (s *Server) tlsConfig() (*tls.Config, error) {
	config := s.TLSConfig.Clone()
	switch {
	case s.Directory == nil:
		return nil, voiceapp.NewError(voiceapp.Invalid, "control: a server needs a Directory")
	case s.Registration.Check() != nil:
		return nil, s.Registration.Check()
	case config == nil && len(s.Certificate.Certificate) == 0:
		return nil, voiceapp.NewError(voiceapp.Invalid, "control: a server needs a Certificate: see LoadOrCreateIdentity")
	case config == nil:
		config = &tls.Config{Certificates: []tls.Certificate{s.Certificate}}
	}
	if err := s.checkLinks(config); err != nil {
		return nil, err
	}
	config.MinVersion = tls.VersionTLS13
	config.SessionTicketsDisabled = true
	return config, nil
}

// keyOf gives the fingerprint of a server's certificate.
func keyOf(config *tls.Config) voiceapp.Fingerprint {
	if len(config.Certificates) == 0 || len(config.Certificates[0].Certificate) == 0 {
		return voiceapp.Fingerprint{}
	}
	leaf, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
	if err != nil {
		return voiceapp.Fingerprint{}
	}
	return voiceapp.FingerprintOf(leaf)
}

// accept takes a connection, or closes it at once when the gate does not let it in.
func (s *Server) accept(raw net.Conn) {
	s.counters.accepted.Add(1)
	c := newConn(s, raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		_ = raw.Close()
		return
	}
	victim, ok := s.gate.enter(c, time.Now())
	if victim != nil || !ok {
		s.counters.turnedAway.Add(1)
	}
	if victim != nil {
		victim.cut()
	}
	if !ok {
		_ = raw.Close()
		return
	}
	s.conns[c] = struct{}{}
	go c.serve()
}

// forget is the last thing that a connection does.
func (s *Server) forget(c *conn) {
	s.gate.leave(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	s.checkDrained()
}

// checkDrained, under mu, notices that the last connection has gone.
func (s *Server) checkDrained() {
	if !s.closing || len(s.conns) > 0 {
		return
	}
	select {
	case <-s.drained:
	default:
		close(s.drained)
	}
}

func (s *Server) trackListener(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.listeners[l] = struct{}{}
	}
	return !s.closing
}

func (s *Server) forgetListener(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// info is what server.info says.
func (s *Server) info() ServerInfo {
	settings := s.settings()
	return ServerInfo{
		Name: settings.Name, Version: s.Version, Protocol: ProtocolVersion,
		Guests: settings.Guests, Registration: settings.Registration,
		Sessions: int(s.counters.sessions.Load()),
	}
}
