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

func apiKeysParts() []part {
	return []part{
		{"Use", testAPIKeyUse},
		{"Revoke", testAPIKeyRevoke},
		{"Account", testAPIKeyAccount},
		{"Banned", testAPIKeyBanned},
		{"Pages", testAPIKeyPages},
		{"Bound", testAPIKeyBound},
		{"Expiry", testAPIKeyExpiry},
		{"Refuses", testAPIKeyRefuses},
	}
}

// apiKey makes a key of one who may at most what a moderator may.
func (r *rig) apiKey(t *testing.T, user voiceapp.UserID) (made voiceapp.APIKey, secret [sha256.Size]byte) {
	t.Helper()
	return r.newAPIKey(t, voiceapp.APIKey{Name: "bot", User: user, Role: voiceapp.RoleModerator})
}

func (r *rig) newAPIKey(t *testing.T, key voiceapp.APIKey) (made voiceapp.APIKey, secret [sha256.Size]byte) {
	t.Helper()
	made, text, err := as[APIKeys](r).NewAPIKey(t.Context(), key)
	if err != nil || !strings.HasPrefix(text, "vak_") || len(text) < 40 {
		t.Fatalf("NewAPIKey(%+v) = %+v, %q, %v", key, made, text, err)
	}
	return made, sha256.Sum256([]byte(text))
}

func (r *rig) apiKeys(t *testing.T) []voiceapp.APIKey {
	t.Helper()
	all, err := as[APIKeys](r).APIKeys(t.Context(), 0, 500)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (r *rig) wantAPIKey(t *testing.T, secret [sha256.Size]byte, want voiceapp.APIKey, of voiceapp.User) {
	t.Helper()
	key, user, err := as[APIKeys](r).UseAPIKey(t.Context(), secret)
	if err != nil || !sameKey(key, want) || !sameUser(user, of) {
		t.Errorf("UseAPIKey = %+v, %+v, %v; want %+v, %+v", key, user, err, want, of)
	}
}

func (r *rig) wantNoAPIKey(t *testing.T, what string, secret [sha256.Size]byte) {
	t.Helper()
	key, user, err := as[APIKeys](r).UseAPIKey(t.Context(), secret)
	wantCode(t, "UseAPIKey "+what, err, voiceapp.BadCredentials)
	if key.ID != 0 || user.ID != 0 {
		t.Errorf("UseAPIKey %s gave %+v and %+v with the error", what, key, user)
	}
}

// sameKey compares two keys but for when they were used.
func sameKey(a, b voiceapp.APIKey) bool {
	return a.ID == b.ID && a.Name == b.Name && a.User == b.User && a.Role == b.Role && a.Scopes != nil && b.Scopes != nil &&
		slices.Equal(a.Scopes, b.Scopes) && a.Created.Equal(b.Created) && a.Expires.Equal(b.Expires)
}

func testAPIKeyUse(t *testing.T, r *rig) {
	anna, berta := r.user(t, "Anna", voiceapp.RoleOwner), r.user(t, "Berta", voiceapp.RoleMember)
	expires := inAnHour()
	scoped, scopedSecret := r.newAPIKey(t, voiceapp.APIKey{ID: 99, Name: "für Ｂots", User: anna.ID, Role: voiceapp.RoleAdmin, Scopes: []string{"bans:write", "audit:read"}, Expires: expires})
	free, freeSecret := r.apiKey(t, anna.ID)
	others, othersSecret := r.apiKey(t, berta.ID)
	if scoped.Name != "für Ｂots" || scoped.User != anna.ID || scoped.Role != voiceapp.RoleAdmin || !slices.Equal(scoped.Scopes, []string{"bans:write", "audit:read"}) ||
		!scoped.Expires.Equal(expires) || scoped.Created.IsZero() || !scoped.Used.Equal(scoped.Created) || free.ID <= scoped.ID || !free.Expires.IsZero() {
		t.Errorf("NewAPIKey = %+v, then %+v", scoped, free)
	}
	for range 2 {
		r.wantAPIKey(t, scopedSecret, scoped, anna)
		r.wantAPIKey(t, freeSecret, free, anna)
		r.wantAPIKey(t, othersSecret, others, berta)
	}
	r.wantNoAPIKey(t, "of none", [sha256.Size]byte{})
	if all := r.apiKeys(t); !slices.EqualFunc(all, []voiceapp.APIKey{scoped, free, others}, sameKey) {
		t.Errorf("APIKeys = %+v", all)
	}
	if accounts, ok := r.Directory.(Accounts); ok {
		berta, err := accounts.SetRole(t.Context(), berta.ID, voiceapp.RoleAdmin)
		if err != nil {
			t.Fatal(err)
		}
		r.wantAPIKey(t, othersSecret, others, berta)
	}
}

func testAPIKeyRevoke(t *testing.T, r *rig) {
	anna := r.user(t, "Anna", voiceapp.RoleOwner)
	lost, lostSecret := r.apiKey(t, anna.ID)
	kept, keptSecret := r.apiKey(t, anna.ID)
	if err := as[APIKeys](r).RevokeAPIKey(t.Context(), lost.ID); err != nil {
		t.Fatal(err)
	}
	r.wantNoAPIKey(t, "of a revoked one", lostSecret)
	r.wantAPIKey(t, keptSecret, kept, anna)
	wantCode(t, "RevokeAPIKey again", as[APIKeys](r).RevokeAPIKey(t.Context(), lost.ID), voiceapp.NotFound)
	if next, _ := r.apiKey(t, anna.ID); next.ID <= kept.ID {
		t.Errorf("after %d came %d", kept.ID, next.ID)
	}
}

// testAPIKeyAccount checks that a key goes with its account and with nothing less.
func testAPIKeyAccount(t *testing.T, r *rig) {
	accounts, ok := r.Directory.(Accounts)
	if !ok {
		t.Skip("accounts can't be changed")
	}
	anna, berta := r.user(t, "Anna", voiceapp.RoleMember), r.user(t, "Berta", voiceapp.RoleMember)
	key, secret := r.apiKey(t, anna.ID)
	others, othersSecret := r.apiKey(t, berta.ID)
	if err := accounts.SetPassword(t.Context(), anna.ID, hashB); err != nil {
		t.Fatal(err)
	}
	r.wantAPIKey(t, secret, key, anna)
	if err := accounts.DeleteUser(t.Context(), anna.ID); err != nil {
		t.Fatal(err)
	}
	r.wantNoAPIKey(t, "of an account that is gone", secret)
	r.wantAPIKey(t, othersSecret, others, berta)
}

// testAPIKeyBanned checks that a key is of no use while its account is kept out.
func testAPIKeyBanned(t *testing.T, r *rig) {
	bans, ok := r.Directory.(Bans)
	if !ok {
		t.Skip("nobody can be banned")
	}
	anna, berta := r.user(t, "Anna", voiceapp.RoleAdmin), r.user(t, "Berta", voiceapp.RoleAdmin)
	key, secret := r.apiKey(t, anna.ID)
	others, othersSecret := r.apiKey(t, berta.ID)
	if _, err := bans.AddBan(t.Context(), voiceapp.Ban{Device: deviceA}); err != nil {
		t.Fatal(err)
	}
	r.wantAPIKey(t, secret, key, anna)
	ban, err := bans.AddBan(t.Context(), voiceapp.Ban{User: anna.ID, Until: inAnHour()})
	if err != nil {
		t.Fatal(err)
	}
	r.wantNoAPIKey(t, "of a banned account", secret)
	r.wantAPIKey(t, othersSecret, others, berta)
	if err := bans.LiftBan(t.Context(), ban.ID); err != nil {
		t.Fatal(err)
	}
	r.wantAPIKey(t, secret, key, anna)
	if _, err := bans.AddBan(t.Context(), voiceapp.Ban{User: anna.ID, Until: inAnHour()}); err != nil {
		t.Fatal(err)
	}
	r.advance(t, 2*time.Hour)
	r.wantAPIKey(t, secret, key, anna)
}

func testAPIKeyPages(t *testing.T, r *rig) {
	anna := r.user(t, "Anna", voiceapp.RoleOwner)
	var want, got []voiceapp.APIKey
	for range 7 {
		key, _ := r.apiKey(t, anna.ID)
		want = append(want, key)
	}
	after := voiceapp.APIKeyID(0)
	for {
		page, err := as[APIKeys](r).APIKeys(t.Context(), after, 3)
		if err != nil || len(page) > 3 {
			t.Fatalf("APIKeys = %d keys, %v", len(page), err)
		}
		if len(page) == 0 {
			break
		}
		got, after = append(got, page...), page[len(page)-1].ID
	}
	if !slices.EqualFunc(got, want, sameKey) {
		t.Errorf("the pages are %+v, want %+v", got, want)
	}
}

func testAPIKeyBound(t *testing.T, r *rig) {
	anna, berta := r.user(t, "Anna", voiceapp.RoleOwner), r.user(t, "Berta", voiceapp.RoleOwner)
	first, firstSecret := r.apiKey(t, anna.ID)
	for range voiceapp.MaxAPIKeys - 1 {
		r.apiKey(t, anna.ID)
	}
	_, secret, err := as[APIKeys](r).NewAPIKey(t.Context(), voiceapp.APIKey{Name: "bot", User: anna.ID, Role: voiceapp.RoleOwner})
	wantCode(t, "NewAPIKey beyond the most", err, voiceapp.Conflict)
	if all := r.apiKeys(t); len(all) != voiceapp.MaxAPIKeys || secret != "" {
		t.Errorf("there are %d keys", len(all))
	}
	r.wantAPIKey(t, firstSecret, first, anna)
	r.apiKey(t, berta.ID)
}

func testAPIKeyExpiry(t *testing.T, r *rig) {
	anna := r.user(t, "Anna", voiceapp.RoleOwner)
	brief, briefSecret := r.newAPIKey(t, voiceapp.APIKey{Name: "brief", User: anna.ID, Role: voiceapp.RoleOwner, Expires: inAnHour()})
	forever, secret := r.apiKey(t, anna.ID)
	r.advance(t, 50*time.Minute)
	r.wantAPIKey(t, briefSecret, brief, anna)
	r.advance(t, 10*time.Minute)
	r.wantNoAPIKey(t, "of one that has expired", briefSecret)
	r.advance(t, 365*24*time.Hour)
	r.wantAPIKey(t, secret, forever, anna)
}

func testAPIKeyRefuses(t *testing.T, r *rig) {
	anna := r.user(t, "Anna", voiceapp.RoleOwner)
	refuse := func(what string, code voiceapp.Code, change func(*voiceapp.APIKey)) {
		t.Helper()
		key := voiceapp.APIKey{Name: "bot", User: anna.ID, Role: voiceapp.RoleMember}
		change(&key)
		made, secret, err := as[APIKeys](r).NewAPIKey(t.Context(), key)
		wantCode(t, "NewAPIKey with "+what, err, code)
		if made.ID != 0 || secret != "" {
			t.Errorf("NewAPIKey with %s gave %+v, %q", what, made, secret)
		}
	}
	for _, name := range []string{"", "a\nb", strings.Repeat("x", 65)} {
		refuse(fmt.Sprintf("the name %.20q", name), voiceapp.Invalid, func(key *voiceapp.APIKey) { key.Name = name })
	}
	for _, role := range []voiceapp.Role{-1, 0, 41} {
		refuse(fmt.Sprint("the role ", int(role)), voiceapp.Invalid, func(key *voiceapp.APIKey) { key.Role = role })
	}
	for _, scopes := range [][]string{{"bans"}, {"bans:read bans:write"}, {"bans:read", "bans:read"}, {""}} {
		refuse(fmt.Sprintf("the scopes %q", scopes), voiceapp.Invalid, func(key *voiceapp.APIKey) { key.Scopes = scopes })
	}
	for _, end := range []time.Time{time.Now().Add(-time.Hour), time.Unix(0, 1), time.Unix(1<<40, 0)} {
		refuse(fmt.Sprint("the end ", end), voiceapp.Invalid, func(key *voiceapp.APIKey) { key.Expires = end })
	}
	for _, bad := range badIDs {
		refuse(fmt.Sprint("the account ", bad), voiceapp.NotFound, func(key *voiceapp.APIKey) { key.User = voiceapp.UserID(bad) })
		wantCode(t, fmt.Sprint("RevokeAPIKey of ", bad), as[APIKeys](r).RevokeAPIKey(t.Context(), voiceapp.APIKeyID(bad)), voiceapp.NotFound)
	}
	for _, limit := range []int{-1, 501} {
		_, err := as[APIKeys](r).APIKeys(t.Context(), 0, limit)
		wantCode(t, fmt.Sprint("APIKeys with a limit of ", limit), err, voiceapp.Invalid)
	}
	if all := r.apiKeys(t); len(all) != 0 {
		t.Errorf("there are %+v", all)
	}
}
