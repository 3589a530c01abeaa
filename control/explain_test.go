package control_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// wantPermissions fails unless what is allowed, of see, join, speak and write, is
// what the letters say, and the reasons hold the words.
func wantPermissions(t *testing.T, what string, got voiceapp.Permissions, allowed string, reasons ...string) {
	t.Helper()
	letters, text := "", ""
	for i, p := range []voiceapp.Permission{got.See, got.Join, got.Speak, got.Write} {
		if p.Allowed {
			letters += "sjkw"[i : i+1]
		}
		text += p.Reason + "\n"
	}
	if letters != allowed {
		t.Errorf("%s: %q is allowed, want %q: %+v", what, letters, allowed, got)
	}
	for _, reason := range reasons {
		if !strings.Contains(text, reason) {
			t.Errorf("%s: the reasons lack %q:\n%s", what, reason, text)
		}
	}
}

func TestExplain(t *testing.T) {
	w := newWorld(t, &control.Server{Directory: control.NewMemory(
		voiceapp.Channel{Name: "Lobby", WriteRole: voiceapp.RoleMember},
		voiceapp.Channel{Name: "Quiet", MaxUsers: 1, SpeakRole: voiceapp.RoleMember},
		voiceapp.Channel{Name: "Staff", RequiredRole: voiceapp.RoleModerator},
		voiceapp.Channel{Name: "Attic", SeeRole: voiceapp.RoleAdmin},
	)})
	const attic = staff + 1
	guest, member, mod := w.guest("Guest"), w.account("Member", voiceapp.RoleMember), w.account("Mod", voiceapp.RoleModerator)
	explain := func(c *control.Client, id voiceapp.ChannelID) voiceapp.Permissions {
		t.Helper()
		said, err := c.Explain(t.Context(), id)
		if err != nil {
			t.Errorf("%s in %d: %v", c.Self().Name, id, err)
		}
		return said
	}
	wantPermissions(t, "the guest in the lobby", explain(guest, lobby), "sjk", "writing to it needs the role member; this is guest")
	wantPermissions(t, "the guest in Quiet", explain(guest, quiet), "sjw", "speaking in it needs the role member")
	wantPermissions(t, "the member in Staff", explain(member, staff), "s", "joining it needs the role moderator")
	wantPermissions(t, "the moderator in Staff", explain(mod, staff), "sjkw")

	join(t, guest, quiet)
	wantPermissions(t, "the guest where it is full, and is", explain(guest, quiet), "sjw")
	full := explain(member, quiet)
	wantPermissions(t, "the member where it is full", full, "sw", "the channel is full (1 at most)")
	if full.Join.Needs != voiceapp.RoleModerator || full.Join.Detail != voiceapp.ChannelFull {
		t.Errorf("to get in needs %v, for %q", full.Join.Needs, full.Join.Detail)
	}
	wantPermissions(t, "the moderator where it is full", explain(mod, quiet), "sjkw")

	ofGuest, err := mod.ExplainSession(t.Context(), quiet, guest.Self().Session)
	if err != nil || ofGuest.Role != voiceapp.RoleGuest {
		t.Errorf("%+v, %v", ofGuest, err)
	}
	wantPermissions(t, "the guest, asked by the moderator", ofGuest, "sjw")
	ofMember, err := mod.ExplainUser(t.Context(), staff, member.Self().User)
	if err != nil || ofMember.Role != voiceapp.RoleMember {
		t.Errorf("%+v, %v", ofMember, err)
	}
	own, err := member.ExplainUser(t.Context(), staff, member.Self().User)
	if err != nil || own != ofMember {
		t.Errorf("by his own account: %+v, %v; want %+v", own, err, ofMember)
	}

	if err := mod.Mute(t.Context(), member.Self().Session, true, ""); err != nil {
		t.Fatal(err)
	}
	silent := explain(member, lobby)
	wantPermissions(t, "the member, muted", silent, "sjw", "muted by the server")
	if silent.Speak.Detail != voiceapp.Muted || silent.Join.Detail != "" {
		t.Errorf("the details of the member, muted: %+v", silent)
	}
	byAccount, err := mod.ExplainUser(t.Context(), staff, member.Self().User)
	if err != nil {
		t.Error(err)
	}
	wantPermissions(t, "the member's account, muted, where it may not go", byAccount, "s", "joining it needs the role moderator; this is member; muted by the server")

	for _, c := range []struct {
		what  string
		ask   func() (voiceapp.Permissions, error)
		code  voiceapp.Code
		needs string
	}{
		{"a hidden channel", func() (voiceapp.Permissions, error) { return mod.Explain(t.Context(), attic) }, voiceapp.NotFound, ""},
		{"no channel", func() (voiceapp.Permissions, error) { return mod.Explain(t.Context(), 0) }, voiceapp.NotFound, ""},
		{"another's, as a member", func() (voiceapp.Permissions, error) {
			return member.ExplainSession(t.Context(), lobby, guest.Self().Session)
		}, voiceapp.Forbidden, "role:moderator"},
		{"another's account, as a guest", func() (voiceapp.Permissions, error) {
			return guest.ExplainUser(t.Context(), lobby, member.Self().User)
		}, voiceapp.Forbidden, "role:moderator"},
		{"nobody's session", func() (voiceapp.Permissions, error) {
			return mod.ExplainSession(t.Context(), lobby, ^guest.Self().Session)
		}, voiceapp.NotFound, ""},
		{"nobody's account", func() (voiceapp.Permissions, error) { return mod.ExplainUser(t.Context(), lobby, 99) }, voiceapp.NotFound, ""},
	} {
		_, err := c.ask()
		wantCode(t, c.what, err, c.code, c.needs)
	}
	both := voiceapp.Actor{User: mod.Self().User}
	_, err = w.server.Explain(t.Context(), both, lobby, 1, 1)
	wantCode(t, "an account and a session", err, voiceapp.Invalid, "")
}

// bannedAccount is a directory that keeps one account out.
type bannedAccount struct {
	*control.Memory
	ban voiceapp.Ban
}

func (d bannedAccount) ActiveBan(_ context.Context, user voiceapp.UserID, _ string, _ netip.Addr) (voiceapp.Ban, bool, error) {
	return d.ban, user != 0 && user == d.ban.User, nil
}

func TestExplainBanned(t *testing.T) {
	until := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	d := &bannedAccount{Memory: newMemory()}
	w := newWorld(t, &control.Server{Directory: d})
	mod, member := w.account("Mod", voiceapp.RoleModerator), w.account("Member", voiceapp.RoleMember)
	_ = member.Close()
	for ban, want := range map[voiceapp.Ban]string{
		{User: member.Self().User, Reason: "noise", Until: until}: "banned until 2030-01-02T03:04:05Z (noise)",
		{User: member.Self().User}:                                "banned for good",
	} {
		d.ban = ban
		said, err := mod.ExplainUser(t.Context(), lobby, member.Self().User)
		if err != nil {
			t.Fatal(err)
		}
		wantPermissions(t, "a banned account", said, "", want)
	}
}
