package control_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

func say(t *testing.T, m *control.Memory, msg voiceapp.Message) voiceapp.Message {
	t.Helper()
	kept, err := m.AppendMessage(context.Background(), msg)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestMemoryKeepsTheNewestMessages(t *testing.T) {
	m := newMemory()
	first := say(t, m, voiceapp.Message{Channel: quiet, Text: "first"})
	second := say(t, m, voiceapp.Message{Channel: quiet, Text: "second"})
	for range control.MemoryMessages - 1 {
		say(t, m, voiceapp.Message{Channel: lobby, Text: "more"})
	}
	if _, err := m.Message(t.Context(), first.ID); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("the oldest is still there: %v", err)
	}
	if kept, err := m.Messages(t.Context(), voiceapp.MessageQuery{Channel: quiet}); err != nil || len(kept) != 1 || kept[0] != second {
		t.Errorf("the history is %+v, %v", kept, err)
	}
}

// A clock that jumps a year ahead prunes what a day makes old, and no more.
func TestMemoryPrunesByDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		prune := func(want int) {
			t.Helper()
			if n, err := m.Prune(t.Context(), 7*24*time.Hour); n != want || err != nil {
				t.Errorf("Prune = %d, %v; want %d", n, err, want)
			}
		}
		say(t, m, voiceapp.Message{Channel: lobby, Text: "old", Sent: time.Now().Add(-10 * 24 * time.Hour)})
		say(t, m, voiceapp.Message{Channel: lobby, Text: "young", Sent: time.Now().Add(-5 * 24 * time.Hour)})
		prune(1)
		time.Sleep(365 * 24 * time.Hour)
		prune(0)
		prune(0)
		prune(1)
	})
}

func TestMemoryInvitesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		for _, ends := range []time.Time{time.Now().Add(time.Hour), {}} {
			if _, _, err := m.NewInvite(t.Context(), voiceapp.Invite{Expires: ends}); err != nil {
				t.Fatal(err)
			}
		}
		_, token, err := m.NewInvite(t.Context(), voiceapp.Invite{Uses: 5, Expires: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if _, err := m.UseInvite(t.Context(), sha256.Sum256([]byte(token)), "Anna", "$"); !errors.Is(err, voiceapp.BadCredentials) {
			t.Errorf("an invite that has expired: %v", err)
		}
		if _, err := m.Prune(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if left, err := m.Invites(t.Context(), 0, 0); err != nil || len(left) != 1 || !left[0].Expires.IsZero() {
			t.Errorf("after pruning there are %+v, %v", left, err)
		}
	})
}

func TestMemoryForgetsDevicesThatAreNotUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		anna, err := m.CreateUser(t.Context(), "Anna", "$", voiceapp.RoleMember)
		if err != nil {
			t.Fatal(err)
		}
		_, token, err := m.NewDeviceToken(t.Context(), anna.ID, "laptop")
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			time.Sleep(voiceapp.DeviceTokenLifetime - time.Second)
			if user, err := m.UseDeviceToken(t.Context(), sha256.Sum256([]byte(token))); err != nil || user.ID != anna.ID {
				t.Errorf("a device in use: %+v, %v", user, err)
			}
		}
		time.Sleep(voiceapp.DeviceTokenLifetime)
		if _, err := m.UseDeviceToken(t.Context(), sha256.Sum256([]byte(token))); !errors.Is(err, voiceapp.BadCredentials) {
			t.Errorf("one that was not used: %v", err)
		}
		if left, err := m.DeviceTokens(t.Context(), anna.ID); err != nil || len(left) != 0 {
			t.Errorf("there are %+v, %v", left, err)
		}
	})
}

// The contract leaves open when bans end in real time, as the clock of the tests
// there stands still.
func TestMemoryBansEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		device := strings.Repeat("a1", 32)
		ban, err := m.AddBan(t.Context(), voiceapp.Ban{Device: device, Until: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if got, banned, err := m.ActiveBan(t.Context(), 0, device, netip.Addr{}); got != ban || !banned || err != nil {
			t.Errorf("ActiveBan = %+v, %v, %v", got, banned, err)
		}
		time.Sleep(time.Hour)
		if got, banned, err := m.ActiveBan(t.Context(), 0, device, netip.Addr{}); got != (voiceapp.Ban{}) || banned || err != nil {
			t.Errorf("when it is over: ActiveBan = %+v, %v, %v", got, banned, err)
		}
	})
}

func TestMemoryKeepsTheNewestAudit(t *testing.T) {
	m := newMemory()
	for range control.MemoryAudit + 1 {
		if _, err := m.AppendAudit(t.Context(), voiceapp.AuditEntry{Action: "user.kick"}); err != nil {
			t.Fatal(err)
		}
	}
	if log, err := m.AuditLog(t.Context(), voiceapp.AuditQuery{Before: 3}); err != nil || len(log) != 1 || log[0].ID != 2 {
		t.Errorf("the oldest entries are %+v, %v", log, err)
	}
}
