package storetest

import (
	"fmt"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

func (r *rig) epoch(t *testing.T, want voiceapp.User) uint64 {
	t.Helper()
	user, epoch, err := as[Epochs](r).Epoch(t.Context(), want.ID)
	if err != nil || !sameUser(user, want) {
		t.Errorf("Epoch = %+v, %v; want %+v", user, err, want)
	}
	return epoch
}

// testEpoch checks that an account's epoch rises with what takes away the proof that
// one is it, and with nothing else.
func testEpoch(t *testing.T, r *rig) {
	anna, berta := r.user(t, "Anna", voiceapp.RoleMember), r.user(t, "Berta", voiceapp.RoleMember)
	before, others := r.epoch(t, anna), r.epoch(t, berta)
	step := func(what string, rises bool, do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		now := r.epoch(t, anna)
		if rises != (now > before) || !rises && now != before {
			t.Errorf("%s: the epoch was %d and is %d", what, before, now)
		}
		before = now
	}
	if accounts, ok := r.Directory.(Accounts); ok {
		step("another role", true, func() (err error) { anna, err = accounts.SetRole(t.Context(), anna.ID, 15); return err })
		step("the same role", false, func() (err error) { anna, err = accounts.SetRole(t.Context(), anna.ID, 15); return err })
		step("another name", false, func() (err error) { anna, err = accounts.RenameUser(t.Context(), anna.ID, "Anne"); return err })
		step("another password", true, func() error { return accounts.SetPassword(t.Context(), anna.ID, hashB) })
	}
	if upgrader, ok := r.Directory.(HashUpgrader); ok {
		step("a better hash", false, func() error { return upgrader.UpgradeHash(t.Context(), anna.ID, hashB, hashA) })
	}
	if resumer, ok := r.Directory.(Resumer); ok {
		step("the end of its sessions", true, func() error { return resumer.EndSessions(t.Context(), anna.ID, "") })
		step("the end of a device's", false, func() error { return resumer.EndSessions(t.Context(), 0, deviceA) })
		step("the end of another's", false, func() error { return resumer.EndSessions(t.Context(), berta.ID, "") })
		if now := r.epoch(t, berta); now <= others {
			t.Errorf("another's epoch was %d and is %d", others, now)
		}
	}
	step("the owner's token", true, func() (err error) { anna, err = r.ClaimOwner(t.Context(), r.token, anna.Name, hashB); return err })
	r.testEpochOfExternal(t)
	for _, bad := range badIDs {
		_, _, err := as[Epochs](r).Epoch(t.Context(), voiceapp.UserID(bad))
		wantCode(t, fmt.Sprint("Epoch of ", bad), err, voiceapp.NotFound)
	}
}

// testEpochOfExternal checks the same of an account whose role another program gives.
func (r *rig) testEpochOfExternal(t *testing.T) {
	t.Helper()
	externals, ok := r.Directory.(Externals)
	if !ok {
		return
	}
	var epochs []uint64
	for _, role := range []voiceapp.Role{10, 10, 20, 0} {
		user, err := externals.ExternalUser(t.Context(), "id:1", "Carl", role)
		if err != nil {
			t.Fatal(err)
		}
		epochs = append(epochs, r.epoch(t, user))
	}
	if epochs[0] != epochs[1] || epochs[1] >= epochs[2] || epochs[2] >= epochs[3] {
		t.Errorf("with the roles 10, 10, 20 and 0 the epochs are %v", epochs)
	}
}
