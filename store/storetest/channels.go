package storetest

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func testChannels(t *testing.T, r *rig) {
	channels, err := r.Channels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkTree(t, channels)
	if got, want := describe(channels), describe(seed()); !slices.Equal(got, want) {
		t.Errorf("channels are\n%v, want\n%v", got, want)
	}
}

// checkTree fails unless ids are good and parents stand before their children.
func checkTree(t *testing.T, channels []voiceapp.Channel) {
	t.Helper()
	seen := map[voiceapp.ChannelID]bool{0: true}
	for _, c := range channels {
		if c.ID <= 0 || c.ID > voiceapp.MaxID || seen[c.ID] {
			t.Errorf("channel %q has the id %d, which is out of range or taken", c.Name, c.ID)
		}
		if !seen[c.Parent] {
			t.Errorf("channel %q stands before its parent", c.Name)
		}
		seen[c.ID] = true
	}
}

// described is a channel with its siblings' order and no ids.
type described struct {
	path    string
	place   int // among its siblings
	role    voiceapp.Role
	bitrate int
}

// describe gives channels in an order that does not depend on how the levels of
// the tree are interleaved.
func describe(channels []voiceapp.Channel) []described {
	paths := map[voiceapp.ChannelID]string{}
	places := map[voiceapp.ChannelID]int{}
	all := make([]described, 0, len(channels))
	for _, c := range channels {
		paths[c.ID] = paths[c.Parent] + "/" + c.Name
		places[c.Parent]++
		all = append(all, described{paths[c.ID], places[c.Parent], c.RequiredRole, c.Bitrate})
	}
	slices.SortFunc(all, func(a, b described) int { return strings.Compare(a.path, b.path) })
	return all
}

func testChannelsSlice(t *testing.T, r *rig) {
	first, err := r.Channels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	clear(first)
	again, err := r.Channels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(again) != len(seed()) || again[0].Name == "" {
		t.Errorf("after the caller wrote into its slice, Channels gives %v", again)
	}
}

func testAccess(t *testing.T, r *rig) {
	member := r.user(t, "Member", voiceapp.RoleMember)
	between := r.user(t, "Between", 15)
	for _, path := range []string{"Lobby", "Workshop/Zebra", "Workshop/Zebra/Lobby", "Backstage"} {
		want := r.channel(t, path)
		for user, role := range map[voiceapp.UserID]voiceapp.Role{
			0: voiceapp.RoleGuest, member.ID: voiceapp.RoleMember, between.ID: 15,
		} {
			got, gotRole, err := r.Access(t.Context(), user, want.ID)
			if err != nil || got != want || gotRole != role {
				t.Errorf("Access(%d, %s) = %+v, %v, %v; want %+v, %v", user, path, got, gotRole, err, want, role)
			}
		}
	}
	if _, err := r.ClaimOwner(t.Context(), r.token, "Member", hashB); err != nil {
		t.Fatal(err)
	}
	if _, role, err := r.Access(t.Context(), member.ID, r.channel(t, "Lobby").ID); err != nil || role != voiceapp.RoleOwner {
		t.Errorf("after a claim the role is %v, %v; want owner", role, err)
	}
}

func testAccessUnknown(t *testing.T, r *rig) {
	user := r.user(t, "Member", voiceapp.RoleMember)
	lobby := r.channel(t, "Lobby")
	for _, ask := range []struct {
		user    voiceapp.UserID
		channel voiceapp.ChannelID
	}{
		{user.ID, 0},
		{user.ID, -1},
		{user.ID, voiceapp.MaxID},
		{0, voiceapp.MaxID},
		{user.ID + 1000, lobby.ID},
		{-1, lobby.ID},
		{voiceapp.MaxID, lobby.ID},
	} {
		_, _, err := r.Access(t.Context(), ask.user, ask.channel)
		wantCode(t, "Access", err, voiceapp.NotFound)
	}
}

// testAccessBesideWrites reads while accounts are made: each new one may be
// asked about the moment CreateUser returned.
func testAccessBesideWrites(t *testing.T, r *rig) {
	lobby := r.channel(t, "Lobby")
	var all sync.WaitGroup
	for _, name := range names("writer", 8) {
		all.Go(func() {
			for _, each := range names(name, 10) {
				user, err := r.CreateUser(t.Context(), each, hashA, voiceapp.RoleMember)
				if err != nil {
					t.Errorf("CreateUser(%q): %v", each, err)
					return
				}
				if _, role, err := r.Access(t.Context(), user.ID, lobby.ID); err != nil || role != voiceapp.RoleMember {
					t.Errorf("Access of the new account %q = %v, %v", each, role, err)
				}
				if found, _, err := r.Credential(t.Context(), each); err != nil || !sameUser(found, user) {
					t.Errorf("Credential of the new account %q = %+v, %v; want %+v", each, found, err, user)
				}
				if channels, err := r.Channels(t.Context()); err != nil || len(channels) != len(seed()) {
					t.Errorf("Channels gives %d, %v; want %d", len(channels), err, len(seed()))
				}
			}
		})
	}
	all.Wait()
}
