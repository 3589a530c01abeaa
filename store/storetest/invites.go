package storetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func invitesParts() []part {
	return []part{
		{"Use", testInviteUse},
		{"UseRace", testInviteUseRace},
		{"Expiry", testInviteExpiry},
		{"Refuses", testInviteRefuses},
	}
}

func (r *rig) invite(t *testing.T, invite voiceapp.Invite) (made voiceapp.Invite, token [sha256.Size]byte) {
	t.Helper()
	made, secret, err := as[Invites](r).NewInvite(t.Context(), invite)
	if err != nil || len(secret) < 22 {
		t.Fatalf("NewInvite(%+v) = %+v, %q, %v", invite, made, secret, err)
	}
	return made, sha256.Sum256([]byte(secret))
}

func testInviteUse(t *testing.T, r *rig) {
	invites := as[Invites](r)
	made, token := r.invite(t, voiceapp.Invite{ID: 99, Role: 15, Uses: 2, By: 7})
	other, otherToken := r.invite(t, voiceapp.Invite{})
	if made.ID == 99 || made.Role != 15 || made.Uses != 2 || made.By != 7 || made.Created.IsZero() || !made.Expires.IsZero() || other.Uses != 1 {
		t.Errorf("NewInvite = %+v and %+v", made, other)
	}
	r.user(t, "Taken", voiceapp.RoleMember)
	_, err := invites.UseInvite(t.Context(), token, "taken", hashA)
	wantCode(t, "UseInvite for a taken name", err, voiceapp.Exists)
	_, err = invites.UseInvite(t.Context(), token, "a/b", hashA)
	wantCode(t, "UseInvite for a name that can't be", err, voiceapp.Invalid)
	for _, name := range []string{"Anna", "Berta"} {
		user, err := invites.UseInvite(t.Context(), token, name, hashB)
		found, hash, credential := r.Credential(t.Context(), name)
		if err = errors.Join(err, credential); err != nil || user.Role != 15 || !sameUser(found, user) || hash != hashB {
			t.Errorf("UseInvite = %+v, %v; Credential gives %+v", user, err, found)
		}
	}
	for _, token := range [][sha256.Size]byte{token, {}, sha256.Sum256(token[:])} {
		_, err = invites.UseInvite(t.Context(), token, "Carl", hashA)
		wantCode(t, "UseInvite of one that is used up or never was", err, voiceapp.BadCredentials)
	}
	if all, err := invites.Invites(t.Context(), 0, 0); err != nil || len(all) != 1 || all[0] != other {
		t.Errorf("the invites are %+v, %v; want %+v alone", all, err, other)
	}
	if err := invites.DeleteInvite(t.Context(), other.ID); err != nil {
		t.Error(err)
	}
	_, err = invites.UseInvite(t.Context(), otherToken, "Carl", hashA)
	wantCode(t, "UseInvite of a deleted one", err, voiceapp.BadCredentials)
}

func testInviteUseRace(t *testing.T, r *rig) {
	_, token := r.invite(t, voiceapp.Invite{Role: voiceapp.RoleMember, Uses: 10})
	guests := names("guest", 50)
	won := race(len(guests), func(i int) bool {
		_, err := as[Invites](r).UseInvite(t.Context(), token, guests[i], hashA)
		if err != nil {
			wantCode(t, "UseInvite", err, voiceapp.BadCredentials)
		}
		return err == nil
	})
	if won != 10 {
		t.Errorf("%d accounts came of 10 uses", won)
	}
}

func testInviteExpiry(t *testing.T, r *rig) {
	_, token := r.invite(t, voiceapp.Invite{Uses: 5, Expires: time.Now().Add(time.Hour)})
	r.advance(t, 365*24*time.Hour)
	_, err := as[Invites](r).UseInvite(t.Context(), token, "Anna", hashA)
	wantCode(t, "UseInvite of one that is too old", err, voiceapp.BadCredentials)
	r.advance(t, -365*24*time.Hour)
	if _, err := as[Invites](r).UseInvite(t.Context(), token, "Anna", hashA); err != nil {
		t.Errorf("after the clock was set right: %v", err)
	}
}

func testInviteRefuses(t *testing.T, r *rig) {
	for _, bad := range []voiceapp.Invite{
		{Role: voiceapp.MaxInviteRole + 1},
		{Role: voiceapp.RoleOwner},
		{Role: -1},
		{Uses: -1},
		{Uses: voiceapp.MaxInviteUses + 1},
		{By: voiceapp.MaxID + 1},
		{Expires: time.Now().Add(-365 * 24 * time.Hour)},
		{Expires: time.Unix(1<<62, 0)},
	} {
		_, token, err := as[Invites](r).NewInvite(t.Context(), bad)
		wantCode(t, fmt.Sprintf("NewInvite(%+v)", bad), err, voiceapp.Invalid)
		if token != "" {
			t.Error("a token came with the error")
		}
	}
	for _, id := range badIDs {
		wantCode(t, fmt.Sprint("DeleteInvite of ", id), as[Invites](r).DeleteInvite(t.Context(), voiceapp.InviteID(id)), voiceapp.NotFound)
	}
	if all, err := as[Invites](r).Invites(t.Context(), 0, 0); err != nil || len(all) != 0 {
		t.Errorf("the invites are %+v, %v", all, err)
	}
}
