package storetest

import (
	"crypto/sha256"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func testCreateUser(t *testing.T, r *rig) {
	seen := map[voiceapp.UserID]string{}
	for name, role := range map[string]voiceapp.Role{
		"Anna": voiceapp.RoleMember, "Jörg Żółć": voiceapp.RoleGuest, "名前": 15, "Root": voiceapp.RoleOwner, "%_'\"": voiceapp.RoleAdmin,
	} {
		user := r.user(t, name, role)
		if user.ID <= 0 || user.ID > voiceapp.MaxID || seen[user.ID] != "" {
			t.Errorf("account %q has the id %d, which is out of range or that of %q", name, user.ID, seen[user.ID])
		}
		seen[user.ID] = name
		if user.Name != name || user.Role != role {
			t.Errorf("CreateUser(%q, %v) = %+v", name, role, user)
		}
		if user.Created.IsZero() || user.Created.Location() != time.UTC {
			t.Errorf("account %q was created at %v; want a time in UTC", name, user.Created)
		}
		found, hash, err := r.Credential(t.Context(), name)
		if err != nil || !sameUser(found, user) || hash != hashA {
			t.Errorf("Credential(%q) = %+v, %q, %v; want %+v", name, found, hash, err, user)
		}
	}
	found, _, err := r.Credential(t.Context(), "jÖRG żÓŁĆ")
	if err != nil || found.Name != "Jörg Żółć" {
		t.Errorf("Credential in another case = %+v, %v", found, err)
	}
}

func testCreateUserTaken(t *testing.T, r *rig) {
	first := r.user(t, "Anna", voiceapp.RoleMember)
	for _, name := range []string{"Anna", "ANNA", "anna"} {
		_, err := r.CreateUser(t.Context(), name, hashB, voiceapp.RoleOwner)
		wantCode(t, "CreateUser of a taken name", err, voiceapp.Exists)
	}
	found, hash, err := r.Credential(t.Context(), "Anna")
	if err != nil || !sameUser(found, first) || hash != hashA {
		t.Errorf("the account became %+v, %q, %v; want %+v", found, hash, err, first)
	}
}

func testCreateUserRace(t *testing.T, r *rig) {
	won := race(100, func(int) bool {
		_, err := r.CreateUser(t.Context(), "Anna", hashA, voiceapp.RoleMember)
		if err != nil {
			wantCode(t, "CreateUser of a taken name", err, voiceapp.Exists)
		}
		return err == nil
	})
	if won != 1 {
		t.Errorf("%d of 100 got the name, want 1", won)
	}
}

func testCredentialUnknown(t *testing.T, r *rig) {
	r.user(t, "Anna", voiceapp.RoleMember)
	for _, name := range []string{"", "Ann", "Anna ", "%", "Anna\x00"} {
		_, hash, err := r.Credential(t.Context(), name)
		wantCode(t, fmt.Sprintf("Credential(%q)", name), err, voiceapp.NotFound)
		if hash != "" {
			t.Errorf("Credential(%q) gave a hash", name)
		}
	}
}

func testClaimOwnerNew(t *testing.T, r *rig) {
	owner, err := r.ClaimOwner(t.Context(), r.token, "Anna", hashA)
	if err != nil || owner.ID <= 0 || owner.Name != "Anna" || owner.Role != voiceapp.RoleOwner {
		t.Fatalf("ClaimOwner = %+v, %v", owner, err)
	}
	found, hash, err := r.Credential(t.Context(), "anna")
	if err != nil || !sameUser(found, owner) || hash != hashA {
		t.Errorf("Credential = %+v, %q, %v; want %+v", found, hash, err, owner)
	}
	_, err = r.ClaimOwner(t.Context(), r.token, "Berta", hashA)
	wantCode(t, "ClaimOwner with a used token", err, voiceapp.BadCredentials)
	_, _, err = r.Credential(t.Context(), "Berta")
	wantCode(t, "Credential after a refused claim", err, voiceapp.NotFound)
}

func testClaimOwnerExisting(t *testing.T, r *rig) {
	before := r.user(t, "Anna", voiceapp.RoleMember)
	owner, err := r.ClaimOwner(t.Context(), r.token, "anna", hashB)
	if err != nil || owner.ID != before.ID || owner.Role != voiceapp.RoleOwner || !owner.Created.Equal(before.Created) {
		t.Fatalf("ClaimOwner = %+v, %v; want the account %+v as an owner", owner, err, before)
	}
	found, hash, err := r.Credential(t.Context(), "Anna")
	if err != nil || !sameUser(found, owner) || hash != hashB {
		t.Errorf("Credential = %+v, %q, %v; want %+v with the new hash", found, hash, err, owner)
	}
}

func testClaimOwnerWrongToken(t *testing.T, r *rig) {
	before := r.user(t, "Anna", voiceapp.RoleMember)
	for _, token := range [][sha256.Size]byte{{}, sha256.Sum256(nil), sha256.Sum256([]byte("guess")), sha256.Sum256(r.token[:])} {
		for _, name := range []string{"Anna", "Berta"} {
			_, err := r.ClaimOwner(t.Context(), token, name, hashB)
			wantCode(t, "ClaimOwner with a wrong token", err, voiceapp.BadCredentials)
		}
	}
	found, hash, err := r.Credential(t.Context(), "Anna")
	if err != nil || !sameUser(found, before) || hash != hashA {
		t.Errorf("the account became %+v, %q, %v; want %+v", found, hash, err, before)
	}
	if _, err := r.ClaimOwner(t.Context(), r.token, "Berta", hashA); err != nil {
		t.Errorf("the right token after wrong ones: %v", err)
	}
}

func testClaimOwnerRace(t *testing.T, r *rig) {
	claimants := names("claimant", 100)
	won := race(len(claimants), func(i int) bool {
		_, err := r.ClaimOwner(t.Context(), r.token, claimants[i], hashA)
		if err != nil {
			wantCode(t, "ClaimOwner", err, voiceapp.BadCredentials)
		}
		return err == nil
	})
	if won != 1 {
		t.Errorf("%d of 100 claims succeeded, want 1", won)
	}
	accounts := 0
	for _, name := range claimants {
		if _, _, err := r.Credential(t.Context(), name); err == nil {
			accounts++
		}
	}
	if accounts != 1 {
		t.Errorf("%d accounts were made, want 1", accounts)
	}
}

// race runs n attempts at once and counts those that succeed.
func race(n int, attempt func(i int) bool) int {
	var (
		all   sync.WaitGroup
		start = make(chan struct{})
		won   atomic.Int64
	)
	for i := range n {
		all.Go(func() {
			<-start
			if attempt(i) {
				won.Add(1)
			}
		})
	}
	close(start)
	all.Wait()
	return int(won.Load())
}

func names(stem string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s-%d", stem, i)
	}
	return all
}
