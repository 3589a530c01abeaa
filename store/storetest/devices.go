package storetest

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func devicesParts() []part {
	return []part{
		{"Use", testDeviceUse},
		{"Revoke", testDeviceRevoke},
		{"End", testDeviceEnd},
		{"Bound", testDeviceBound},
		{"Expiry", testDeviceExpiry},
		{"Refuses", testDeviceRefuses},
	}
}

func (r *rig) device(t *testing.T, user voiceapp.UserID, name string) (made voiceapp.DeviceToken, token [sha256.Size]byte) {
	t.Helper()
	made, secret, err := as[Devices](r).NewDeviceToken(t.Context(), user, name)
	if err != nil || len(secret) < 22 {
		t.Fatalf("NewDeviceToken = %+v, %q, %v", made, secret, err)
	}
	return made, sha256.Sum256([]byte(secret))
}

func (r *rig) wantDevice(t *testing.T, token [sha256.Size]byte, want voiceapp.User) {
	t.Helper()
	if user, err := as[Devices](r).UseDeviceToken(t.Context(), token); err != nil || !sameUser(user, want) {
		t.Errorf("UseDeviceToken = %+v, %v; want %+v", user, err, want)
	}
}

func (r *rig) wantNoDevice(t *testing.T, what string, token [sha256.Size]byte) {
	t.Helper()
	_, err := as[Devices](r).UseDeviceToken(t.Context(), token)
	wantCode(t, "UseDeviceToken "+what, err, voiceapp.BadCredentials)
}

func testDeviceUse(t *testing.T, r *rig) {
	anna, berta := r.user(t, "Anna", voiceapp.RoleModerator), r.user(t, "Berta", voiceapp.RoleMember)
	laptop, laptopToken := r.device(t, anna.ID, "laptop")
	phone, phoneToken := r.device(t, anna.ID, "laptop")
	_, others := r.device(t, berta.ID, "phone")
	if laptop.User != anna.ID || laptop.Name != "laptop" || laptop.Created.IsZero() || !laptop.Used.Equal(laptop.Created) || phone.ID <= laptop.ID {
		t.Errorf("NewDeviceToken = %+v, then %+v", laptop, phone)
	}
	for range 2 {
		r.wantDevice(t, laptopToken, anna)
		r.wantDevice(t, phoneToken, anna)
		r.wantDevice(t, others, berta)
	}
	r.wantNoDevice(t, "of none", [sha256.Size]byte{})
	same := func(a, b voiceapp.DeviceToken) bool {
		return a.ID == b.ID && a.User == b.User && a.Name == b.Name && a.Created.Equal(b.Created) && a.Used.Sub(b.Used).Abs() <= time.Hour
	}
	if all, err := as[Devices](r).DeviceTokens(t.Context(), anna.ID); err != nil || !slices.EqualFunc(all, []voiceapp.DeviceToken{laptop, phone}, same) {
		t.Errorf("DeviceTokens = %+v, %v", all, err)
	}
}

func testDeviceRevoke(t *testing.T, r *rig) {
	anna, berta := r.user(t, "Anna", voiceapp.RoleMember), r.user(t, "Berta", voiceapp.RoleMember)
	lost, lostToken := r.device(t, anna.ID, "lost")
	_, kept := r.device(t, anna.ID, "kept")
	wantCode(t, "RevokeDeviceToken of another's", as[Devices](r).RevokeDeviceToken(t.Context(), berta.ID, lost.ID), voiceapp.NotFound)
	r.wantDevice(t, lostToken, anna)
	if err := as[Devices](r).RevokeDeviceToken(t.Context(), anna.ID, lost.ID); err != nil {
		t.Fatal(err)
	}
	r.wantNoDevice(t, "of a revoked one", lostToken)
	r.wantDevice(t, kept, anna)
	wantCode(t, "RevokeDeviceToken again", as[Devices](r).RevokeDeviceToken(t.Context(), anna.ID, lost.ID), voiceapp.NotFound)
}

func testDeviceForget(t *testing.T, r *rig) {
	anna, berta := r.user(t, "Anna", voiceapp.RoleMember), r.user(t, "Berta", voiceapp.RoleMember)
	given, givenToken := r.device(t, anna.ID, "given away")
	_, kept := r.device(t, anna.ID, "kept")
	_, others := r.device(t, berta.ID, "phone")
	if ended, err := as[DeviceForgetter](r).ForgetDevice(t.Context(), givenToken); err != nil || ended.ID != given.ID || ended.User != anna.ID || ended.Name != given.Name {
		t.Errorf("ForgetDevice = %+v, %v; want %+v", ended, err, given)
	}
	r.wantNoDevice(t, "of one that was forgotten", givenToken)
	r.wantDevice(t, kept, anna)
	r.wantDevice(t, others, berta)
	for what, token := range map[string][sha256.Size]byte{"again": givenToken, "of none": {}} {
		ended, err := as[DeviceForgetter](r).ForgetDevice(t.Context(), token)
		wantCode(t, "ForgetDevice "+what, err, voiceapp.BadCredentials)
		if ended != (voiceapp.DeviceToken{}) {
			t.Errorf("ForgetDevice %s returned %+v with its error", what, ended)
		}
	}
}

// testDeviceEnd checks that whatever ends an account's sessions ends its device
// tokens too.
func testDeviceEnd(t *testing.T, r *rig) {
	berta := r.user(t, "Berta", voiceapp.RoleMember)
	_, others := r.device(t, berta.ID, "phone")
	anna := r.user(t, "Anna", voiceapp.RoleMember)
	if accounts, ok := r.Directory.(Accounts); ok {
		_, token := r.device(t, anna.ID, "laptop")
		if err := accounts.SetPassword(t.Context(), anna.ID, hashB); err != nil {
			t.Fatal(err)
		}
		r.wantNoDevice(t, "after SetPassword", token)
	}
	if resumer, ok := r.Directory.(Resumer); ok {
		_, token := r.device(t, anna.ID, "laptop")
		if err := resumer.EndSessions(t.Context(), anna.ID, ""); err != nil {
			t.Fatal(err)
		}
		r.wantNoDevice(t, "after EndSessions", token)
	}
	if accounts, ok := r.Directory.(Accounts); ok {
		_, token := r.device(t, anna.ID, "laptop")
		if err := accounts.DeleteUser(t.Context(), anna.ID); err != nil {
			t.Fatal(err)
		}
		r.wantNoDevice(t, "after DeleteUser", token)
	}
	r.wantDevice(t, others, berta)
}

func testDeviceBound(t *testing.T, r *rig) {
	anna := r.user(t, "Anna", voiceapp.RoleMember)
	_, first := r.device(t, anna.ID, "first")
	for i := range voiceapp.MaxDeviceTokens {
		r.device(t, anna.ID, fmt.Sprint("device ", i))
	}
	r.wantNoDevice(t, "of the first of too many", first)
	if all, err := as[Devices](r).DeviceTokens(t.Context(), anna.ID); err != nil || len(all) != voiceapp.MaxDeviceTokens {
		t.Errorf("there are %d, %v", len(all), err)
	}
}

func testDeviceExpiry(t *testing.T, r *rig) {
	const day = 24 * time.Hour
	anna := r.user(t, "Anna", voiceapp.RoleMember)
	_, token := r.device(t, anna.ID, "laptop")
	_, unused := r.device(t, anna.ID, "phone")
	for range 3 {
		r.advance(t, voiceapp.DeviceTokenLifetime-day)
		r.wantDevice(t, token, anna)
	}
	r.wantNoDevice(t, "of one that was not used", unused)
	if all, err := as[Devices](r).DeviceTokens(t.Context(), anna.ID); err != nil || len(all) != 1 || time.Since(all[0].Used) > -200*day {
		t.Errorf("DeviceTokens = %+v, %v", all, err)
	}
	r.advance(t, voiceapp.DeviceTokenLifetime+day)
	r.wantNoDevice(t, "of one that is too old", token)
}

func testDeviceRefuses(t *testing.T, r *rig) {
	anna := r.user(t, "Anna", voiceapp.RoleMember)
	for _, name := range []string{"", "a\nb", strings.Repeat("x", 65)} {
		_, _, err := as[Devices](r).NewDeviceToken(t.Context(), anna.ID, name)
		wantCode(t, fmt.Sprintf("NewDeviceToken(%.20q)", name), err, voiceapp.Invalid)
	}
	for _, bad := range badIDs {
		_, token, err := as[Devices](r).NewDeviceToken(t.Context(), voiceapp.UserID(bad), "laptop")
		wantCode(t, fmt.Sprint("NewDeviceToken for ", bad), err, voiceapp.NotFound)
		if token != "" {
			t.Error("a token came with the error")
		}
		wantCode(t, fmt.Sprint("RevokeDeviceToken of ", bad), as[Devices](r).RevokeDeviceToken(t.Context(), anna.ID, voiceapp.DeviceTokenID(bad)), voiceapp.NotFound)
		if all, err := as[Devices](r).DeviceTokens(t.Context(), voiceapp.UserID(bad)); err != nil || len(all) != 0 {
			t.Errorf("DeviceTokens of %d = %+v, %v", bad, all, err)
		}
	}
}
