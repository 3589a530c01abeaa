package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/store"
)

// What a redacted copy holds lets nobody in, not even who reads its pages.
func TestRedact(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	s, err := store.Open(ctx, filepath.Join(dir, "voiceapp.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const hash = "$argon2id$a-hash-that-nobody-may-have"
	user, err := s.CreateUser(ctx, "Anna", hash, voiceapp.RoleMember)
	if err != nil {
		t.Fatal(err)
	}
	secrets := fill(ctx, t, s, user.ID)
	file := filepath.Join(dir, "copy.db")
	if err := s.Backup(ctx, file); err != nil {
		t.Fatal(err)
	}
	before := contents(t, file)
	if err := store.Redact(ctx, file); err != nil {
		t.Fatal(err)
	}
	after := contents(t, file)
	for name, secret := range map[string][]byte{"hash": []byte(hash), "token": secrets[0], "invite": secrets[1]} {
		if !bytes.Contains(before, secret) {
			t.Errorf("the %s was not in the copy: the test looks for the wrong thing", name)
		}
		if bytes.Contains(after, secret) {
			t.Errorf("the %s is in the redacted copy", name)
		}
	}
	again, err := store.Open(ctx, file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if found, err := again.User(ctx, user.ID); err != nil || found.Name != "Anna" {
		t.Errorf("the account is %+v, %v", found, err)
	}
	if invites, err := again.Invites(ctx, 0, 10); err != nil || len(invites) != 0 {
		t.Errorf("invites %v, %v", invites, err)
	}
	if err := store.Redact(ctx, filepath.Join(dir, "nothing.db")); !errors.Is(err, voiceapp.NotFound) && !errors.Is(err, voiceapp.Invalid) && !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("of nothing: %v", err)
	}
}

// fill makes a token, an invite and a device's token, and returns what the first two
// are kept as.
func fill(ctx context.Context, t *testing.T, s *store.Store, user voiceapp.UserID) [][]byte {
	t.Helper()
	if _, err := s.Init(ctx, []voiceapp.Channel{{ID: 1, Name: "Lobby", Bitrate: voiceapp.DefaultBitrate}}); err != nil {
		t.Fatal(err)
	}
	resume := sha256.Sum256([]byte("resume"))
	if err := s.KeepSession(ctx, voiceapp.Resumption{Session: 1, User: user, Name: "Anna", Expires: time.Now().Add(time.Hour)}, resume); err != nil {
		t.Fatal(err)
	}
	_, invite, err := s.NewInvite(ctx, voiceapp.Invite{Role: voiceapp.RoleMember, Uses: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.NewDeviceToken(ctx, user, "phone"); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(invite))
	return [][]byte{resume[:], sum[:]}
}

func contents(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
