package session

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// Step is how far Open has come.
type Step string

// The steps, in their order.
const (
	StepConnect Step = "connect" // the connection is made
	StepTrust   Step = "trust"   // the server's key is looked at
	StepLogin   Step = "login"
	StepJoin    Step = "join" // the channel
	StepVoice   Step = "voice"
)

// Sound is what a session says and hears. *sound.Port is one.
type Sound interface {
	voice.Source
	voice.Sink
	voice.Effect
}

// Filter is what decides about chat on this side, such as plugins: it returns the text
// that takes its place, and what is to be shown beside it; keep says whether there is
// any. An error is shown to the writer.
type Filter func(ctx context.Context, outgoing bool, m voiceapp.Message) (text string, replies []string, keep bool, err error)

// Config says where a session is and how it sounds. Addr, Client with Trust, Codec and
// Sound are required.
type Config struct {
	Addr    string
	Channel string // to join; "": Lobby, or else none
	Client  control.ClientConfig
	Codec   voice.Codec
	Sound   Sound
	Voice   Voice
	Filter  Filter // nil: none

	// Step, where it is set, is told how far Open has come, from the goroutine of Open.
	Step func(Step)

	// Happened, where it is set, is told what a person may want to hear or be told of.
	// It is called from a goroutine of the session, and not to call Close.
	Happened func(Happening)
}

// Voice is what of the voice can be changed while a session is open: see
// [Session.SetVoice].
type Voice struct {
	Frame     time.Duration // 0: voice.DefaultFrameDuration
	Delay     time.Duration // a fixed one; 0: it follows the network
	MinDelay  time.Duration // the least of one that does; 0: two frames, at most voice.DefaultMinDelay
	MaxDelay  time.Duration // the most of it; 0: what the network needs
	Normalize bool
}

// Session is one's place on one server. Make one with [Open]. Its methods are safe for
// concurrent use.
type Session struct {
	cfg     Config
	client  *control.Reconnector
	changed chan struct{} // holds one
	quit    context.CancelFunc
	ctx     context.Context
	done    sync.WaitGroup

	chat chat

	asking sync.Mutex // held while the server is told to whom one whispers

	mu        sync.Mutex
	voice     *voice.Session // nil: there is none at present
	voiceErr  error
	how       Voice
	heard     map[voiceapp.SessionID]Hearing
	talking   map[voiceapp.SessionID]bool
	quality   Quality
	trace     trace
	lost      *control.Disconnected // nil: there is a connection
	again     time.Time             // when the next try to come back is made
	whispers  voiceapp.Presence     // to whom one whispers, as he was then; the zero value: to nobody
	listening map[voiceapp.ChannelID]bool
	serverIs  control.ServerInfo
	order     *collate.Collator
}

// Hearing is how one hears somebody.
type Hearing struct {
	Volume float32 // 1: as he is
	Muted  bool
}

// Open connects, logs in, joins the channel and begins to hear. The errors are those of
// control.DialReconnecting. That the channel can't be joined, or that there is no voice,
// is no error: the view says so.
func Open(ctx context.Context, cfg Config) (*Session, error) {
	step := func(s Step) {
		if cfg.Step != nil {
			cfg.Step(s)
		}
	}
	step(StepConnect)
	client, err := control.DialReconnecting(ctx, cfg.Addr, stepping(cfg.Client, step))
	if err != nil {
		return nil, err
	}
	s := &Session{
		cfg: cfg, client: client, how: cfg.Voice, changed: make(chan struct{}, 1),
		heard: make(map[voiceapp.SessionID]Hearing), talking: make(map[voiceapp.SessionID]bool),
		listening: make(map[voiceapp.ChannelID]bool),
		order:     collate.New(language.Und, collate.Numeric, collate.IgnoreCase),
	}
	s.ctx, s.quit = context.WithCancel(context.WithoutCancel(ctx))
	s.chat.init()
	s.ask(ctx)
	step(StepJoin)
	s.joinFirst(ctx)
	step(StepVoice)
	s.startVoice()
	s.done.Add(2)
	go s.follow()
	go s.watch()
	return s, nil
}

// stepping reports the steps that a connection takes by itself.
func stepping(cfg control.ClientConfig, step func(Step)) control.ClientConfig {
	first := sync.OnceFunc(func() { step(StepTrust) })
	logged := sync.OnceFunc(func() { step(StepLogin) })
	dial, trust := cfg.DialContext, cfg.Trust
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	cfg.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err == nil {
			first()
		}
		return conn, err
	}
	cfg.Trust = func(addr string, shown voiceapp.Fingerprint) error {
		if err := trust(addr, shown); err != nil {
			return err
		}
		logged()
		return nil
	}
	return cfg
}

// joinFirst enters the channel that was asked for.
func (s *Session) joinFirst(ctx context.Context) {
	path := s.cfg.Channel
	if path == "" {
		path = "Lobby"
	}
	_, err := s.client.Client().JoinPath(ctx, path)
	if err != nil && (s.cfg.Channel != "" || !errors.Is(err, voiceapp.NotFound)) {
		s.happen(Happening{Kind: HappenedRefusal, Err: err})
	}
}

// ask learns what the server says of itself, an ornament: without an answer it stays as it
// was.
func (s *Session) ask(ctx context.Context) {
	info, err := s.Client().Info(ctx)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.serverIs = info
	s.mu.Unlock()
	s.change()
}

// Client is the present connection, for all that a person may do.
func (s *Session) Client() *control.Client { return s.client.Client() }

// Reconnector is the connection that comes back.
func (s *Session) Reconnector() *control.Reconnector { return s.client }

// Changed holds a value after each change of the view, however many there were.
func (s *Session) Changed() <-chan struct{} { return s.changed }

// Done is closed when the session has ended for good; Err says why then.
func (s *Session) Done() <-chan struct{} { return s.client.Done() }

// Err says why the session has ended: nil before that.
func (s *Session) Err() error { return s.client.Err() }

// Close leaves the server. It returns nil, always.
func (s *Session) Close() error {
	s.quit()
	_ = s.client.Close() // it returns nil, always
	s.stopVoice()
	s.done.Wait()
	return nil
}

// TryNow makes the next try to come back at once, while there is no connection.
func (s *Session) TryNow() {
	s.mu.Lock()
	now := s.client.TryNow()
	if now {
		s.again = time.Time{} // under mu, so that no later try has set it yet
	}
	s.mu.Unlock()
	if now {
		s.change()
	}
}

func (s *Session) change() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

func (s *Session) happen(h Happening) {
	if s.cfg.Happened != nil {
		s.cfg.Happened(h)
	}
}
