package hotkey

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/voiceapp-sdk/voiceapp"
)

// Names of the desktop portal.
const (
	portalName = "org.freedesktop.portal.Desktop"
	portalPath = "/org/freedesktop/portal/desktop"

	shortcutsInterface = "org.freedesktop.portal.GlobalShortcuts"
	requestInterface   = "org.freedesktop.portal.Request"
	sessionInterface   = "org.freedesktop.portal.Session"
	registryInterface  = "org.freedesktop.host.portal.Registry"
)

// portal is the way by the desktop's portal.
type portal struct {
	board   *board
	conn    *dbus.Conn
	desktop dbus.BusObject
	signals chan *dbus.Signal // run's

	binding sync.Mutex // held by bind

	mu      sync.Mutex
	session dbus.ObjectPath // guarded by mu; "": none
}

func openPortal(ctx context.Context, cfg Config, b *board) (way, error) {
	address := busAddress()
	if address == "" {
		return nil, voiceapp.NewError(voiceapp.Unavailable, "there is no session bus")
	}
	conn, err := connectBus(ctx, address)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the session bus can't be reached", err)
	}
	p := &portal{board: b, conn: conn, desktop: conn.Object(portalName, portalPath), signals: make(chan *dbus.Signal, 16)}
	if err := p.begin(ctx, cfg.AppID); err != nil {
		conn.Close()
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "this desktop's portal has no global shortcuts", err)
	}
	return p, nil
}

// busAddress is where the session bus is. godbus would start one where there is none.
func busAddress() string {
	if a := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" && a != "autolaunch:" {
		return a
	}
	socket := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
	if _, err := os.Stat(socket); err != nil || !filepath.IsAbs(socket) {
		return ""
	}
	return "unix:path=" + dbus.EscapeBusAddressValue(socket)
}

// connectBus gives up with ctx, also on a bus that takes a connection and says nothing.
func connectBus(ctx context.Context, address string) (*dbus.Conn, error) {
	conn, err := dbus.Dial(address, dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// BusAnswers reports whether there is a session bus that says hello before ctx ends. A desktop
// that hangs takes connections and says nothing: who would wait for it without an end may ask
// this first.
func BusAnswers(ctx context.Context) bool {
	conn, err := connectBus(ctx, busAddress())
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// begin asks whether the portal can do it, and for its signals.
func (p *portal) begin(ctx context.Context, appID string) error {
	if appID != "" { // programs outside of a sandbox say who they are, where the portal is new enough to ask
		_ = p.desktop.CallWithContext(ctx, registryInterface+".Register", 0, appID, map[string]dbus.Variant{}).Err
	}
	var version dbus.Variant
	err := p.desktop.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, shortcutsInterface, "version").Store(&version)
	if err != nil {
		return err
	}
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(portalName), dbus.WithMatchInterface(shortcutsInterface)},
		{dbus.WithMatchSender(portalName), dbus.WithMatchInterface(requestInterface)},
		{dbus.WithMatchSender(portalName), dbus.WithMatchInterface(sessionInterface)},
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, portalName)},
	} {
		if err := p.conn.AddMatchSignalContext(ctx, match...); err != nil {
			return err
		}
	}
	p.conn.Signal(p.signals)
	return nil
}

func (p *portal) name() Way { return Portal }
func (p *portal) close()    { p.conn.Close() }

// shortcut is a binding on the wire: a(sa{sv}).
type shortcut struct {
	ID      string
	Options map[string]dbus.Variant
}

// bind makes a session of its own: the shortcuts of one can be bound once.
func (p *portal) bind(ctx context.Context, bindings []Binding) error {
	p.binding.Lock()
	defer p.binding.Unlock()
	p.endSession(ctx)
	p.board.replace(bindings)
	if len(bindings) == 0 {
		return nil
	}
	err := p.bindSession(ctx, bindings)
	if err != nil {
		p.endSession(ctx)
		p.board.replace(nil)
	}
	return err
}

func (p *portal) bindSession(ctx context.Context, bindings []Binding) error {
	results, err := p.request(ctx, "CreateSession", map[string]dbus.Variant{"session_handle_token": dbus.MakeVariant(token())})
	if err != nil {
		return err
	}
	session := dbus.ObjectPath(text(results["session_handle"]))
	if !session.IsValid() {
		return voiceapp.NewError(voiceapp.Unavailable, "the desktop's portal gives no session").With(NotSetUp)
	}
	p.setSession(session)
	results, err = p.request(ctx, "BindShortcuts", map[string]dbus.Variant{}, session, shortcuts(bindings), "")
	if err != nil {
		return err
	}
	if v, ok := results["shortcuts"]; ok {
		p.describe(v.Value())
	}
	return nil
}

func shortcuts(bindings []Binding) []shortcut {
	var all []shortcut
	for _, b := range bindings {
		options := map[string]dbus.Variant{"description": dbus.MakeVariant(b.Description)}
		if trigger := b.Key.trigger(); trigger != "" {
			options["preferred_trigger"] = dbus.MakeVariant(trigger)
		}
		all = append(all, shortcut{b.Name, options})
	}
	return all
}

// describe takes what the desktop says that one presses: a(sa{sv}).
func (p *portal) describe(v any) {
	var all []shortcut
	if dbus.Store([]any{v}, &all) != nil {
		return // it is only for people to read
	}
	for _, s := range all {
		p.board.setTrigger(s.ID, text(s.Options["trigger_description"]))
	}
}

// text is a string or path in a variant, "" for anything else.
func text(v dbus.Variant) string {
	switch s := v.Value().(type) {
	case string:
		return s
	case dbus.ObjectPath:
		return string(s)
	default:
		return ""
	}
}

func token() string { return "voiceapp" + strings.ToLower(rand.Text()) }

func (p *portal) setSession(s dbus.ObjectPath) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.session = s
}

func (p *portal) isSession(s dbus.ObjectPath) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return s != "" && s == p.session
}

func (p *portal) endSession(ctx context.Context) {
	p.mu.Lock()
	s := p.session
	p.session = ""
	p.mu.Unlock()
	if s != "" {
		_ = p.conn.Object(portalName, s).CallWithContext(context.WithoutCancel(ctx), sessionInterface+".Close", dbus.FlagNoReplyExpected).Err
	}
}
