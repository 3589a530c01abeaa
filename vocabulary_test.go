package voiceapp_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestRoleNames(t *testing.T) {
	for _, role := range []voiceapp.Role{voiceapp.RoleGuest, voiceapp.RoleMember, 15, voiceapp.RoleModerator, voiceapp.RoleAdmin, voiceapp.RoleOwner} {
		got, err := voiceapp.ParseRole(role.String())
		if err != nil || got != role {
			t.Errorf("ParseRole(%q) = %v, %v; want %v", role.String(), got, err, role)
		}
	}
	for _, word := range []string{"", "king", "-1", "41", "role", "1e1"} {
		if got, err := voiceapp.ParseRole(word); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("ParseRole(%q) = %v, %v; want invalid", word, got, err)
		}
	}
	if got, err := voiceapp.ParseRole(" Moderator "); err != nil || got != voiceapp.RoleModerator {
		t.Errorf("ParseRole is not forgiving about case and space: %v, %v", got, err)
	}
}

// One acts on lower roles, numbers between the named ones included; owners act on
// owners.
func TestWhoMayActOnWhom(t *testing.T) {
	for actor := voiceapp.RoleGuest; actor <= voiceapp.RoleOwner; actor++ {
		for target := voiceapp.RoleGuest; target <= voiceapp.RoleOwner; target++ {
			want := target < actor || actor == voiceapp.RoleOwner
			if got := actor.MayActOn(target); got != want {
				t.Errorf("%v on %v: %v", actor, target, got)
			}
		}
	}
	if voiceapp.RoleModerator.MayActOn(voiceapp.RoleModerator) || !voiceapp.Role(21).MayActOn(voiceapp.RoleModerator) ||
		!voiceapp.RoleOwner.MayActOn(voiceapp.RoleOwner) || voiceapp.Role(39).MayActOn(voiceapp.RoleOwner) {
		t.Error("the rule does not hold at its edges")
	}
}

func TestFinalCodes(t *testing.T) {
	for code, want := range map[voiceapp.Code]bool{
		voiceapp.Kicked: true, voiceapp.Banned: true, voiceapp.BadCredentials: true, voiceapp.KeyChanged: true, voiceapp.Exists: true,
		voiceapp.Unavailable: false, voiceapp.Busy: false, voiceapp.Limited: false, voiceapp.Internal: false,
	} {
		if code.Final() != want {
			t.Errorf("%s is final: %v", code, code.Final())
		}
	}
}

func TestErrorAnswersToItsCodeAndItsCause(t *testing.T) {
	err := fmt.Errorf("channel.join: %w", voiceapp.WrapError(voiceapp.Unavailable, "the server is stopping", io.ErrUnexpectedEOF))
	if !errors.Is(err, voiceapp.Unavailable) || errors.Is(err, voiceapp.NotFound) {
		t.Error("errors.Is does not tell the codes apart")
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	if got := voiceapp.AsError(err); got.Message != "the server is stopping" {
		t.Errorf("AsError lost the message: %q", got.Message)
	}
}

func TestAsErrorKeepsCausesFromClients(t *testing.T) {
	for _, c := range []struct {
		err  error
		code voiceapp.Code
	}{
		{errors.New("disk /var/lib/secret is on fire"), voiceapp.Internal},
		{fmt.Errorf("reading: %w", context.DeadlineExceeded), voiceapp.Unavailable},
		{context.Canceled, voiceapp.Unavailable},
	} {
		got := voiceapp.AsError(c.err)
		if got.Code != c.code || strings.Contains(got.Message, c.err.Error()) {
			t.Errorf("AsError(%v) = %s %q; want %s without the cause in the message", c.err, got.Code, got.Message, c.code)
		}
	}
	if voiceapp.AsError(nil) != nil {
		t.Error("AsError(nil) is an error")
	}
}

func TestRefusalNamesTheMissingRole(t *testing.T) {
	err := voiceapp.Refusal(voiceapp.RoleGuest, voiceapp.RoleModerator)
	if !errors.Is(err, voiceapp.Forbidden) || err.Needs != "role:moderator" || !strings.Contains(err.Message, "moderator") {
		t.Errorf("Refusal = %+v", err)
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"a", "Anna", "Änne Müller", "山田", "O'Brien", strings.Repeat("x", 64), "🎧 Lounge"} {
		if err := voiceapp.CheckName(name); err != nil {
			t.Errorf("CheckName(%q) = %v", name, err)
		}
	}
	for _, name := range []string{
		"", " ", " a", "a ", "a/b", "a\nb", "a\x00", "a\u202eb", "\u200b", "a\u2028b", "\xff", strings.Repeat("x", 65), "a\x1b[31m",
	} {
		if err := voiceapp.CheckName(name); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("CheckName(%q) = %v; want invalid", name, err)
		}
	}
}

func TestFoldNameMakesCasesEqual(t *testing.T) {
	for _, pair := range [][2]string{{"Anna", "ANNA"}, {"straße", "STRAßE"}, {"Σίσυφος", "ΣΊΣΥΦΟΣ"}, {"K", "\u212a"}} {
		if voiceapp.FoldName(pair[0]) != voiceapp.FoldName(pair[1]) {
			t.Errorf("%q and %q are two names", pair[0], pair[1])
		}
	}
	if voiceapp.FoldName("Anna") == voiceapp.FoldName("Anne") {
		t.Error("two names are one")
	}
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{"Anna", "a/b", "\u202e", "\xff\xfe", "İ", "ẞ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		folded := voiceapp.FoldName(name)
		if voiceapp.FoldName(folded) != folded {
			t.Errorf("folding %q twice changes it", name)
		}
		if voiceapp.CheckName(name) == nil && strings.ContainsAny(name, "/\n\r\x00") {
			t.Errorf("CheckName allows %q", name)
		}
	})
}

func TestFindPath(t *testing.T) {
	tree := []voiceapp.Channel{{ID: 1, Name: "Lobby"}, {ID: 2, Name: "Games"}, {ID: 3, Name: "Quiet", Parent: 2}, {ID: 4, Name: "Quiet", Parent: 1}}
	for path, want := range map[string]voiceapp.ChannelID{"Lobby": 1, "games/quiet": 3, "/Lobby/Quiet/": 4, " Games / Quiet ": 3} {
		if got, err := voiceapp.FindPath(tree, path); err != nil || got.ID != want {
			t.Errorf("FindPath(%q) = %v, %v; want %d", path, got.ID, err, want)
		}
	}
	for path, code := range map[string]voiceapp.Code{"": voiceapp.Invalid, "///": voiceapp.Invalid, "Quiet": voiceapp.NotFound, "Lobby/Games": voiceapp.NotFound} {
		if _, err := voiceapp.FindPath(tree, path); !errors.Is(err, code) {
			t.Errorf("FindPath(%q) = %v; want %s", path, err, code)
		}
	}
}

func TestKeysNeverShow(t *testing.T) {
	var grant voiceapp.Grant
	_, _ = rand.Read(grant.Up[:])
	_, _ = rand.Read(grant.Down[:])
	var out bytes.Buffer
	for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))} {
		log.Info("a session", "grant", grant, "key", grant.Up, "both", struct{ G voiceapp.Grant }{grant})
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
		fmt.Fprintf(&out, verb, grant.Up)
		fmt.Fprintf(&out, verb, grant)
	}
	if err := json.NewEncoder(&out).Encode(grant); err != nil {
		t.Fatal(err)
	}
	shown := out.String()
	for _, key := range []voiceapp.Key{grant.Up, grant.Down} {
		raw := key[:4]
		for _, form := range []string{string(raw), fmt.Sprintf("%x", raw), fmt.Sprintf("%X", raw), fmt.Sprintf("%d %d %d", raw[0], raw[1], raw[2]), fmt.Sprintf("%d,%d,%d", raw[0], raw[1], raw[2]), fmt.Sprintf("%#x, %#x", raw[0], raw[1])} {
			if strings.Contains(shown, form) {
				t.Errorf("a key shows as %q in:\n%s", form, shown)
			}
		}
	}
	if !strings.Contains(shown, "[redacted]") {
		t.Error("nothing was redacted")
	}
}

func TestFingerprintIsTheKeysNotTheCertificates(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	first, second := selfSigned(t, key, 1), selfSigned(t, key, 2)
	print1 := voiceapp.FingerprintOf(first)
	if print1 != voiceapp.FingerprintOf(second) {
		t.Error("a renewed certificate of the same key has another fingerprint")
	}
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if print1 != sha256.Sum256(spki) {
		t.Error("the fingerprint is not the SHA-256 of the SubjectPublicKeyInfo")
	}
	for _, form := range []string{print1.String(), strings.ToUpper(print1.String()), " " + print1.String() + "\n", withColons(print1.String())} {
		if got, err := voiceapp.ParseFingerprint(form); err != nil || got != print1 {
			t.Errorf("ParseFingerprint(%q) = %v, %v", form, got, err)
		}
	}
	for _, form := range []string{"", "ab", print1.String()[1:], print1.String() + "00", strings.Repeat("g", 64)} {
		if _, err := voiceapp.ParseFingerprint(form); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("ParseFingerprint(%q) = %v; want invalid", form, err)
		}
	}
}

func selfSigned(t *testing.T, key *ecdsa.PrivateKey, serial int64) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func withColons(digits string) string {
	var b strings.Builder
	for i := 0; i < len(digits); i += 2 {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(digits[i : i+2])
	}
	return b.String()
}

func TestBanActive(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		until time.Time
		want  bool
	}{{time.Time{}, true}, {now.Add(time.Nanosecond), true}, {now, false}, {now.Add(-time.Hour), false}} {
		if got := (voiceapp.Ban{Until: c.until}).Active(now); got != c.want {
			t.Errorf("a ban until %v is active at %v: %v", c.until, now, got)
		}
	}
}
