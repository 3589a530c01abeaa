package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin"
	"github.com/voiceapp-sdk/voiceapp/admin/guard"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/control/authhook"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/internal/config"
	"github.com/voiceapp-sdk/voiceapp/plugin"
	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// shutdownTime is how long clients have to leave when the server stops.
const shutdownTime = 5 * time.Second

// firstChannels are what a new server has: a lobby, a nested pair, and a room that
// needs a moderator. Parents are named by the ids used here.
func firstChannels() []voiceapp.Channel {
	return []voiceapp.Channel{
		{ID: 1, Name: "Lobby", Bitrate: voiceapp.DefaultBitrate},
		{ID: 2, Name: "Games", Bitrate: voiceapp.DefaultBitrate},
		{ID: 3, Name: "Chess", Parent: 2, Bitrate: voiceapp.DefaultBitrate},
		{ID: 4, Name: "Staff", RequiredRole: voiceapp.RoleModerator, Bitrate: voiceapp.DefaultBitrate},
	}
}

// server is everything that one process serves.
type server struct {
	unlock      func() error // of the data directory
	store       *store.Store
	ownerToken  string // only at the first start
	certificate tls.Certificate
	fingerprint voiceapp.Fingerprint

	tcp net.Listener
	udp []*net.UDPConn

	web   net.Listener // nil: there is no admin API
	admin *admin.Server
	guard *guard.Guard

	log   *slog.Logger
	level *slog.LevelVar // of log

	control *control.Server
	relay   *relay.Relay
	hook    *authhook.Hook // nil: passwords are checked here
	hooks   *admin.Hooks
	plugins *plugin.Host

	upkeep func() // ends and waits for what runs beside
}

// runServer serves until ctx ends. set is where the settings are from.
func runServer(ctx context.Context, streams *cli.Streams, settings *settings, set *config.Set) error {
	if err := settings.validate(); err != nil {
		return err
	}
	level := new(slog.LevelVar)
	level.Set(settings.LogLevel)
	s, err := newServer(ctx, settings, settings.logger(streams, level))
	if err != nil {
		return err
	}
	s.level = level
	s.upkeep = startUpkeep(settings, s)
	return s.run(ctx, streams, &origin{set, set})
}

// run serves until ctx ends or something fails, and closes.
func (s *server) run(ctx context.Context, streams *cli.Streams, from *origin) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	ended := make(chan error, 2+len(s.udp))
	for _, socket := range s.udp {
		go func() { ended <- s.relay.Serve(socket) }()
	}
	go func() { ended <- s.control.Serve(s.tcp) }()
	if s.admin != nil {
		go func() { ended <- s.serveAdmin() }()
	}
	s.announce(streams)
	s.tellSystemd(nowReady)
	for {
		select {
		case <-hangup:
			s.tellSystemd(nowReloading())
			s.reload(from)
			s.tellSystemd(nowReady)
		case <-ctx.Done():
			return s.stop()
		case failure := <-ended:
			return errors.Join(failure, s.stop())
		}
	}
}

// tellSystemd says how the server is, where systemd has started it.
func (s *server) tellSystemd(state string) {
	if err := tellSystemd(state); err != nil {
		s.log.Warn("systemd could not be told", "error", err)
	}
}

func newServer(ctx context.Context, settings *settings, log *slog.Logger) (_ *server, err error) {
	s := &server{relay: relay.New(settings.voice(log)), log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err = settings.makeData(); err != nil {
		return nil, err
	}
	if s.unlock, err = lockData(settings.Data); err != nil {
		return nil, err
	}
	if err = finishRestore(settings.Data, log); err != nil {
		return nil, err
	}
	if s.store, err = openStore(ctx, settings, mayBeNew, log); err != nil {
		return nil, err
	}
	if s.hook, err = settings.newHook(s.store); err != nil {
		return nil, err
	}
	if s.certificate, s.fingerprint, err = control.LoadOrCreateIdentity(filepath.Join(settings.Data, "tls")); err != nil {
		return nil, err
	}
	if s.tcp, s.udp, err = listen(settings.Listen, settings.VoiceLoops); err != nil {
		return nil, err
	}
	// Last, when nothing stops the start any more: the token is shown once.
	if s.ownerToken, err = s.store.Init(ctx, firstChannels()); err != nil {
		return nil, err
	}
	if s.plugins, err = settings.openPlugins(ctx, log); err != nil {
		return nil, err
	}
	s.control = &control.Server{
		Directory:    s.directory(),
		ChatFilter:   &chatFilter{s.plugins},
		Voice:        s.relay,
		Certificate:  s.certificate,
		Name:         settings.Name,
		Version:      cli.Version(),
		NoGuests:     !settings.Guests,
		NoHistory:    !settings.KeepChat,
		NoPing:       !settings.Ping,
		Registration: settings.Registration,

		PublicAddress: settings.PublicAddr,
		History:       settings.History,
		Fixed:         settings.fixed,

		Limits: control.Limits{KickTime: kickTime(settings.KickTime)},

		Logger: log,
	}
	s.hooks, err = admin.NewHooks(admin.HooksConfig{
		Webhooks: s.store, Deliveries: s.store, Live: s.control,
		Allow: hostList(settings.HookAllow), Version: cli.Version(), Logger: log,
	})
	if err != nil {
		return nil, err
	}
	return s, s.openAdmin(settings)
}

// kickTime gives a setting as control has it, where 0 is the default.
func kickTime(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// announce prints what a person or a script needs to reach the server: one line
// when it is ready, and at the first start the owner's token.
func (s *server) announce(streams *cli.Streams) {
	fmt.Fprintf(streams.Out, "ready control=%s voice=%s admin=%s fingerprint=%s\n", s.tcp.Addr(), s.udp[0].LocalAddr(), s.adminAddr(), s.fingerprint)
	if s.ownerToken == "" {
		return
	}
	fmt.Fprintf(streams.Out, "\nThis is the first start. Whoever has this token within 24 hours can be the owner, once:\n\n  %s\n\n%s  voiceapp claim --server %s --name NAME --token-file -\n\nLater, voiceapp-server owner-token prints another.\n\n",
		s.ownerToken, s.claimLink(), localAddr(s.tcp.Addr()))
}

// claimLink is a line with the page on which the owner's token can be used.
func (s *server) claimLink() string {
	if s.web == nil {
		return ""
	}
	return fmt.Sprintf("  %s://%s/#claim=%s\n", s.guard.Scheme(s.web.Addr()), localAddr(s.web.Addr()), s.ownerToken)
}

// localAddr is the address by which this machine reaches the server.
func localAddr(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return addr.String()
}

// stop lets the clients leave in order, and then closes.
func (s *server) stop() error {
	s.tellSystemd(nowStopping)
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if s.admin != nil {
		_ = s.admin.Shutdown(ctx) // what is left is closed below
	}
	if err := s.control.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(err, s.close())
	}
	return s.close()
}

// close ends whatever was opened, in the order in which it depends on each other.
func (s *server) close() error {
	var errs []error
	if s.upkeep != nil {
		s.upkeep()
	}
	if s.admin != nil {
		errs = append(errs, s.admin.Close())
	}
	if s.web != nil {
		errs = append(errs, ignoreClosed(s.web.Close()))
	}
	if s.control != nil {
		errs = append(errs, s.control.Close())
	} else if s.tcp != nil {
		errs = append(errs, s.tcp.Close())
	}
	if s.plugins != nil {
		errs = append(errs, s.plugins.Close())
	}
	errs = append(errs, s.relay.Close())
	if s.hook != nil {
		s.hook.Close()
	}
	for _, socket := range s.udp {
		errs = append(errs, ignoreClosed(socket.Close()))
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.unlock != nil {
		errs = append(errs, s.unlock())
	}
	return errors.Join(errs...)
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
