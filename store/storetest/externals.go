package storetest

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func externalsParts() []part {
	return []part{
		{"Login", testExternal},
		{"Race", testExternalRace},
		{"IsNotLocal", testExternalIsNotLocal},
		{"Refuses", testExternalRefuses},
	}
}

func (r *rig) external(t *testing.T, key, name string, role voiceapp.Role) voiceapp.User {
	t.Helper()
	user, err := as[Externals](r).ExternalUser(t.Context(), key, name, role)
	if err != nil {
		t.Fatalf("ExternalUser(%q, %q): %v", key, name, err)
	}
	return user
}

func testExternal(t *testing.T, r *rig) {
	r.user(t, "Taken", voiceapp.RoleMember)
	anna := r.external(t, "id:1", "Anna", voiceapp.RoleMember)
	if anna.ID == 0 || anna.Name != "Anna" || anna.Role != voiceapp.RoleMember || anna.Created.IsZero() {
		t.Errorf("ExternalUser = %+v", anna)
	}
	if other := r.external(t, "id:2", "Berta", voiceapp.RoleGuest); other.ID == anna.ID {
		t.Error("two keys have one account")
	}
	for _, c := range []struct {
		name, want string
		role       voiceapp.Role
	}{
		{"Anna", "Anna", voiceapp.RoleMember},
		{"Anna", "Anna", voiceapp.RoleModerator},
		{"Anne", "Anne", voiceapp.RoleMember},
		{"ANNE", "ANNE", 29},
		{"taken", "ANNE", 15}, // a name that is another's is not given
		{"Berta", "ANNE", voiceapp.RoleGuest},
	} {
		want := anna
		want.Name, want.Role = c.want, c.role
		if got := r.external(t, "id:1", c.name, c.role); !sameUser(got, want) {
			t.Errorf("ExternalUser as %s, %v = %+v; want %+v", c.name, c.role, got, want)
		}
		if found, hash, err := r.Credential(t.Context(), c.want); err != nil || hash != "" || !sameUser(found, want) {
			t.Errorf("Credential = %+v, %q, %v; want %+v", found, hash, err, want)
		}
	}
	r.user(t, "Anna", voiceapp.RoleMember) // the old name is free
}

func testExternalRace(t *testing.T, r *rig) {
	var mu sync.Mutex
	ids := map[voiceapp.UserID]bool{}
	won := race(30, func(int) bool {
		user, err := as[Externals](r).ExternalUser(t.Context(), "id:1", "Anna", voiceapp.RoleMember)
		mu.Lock()
		defer mu.Unlock()
		ids[user.ID] = true
		return err == nil
	})
	if won != 30 || len(ids) != 1 {
		t.Errorf("%d of 30 came in, as %v", won, ids)
	}
}

// testExternalIsNotLocal checks that a role given here stays, that there is no
// password to set, and that an owner's token makes the account one of here.
func testExternalIsNotLocal(t *testing.T, r *rig) {
	anna := r.external(t, "id:1", "Anna", voiceapp.RoleMember)
	if accounts, ok := r.Directory.(Accounts); ok {
		wantCode(t, "SetPassword", accounts.SetPassword(t.Context(), anna.ID, hashA), voiceapp.Conflict)
		if _, err := accounts.SetRole(t.Context(), anna.ID, voiceapp.RoleAdmin); err != nil {
			t.Fatal(err)
		}
		if got := r.external(t, "id:1", "Anna", voiceapp.RoleMember); got.Role != voiceapp.RoleAdmin {
			t.Errorf("an admin became %+v", got)
		}
	}
	if owner, err := r.ClaimOwner(t.Context(), r.token, "Anna", hashB); err != nil || owner.ID != anna.ID {
		t.Fatal(owner, err)
	}
	if found, hash, err := r.Credential(t.Context(), "Anna"); err != nil || hash != hashB || found.Role != voiceapp.RoleOwner {
		t.Errorf("the owner is %+v, %q, %v", found, hash, err)
	}
	_, err := as[Externals](r).ExternalUser(t.Context(), "id:1", "Anna", voiceapp.RoleMember)
	wantCode(t, "ExternalUser with the owner's name", err, voiceapp.Exists)
}

func testExternalRefuses(t *testing.T, r *rig) {
	r.user(t, "Taken", voiceapp.RoleMember)
	for _, c := range []struct {
		key, name string
		role      voiceapp.Role
		want      voiceapp.Code
	}{
		{"", "Anna", 10, voiceapp.Invalid},
		{strings.Repeat("x", 513), "Anna", 10, voiceapp.Invalid},
		{"id:1", "", 10, voiceapp.Invalid},
		{"id:1", "a/b", 10, voiceapp.Invalid},
		{"id:1", "Anna", -1, voiceapp.Invalid},
		{"id:1", "Anna", voiceapp.RoleAdmin, voiceapp.Invalid},
		{"id:1", "TAKEN", 10, voiceapp.Exists},
	} {
		_, err := as[Externals](r).ExternalUser(t.Context(), c.key, c.name, c.role)
		wantCode(t, fmt.Sprintf("ExternalUser(%.10q, %q, %d)", c.key, c.name, c.role), err, c.want)
	}
	_, _, err := r.Credential(t.Context(), "Anna")
	wantCode(t, "Credential", err, voiceapp.NotFound)
}
