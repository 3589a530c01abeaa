package admin

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/guard"
)

// Config says what a [Server] manages. Live, Accounts and Keys are needed; what needs
// another that is nil is refused.
type Config struct {
	Live     Live
	Accounts Accounts
	Keys     *Keys

	APIKeys APIKeys
	Hooks   *Hooks // whoever made them has them run
	Backups Backups
	Plugins Plugins

	Sources []Source // of the figures, besides those of the program itself

	// MetricsFrom are the addresses that read /metrics without a token; none: nobody
	// does. Behind a proxy on the same machine 127.0.0.1 is everybody.
	MetricsFrom []netip.Prefix

	// Guard says who may reach [Server.Serve], from where; nil: what is for this machine
	// alone (the zero guard.Config).
	Guard *guard.Guard

	Info Info

	// OpenRPC is the document of the control protocol, for /docs/control; nil: none.
	OpenRPC []byte

	// Ready reports why the server can't serve at present; nil: it can as long as it
	// runs.
	Ready func(context.Context) error

	Logger *slog.Logger     // nil: slog.Default()
	Now    func() time.Time // nil: time.Now
}

// Info is what a server says of itself.
type Info struct {
	Version     string               // of the program
	Control     string               // where it listens, for people
	Voice       string               // likewise
	Fingerprint voiceapp.Fingerprint // of its key
	Started     time.Time
}

// Server is the admin API of one server. It is made by [New]; its methods may be
// called from any goroutine.
type Server struct {
	config   Config
	log      *slog.Logger
	now      func() time.Time
	mux      *http.ServeMux
	api      huma.API
	ops      []operation
	signing  atomic.Pointer[Keys]
	revoked  revocations
	rates    rates
	streams  streams
	requests requests
	editing  sync.Mutex // held from the look at an ETag to the change

	http http.Server
}

// New makes a server. The error is [voiceapp.Invalid] when something that is needed
// is missing.
func New(config Config) (*Server, error) {
	if config.Live == nil || config.Accounts == nil || config.Keys == nil {
		return nil, voiceapp.NewError(voiceapp.Invalid, "admin: a server needs Live, Accounts and Keys")
	}
	s := &Server{config: config, log: config.Logger, now: config.Now, mux: http.NewServeMux()}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.config.Guard == nil {
		var err error
		if s.config.Guard, err = guard.New(guard.Config{}); err != nil {
			return nil, err
		}
	}
	s.SetKeys(config.Keys)
	s.api = humago.New(s.mux, s.humaConfig())
	s.register()
	s.registerMetrics()
	if err := s.registerPages(); err != nil {
		return nil, err
	}
	s.mux.HandleFunc("/api/", unknownOperation)
	s.mux.HandleFunc("GET /healthz", s.healthz)
	s.mux.HandleFunc("GET /readyz", s.readyz)
	s.http = http.Server{
		Handler:           s.config.Guard.Handler(s.Handler()),
		ReadHeaderTimeout: guard.HeaderTime,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.streams.open, s.streams.shut = context.WithCancel(context.Background())
	s.http.RegisterOnShutdown(s.streams.shut)
	return s, nil
}

// register adds every operation.
func (s *Server) register() {
	s.registerLogin()
	s.registerServer()
	s.registerFigures()
	s.registerChannels()
	s.registerSessions()
	s.registerUsers()
	s.registerBans()
	s.registerInvites()
	s.registerMessages()
	s.registerAudit()
	s.registerBackups()
	s.registerKeys()
	s.registerWebhooks()
	s.registerEvents()
	s.registerPlugins()
}

// SetKeys has other keys sign and check tokens from here on, such as those that
// [RotateKeys] has made: tokens of keys that are not among them are of no use.
func (s *Server) SetKeys(keys *Keys) { s.signing.Store(keys) }

// Handler answers the API's requests without a guard before it, for who serves it in
// another way than by [Server.Serve].
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.counted) }

// serve answers one request. A fault of the server ends that request only.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		if fault == http.ErrAbortHandler { //nolint:errorlint // it is the very value
			panic(fault)
		}
		s.log.Error("a request has panicked", "method", r.Method, "path", r.URL.Path, "fault", fault, "stack", string(debug.Stack()))
		writeProblem(w, voiceapp.NewError(voiceapp.Internal, "something went wrong in the server"))
	}()
	s.mux.ServeHTTP(w, r)
}

// OpenAPI returns the document of the API, as JSON.
func (s *Server) OpenAPI() ([]byte, error) { return s.api.OpenAPI().MarshalJSON() }

// Serve answers on a listener, such as guard.Guard.Listen gives, until the server is
// shut down, and then returns [http.ErrServerClosed]. HTTP/2 takes a listener of
// tls.NewListener's, as that is.
func (s *Server) Serve(l net.Listener) error { return s.http.Serve(l) }

// Shutdown ends the event streams, waits for the requests that are under way, and
// closes. When ctx ends first it returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error { return s.http.Shutdown(ctx) }

// Close closes everything at once. It is idempotent.
func (s *Server) Close() error {
	s.streams.shut()
	return s.http.Close()
}

// healthz says that the program runs.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") }

// readyz says whether the server can serve.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.config.Ready != nil {
		if err := s.config.Ready(r.Context()); err != nil {
			s.log.Warn("the server is not ready", "error", err)
			plain(w, http.StatusServiceUnavailable, "not ready\n")
			return
		}
	}
	plain(w, http.StatusOK, "ready\n")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

func unknownOperation(w http.ResponseWriter, r *http.Request) {
	writeProblem(w, voiceapp.NewError(voiceapp.NotFound, "there is no operation "+r.Method+" "+r.URL.Path+": see /docs"))
}

// humaConfig is that of the API's document.
func (s *Server) humaConfig() huma.Config {
	config := huma.DefaultConfig("voiceapp", cmp.Or(s.config.Info.Version, "dev"))
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil
	config.RejectUnknownQueryParameters = true
	config.Transformers = []huma.Transformer{transformProblem}
	config.Info.Description = apiDescription
	config.Info.License = &huma.License{Name: "MIT", Identifier: "MIT"}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "A token from POST /api/login, or an API key (vak_…)."},
		"cookie": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "The session of a dashboard, from POST /api/session."},
	}
	config.Tags = []*huma.Tag{
		{Name: "login", Description: "Who asks."},
		{Name: "server", Description: "The server, its settings, figures and events."},
		{Name: "channels", Description: "The tree of channels."},
		{Name: "sessions", Description: "Who is here."},
		{Name: "users", Description: "Accounts."},
		{Name: "bans", Description: "Who is kept out."},
		{Name: "invites", Description: "Who is let in."},
		{Name: "messages", Description: "What was said."},
		{Name: "audit", Description: "Who did what."},
		{Name: "backups", Description: "Copies of the server's data."},
		{Name: "keys", Description: "API keys."},
		{Name: "webhooks", Description: "Programs that are told what happens."},
		{Name: "plugins", Description: "What extends the server."},
	}
	return config
}

const apiDescription = `Runs a voiceapp server. What it changes takes effect at once, voice included.

Roles are numbers: guest 0, member 10, moderator 20, admin 30, owner 40; those between are free. One acts on lower roles only; owners also on owners.

Lists come in pages: "next", where there is one, is the "page" of the next. Errors are problem documents (RFC 9457) with a stable "code". The header X-Audit-Log-Reason (percent-encoded UTF-8) says to the audit log why.`

// errMissing is about what a server can't do.
func errMissing(what string) error {
	return voiceapp.NewError(voiceapp.Forbidden, "this server has no "+what)
}

// ability returns what a Live can do beyond what each can.
func ability[T any](s *Server, what string) (T, error) {
	able, ok := s.config.Live.(T)
	if !ok {
		return able, errMissing(what)
	}
	return able, nil
}

// isGone reports whether a request has ended before it was answered.
func isGone(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
