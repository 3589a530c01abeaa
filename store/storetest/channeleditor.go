package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func channelEditorParts() []part {
	return []part{
		{"Create", testChannelCreate},
		{"Update", testChannelUpdate},
		{"Move", testChannelMove},
		{"MovesKeepATree", testMovesKeepATree},
		{"Delete", testChannelDelete},
		{"HiddenBelowHidden", testHiddenBelowHidden},
		{"Refuses", testChannelRefuses},
	}
}

// full is a channel with nothing left at its default.
func full(name string, parent voiceapp.ChannelID) voiceapp.Channel {
	return voiceapp.Channel{
		Name: name, Topic: "Tonight:\nchess", Parent: parent, RequiredRole: 11, SpeakRole: 12, WriteRole: 13, SeeRole: 5,
		MaxUsers: 7, Bitrate: 24_000, Temporary: true, Loudest: 6, MaxWait: -1,
	}
}

func (r *rig) tree(t *testing.T) []voiceapp.Channel {
	t.Helper()
	channels, err := r.Channels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkTree(t, channels)
	return channels
}

// children gives the names under a channel, in their order.
func (r *rig) children(t *testing.T, parent voiceapp.ChannelID) string {
	t.Helper()
	var names []string
	for _, c := range r.tree(t) {
		if c.Parent == parent {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, " ")
}

func testChannelCreate(t *testing.T, r *rig) {
	want := full("Den", r.channel(t, "Workshop").ID)
	got, err := as[ChannelEditor](r).CreateChannel(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	want.ID, want.Position = got.ID, got.Position
	if got != want || r.channel(t, "Workshop/Den") != want {
		t.Errorf("CreateChannel = %+v, later %+v; want %+v", got, r.channel(t, "Workshop/Den"), want)
	}
	if names := r.children(t, want.Parent); names != "Zebra Ant Den" {
		t.Errorf("the channels are %s; want the new one last", names)
	}
}

func testChannelUpdate(t *testing.T, r *rig) {
	before := r.channel(t, "Workshop/Zebra")
	want := full("Zoo", 0)
	want.ID = before.ID
	got, err := as[ChannelEditor](r).UpdateChannel(t.Context(), want)
	want.Parent, want.Position = before.Parent, before.Position
	if err != nil || got != want || r.channel(t, "Workshop/Zoo") != want {
		t.Errorf("UpdateChannel = %+v, %v; want %+v", got, err, want)
	}
	want.Name = "ZOO"
	if got, err := as[ChannelEditor](r).UpdateChannel(t.Context(), want); err != nil || got.Name != "ZOO" {
		t.Errorf("a name in another case: %+v, %v", got, err)
	}
	want.Name = "ant"
	_, err = as[ChannelEditor](r).UpdateChannel(t.Context(), want)
	wantCode(t, "UpdateChannel to a sibling's name", err, voiceapp.Exists)
}

func testChannelMove(t *testing.T, r *rig) {
	workshop, ant := r.channel(t, "Workshop"), r.channel(t, "Workshop/Ant")
	for _, move := range []struct {
		id, parent voiceapp.ChannelID
		position   int
		want       string // the names beside it
	}{
		{ant.ID, workshop.ID, 1, "Ant Zebra"},
		{ant.ID, workshop.ID, 2, "Zebra Ant"},
		{ant.ID, workshop.ID, 1, "Ant Zebra"},
		{ant.ID, workshop.ID, 0, "Zebra Ant"},
		{ant.ID, 0, 2, "Lobby Ant Workshop Backstage"},
		{ant.ID, 0, 99, "Lobby Workshop Backstage Ant"},
		{workshop.ID, 0, 1, "Workshop Lobby Backstage Ant"},
		{workshop.ID, ant.ID, 1, "Workshop"},
	} {
		got, err := as[ChannelEditor](r).MoveChannel(t.Context(), move.id, move.parent, move.position)
		if err != nil || got.Parent != move.parent {
			t.Fatalf("MoveChannel(%d, %d, %d) = %+v, %v", move.id, move.parent, move.position, got, err)
		}
		if names := r.children(t, move.parent); names != move.want {
			t.Errorf("after MoveChannel(%d, %d, %d) the channels are %s, want %s", move.id, move.parent, move.position, names, move.want)
		}
		if !slices.Contains(r.tree(t), got) {
			t.Errorf("MoveChannel gave %+v, which is not in %+v", got, r.tree(t))
		}
	}
	_, err := as[ChannelEditor](r).MoveChannel(t.Context(), r.channel(t, "Lobby").ID, r.channel(t, "Ant/Workshop/Zebra").ID, 1)
	wantCode(t, "MoveChannel to where its name is taken", err, voiceapp.Exists)
}

// testMovesKeepATree tries moves at random, from several goroutines: those that
// would make a circle are Conflict, and the tree holds all channels after each.
func testMovesKeepATree(t *testing.T, r *rig) {
	var parent voiceapp.ChannelID
	for i := range 6 {
		made, err := as[ChannelEditor](r).CreateChannel(t.Context(), voiceapp.Channel{Name: fmt.Sprint("deep-", i), Parent: parent})
		if err != nil {
			t.Fatal(err)
		}
		parent = made.ID
	}
	before := r.tree(t)
	made := race(8, func(seed int) bool {
		random := rand.New(rand.NewPCG(uint64(seed), 0))
		pick := func() voiceapp.ChannelID { return before[random.IntN(len(before))].ID }
		for range 25 {
			_, err := as[ChannelEditor](r).MoveChannel(t.Context(), pick(), pick(), random.IntN(4))
			if code := voiceapp.AsError(err); err != nil && code.Code != voiceapp.Conflict && code.Code != voiceapp.Exists {
				t.Errorf("MoveChannel: %v", err)
				return false
			}
		}
		return true
	})
	if after := r.tree(t); made != 8 || len(after) != len(before) {
		t.Errorf("of %d channels %d are left in the tree", len(before), len(after))
	}
}

func testChannelDelete(t *testing.T, r *rig) {
	editor := as[ChannelEditor](r)
	zebra, inner := r.channel(t, "Workshop/Zebra"), r.channel(t, "Workshop/Zebra/Lobby")
	wantCode(t, "DeleteChannel of one with others under it", editor.DeleteChannel(t.Context(), zebra.ID), voiceapp.Conflict)
	for _, id := range []voiceapp.ChannelID{inner.ID, zebra.ID} {
		if err := editor.DeleteChannel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "DeleteChannel again", editor.DeleteChannel(t.Context(), id), voiceapp.NotFound)
		_, _, err := r.Access(t.Context(), 0, id)
		wantCode(t, "Access to a deleted channel", err, voiceapp.NotFound)
	}
	made, err := editor.CreateChannel(t.Context(), voiceapp.Channel{Name: "Zebra", Parent: zebra.Parent})
	if err != nil || made.ID == zebra.ID || made.ID == inner.ID {
		t.Errorf("the name is not free, or an id was given out again: %+v, %v", made, err)
	}
}

// testHiddenBelowHidden checks that no channel is seen by more people than the
// one above it.
func testHiddenBelowHidden(t *testing.T, r *rig) {
	editor := as[ChannelEditor](r)
	check := func(what string) {
		t.Helper()
		roles := map[voiceapp.ChannelID]voiceapp.Role{}
		for _, c := range r.tree(t) {
			roles[c.ID] = c.SeeRole
			if c.SeeRole < roles[c.Parent] {
				t.Errorf("%s: %+v is seen from %v on, its parent from %v on", what, c, c.SeeRole, roles[c.Parent])
			}
		}
	}
	workshop := r.channel(t, "Workshop")
	workshop.SeeRole = voiceapp.RoleMember
	if got, err := editor.UpdateChannel(t.Context(), workshop); err != nil || got.SeeRole != voiceapp.RoleMember {
		t.Fatal(got, err)
	}
	check("after a channel was hidden")
	if inner := r.channel(t, "Workshop/Zebra/Lobby"); inner.SeeRole != voiceapp.RoleMember {
		t.Errorf("deep under a hidden channel is %+v", inner)
	}
	if made, err := editor.CreateChannel(t.Context(), voiceapp.Channel{Name: "New", Parent: workshop.ID}); err != nil || made.SeeRole != voiceapp.RoleMember {
		t.Errorf("a channel made under a hidden one is %+v, %v", made, err)
	}
	zebra := r.channel(t, "Workshop/Zebra")
	zebra.SeeRole = voiceapp.RoleGuest
	if got, err := editor.UpdateChannel(t.Context(), zebra); err != nil || got.SeeRole != voiceapp.RoleMember {
		t.Errorf("a channel under a hidden one was shown: %+v, %v", got, err)
	}
	if moved, err := editor.MoveChannel(t.Context(), r.channel(t, "Backstage").ID, zebra.ID, 1); err != nil || moved.SeeRole != voiceapp.RoleMember {
		t.Errorf("a channel moved under a hidden one is %+v, %v", moved, err)
	}
	check("after a channel was moved under a hidden one")
}

func testChannelRefuses(t *testing.T, r *rig) {
	editor := as[ChannelEditor](r)
	before := r.tree(t)
	lobby := r.channel(t, "Lobby")
	for what, change := range map[string]func(*voiceapp.Channel){
		"a long name":        func(c *voiceapp.Channel) { c.Name = strings.Repeat("x", 10_000) },
		"no name":            func(c *voiceapp.Channel) { c.Name = "" },
		"a slash":            func(c *voiceapp.Channel) { c.Name = "a/b" },
		"a control":          func(c *voiceapp.Channel) { c.Name = "a\x1bb" },
		"another direction":  func(c *voiceapp.Channel) { c.Name = "a\u202eb" },
		"a long topic":       func(c *voiceapp.Channel) { c.Topic = strings.Repeat("x", voiceapp.MaxTopicLength+1) },
		"a control in it":    func(c *voiceapp.Channel) { c.Topic = "\x00" },
		"a bitrate of -1":    func(c *voiceapp.Channel) { c.Bitrate = -1 },
		"a bitrate of 10^9":  func(c *voiceapp.Channel) { c.Bitrate = 1_000_000_000 },
		"a role of 41":       func(c *voiceapp.Channel) { c.SpeakRole = 41 },
		"a role of -1":       func(c *voiceapp.Channel) { c.WriteRole = -1 },
		"a role to see, 99":  func(c *voiceapp.Channel) { c.SeeRole = 99 },
		"-1 people":          func(c *voiceapp.Channel) { c.MaxUsers = -1 },
		"too many people":    func(c *voiceapp.Channel) { c.MaxUsers = voiceapp.MaxChannelUsers + 1 },
		"-2 loudest":         func(c *voiceapp.Channel) { c.Loudest = -2 },
		"too many loudest":   func(c *voiceapp.Channel) { c.Loudest = voiceapp.MaxLoudest + 1 },
		"a wait of -2 ms":    func(c *voiceapp.Channel) { c.MaxWait = -2 },
		"a long wait":        func(c *voiceapp.Channel) { c.MaxWait = voiceapp.MaxChannelWait + 1 },
		"a required role 41": func(c *voiceapp.Channel) { c.RequiredRole = 41 },
	} {
		made, updated := full("New", 0), lobby
		change(&made)
		change(&updated)
		_, err := editor.CreateChannel(t.Context(), made)
		wantCode(t, "CreateChannel with "+what, err, voiceapp.Invalid)
		_, err = editor.UpdateChannel(t.Context(), updated)
		wantCode(t, "UpdateChannel with "+what, err, voiceapp.Invalid)
	}
	for _, bad := range badIDs {
		id := voiceapp.ChannelID(bad)
		if id != 0 {
			_, err := editor.CreateChannel(t.Context(), full("New", id))
			wantCode(t, fmt.Sprint("CreateChannel under ", id), err, voiceapp.NotFound)
			_, err = editor.MoveChannel(t.Context(), lobby.ID, id, 0)
			wantCode(t, fmt.Sprint("MoveChannel under ", id), err, voiceapp.NotFound)
		}
		changed := full("New", 0)
		changed.ID = id
		_, err := editor.UpdateChannel(t.Context(), changed)
		wantCode(t, fmt.Sprint("UpdateChannel of ", id), err, voiceapp.NotFound)
		_, err = editor.MoveChannel(t.Context(), id, 0, 0)
		wantCode(t, fmt.Sprint("MoveChannel of ", id), err, voiceapp.NotFound)
		wantCode(t, fmt.Sprint("DeleteChannel of ", id), editor.DeleteChannel(t.Context(), id), voiceapp.NotFound)
	}
	workshop := r.channel(t, "Workshop").ID
	for _, parent := range []voiceapp.ChannelID{workshop, r.channel(t, "Workshop/Zebra").ID, r.channel(t, "Workshop/Zebra/Lobby").ID} {
		_, err := editor.MoveChannel(t.Context(), workshop, parent, 1)
		wantCode(t, "MoveChannel under itself", err, voiceapp.Conflict)
	}
	_, err := editor.MoveChannel(t.Context(), lobby.ID, 0, -1)
	wantCode(t, "MoveChannel to position -1", err, voiceapp.Invalid)
	if after := r.tree(t); !slices.Equal(before, after) {
		t.Errorf("the channels became %+v; want %+v", after, before)
	}
}

func testPermissions(t *testing.T, r *rig) {
	permitter := as[Permitter](r)
	member := r.user(t, "Member", voiceapp.RoleMember)
	for _, channel := range r.tree(t) {
		for user, role := range map[voiceapp.UserID]voiceapp.Role{0: voiceapp.RoleGuest, member.ID: voiceapp.RoleMember} {
			got, err := permitter.Permissions(t.Context(), user, channel.ID)
			if err != nil || got != channel.Permissions(role) {
				t.Errorf("Permissions(%d, %s) = %+v, %v; want %+v", user, channel.Name, got, err, channel.Permissions(role))
			}
		}
	}
	for _, bad := range badIDs {
		if bad != 0 {
			_, err := permitter.Permissions(t.Context(), voiceapp.UserID(bad), r.channel(t, "Lobby").ID)
			wantCode(t, "Permissions of nobody", err, voiceapp.NotFound)
		}
		_, err := permitter.Permissions(t.Context(), member.ID, voiceapp.ChannelID(bad))
		wantCode(t, "Permissions nowhere", err, voiceapp.NotFound)
	}
}
