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

func TestChannelCheck(t *testing.T) {
	good := voiceapp.Channel{Name: "Lobby", Bitrate: voiceapp.DefaultBitrate}
	for what, change := range map[string]func(*voiceapp.Channel){
		"nothing":           func(*voiceapp.Channel) {},
		"a topic of lines":  func(c *voiceapp.Channel) { c.Topic = "one\ntwo" },
		"the least bitrate": func(c *voiceapp.Channel) { c.Bitrate = voiceapp.MinBitrate },
		"the most":          func(c *voiceapp.Channel) { c.Bitrate, c.MaxUsers = voiceapp.MaxBitrate, voiceapp.MaxChannelUsers },
		"a role between":    func(c *voiceapp.Channel) { c.RequiredRole, c.SpeakRole, c.WriteRole, c.SeeRole = 1, 40, 15, 0 },
	} {
		ch := good
		if change(&ch); ch.Check() != nil {
			t.Errorf("%s: %v", what, ch.Check())
		}
	}
	for what, change := range map[string]func(*voiceapp.Channel){
		"no name":          func(c *voiceapp.Channel) { c.Name = "" },
		"a slash":          func(c *voiceapp.Channel) { c.Name = "a/b" },
		"a long topic":     func(c *voiceapp.Channel) { c.Topic = strings.Repeat("x", voiceapp.MaxTopicLength+1) },
		"too few bits":     func(c *voiceapp.Channel) { c.Bitrate = voiceapp.MinBitrate - 1 },
		"too many bits":    func(c *voiceapp.Channel) { c.Bitrate = voiceapp.MaxBitrate + 1 },
		"-1 people":        func(c *voiceapp.Channel) { c.MaxUsers = -1 },
		"too many people":  func(c *voiceapp.Channel) { c.MaxUsers = voiceapp.MaxChannelUsers + 1 },
		"a role to join":   func(c *voiceapp.Channel) { c.RequiredRole = 41 },
		"a role to speak":  func(c *voiceapp.Channel) { c.SpeakRole = -1 },
		"a role to write":  func(c *voiceapp.Channel) { c.WriteRole = 99 },
		"a role to see it": func(c *voiceapp.Channel) { c.SeeRole = -99 },
	} {
		ch := good
		if change(&ch); !errors.Is(ch.Check(), voiceapp.Invalid) {
			t.Errorf("%s: %v", what, ch.Check())
		}
	}
}

func TestBanCheck(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	device := strings.Repeat("a1", 32)
	for _, b := range []voiceapp.Ban{{User: 1}, {Device: device}, {Address: "203.0.113.7"}, {User: 1, Until: now.Add(1), Reason: "noise\nagain", By: voiceapp.MaxID}} {
		if err := b.Check(now); err != nil {
			t.Errorf("%+v: %v", b, err)
		}
	}
	for _, b := range []voiceapp.Ban{
		{},
		{Reason: "nobody"},
		{Device: strings.ToUpper(device)},
		{Device: device[2:]},
		{Address: "0.0.0.0/0"},
		{User: 1, By: -1},
		{User: 1, Until: now},
		{User: 1, Until: time.Unix(1<<62, 0)},
		{User: 1, Reason: strings.Repeat("x", voiceapp.MaxReasonLength+1)},
	} {
		if err := b.Check(now); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", b, err)
		}
	}
}

func TestAuditEntryCheck(t *testing.T) {
	whole := strings.Repeat("x", voiceapp.MaxAuditState)
	if err := (voiceapp.AuditEntry{Action: "user.kick", Before: whole, After: whole, Actor: voiceapp.MaxID}).Check(); err != nil {
		t.Error(err)
	}
	for _, e := range []voiceapp.AuditEntry{
		{},
		{Action: "x", Actor: -1},
		{Action: "x", After: whole + "x"},
		{Action: "x", Before: "\xff"},
		{Action: "x", Target: "\x1b[2J"},
		{Action: "x", Time: time.Unix(1<<62, 0)},
		{Action: "x", Reason: strings.Repeat("x", voiceapp.MaxReasonLength+1)},
	} {
		if err := e.Check(); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%.80s: %v", e.Action+e.Target, err)
		}
	}
}
