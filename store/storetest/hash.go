package storetest

import (
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
)

// testUpgradeHash checks that a hash is replaced, and that one which has changed
// meanwhile is not.
func testUpgradeHash(t *testing.T, r *rig) {
	upgrader := as[HashUpgrader](r)
	anna := r.user(t, "Anna", voiceapp.RoleMember) // with hashA
	bo := r.user(t, "Bo", voiceapp.RoleMember)
	for _, c := range []struct {
		user voiceapp.UserID
		old  string
		want string
	}{{anna.ID, hashB, hashA}, {anna.ID, hashA, hashB}, {anna.ID, hashA, hashB}} {
		if err := upgrader.UpgradeHash(t.Context(), c.user, c.old, hashB); err != nil {
			t.Error(err)
		}
		if _, hash, err := r.Credential(t.Context(), "Anna"); err != nil || hash != c.want {
			t.Errorf("the hash is %q, %v; want %q", hash, err, c.want)
		}
	}
	if _, hash, err := r.Credential(t.Context(), bo.Name); err != nil || hash != hashA {
		t.Errorf("another's hash is %q, %v", hash, err)
	}
	for _, id := range badIDs {
		if err := upgrader.UpgradeHash(t.Context(), voiceapp.UserID(id), hashA, hashB); err != nil {
			t.Errorf("user %d: %v", id, err)
		}
	}
}
