package storetest

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func accountsParts() []part {
	return []part{
		{"List", testUsersList},
		{"Change", testUserChange},
		{"Delete", testUserDelete},
		{"LastOwner", testLastOwner},
		{"LastOwnerRace", testLastOwnerRace},
		{"NamesThatLookTheSame", testNamesThatLookTheSame},
		{"Refuses", testUserRefuses},
	}
}

func testUsersList(t *testing.T, r *rig) {
	var want []voiceapp.User
	for _, name := range names("user", 7) {
		want = append(want, r.user(t, name, voiceapp.RoleMember))
	}
	var got []voiceapp.User
	var after voiceapp.UserID
	for {
		users, err := as[Accounts](r).Users(t.Context(), after, 3)
		if err != nil || len(users) > 3 {
			t.Fatal(users, err)
		}
		if len(users) == 0 {
			break
		}
		got = append(got, users...)
		after = users[len(users)-1].ID
	}
	if !slices.EqualFunc(got, want, sameUser) {
		t.Errorf("pages of Users are %+v, want %+v", got, want)
	}
	if all, err := as[Accounts](r).Users(t.Context(), 0, 0); err != nil || len(all) != len(want) {
		t.Errorf("Users = %+v, %v", all, err)
	}
	for _, limit := range []int{-1, 501, 1 << 30} {
		_, err := as[Accounts](r).Users(t.Context(), 0, limit)
		wantCode(t, fmt.Sprint("Users with a limit of ", limit), err, voiceapp.Invalid)
	}
}

func testUserChange(t *testing.T, r *rig) {
	accounts := as[Accounts](r)
	want := r.user(t, "Anna", voiceapp.RoleMember)
	want.Name, want.Role = "Änne", 15
	if _, err := accounts.RenameUser(t.Context(), want.ID, want.Name); err != nil {
		t.Error(err)
	}
	if got, err := accounts.SetRole(t.Context(), want.ID, want.Role); err != nil || !sameUser(got, want) {
		t.Errorf("SetRole = %+v, %v; want %+v", got, err, want)
	}
	if err := accounts.SetPassword(t.Context(), want.ID, hashB); err != nil {
		t.Error(err)
	}
	if got, err := accounts.User(t.Context(), want.ID); err != nil || !sameUser(got, want) {
		t.Errorf("User = %+v, %v; want %+v", got, err, want)
	}
	if got, hash, err := r.Credential(t.Context(), "ÄNNE"); err != nil || !sameUser(got, want) || hash != hashB {
		t.Errorf("Credential = %+v, %q, %v; want %+v with the new hash", got, hash, err, want)
	}
	if _, role, err := r.Access(t.Context(), want.ID, r.channel(t, "Lobby").ID); err != nil || role != want.Role {
		t.Errorf("the role is %v, %v", role, err)
	}
	r.user(t, "Anna", voiceapp.RoleMember) // the old name is free
	_, err := accounts.RenameUser(t.Context(), want.ID, "anna")
	wantCode(t, "RenameUser to a taken name", err, voiceapp.Exists)
	if got, err := accounts.RenameUser(t.Context(), want.ID, "änne"); err != nil || got.Name != "änne" {
		t.Errorf("RenameUser to another case = %+v, %v", got, err)
	}
}

func testUserDelete(t *testing.T, r *rig) {
	anna := r.user(t, "Anna", voiceapp.RoleMember)
	if err := as[Accounts](r).DeleteUser(t.Context(), anna.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err := r.Credential(t.Context(), "Anna")
	wantCode(t, "Credential of a deleted account", err, voiceapp.NotFound)
	_, _, err = r.Access(t.Context(), anna.ID, r.channel(t, "Lobby").ID)
	wantCode(t, "Access of a deleted account", err, voiceapp.NotFound)
	if again := r.user(t, "Anna", voiceapp.RoleMember); again.ID == anna.ID {
		t.Error("its id was given out again")
	}
}

func testLastOwner(t *testing.T, r *rig) {
	accounts := as[Accounts](r)
	first := r.user(t, "First", voiceapp.RoleOwner)
	_, err := accounts.SetRole(t.Context(), first.ID, voiceapp.RoleAdmin)
	wantCode(t, "SetRole of the last owner", err, voiceapp.Conflict)
	wantCode(t, "DeleteUser of the last owner", accounts.DeleteUser(t.Context(), first.ID), voiceapp.Conflict)
	if got, err := accounts.SetRole(t.Context(), first.ID, voiceapp.RoleOwner); err != nil || got.Role != voiceapp.RoleOwner {
		t.Errorf("the owner made owner: %+v, %v", got, err)
	}
	second := r.user(t, "Second", voiceapp.RoleOwner)
	if err := accounts.DeleteUser(t.Context(), first.ID); err != nil {
		t.Errorf("DeleteUser of one of two owners: %v", err)
	}
	wantCode(t, "DeleteUser of the one that is left", accounts.DeleteUser(t.Context(), second.ID), voiceapp.Conflict)
}

func testLastOwnerRace(t *testing.T, r *rig) {
	owners := make([]voiceapp.User, 8)
	for i, name := range names("owner", len(owners)) {
		owners[i] = r.user(t, name, voiceapp.RoleOwner)
	}
	var refused atomic.Int64
	won := race(len(owners), func(i int) bool {
		var err error
		if i%2 == 0 {
			err = as[Accounts](r).DeleteUser(t.Context(), owners[i].ID)
		} else {
			_, err = as[Accounts](r).SetRole(t.Context(), owners[i].ID, voiceapp.RoleGuest)
		}
		if err != nil {
			wantCode(t, "the last to go", err, voiceapp.Conflict)
			refused.Add(1)
		}
		return err == nil
	})
	if won != len(owners)-1 || refused.Load() != 1 {
		t.Errorf("of %d owners %d went and %d had to stay", len(owners), won, refused.Load())
	}
}

func testNamesThatLookTheSame(t *testing.T, r *rig) {
	for _, same := range [][]string{
		{"Anna", "Ａｎｎａ", "ANNA", "An\ufe0fna", "An\u034fna"},
		{"Straße", "STRASSE", "straẞe"},
		{"Anna B", "Anna  B", "anna\u2003b"},
		{"Jörg", "Jo\u0308rg"},
		{"Office", "Oﬃce"},
		{"Σίσυφος", "ΣΊΣΥΦΟΣ"},
		{"4 Ω", "4\u00a0\u2126"},
		{"한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"},
	} {
		want := r.user(t, same[0], voiceapp.RoleMember)
		if want.Name != same[0] {
			t.Errorf("%q is shown as %q", same[0], want.Name)
		}
		for _, name := range same {
			if got, _, err := r.Credential(t.Context(), name); err != nil || !sameUser(got, want) {
				t.Errorf("Credential(%+q) = %+v, %v; want %+v", name, got, err, want)
			}
			_, err := r.CreateUser(t.Context(), name, hashA, voiceapp.RoleMember)
			wantCode(t, fmt.Sprintf("CreateUser(%+q) beside %q", name, same[0]), err, voiceapp.Exists)
		}
	}
}

func testUserRefuses(t *testing.T, r *rig) {
	accounts := as[Accounts](r)
	before := r.user(t, "Anna", voiceapp.RoleMember)
	for _, name := range []string{
		"", " ", "Anna ", "a/b", "a\nb", "a\x00", "a\u202eb", "a\u2066b", "\xff", "\u3164", "\ufe0f", strings.Repeat("x", 65), strings.Repeat("x", 10_000),
	} {
		_, err := accounts.RenameUser(t.Context(), before.ID, name)
		wantCode(t, fmt.Sprintf("RenameUser to %.20q", name), err, voiceapp.Invalid)
		_, err = r.CreateUser(t.Context(), name, hashA, voiceapp.RoleMember)
		wantCode(t, fmt.Sprintf("CreateUser(%.20q)", name), err, voiceapp.Invalid)
	}
	for _, role := range []voiceapp.Role{-1, 41, 1 << 40} {
		_, err := accounts.SetRole(t.Context(), before.ID, role)
		wantCode(t, fmt.Sprint("SetRole to ", int(role)), err, voiceapp.Invalid)
	}
	for _, hash := range []string{"", "$", "a password"} {
		wantCode(t, "SetPassword to no hash", accounts.SetPassword(t.Context(), before.ID, hash), voiceapp.Invalid)
	}
	for _, bad := range badIDs {
		id := voiceapp.UserID(bad)
		_, err := accounts.User(t.Context(), id)
		wantCode(t, fmt.Sprint("User ", id), err, voiceapp.NotFound)
		_, err = accounts.RenameUser(t.Context(), id, "Berta")
		wantCode(t, fmt.Sprint("RenameUser of ", id), err, voiceapp.NotFound)
		_, err = accounts.SetRole(t.Context(), id, voiceapp.RoleMember)
		wantCode(t, fmt.Sprint("SetRole of ", id), err, voiceapp.NotFound)
		wantCode(t, fmt.Sprint("SetPassword of ", id), accounts.SetPassword(t.Context(), id, hashB), voiceapp.NotFound)
		wantCode(t, fmt.Sprint("DeleteUser of ", id), accounts.DeleteUser(t.Context(), id), voiceapp.NotFound)
	}
	after, hash, err := r.Credential(t.Context(), "Anna")
	if err != nil || !sameUser(after, before) || hash != hashA {
		t.Errorf("the account became %+v, %q, %v; want %+v", after, hash, err, before)
	}
}
