package control_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// audited is a directory that keeps an audit log.
type audited struct {
	*control.Memory

	mu      sync.Mutex
	entries []voiceapp.AuditEntry
}

func (d *audited) AppendAudit(_ context.Context, entry voiceapp.AuditEntry) (voiceapp.AuditEntry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := entry.Check(); err != nil {
		return entry, err
	}
	d.entries = append(d.entries, entry)
	return entry, nil
}

func (d *audited) AuditLog(context.Context, voiceapp.AuditQuery) ([]voiceapp.AuditEntry, error) {
	return nil, nil
}

func (d *audited) take() []voiceapp.AuditEntry {
	d.mu.Lock()
	defer d.mu.Unlock()
	taken := d.entries
	d.entries = nil
	return taken
}

// Each change to accounts, invites and messages leaves one entry, also when it is
// refused, and none of them holds a secret or what was said.
func TestChangesLeaveOneEntry(t *testing.T) {
	d := &audited{Memory: newMemory()}
	w := newWorld(t, &control.Server{Directory: d})
	admin, guest := w.account("Admin", voiceapp.RoleAdmin), w.guest("Guest")
	id, err := admin.SendChatTo(t.Context(), voiceapp.ChatTarget{Channel: lobby}, "a text that is private")
	if err != nil {
		t.Fatal(err)
	}
	made, link, err := admin.NewInvite(t.Context(), voiceapp.Invite{Uses: 2})
	if err != nil {
		t.Fatal(err)
	}
	device, token, err := admin.RememberDevice(t.Context(), "laptop")
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{"private", link.Invite, token, "correct horse", "argon2"}
	if got := d.take(); len(got) != 2 {
		t.Errorf("an invite and a device left %+v", got)
	}
	ctx := t.Context()
	for _, c := range []struct {
		action, target string
		code           voiceapp.Code
		do             func() error
	}{
		{"chat.edit", fmt.Sprint("message:", id), "", func() error { return edit(t, admin, id) }},
		{"chat.edit", fmt.Sprint("message:", id), voiceapp.Forbidden, func() error { return edit(t, guest, id) }},
		{"chat.delete", fmt.Sprint("message:", id), voiceapp.Forbidden, func() error { return guest.DeleteChat(ctx, id, "") }},
		{"chat.delete", fmt.Sprint("message:", id), "", func() error { return admin.DeleteChat(ctx, id, "because") }},
		{"invite.create", "", voiceapp.Forbidden, func() error { _, _, err := guest.NewInvite(ctx, voiceapp.Invite{}); return err }},
		{"account.register", "user:2", "", func() error { _, err := guest.UseInvite(ctx, link.Invite, "Anna", "correct horse"); return err }},
		{"account.register", "", voiceapp.Exists, func() error { _, err := guest.UseInvite(ctx, link.Invite, "Anna", "correct horse"); return err }},
		{"account.claim", "", voiceapp.BadCredentials, func() error { _, err := guest.Claim(ctx, "x", "Bo", "correct horse"); return err }},
		{"invite.delete", fmt.Sprint("invite:", made.ID), "", func() error { return admin.DeleteInvite(ctx, made.ID, "") }},
		{"account.revoke", "user:1", "", func() error { return admin.RevokeDevice(ctx, device.ID) }},
		{"account.rename", "", voiceapp.Forbidden, func() error { _, err := guest.Rename(ctx, "Bo"); return err }},
		{"account.rename", "user:1", "", func() error { _, err := admin.Rename(ctx, "Chief"); return err }},
		{"account.set_password", "user:1", "", func() error { return admin.SetPassword(ctx, "correct horse", "correct horses") }},
	} {
		err := c.do()
		got := d.take()
		if len(got) != 1 || got[0].Action != c.action || got[0].Target != c.target || got[0].Result != c.code {
			t.Errorf("%s (%v) left %+v; want one entry about %q with %q", c.action, err, got, c.target, c.code)
			continue
		}
		text := fmt.Sprintf("%+v", got)
		if at := slices.IndexFunc(secrets, func(secret string) bool { return strings.Contains(text, secret) }); at >= 0 {
			t.Errorf("%s shows %q: %s", c.action, secrets[at], text)
		}
		if c.code == "" && c.action == "account.rename" && (!strings.Contains(got[0].Before, `"Admin"`) || !strings.Contains(got[0].After, `"Chief"`)) {
			t.Errorf("the entry says %s became %s", got[0].Before, got[0].After)
		}
	}
}

// What guests are refused can't fill the audit log; what moderators are, always has
// its entry, and time brings the next.
func TestRefusalsDoNotFillTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &audited{Memory: newMemory()}
		w := newWorld(t, &control.Server{Directory: d})
		guest, mod := w.guest("Guest"), w.account("Mod", voiceapp.RoleModerator)
		try := func(who *control.Client, times int) int {
			for range times {
				by := voiceapp.Actor{Session: who.Self().Session, Address: netip.MustParseAddr("2001:db8::1")}
				if _, err := w.server.CreateChannel(t.Context(), by, voiceapp.Channel{Name: "Mine"}, ""); !errors.Is(err, voiceapp.Forbidden) {
					t.Fatal(err)
				}
			}
			return len(d.take())
		}
		if n := try(guest, 300); n != 100 {
			t.Errorf("%d entries for 300 refusals of a guest", n)
		}
		if n := try(mod, 300); n != 300 {
			t.Errorf("%d entries for 300 refusals of a moderator", n)
		}
		time.Sleep(30 * time.Second)
		if n := try(guest, 300); n != 3 {
			t.Errorf("%d entries for 300 refusals of a guest half a minute later", n)
		}
		if n := w.server.Stats().Unaudited; n != 200+297 {
			t.Errorf("%d refusals are said to have no entry", n)
		}
	})
}
