package voiceapp_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestCheckMessage(t *testing.T) {
	most := strings.Repeat("ä", voiceapp.MaxMessageLength)
	for _, text := range []string{"a", " ", "line\nline\ttab", "🎧", most} {
		if err := voiceapp.CheckMessage(text); err != nil {
			t.Errorf("CheckMessage(%.20q) = %v", text, err)
		}
	}
	for _, text := range []string{"", most + "a", "\xff", "\x1b[2J", "a\u202eb", "\r"} {
		if err := voiceapp.CheckMessage(text); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("CheckMessage(%.20q) = %v", text, err)
		}
	}
}

func TestMessageCheck(t *testing.T) {
	for _, m := range []voiceapp.Message{{Text: "x"}, {Text: "x", Channel: 1}, {Text: "x", User: 1, To: 1, Name: "Anna", Sent: time.Now()}} {
		if err := m.Check(); err != nil {
			t.Errorf("%+v: %v", m, err)
		}
	}
	for _, m := range []voiceapp.Message{
		{},
		{Text: "x", To: 1},
		{Text: "x", User: 1, To: 1, Channel: 1},
		{Text: "x", User: -1},
		{Text: "x", User: voiceapp.MaxID + 1},
		{Text: "x", Name: strings.Repeat("x", 65)},
		{Text: "x", Name: "\x1b"},
		{Text: "x", Sent: time.Unix(1<<62, 0)},
	} {
		if err := m.Check(); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}

func TestInviteCheck(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, i := range []voiceapp.Invite{{Uses: 1}, {Uses: voiceapp.MaxInviteUses, Role: voiceapp.MaxInviteRole, By: 7, Expires: now.Add(1)}} {
		if err := i.Check(now); err != nil {
			t.Errorf("%+v: %v", i, err)
		}
	}
	for _, i := range []voiceapp.Invite{
		{},
		{Uses: -1},
		{Uses: voiceapp.MaxInviteUses + 1},
		{Uses: 1, Role: -1},
		{Uses: 1, Role: voiceapp.RoleAdmin},
		{Uses: 1, By: -1},
		{Uses: 1, Expires: now},
		{Uses: 1, Expires: time.Unix(1<<62, 0)},
	} {
		if err := i.Check(now); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", i, err)
		}
	}
}
