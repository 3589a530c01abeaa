package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// call is one request of a connection. What answers it runs in the goroutine of
// conn.serve, and may wait.
type call struct {
	*conn
	id     json.RawMessage
	params json.RawMessage
}

// method is what serves a call: it answers once, or returns the error that does.
type method struct {
	when   when
	params reflect.Type
	run    func(*call, context.Context) error
}

type when int

const (
	whenever when = iota
	beforeLogin
	afterLogin
)

// with makes a method of a function that takes decoded parameters. A member that
// is not marked omitempty has to be there.
func with[P any](when when, run func(*call, context.Context, P) error) method {
	required := requiredMembers(reflect.TypeFor[P]())
	return method{when, reflect.TypeFor[P](), func(c *call, ctx context.Context) error {
		var params P
		if err := decodeParams(c.params, &params); err != nil {
			return err
		}
		if err := checkRequired(required, c.params, reflect.ValueOf(params)); err != nil {
			return err
		}
		return run(c, ctx, params)
	}}
}

// methods is the protocol. It does not change.
var methods = map[string]method{
	methodInfo:      with(whenever, (*call).info),
	methodPing:      with(whenever, (*call).ping),
	methodOpen:      with(beforeLogin, (*call).open),
	methodChallenge: with(beforeLogin, (*call).challengeDevice),

	methodClaim:    with(whenever, (*call).claim),
	methodRegister: with(whenever, (*call).register),
	methodResume:   with(beforeLogin, (*call).resume),
	methodClose:    with(afterLogin, (*call).close),
	methodSessions: with(afterLogin, (*call).sessions),
	methodChannels: with(afterLogin, (*call).channels),
	methodJoin:     with(afterLogin, (*call).join),
	methodLeave:    with(afterLogin, (*call).leaveChannel),
	methodCreate:   with(afterLogin, (*call).createChannel),
	methodEdit:     with(afterLogin, (*call).editChannel),
	methodMove:     with(afterLogin, (*call).moveChannel),
	methodDelete:   with(afterLogin, (*call).deleteChannel),
	methodExplain:  with(afterLogin, (*call).explainPermissions),
	methodChat:     with(afterLogin, (*call).sendChat),

	methodHistory:    with(afterLogin, (*call).history),
	methodEditChat:   with(afterLogin, (*call).editChat),
	methodDeleteChat: with(afterLogin, (*call).deleteChat),

	methodUpdateSelf:  with(afterLogin, (*call).updateSelf),
	methodStats:       with(afterLogin, (*call).stats),
	methodWhisper:     with(afterLogin, (*call).setWhisper),
	methodListen:      with(afterLogin, (*call).listen),
	methodUnlisten:    with(afterLogin, (*call).unlisten),
	methodSetPriority: with(afterLogin, (*call).setPriority),

	methodSetPassword:  with(afterLogin, (*call).setPassword),
	methodRename:       with(afterLogin, (*call).rename),
	methodRemember:     with(afterLogin, (*call).remember),
	methodDevices:      with(afterLogin, (*call).devices),
	methodRevoke:       with(afterLogin, (*call).revoke),
	methodForget:       with(whenever, (*call).forget),
	methodNewInvite:    with(afterLogin, (*call).newInvite),
	methodInvites:      with(afterLogin, (*call).invites),
	methodDeleteInvite: with(afterLogin, (*call).deleteInvite),

	methodKick:       with(afterLogin, (*call).kick),
	methodMute:       with(afterLogin, (*call).mute),
	methodDeafen:     with(afterLogin, (*call).deafen),
	methodMoveUser:   with(afterLogin, (*call).moveUser),
	methodBan:        with(afterLogin, (*call).ban),
	methodSetRole:    with(afterLogin, (*call).setUserRole),
	methodRenameUser: with(afterLogin, (*call).renameUser),
	methodUsers:      with(afterLogin, (*call).users),
	methodDeleteUser: with(afterLogin, (*call).deleteUser),
	methodBans:       with(afterLogin, (*call).bans),
	methodEditBan:    with(afterLogin, (*call).editBan),
	methodLiftBan:    with(afterLogin, (*call).liftBan),
	methodAudit:      with(afterLogin, (*call).auditLog),
}

// handle serves one line. It is false when the connection is to end. A panic ends
// this connection alone.
func (c *conn) handle(line []byte) (ok bool) {
	begun := time.Now()
	var request message
	defer func() { c.survive(recover(), request.Method, len(line)) }()
	if len(bytes.TrimSpace(line)) == 0 {
		c.meter.take("", begun)
		return c.tolerable()
	}
	if isDatagram(line) && c.tunnel(line) {
		return c.tolerable()
	}
	request, err := decodeRequest(line)
	in := &call{conn: c, id: request.ID, params: request.Params}
	if err != nil {
		c.server.counters.badLines.Add(1)
	} else {
		c.server.counters.requests.Add(1)
	}
	switch wait := c.meter.take(request.Method, begun); {
	case wait > 0:
		c.server.counters.limited.Add(1)
		err = limited(voiceapp.TooFast, "too many messages; slow down", wait)
	case err == nil:
		err = in.dispatch(request.Method)
	}
	if err != nil {
		in.fail(request.Method, err)
	}
	c.server.answered.count(request.Method, err)
	c.server.requestTime.Observe(time.Since(begun))
	return c.tolerable()
}

// tolerable ends the connection of a client that does not take no for an answer.
func (c *conn) tolerable() bool {
	limits := c.server.limits
	ok := c.faults < limits.MaxLoginFaults && c.meter.refused <= limits.MessageBurst
	if !ok {
		c.bye(voiceapp.Limited, "too many requests were refused")
	}
	return ok
}

func (c *call) dispatch(name string) error {
	m, ok := methods[name]
	switch {
	case !ok:
		return voiceapp.NewError(voiceapp.UnknownMethod, "there is no such method")
	case m.when == afterLogin && c.session == nil:
		return voiceapp.NewError(voiceapp.LoginRequired, name+" needs session.open first")
	case m.when == beforeLogin && c.session != nil:
		return voiceapp.NewError(voiceapp.Conflict, "the session is open already")
	}
	ctx, cancel := context.WithTimeout(c.server.base, c.server.limits.RequestTimeout)
	defer cancel()
	return m.run(c, ctx)
}

// reply queues the answer. It is called in the loop where the answer has a place
// among the events.
func (c *call) reply(result any) {
	c.send(outgoing{ID: c.id, Result: result})
}

// fail queues an error as the answer, and logs it when the fault is the server's.
func (c *call) fail(method string, err error) {
	e := voiceapp.AsError(err)
	if e.Code == voiceapp.Internal {
		c.log.Error("a request failed", "method", method, "error", e)
	}
	c.send(outgoing{ID: c.id, Error: errorToWire(err)})
}

func (c *conn) send(m outgoing) { c.push(mustEncode(m)) }

// survive ends the connection after a panic, if fault is one. The log gets the
// shape of the input and not its content.
func (c *conn) survive(fault any, method string, size int) {
	if fault == nil {
		return
	}
	c.server.counters.panics.Add(1)
	c.server.answered.count(method, voiceapp.Internal)
	if _, ok := methods[method]; !ok {
		method = unknownMethod
	}
	stack := debug.Stack()
	if inLoop, ok := fault.(*panicError); ok {
		fault, stack = inLoop.fault, inLoop.stack
	}
	c.log.Error("a request made the server panic; its connection ends",
		"method", method, "bytes", size, "fault", faultText(fault), "stack", string(stack))
	c.bye(voiceapp.Internal, "something went wrong in the server")
}

// faultText shows what the runtime says, and of anything else only its type.
func faultText(fault any) string {
	if err, ok := fault.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", fault)
}
