package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// Ids that no other number in a line looks like.
const (
	hiddenID voiceapp.ChannelID = 77177
	noID     voiceapp.ChannelID = 88188
)

// channelParams says with which parameters each method names a channel, which
// stands for %d. A method without any names none.
var channelParams = map[string][]string{
	"server.info": nil, "ping": nil, "session.open": nil, "session.resume": nil, "device.challenge": nil, "session.close": nil, "session.list": nil,
	"account.claim": nil, "account.register": nil,
	"account.set_password": nil, "account.rename": nil, "account.remember": nil, "account.devices": nil, "account.revoke": nil, "account.forget": nil,
	"invite.create": nil, "invite.list": nil, "invite.delete": nil,
	"user.kick": nil, "user.mute": nil, "user.deafen": nil, "user.move": {`{"session":1,"channel":%d}`},
	"user.ban": nil, "user.set_role": nil, "user.rename": nil, "user.list": nil, "user.delete": nil,
	"ban.list": nil, "ban.edit": nil, "ban.lift": nil, "audit.list": nil,

	"channel.list":   {`{"after":%d}`},
	"channel.join":   {`{"channel":%d}`},
	"channel.leave":  nil,
	"channel.create": {`{"channel":{"name":"New","parent":%d}}`, `{"channel":{"name":"New","parent":%d,"temporary":true}}`},
	"channel.edit":   {`{"channel":%d,"set":{"topic":"x"}}`, `{"channel":%d,"set":{"temporary":true,"see_role":0}}`},
	"channel.move":   {`{"channel":%d,"parent":0}`, `{"channel":2,"parent":%d}`, `{"channel":%d,"parent":1}`, `{"channel":1,"parent":%d}`},
	"channel.delete": {`{"channel":%d}`, `{"channel":%d,"recursive":true,"reason":"x"}`},

	"permissions.explain": {`{"channel":%d}`, `{"channel":%d,"user":1}`, `{"channel":%d,"user":99}`, `{"channel":%d,"session":1}`},

	"chat.send":    {`{"text":"x","channel":%d}`},
	"chat.history": {`{"channel":%d}`, `{"channel":%d,"limit":1,"before":9}`},
	"chat.edit":    nil, "chat.delete": nil,

	"channel.listen":   {`{"channel":%d}`},
	"channel.unlisten": {`{"channel":%d}`},
	"whisper.set":      {`{"slot":1,"channels":[%d]}`},
	"session.update":   nil, "session.stats": nil, "user.set_priority": nil,
}

func TestEveryMethodIsTriedWithAHiddenChannel(t *testing.T) {
	for _, name := range control.Methods() {
		if _, ok := channelParams[name]; !ok {
			t.Errorf("%s is not in channelParams: say there how it names a channel", name)
		}
	}
}

// A channel that one may not see is answered exactly as one that is not there, by
// every method; and nothing that happens in it is told.
func TestHiddenChannelIsNoChannel(t *testing.T) {
	for _, role := range []voiceapp.Role{voiceapp.RoleGuest, voiceapp.RoleMember, voiceapp.RoleModerator, voiceapp.RoleAdmin} {
		t.Run(role.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { tryHidden(t, role) })
		})
	}
}

func tryHidden(t *testing.T, role voiceapp.Role) {
	w := newWorld(t, &control.Server{
		Directory: control.NewMemory(
			voiceapp.Channel{Name: "Lobby"},
			voiceapp.Channel{Name: "Quiet", Parent: lobby},
			voiceapp.Channel{ID: hiddenID, Name: "Attic", SeeRole: role + 1},
		),
		Limits: control.Limits{MessageRate: 10_000, MessageBurst: 10_000},
		Voice:  &voiceLog{},
	})
	owner := w.account("Owner", voiceapp.RoleOwner)
	join(t, owner, hiddenID)
	y := w.seen(role)
	below := makeChannel(t, owner, voiceapp.Channel{Name: "Attic stairs", Parent: hiddenID})
	join(t, owner, below.ID)
	if _, err := owner.SendChat(t.Context(), "Attic news"); err != nil {
		t.Fatal(err)
	}
	for _, method := range control.Methods() {
		for _, params := range channelParams[method] {
			hidden, none := y.answer(method, params, hiddenID), y.answer(method, params, noID)
			if hidden != none {
				t.Errorf("%s %s: a hidden channel is answered with\n%s, one that is not there with\n%s", method, params, hidden, none)
			}
		}
	}
	for _, method := range []string{"channel.list", "session.list"} {
		y.answer(method, `{}`, 0)
	}
	editChannel(t, owner, hiddenID, voiceapp.ChannelEdit{Topic: new("Attic topic")})
	if err := owner.DeleteChannel(t.Context(), hiddenID, true, ""); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	y.answer("ping", `{}`, 0)
	for _, line := range y.lines {
		if strings.Contains(line, "Attic") || strings.Contains(line, "77177") {
			t.Errorf("it shows in %s", line)
		}
	}
	if joined := func(line string) bool { return strings.Contains(line, `"Owner"`) }; !slices.ContainsFunc(y.lines, joined) {
		t.Error("nothing was heard of who is in it: the test looks at the wrong lines")
	}
}

// The audit log says that something was done to a hidden channel, and not what it is.
func TestAuditOfAHiddenChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Directory: newMemory()})
		owner, admin := w.account("Owner", voiceapp.RoleOwner), w.account("Admin", voiceapp.RoleAdmin)
		attic := makeChannel(t, owner, voiceapp.Channel{Name: "Attic", SeeRole: voiceapp.RoleOwner})
		editChannel(t, owner, attic.ID, voiceapp.ChannelEdit{SeeRole: new(voiceapp.RoleGuest)})
		editChannel(t, owner, attic.ID, voiceapp.ChannelEdit{Name: new("Loft"), Topic: new("of the Attic")})
		for by, want := range map[*control.Client]int{owner: 3, admin: 1} {
			entries, _, err := by.AuditLog(t.Context(), voiceapp.AuditQuery{Target: fmt.Sprint("channel:", attic.ID)})
			if err != nil || len(entries) != 3 {
				t.Fatalf("%+v, %v", entries, err)
			}
			shown := 0
			for _, e := range entries {
				if strings.Contains(e.Before+e.After, "Attic") {
					shown++
				}
			}
			if shown != want {
				t.Errorf("%s is shown the name %d times, want %d", by.Self().Name, shown, want)
			}
		}
	})
}

// watcher is a typist who keeps all that it reads.
type watcher struct {
	*typist
	lines []string
}

// seen logs in someone of a role who keeps what he reads.
func (w *world) seen(role voiceapp.Role) *watcher {
	w.t.Helper()
	password := ""
	if role > voiceapp.RoleGuest {
		_ = w.account("typist", role).Close()
		password = `,"password":"correct horse"`
	}
	y := &watcher{typist: w.typist()}
	if r := y.ask(`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"typist"` + password + `}}`); r.Error != nil {
		w.t.Fatalf("%+v", r.Error)
	}
	return y
}

// answer asks with a channel's id in the place of %d and returns the answer's line.
func (y *watcher) answer(method, params string, id voiceapp.ChannelID) string {
	y.t.Helper()
	if id != 0 {
		params = fmt.Sprintf(params, id)
	}
	y.write(`{"jsonrpc":"2.0","id":"asked","method":"` + method + `","params":` + params + "}\n")
	for {
		line, err := y.typist.lines.ReadString('\n')
		if err != nil {
			y.t.Fatalf("%s %s: %v", method, params, err)
		}
		y.lines = append(y.lines, line)
		if strings.Contains(line, `"id":"asked"`) {
			return line
		}
	}
}
