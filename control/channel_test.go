package control_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// make has a client make a channel.
func makeChannel(t *testing.T, c *control.Client, ch voiceapp.Channel) voiceapp.Channel {
	t.Helper()
	made, err := c.CreateChannel(t.Context(), ch, "")
	if err != nil {
		t.Fatalf("%s makes %+v: %v", c.Self().Name, ch, err)
	}
	return made
}

func editChannel(t *testing.T, c *control.Client, id voiceapp.ChannelID, edit voiceapp.ChannelEdit) voiceapp.Channel {
	t.Helper()
	became, err := c.EditChannel(t.Context(), id, edit, "")
	if err != nil {
		t.Fatalf("%s edits %d: %v", c.Self().Name, id, err)
	}
	return became
}

func join(t *testing.T, c *control.Client, id voiceapp.ChannelID) {
	t.Helper()
	if err := c.Join(t.Context(), id); err != nil {
		t.Fatalf("%s joins %d: %v", c.Self().Name, id, err)
	}
}

// wantCode fails unless an error carries a code, and names what was missing.
func wantCode(t *testing.T, what string, err error, code voiceapp.Code, needs string) {
	t.Helper()
	if e := voiceapp.AsError(err); e == nil || e.Code != code || e.Needs != needs {
		t.Errorf("%s: %v; want %s %s", what, err, code, needs)
	}
}

// What an admin does to the tree is what everyone sees, in the order in which to
// show it, and nothing is left out of what can be set.
func TestChannelTree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		admin, guest := w.account("Admin", voiceapp.RoleAdmin), w.guest("Guest")
		want := voiceapp.Channel{
			Name: "Games", Topic: "Tonight:\nchess", Parent: quiet, RequiredRole: 1, SpeakRole: 2, WriteRole: 3, MaxUsers: 4, Bitrate: 32_000,
		}
		made := makeChannel(t, admin, want)
		want.ID, want.Position = made.ID, 1
		if made != want || want.ID == 0 {
			t.Errorf("made %+v, want %+v", made, want)
		}
		want.Topic, want.MaxUsers = "", 0
		if got := editChannel(t, admin, made.ID, voiceapp.ChannelEdit{Topic: new(""), MaxUsers: new(0)}); got != want {
			t.Errorf("edited %+v, want %+v", got, want)
		}
		if got := editChannel(t, admin, made.ID, voiceapp.ChannelEdit{}); got != want {
			t.Errorf("edited nothing: %+v, want %+v", got, want)
		}
		moved, err := admin.MoveChannel(t.Context(), made.ID, 0, 1, "it belongs there")
		if want.Parent = 0; err != nil || moved != want {
			t.Errorf("moved: %+v, %v; want %+v", moved, err, want)
		}
		if got := channelNames(admin); !slices.Equal(got, []string{"Games", "Lobby", "Quiet", "Staff"}) {
			t.Errorf("the channels are %q", got)
		}
		synctest.Wait()
		if got := guest.Channels(); !slices.Equal(got, admin.Channels()) {
			t.Errorf("the guest sees %+v, the admin %+v", got, admin.Channels())
		}
		if err := admin.DeleteChannel(t.Context(), made.ID, false, ""); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		for _, c := range []*control.Client{admin, guest} {
			if got := channelNames(c); !slices.Equal(got, []string{"Lobby", "Quiet", "Staff"}) {
				t.Errorf("%s sees %q", c.Self().Name, got)
			}
		}
	})
}

func TestChannelRefusals(t *testing.T) {
	tree := control.NewMemory(
		voiceapp.Channel{Name: "Lobby", Bitrate: 40_000},
		voiceapp.Channel{Name: "Quiet", Parent: lobby},
		voiceapp.Channel{Name: "Staff", RequiredRole: voiceapp.RoleModerator},
		voiceapp.Channel{Name: "Owners", RequiredRole: voiceapp.RoleOwner},
		voiceapp.Channel{Name: "Speech", SpeakRole: voiceapp.RoleOwner},
	)
	w := newWorld(t, &control.Server{Directory: tree, Limits: control.Limits{MaxChannels: 6}})
	guest, member, admin := w.guest("Guest"), w.account("Member", voiceapp.RoleMember), w.account("Admin", voiceapp.RoleAdmin)
	byOtherMeans := voiceapp.Actor{User: admin.Self().User} // so that nobody is in it
	if _, err := w.server.CreateChannel(t.Context(), byOtherMeans, voiceapp.Channel{Name: "Tent", Temporary: true}, ""); err != nil {
		t.Fatal(err)
	}
	const owners, speech, tent, none = staff + 1, staff + 2, staff + 3, 99
	create := func(c *control.Client, ch voiceapp.Channel) error {
		_, err := c.CreateChannel(t.Context(), ch, "")
		return err
	}
	edit := func(c *control.Client, id voiceapp.ChannelID, edit voiceapp.ChannelEdit) error {
		_, err := c.EditChannel(t.Context(), id, edit, "")
		return err
	}
	move := func(c *control.Client, id, parent voiceapp.ChannelID, position int) error {
		_, err := c.MoveChannel(t.Context(), id, parent, position, "")
		return err
	}
	remove := func(c *control.Client, id voiceapp.ChannelID, recursive bool, reason string) error {
		return c.DeleteChannel(t.Context(), id, recursive, reason)
	}
	temporary := func(name string, parent voiceapp.ChannelID) voiceapp.Channel {
		return voiceapp.Channel{Name: name, Parent: parent, Temporary: true}
	}
	for _, c := range []struct {
		what  string
		err   error
		code  voiceapp.Code
		needs string
	}{
		{"too many", create(admin, voiceapp.Channel{Name: "X"}), voiceapp.Limited, ""},
		{"delete one of them", remove(admin, staff, false, ""), "", ""},

		{"create by a member", create(member, voiceapp.Channel{Name: "X"}), voiceapp.Forbidden, "role:admin"},
		{"temporary by a guest", create(guest, temporary("X", lobby)), voiceapp.Forbidden, "role:member"},
		{"temporary at the top", create(member, temporary("X", 0)), voiceapp.Forbidden, "role:admin"},
		{"temporary where one may not go", create(member, temporary("X", owners)), voiceapp.Forbidden, "role:owner"},
		{"temporary nowhere", create(member, temporary("X", none)), voiceapp.NotFound, ""},
		{"temporary for one's betters", create(member, voiceapp.Channel{Name: "X", Parent: lobby, Temporary: true, SpeakRole: 20}), voiceapp.Forbidden, "role:moderator"},
		{"temporary and loud", create(member, voiceapp.Channel{Name: "X", Parent: lobby, Temporary: true, Bitrate: 40_001}), voiceapp.Forbidden, "role:admin"},
		{"a role above one's own", create(admin, voiceapp.Channel{Name: "X", SeeRole: voiceapp.RoleOwner}), voiceapp.Forbidden, "role:owner"},
		{"below the owners' channel", create(admin, voiceapp.Channel{Name: "X", Parent: owners}), voiceapp.Forbidden, "role:owner"},
		{"a name that is taken", create(admin, voiceapp.Channel{Name: "LOBBY"}), voiceapp.Exists, ""},
		{"a bad name", create(admin, voiceapp.Channel{Name: "a/b"}), voiceapp.Invalid, ""},
		{"a bad bitrate", create(admin, voiceapp.Channel{Name: "X", Bitrate: 1}), voiceapp.Invalid, ""},
		{"lasting below temporary", create(admin, voiceapp.Channel{Name: "X", Parent: tent}), voiceapp.Conflict, ""},

		{"edit by a member", edit(member, lobby, voiceapp.ChannelEdit{}), voiceapp.Forbidden, "role:admin"},
		{"edit nowhere", edit(admin, none, voiceapp.ChannelEdit{}), voiceapp.NotFound, ""},
		{"edit the owners' channel", edit(admin, owners, voiceapp.ChannelEdit{}), voiceapp.Forbidden, "role:owner"},
		{"lower what owners have set", edit(admin, speech, voiceapp.ChannelEdit{SpeakRole: new(voiceapp.RoleGuest)}), voiceapp.Forbidden, "role:owner"},
		{"leave what owners have set", edit(admin, speech, voiceapp.ChannelEdit{Topic: new("x")}), "", ""},
		{"above one's own", edit(admin, lobby, voiceapp.ChannelEdit{RequiredRole: new(voiceapp.RoleOwner)}), voiceapp.Forbidden, "role:owner"},
		{"a bad topic", edit(admin, lobby, voiceapp.ChannelEdit{Topic: new("\x1b")}), voiceapp.Invalid, ""},
		{"a role of 41", edit(admin, lobby, voiceapp.ChannelEdit{SpeakRole: new(voiceapp.Role(41))}), voiceapp.Forbidden, "role:role 41"},
		{"a role of -1", edit(admin, lobby, voiceapp.ChannelEdit{SpeakRole: new(voiceapp.Role(-1))}), voiceapp.Invalid, ""},
		{"temporary with lasting below", edit(admin, lobby, voiceapp.ChannelEdit{Temporary: new(true)}), voiceapp.Conflict, ""},

		{"move by a member", move(member, quiet, 0, 0), voiceapp.Forbidden, "role:admin"},
		{"move under itself", move(admin, lobby, quiet, 0), voiceapp.Conflict, ""},
		{"move under the owners' channel", move(admin, quiet, owners, 0), voiceapp.Forbidden, "role:owner"},
		{"move under a temporary one", move(admin, quiet, tent, 0), voiceapp.Conflict, ""},
		{"move nowhere", move(admin, quiet, none, 0), voiceapp.NotFound, ""},
		{"move to -1", move(admin, quiet, 0, -1), voiceapp.Invalid, ""},

		{"delete by a member", remove(member, quiet, false, ""), voiceapp.Forbidden, "role:admin"},
		{"delete with others below", remove(admin, lobby, false, ""), voiceapp.Conflict, ""},
		{"delete the owners' channel", remove(admin, owners, true, ""), voiceapp.Forbidden, "role:owner"},
		{"delete nothing", remove(admin, none, true, ""), voiceapp.NotFound, ""},
		{"a long reason", remove(admin, quiet, true, strings.Repeat("x", voiceapp.MaxReasonLength+1)), voiceapp.Invalid, ""},
	} {
		if c.code == "" && c.err != nil {
			t.Errorf("%s: %v", c.what, c.err)
		}
		if c.code != "" {
			wantCode(t, c.what, c.err, c.code, c.needs)
		}
	}
	want := []string{"Lobby", "Quiet", "Owners", "Speech", "Tent"}
	if got := channelNames(admin); !slices.Equal(got, want) {
		t.Errorf("the channels are %q, want %q", got, want)
	}
}

// Those who are in a channel that goes are in the nearest one above that is left, if
// they may be there.
func TestDeletedChannelsPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &voiceLog{}
		w := newWorld(t, &control.Server{Voice: v})
		admin, guest, mod := w.account("Admin", voiceapp.RoleAdmin), w.guest("Guest"), w.account("Mod", voiceapp.RoleModerator)
		below := makeChannel(t, admin, voiceapp.Channel{Name: "Below", Parent: quiet})
		deep := makeChannel(t, admin, voiceapp.Channel{Name: "Deep", Parent: below.ID})
		office := makeChannel(t, admin, voiceapp.Channel{Name: "Office", Parent: staff})
		join(t, guest, deep.ID)
		join(t, mod, office.ID)
		if err := admin.DeleteChannel(t.Context(), quiet, true, ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if at := guest.Self().Channel; at != lobby {
			t.Errorf("the guest is in %d, want the lobby", at)
		}
		join(t, guest, office.ID) // open to all, though what is above it is not
		if err := admin.DeleteChannel(t.Context(), office.ID, false, ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if is, at := mod.Self().Channel, guest.Self().Channel; is != staff || at != 0 {
			t.Errorf("the moderator is in %d, the guest in %d; want staff and none", is, at)
		}
		if calls := v.taken(); !slices.Contains(calls, "2 to 1 at 64000") || calls[len(calls)-1] != "3 to 3 at 64000" && calls[len(calls)-2] != "3 to 3 at 64000" {
			t.Errorf("the relay was asked %q", calls)
		}
	})
}

func TestFullChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		admin := w.account("Admin", voiceapp.RoleAdmin)
		anna, bo, mod := w.guest("Anna"), w.guest("Bo"), w.account("Mod", voiceapp.RoleModerator)
		editChannel(t, admin, quiet, voiceapp.ChannelEdit{MaxUsers: new(1)})
		join(t, anna, quiet)
		wantCode(t, "one too many", bo.Join(t.Context(), quiet), voiceapp.Busy, "role:moderator")
		if at := bo.Self().Channel; at != 0 {
			t.Errorf("Bo is in %d", at)
		}
		join(t, anna, quiet) // she is there already
		join(t, mod, quiet)
		editChannel(t, admin, quiet, voiceapp.ChannelEdit{MaxUsers: new(2)})
		wantCode(t, "the moderator counts", bo.Join(t.Context(), quiet), voiceapp.Busy, "role:moderator")
		if err := mod.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		join(t, bo, quiet)
		editChannel(t, admin, quiet, voiceapp.ChannelEdit{MaxUsers: new(1)})
		synctest.Wait()
		if anna.Self().Channel != quiet || bo.Self().Channel != quiet {
			t.Errorf("a smaller limit moved someone out: %+v, %+v", anna.Self(), bo.Self())
		}
		below := makeChannel(t, admin, voiceapp.Channel{Name: "Below", Parent: quiet})
		cy := w.guest("Cy")
		join(t, cy, below.ID)
		if err := admin.DeleteChannel(t.Context(), below.ID, false, ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if at := cy.Self().Channel; at != 0 {
			t.Errorf("Cy came to %d, which is full", at)
		}
	})
}

// Who is left out by a change of a channel's roles is out when the call returns.
func TestRaisedRolesMoveOut(t *testing.T) {
	for what, edit := range map[string]voiceapp.ChannelEdit{
		"the role to join": {RequiredRole: new(voiceapp.RoleMember)},
		"the role to see":  {SeeRole: new(voiceapp.RoleMember)},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &voiceLog{}
				w := newWorld(t, &control.Server{Voice: v})
				admin, guest, member := w.account("Admin", voiceapp.RoleAdmin), w.guest("Guest"), w.account("Member", voiceapp.RoleMember)
				join(t, guest, quiet)
				join(t, member, quiet)
				editChannel(t, admin, quiet, edit)
				if calls := v.taken(); calls[len(calls)-1] != "2 to 0 at 0" {
					t.Errorf("the relay was asked %q; want the guest to be nowhere last", calls)
				}
				synctest.Wait()
				if guest.Self().Channel != 0 || member.Self().Channel != quiet {
					t.Errorf("the guest is in %d, the member in %d", guest.Self().Channel, member.Self().Channel)
				}
				seen := slices.Contains(channelNames(guest), "Quiet")
				if seen != (edit.SeeRole == nil) {
					t.Errorf("the guest sees %q", channelNames(guest))
				}
			})
		})
	}
}

// A change that the directory refuses, or that it does only in part, leaves everyone
// with what is true.
func TestDirectoryFailsHalfway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &stuckDirectory{Memory: newMemory()}
		w := newWorld(t, &control.Server{Directory: d})
		admin, guest := w.account("Admin", voiceapp.RoleAdmin), w.guest("Guest")
		join(t, guest, quiet)
		makeChannel(t, admin, voiceapp.Channel{Name: "Loft", Parent: lobby})
		d.deletes = 1
		wantCode(t, "a full disk", admin.DeleteChannel(t.Context(), lobby, true, ""), voiceapp.Unavailable, "")
		synctest.Wait()
		for _, c := range []*control.Client{admin, guest} {
			if got := channelNames(c); !slices.Equal(got, []string{"Lobby", "Quiet", "Staff"}) {
				t.Errorf("%s sees %q", c.Self().Name, got)
			}
		}
		if at := guest.Self().Channel; at != quiet {
			t.Errorf("the guest is in %d", at)
		}
	})
}

// errFull is the directory's answer on a full disk.
var errFull = voiceapp.NewError(voiceapp.Unavailable, "the disk is full")

func TestNoChannelsToChange(t *testing.T) {
	w := newWorld(t, &control.Server{Directory: struct{ control.Directory }{newMemory()}})
	admin := w.account("Admin", voiceapp.RoleAdmin)
	_, err := admin.CreateChannel(t.Context(), voiceapp.Channel{Name: "X"}, "")
	wantCode(t, "create", err, voiceapp.Forbidden, "")
	if !errors.Is(admin.DeleteChannel(t.Context(), lobby, false, ""), voiceapp.Forbidden) {
		t.Error("a channel was deleted")
	}
}

// Each change to the tree leaves one entry, also when it is refused.
func TestChannelChangesLeaveOneEntry(t *testing.T) {
	d := &audited{Memory: newMemory()}
	w := newWorld(t, &control.Server{Directory: d})
	admin, guest := w.account("Admin", voiceapp.RoleAdmin), w.guest("Guest")
	ctx := t.Context()
	for _, c := range []struct {
		action, target string
		code           voiceapp.Code
		before, after  string // what the states hold; "": there is none
		do             func() error
	}{
		{"channel.create", "channel:4", "", "", `"name":"New"`, func() error {
			_, err := admin.CreateChannel(ctx, voiceapp.Channel{Name: "New"}, "because")
			return err
		}},
		{"channel.create", "channel:New", voiceapp.Forbidden, "", "", func() error {
			_, err := guest.CreateChannel(ctx, voiceapp.Channel{Name: "New"}, "because")
			return err
		}},
		{"channel.edit", "channel:4", "", `"topic":""`, `"topic":"x"`, func() error {
			_, err := admin.EditChannel(ctx, 4, voiceapp.ChannelEdit{Topic: new("x")}, "because")
			return err
		}},
		{"channel.edit", "channel:4", voiceapp.Exists, `"name":"New"`, "", func() error {
			_, err := admin.EditChannel(ctx, 4, voiceapp.ChannelEdit{Name: new("lobby")}, "because")
			return err
		}},
		{"channel.move", "channel:4", "", `"parent":0`, `"parent":1`, func() error {
			_, err := admin.MoveChannel(ctx, 4, lobby, 1, "because")
			return err
		}},
		{"channel.delete", "channel:1", voiceapp.Conflict, "", "", func() error { return admin.DeleteChannel(ctx, lobby, false, "because") }},
		{"channel.delete", "channel:4", "", `"parent":1`, "", func() error { return admin.DeleteChannel(ctx, 4, false, "because") }},
	} {
		err := c.do()
		got := d.take()
		if len(got) != 1 {
			t.Errorf("%s (%v) left %+v", c.action, err, got)
			continue
		}
		e := got[0]
		if e.Action != c.action || e.Target != c.target || e.Result != c.code || e.Reason != "because" || !says(e.Before, c.before) || !says(e.After, c.after) {
			t.Errorf("%s (%v) left %+v", c.action, err, e)
		}
	}
}

func says(state, part string) bool {
	return (state == "") == (part == "") && strings.Contains(state, part)
}
