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
	const between = "for your eyes only, dear"
	const hash = "$argon2id$a-hash-that-nobody-may-have"
	user, err := s.CreateUser(ctx, "Anna", hash, voiceapp.RoleMember)
	if err != nil {
		t.Fatal(err)
	}
	secrets := fill(ctx, t, s, user.ID)
	secrets["hash"], secrets["direct message"] = []byte(hash), []byte(between)
	for _, m := range []voiceapp.Message{{User: user.ID, To: user.ID, Name: "Anna", Text: between}, {User: user.ID, Channel: 1, Name: "Anna", Text: "said aloud"}} {
		m.Sent = time.Now()
		if _, err := s.AppendMessage(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "copy.db")
	if err := s.Backup(ctx, file); err != nil {
		t.Fatal(err)
	}
	before := contents(t, file)
	if err := store.Redact(ctx, file); err != nil {
		t.Fatal(err)
	}
	after := contents(t, file)
	for name, secret := range secrets {
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
	if said, err := again.Messages(ctx, voiceapp.MessageQuery{Channel: 1}); err != nil || len(said) != 1 {
		t.Errorf("what was said in the channel is %v, %v", said, err)
	}
	if invites, err := again.Invites(ctx, 0, 10); err != nil || len(invites) != 0 {
		t.Errorf("invites %v, %v", invites, err)
	}
	if err := store.Redact(ctx, filepath.Join(dir, "nothing.db")); !errors.Is(err, voiceapp.NotFound) && !errors.Is(err, voiceapp.Invalid) && !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("of nothing: %v", err)
	}
}

// fill makes one of each thing that lets somebody in, or shows who the server is, and
// returns what they are kept as.
func fill(ctx context.Context, t *testing.T, s *store.Store, user voiceapp.UserID) map[string][]byte {
	t.Helper()
	owner, first := s.Init(ctx, []voiceapp.Channel{{ID: 1, Name: "Lobby", Bitrate: voiceapp.DefaultBitrate}})
	resume := s.KeepSession(ctx, voiceapp.Resumption{Session: 1, User: user, Name: "Anna", Expires: time.Now().Add(time.Hour)}, sha256.Sum256([]byte("resume")))
	_, invite, invited := s.NewInvite(ctx, voiceapp.Invite{Role: voiceapp.RoleMember, Uses: 1})
	_, device, remembered := s.NewDeviceToken(ctx, user, "phone")
	_, key, keyed := s.NewAPIKey(ctx, voiceapp.APIKey{Name: "bot", User: user, Role: voiceapp.RoleMember})
	hook, _, hooked := s.NewWebhook(ctx, voiceapp.Webhook{URL: "https://hooks.example/a-path-that-is-secret", Events: []string{"*"}, Enabled: true})
	signing, read := s.WebhookSecret(ctx, hook.ID)
	_, told := s.AddDeliveries(ctx, []voiceapp.Delivery{{Webhook: hook.ID, Event: "chat.sent", Body: "what was said to a program", Next: time.Now()}})
	if err := errors.Join(first, resume, invited, remembered, keyed, hooked, read, told); err != nil {
		t.Fatal(err)
	}
	secrets := map[string][]byte{"webhook's secret": signing, "webhook's URL": []byte("a-path-that-is-secret"), "delivery": []byte("what was said to a program")}
	for name, token := range map[string]string{"owner's token": owner, "session's token": "resume", "invite": invite, "device's token": device, "API key": key} {
		sum := sha256.Sum256([]byte(token))
		secrets[name] = sum[:]
	}
	return secrets
}

func contents(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
