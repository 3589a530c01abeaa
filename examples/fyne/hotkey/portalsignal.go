package hotkey

import (
	"context"
	"maps"
	"strings"

	"github.com/godbus/dbus/v5"

	"github.com/voiceapp-sdk/voiceapp"
)

var (
	errPortalGone   = voiceapp.NewError(voiceapp.Unavailable, "the desktop's portal has gone").With(Lost)
	errSessionEnded = voiceapp.NewError(voiceapp.Unavailable, "the desktop has ended its global shortcuts").With(Ended)
)

// The answers of a person to a request.
const (
	accepted  = 0
	cancelled = 1
)

// request calls a method whose answer comes as a signal, maybe after a person has been asked.
// options go last, with the request's token among them.
func (p *portal) request(ctx context.Context, method string, options map[string]dbus.Variant, args ...any) (map[string]dbus.Variant, error) {
	answers := make(chan *dbus.Signal, 1)
	p.conn.Signal(answers) // before the call: the answer may come before its return
	defer p.conn.RemoveSignal(answers)
	options = maps.Clone(options)
	name := token()
	options["handle_token"] = dbus.MakeVariant(name)
	sender := strings.ReplaceAll(strings.TrimPrefix(p.conn.Names()[0], ":"), ".", "_")
	expected := dbus.ObjectPath(portalPath + "/request/" + sender + "/" + name)

	handle := expected // portals older than 0.9 choose another
	err := p.desktop.CallWithContext(ctx, shortcutsInterface+"."+method, 0, append(args, options)...).Store(&handle)
	if err != nil && ctx.Err() == nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the desktop's portal does not do what was asked", err).With(NotSetUp)
	}
	return p.await(ctx, answers, expected, handle)
}

// await waits for the answer to a request, by either path.
func (p *portal) await(ctx context.Context, answers <-chan *dbus.Signal, expected, handle dbus.ObjectPath) (map[string]dbus.Variant, error) {
	for {
		select {
		case <-ctx.Done():
			_ = p.conn.Object(portalName, handle).Call(requestInterface+".Close", dbus.FlagNoReplyExpected).Err // takes the dialogue away
			return nil, ctx.Err()
		case s, ok := <-answers:
			if !ok || isGone(s) {
				return nil, errPortalGone
			}
			if s.Name == requestInterface+".Response" && (s.Path == expected || s.Path == handle) {
				return parseResponse(s.Body)
			}
		}
	}
}

func parseResponse(body []any) (map[string]dbus.Variant, error) {
	var code uint32
	var results map[string]dbus.Variant
	if err := dbus.Store(body, &code, &results); err != nil {
		return nil, voiceapp.WrapError(voiceapp.Unavailable, "the desktop's portal answers what can't be read", err).With(NotSetUp)
	}
	switch code {
	case accepted:
		return results, nil
	case cancelled:
		return nil, voiceapp.NewError(voiceapp.Forbidden, "the global keys were not allowed in the desktop's dialogue").With(Refused)
	default:
		return nil, voiceapp.NewError(voiceapp.Unavailable, "the desktop has not set up the global keys").With(NotSetUp)
	}
}

// isGone reports whether a signal says that nobody has the portal's name any more.
func isGone(s *dbus.Signal) bool {
	if s.Name != "org.freedesktop.DBus.NameOwnerChanged" || len(s.Body) != 3 {
		return false
	}
	return s.Body[0] == portalName && s.Body[2] == ""
}

func (p *portal) run() error {
	for s := range p.signals {
		if isGone(s) {
			return errPortalGone
		}
		if s.Name == sessionInterface+".Closed" && p.isSession(s.Path) {
			return errSessionEnded
		}
		p.take(s)
	}
	return errPortalGone
}

// take tells of a shortcut's signal. The first in its body is the session's path.
func (p *portal) take(s *dbus.Signal) {
	if len(s.Body) < 2 {
		return
	}
	session, _ := s.Body[0].(dbus.ObjectPath)
	if !p.isSession(session) {
		return
	}
	id, _ := s.Body[1].(string)
	switch s.Name {
	case shortcutsInterface + ".Activated":
		p.board.set(id, true)
	case shortcutsInterface + ".Deactivated":
		p.board.set(id, false)
	case shortcutsInterface + ".ShortcutsChanged":
		p.describe(s.Body[1])
	}
}
