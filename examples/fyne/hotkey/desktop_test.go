//go:build linux

package hotkey

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey/hotkeytest"
)

// desktop is a portal of global shortcuts on a bus of its own, as desktops have it.
type desktop struct {
	t    *testing.T
	conn *dbus.Conn

	mu sync.Mutex
	state
	asked chan struct{} // one for each dialogue
}

// state is what a desktop knows.
type state struct {
	answer    uint32 // to BindShortcuts; 0: yes
	silent    bool   // nobody answers the dialogue
	app       string
	session   dbus.ObjectPath
	shortcuts []shortcut
	closed    []dbus.ObjectPath // sessions and requests that were taken back
}

// now is what it knows at present.
func (d *desktop) now() state {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state
}

// startDesktop starts a bus and its portal.
func startDesktop(t *testing.T) *desktop {
	hotkeytest.StartBus(t)
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	d := &desktop{t: t, conn: conn, asked: make(chan struct{}, 10)}
	d.export(d, portalPath, shortcutsInterface)
	d.export(d, portalPath, registryInterface)
	d.export(properties{}, portalPath, "org.freedesktop.DBus.Properties")
	if _, err := conn.RequestName(portalName, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desktop) export(v any, path dbus.ObjectPath, name string) {
	d.t.Helper()
	if err := d.conn.Export(v, path, name); err != nil {
		d.t.Fatal(err)
	}
}

type properties struct{}

func (properties) Get(string, string) (dbus.Variant, *dbus.Error) {
	return dbus.MakeVariant(uint32(1)), nil
}

func (d *desktop) Register(app string, _ map[string]dbus.Variant) *dbus.Error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.app = app
	return nil
}

func (d *desktop) CreateSession(from dbus.Sender, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.session = dbus.ObjectPath(portalPath + "/session/" + clean(from) + "/" + text(options["session_handle_token"]))
	d.export(taken{d, d.session}, d.session, sessionInterface)
	return d.respond(from, options, 0, map[string]dbus.Variant{"session_handle": dbus.MakeVariant(string(d.session))}), nil
}

func (d *desktop) BindShortcuts(from dbus.Sender, session dbus.ObjectPath, wanted []shortcut, _ string, options map[string]dbus.Variant) (dbus.ObjectPath, *dbus.Error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if session != d.session {
		return "", dbus.MakeFailedError(os.ErrInvalid)
	}
	d.shortcuts = wanted
	path := requestPath(from, options)
	d.export(taken{d, path}, path, requestInterface)
	d.asked <- struct{}{}
	if d.silent {
		return path, nil
	}
	chosen := []shortcut{}
	for _, s := range wanted {
		chosen = append(chosen, shortcut{s.ID, map[string]dbus.Variant{"trigger_description": dbus.MakeVariant("Press " + s.ID)}})
	}
	return d.respond(from, options, d.answer, map[string]dbus.Variant{"shortcuts": dbus.MakeVariant(chosen)}), nil
}

func clean(from dbus.Sender) string {
	return strings.ReplaceAll(strings.TrimPrefix(string(from), ":"), ".", "_")
}

func requestPath(from dbus.Sender, options map[string]dbus.Variant) dbus.ObjectPath {
	return dbus.ObjectPath(portalPath + "/request/" + clean(from) + "/" + text(options["handle_token"]))
}

// respond answers before the call returns, which is what a client has to expect.
func (d *desktop) respond(from dbus.Sender, options map[string]dbus.Variant, code uint32, results map[string]dbus.Variant) dbus.ObjectPath {
	path := requestPath(from, options)
	d.emit(path, requestInterface+".Response", code, results)
	return path
}

func (d *desktop) emit(path dbus.ObjectPath, name string, values ...any) {
	if err := d.conn.Emit(path, name, values...); err != nil {
		d.t.Error(err)
	}
}

// press and release tell of a shortcut of the present session.
func (d *desktop) press(id string)   { d.shortcut("Activated", id) }
func (d *desktop) release(id string) { d.shortcut("Deactivated", id) }

func (d *desktop) shortcut(what, id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.emit(portalPath, shortcutsInterface+"."+what, d.session, id, uint64(1), map[string]dbus.Variant{})
}

// taken is a session or request that a client may take back.
type taken struct {
	desktop *desktop
	path    dbus.ObjectPath
}

func (c taken) Close() *dbus.Error {
	c.desktop.mu.Lock()
	defer c.desktop.mu.Unlock()
	c.desktop.closed = append(c.desktop.closed, c.path)
	c.desktop.asked <- struct{}{}
	return nil
}
