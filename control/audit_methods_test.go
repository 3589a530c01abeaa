package control_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// unaudited are the methods that change nothing of users, channels, bans, invites
// and messages that there are, or only where the one who asks is.
var unaudited = map[string]bool{
	"server.info": true, "ping": true, "device.challenge": true,
	"session.open": true, "session.resume": true, "session.close": true, "session.list": true,
	"account.devices": true, "invite.list": true, "user.list": true, "ban.list": true, "audit.list": true,
	"channel.list": true, "channel.join": true, "channel.leave": true, "permissions.explain": true,
	"chat.send": true, "chat.history": true,
	"channel.listen": true, "channel.unlisten": true, "whisper.set": true, "session.update": true, "session.stats": true,
}

// changes are the others, with parameters for which they work for an owner: S stands
// for the session of a guest, U for the user of a member, M for a message, B for a
// ban, D for a device token of the owner's, T for another one itself, I for an invite.
var changes = []struct{ method, params string }{
	{"account.rename", `{"name":"Chief"}`},
	{"account.remember", `{"name":"laptop"}`},
	{"account.revoke", `{"id":D}`},
	{"account.forget", `{"token":"T"}`},
	{"account.set_password", `{"old":"correct horse","new":"correct horse"}`},
	{"account.register", `{"name":"New","password":"correct horse"}`},
	{"account.claim", `{"token":"wrong","name":"New","password":"correct horse"}`},
	{"invite.create", `{"role":10}`},
	{"invite.delete", `{"id":I}`},
	{"channel.create", `{"channel":{"name":"New"}}`},
	{"channel.edit", `{"channel":2,"set":{"topic":"x"}}`},
	{"channel.move", `{"channel":2,"parent":0}`},
	{"channel.delete", `{"channel":2}`},
	{"chat.edit", `{"id":M,"text":"y"}`},
	{"chat.delete", `{"id":M}`},
	{"user.mute", `{"session":S,"muted":true}`},
	{"user.deafen", `{"session":S,"deaf":true}`},
	{"user.move", `{"session":S,"channel":1}`},
	{"user.set_priority", `{"session":S,"priority":true}`},
	{"user.rename", `{"session":S,"name":"Nice"}`},
	{"user.rename", `{"user":U,"name":"Beau"}`},
	{"user.set_role", `{"user":U,"role":15}`},
	{"user.kick", `{"session":S}`},
	{"user.ban", `{"user":U}`},
	{"ban.edit", `{"ban":B,"reason":"x"}`},
	{"ban.lift", `{"ban":B}`},
	{"user.delete", `{"user":U}`},
}

// Each method that changes something leaves exactly one entry that names it, when it
// is done and when it is refused. A new method has to be in one list or the other.
func TestEveryChangeLeavesOneEntry(t *testing.T) {
	listed := make(map[string]bool)
	d := &audited{Memory: newMemory()}
	w := newWorld(t, &control.Server{Directory: d, Limits: control.Limits{MessageRate: 10_000, MessageBurst: 10_000}})
	owner, member, guest := w.account("Owner", voiceapp.RoleOwner), w.account("Bo", voiceapp.RoleMember), w.guest("Guest")
	message, err := owner.SendChatTo(t.Context(), voiceapp.ChatTarget{Channel: lobby}, "x")
	if err != nil {
		t.Fatal(err)
	}
	ban, err := owner.Ban(t.Context(), voiceapp.BanRequest{Address: "203.0.113.1"})
	if err != nil {
		t.Fatal(err)
	}
	invite, _, err := owner.NewInvite(t.Context(), voiceapp.Invite{})
	if err != nil {
		t.Fatal(err)
	}
	device, _, err := owner.RememberDevice(t.Context(), "phone")
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := owner.RememberDevice(t.Context(), "laptop")
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer(":S", fmt.Sprint(":", guest.Self().Session), ":U", fmt.Sprint(":", member.Self().User), ":M", fmt.Sprint(":", message),
		":B", fmt.Sprint(":", ban.ID), ":D", fmt.Sprint(":", device.ID), ":I", fmt.Sprint(":", invite.ID), `"T"`, `"`+token+`"`)
	refused, does := w.typist(), w.typist()
	refused.ask(typistOpens)
	if r := does.ask(`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"Owner","password":"correct horse"}}`); r.Error != nil {
		t.Fatal(r.Error)
	}
	d.take()
	try := func(y *typist, method, params string) reply {
		t.Helper()
		r := y.ask(`{"jsonrpc":"2.0","id":2,"method":"` + method + `","params":` + fill.Replace(params) + `}`)
		got := d.take()
		if len(got) != 1 || got[0].Action != method || string(got[0].Result) != r.code() {
			t.Errorf("%s %s (%+v) left %+v", method, params, r.Error, got)
		}
		return r
	}
	for _, c := range changes {
		listed[c.method] = true
		// These are open to all, or refused before it is a change.
		if c.method != "account.register" && c.method != "account.forget" && c.method != "account.set_password" {
			if r := try(refused, c.method, c.params); r.Error == nil {
				t.Errorf("%s is allowed to a guest", c.method)
			}
		}
		if r := try(does, c.method, c.params); r.Error != nil && c.method != "account.claim" {
			t.Errorf("%s: %+v", c.method, r.Error)
		}
	}
	hostile := `"\u001b[2J` + strings.Repeat("x", 5000) + `"`
	for method, params := range map[string]string{
		"user.ban":       `{"address":` + hostile + `}`,
		"channel.create": `{"channel":{"name":` + hostile + `}}`,
		"user.kick":      `{"session":S,"reason":` + hostile + `}`,
		"user.rename":    `{"user":U,"name":` + hostile + `}`,
	} {
		if r := try(does, method, params); r.Error == nil {
			t.Errorf("%s took what nobody can read", method)
		}
	}
	for _, name := range control.Methods() {
		if listed[name] == unaudited[name] {
			t.Errorf("%s is in both lists, or in none: say whether it changes something", name)
		}
	}
}
