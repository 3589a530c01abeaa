package control_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// Who is banned is gone when the call returns, knows why and until when, and stays
// out by each part that the ban names, until it is over or lifted.
func TestBan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		mod := w.account("Mod", voiceapp.RoleModerator)
		_ = w.account("Bo", voiceapp.RoleMember).Close()
		device := newDevice(t)
		bo := w.comes(arrival{name: "Bo", password: correct, device: device, from: "192.0.2.1"})
		twin := w.comes(arrival{name: "Twin", device: device})
		ban, err := mod.Ban(t.Context(), voiceapp.BanRequest{Session: bo.Self().Session, Reason: "noise", For: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if ban.User != bo.Self().User || ban.Device != device.ID() || ban.Address != "" || ban.By != mod.Self().User || time.Until(ban.Until) > time.Hour {
			t.Errorf("the ban is %+v", ban)
		}
		if names := present(mod); !slices.Equal(names, []string{"Mod"}) {
			t.Errorf("after the ban there are %v", names)
		}
		for _, c := range []*control.Client{bo, twin} {
			if e := ended(t, c); e.Reason.Code != voiceapp.Banned || e.Reason.Reason != "noise" || !e.Reason.Until.Equal(ban.Until) || !e.Final() {
				t.Errorf("%s: %+v", c.Self().Name, e.Reason)
			}
		}
		out := func(a arrival, banned bool) {
			t.Helper()
			c, err := w.arrive(a)
			if e := voiceapp.AsError(err); banned && (!errors.Is(err, voiceapp.Banned) || e.Reason != "noise" || e.Until.IsZero()) || !banned && err != nil {
				t.Errorf("%s: %v; banned should be %v", a.name, err, banned)
			}
			if err == nil {
				_ = c.Close()
				synctest.Wait()
			}
		}
		out(arrival{name: "Bo", password: correct}, true)
		out(arrival{name: "New", device: device}, true)
		out(arrival{name: "New", from: "192.0.2.1"}, false)
		time.Sleep(time.Hour)
		out(arrival{name: "Bo", password: correct, device: device}, false)

		ban, err = mod.Ban(t.Context(), voiceapp.BanRequest{User: bo.Self().User, Reason: "noise", For: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		out(arrival{name: "Bo", password: correct}, true)
		if err := mod.LiftBan(t.Context(), ban.ID, ""); err != nil {
			t.Fatal(err)
		}
		out(arrival{name: "Bo", password: correct}, false)
	})
}

// A wrong password is not told from a ban before it is right: who does not know it
// learns nothing of the account. A banned device or address is told at once.
func TestBanBeforeThePassword(t *testing.T) {
	w := newWorld(t, &control.Server{})
	admin := w.account("Admin", voiceapp.RoleAdmin)
	bo := w.account("Bo", voiceapp.RoleMember)
	device := newDevice(t)
	config := w.config("")
	config.DialContext = w.dialFrom("203.0.113.9")
	early, err := control.Connect(t.Context(), "voice.example", config)
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	for _, ban := range []voiceapp.BanRequest{{User: bo.Self().User}, {Device: device.ID()}, {Address: "203.0.113.0/24"}} {
		if _, err := admin.Ban(t.Context(), ban); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		arrival
		code voiceapp.Code
	}{
		{arrival{name: "Bo", password: "wrong horse"}, voiceapp.BadCredentials},
		{arrival{name: "Bo", password: correct}, voiceapp.Banned},
		{arrival{name: "Bo", password: "wrong horse", device: device}, voiceapp.Banned},
		{arrival{name: "Nobody", password: "wrong horse", from: "203.0.113.9"}, voiceapp.Banned},
	} {
		if _, err := w.arrive(c.arrival); !errors.Is(err, c.code) {
			t.Errorf("%+v: %v; want %s", c.arrival, err, c.code)
		}
	}
	if _, err := early.Register(t.Context(), "New", correct); !errors.Is(err, voiceapp.Banned) {
		t.Errorf("an account from a banned address: %v", err)
	}
}

// A ban that hits others, or its author, says so, and goes on when it is confirmed;
// one that hits somebody on whom one may not act does not.
func TestBanSaysWhomItHits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		for name, role := range map[string]voiceapp.Role{"Mod": voiceapp.RoleModerator, "Admin": voiceapp.RoleAdmin} {
			_ = w.account(name, role).Close()
		}
		const home = "192.0.2.7"
		admin := w.comes(arrival{name: "Admin", password: correct, from: "198.51.100.1"})
		mod := w.comes(arrival{name: "Mod", password: correct, from: home})
		bo, cy := w.comes(arrival{name: "Bo", from: home}), w.comes(arrival{name: "Cy", from: home})
		_ = w.comes(arrival{name: "Dee", from: "192.0.2.8"})
		for _, c := range []struct {
			what string
			ban  voiceapp.BanRequest
			want voiceapp.BanHitsError
		}{
			{"the address of a guest without a device", voiceapp.BanRequest{Session: bo.Self().Session}, voiceapp.BanHitsError{Self: true, Others: 1}},
			{"the address", voiceapp.BanRequest{Address: home}, voiceapp.BanHitsError{Self: true, Others: 2}},
			{"the range", voiceapp.BanRequest{Address: "192.0.2.0/24"}, voiceapp.BanHitsError{Self: true, Others: 3}},
			{"another address", voiceapp.BanRequest{Address: "192.0.2.8"}, voiceapp.BanHitsError{Others: 1}},
		} {
			c.ban.For = time.Hour
			var hits *voiceapp.BanHitsError
			_, err := mod.Ban(t.Context(), c.ban)
			if !errors.As(err, &hits) || *hits != c.want || !errors.Is(err, voiceapp.Conflict) {
				t.Errorf("%s: %v; want %v", c.what, err, &c.want)
			}
		}
		if all, err := mod.Bans(t.Context()); err != nil || len(all) != 0 {
			t.Fatalf("bans were made all the same: %+v, %v", all, err)
		}
		_, err := mod.Ban(t.Context(), voiceapp.BanRequest{Address: "198.51.100.0/24", For: time.Hour, Confirm: true})
		wantCode(t, "the address of an admin who is here", err, voiceapp.Forbidden, "role:owner")
		_, err = admin.Ban(t.Context(), voiceapp.BanRequest{Address: home})
		wantCode(t, "three others", err, voiceapp.Conflict, "")
		if _, err = admin.Ban(t.Context(), voiceapp.BanRequest{Address: home, Confirm: true}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []*control.Client{mod, bo, cy} {
			if e := ended(t, c); e.Reason.Code != voiceapp.Banned || !e.Reason.Until.IsZero() {
				t.Errorf("%s: %+v", c.Self().Name, e.Reason)
			}
		}
		if names := present(admin); !slices.Equal(names, []string{"Admin", "Dee"}) {
			t.Errorf("after the ban there are %v", names)
		}
	})
}

// The last owner can't be banned, by no way; one of two can, and himself too.
func TestBanOwners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		_ = w.account("Owner", voiceapp.RoleOwner).Close()
		owner := w.comes(arrival{name: "Owner", password: correct, from: "192.0.2.1"})
		self := owner.Self()
		requests := []voiceapp.BanRequest{{User: self.User}, {Session: self.Session}, {Address: "192.0.2.1"}}
		for _, ban := range requests {
			ban.Confirm = true
			_, err := owner.Ban(t.Context(), ban)
			wantCode(t, fmt.Sprintf("%+v", ban), err, voiceapp.Conflict, "")
		}
		_ = w.account("Second", voiceapp.RoleOwner)
		var hits *voiceapp.BanHitsError
		if _, err := owner.Ban(t.Context(), requests[0]); !errors.As(err, &hits) || *hits != (voiceapp.BanHitsError{Self: true}) {
			t.Errorf("oneself: %v", err)
		}
		requests[0].Confirm = true
		_, _ = owner.Ban(t.Context(), requests[0])
		if e := ended(t, owner); e.Reason.Code != voiceapp.Banned {
			t.Error(e)
		}
	})
}

// Moderators ban for a week at most, and change and lift their own bans only.
func TestBanRights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		admin, mod := w.account("Admin", voiceapp.RoleAdmin), w.account("Mod", voiceapp.RoleModerator)
		other, member := w.account("Other", voiceapp.RoleModerator), w.account("Member", voiceapp.RoleMember)
		ban := func(by *control.Client, d time.Duration) (voiceapp.Ban, error) {
			return by.Ban(t.Context(), voiceapp.BanRequest{Address: "203.0.113.7", For: d})
		}
		week := control.MaxModeratorBan
		for _, d := range []time.Duration{0, week + time.Second} {
			wantCode(t, fmt.Sprint("a moderator for ", d), second(ban(mod, d)), voiceapp.Forbidden, "role:admin")
		}
		wantCode(t, "a member", second(ban(member, time.Hour)), voiceapp.Forbidden, "role:moderator")
		wantCode(t, "an account of the same role", second(mod.Ban(t.Context(), voiceapp.BanRequest{User: other.Self().User, For: week})), voiceapp.Forbidden, "role:admin")
		wantCode(t, "an admin's device", second(mod.Ban(t.Context(), voiceapp.BanRequest{Session: admin.Self().Session, For: week})), voiceapp.Forbidden, "role:owner")
		own, err := ban(mod, week)
		if err != nil {
			t.Fatal(err)
		}
		reason, long := "again", week+time.Second
		wantCode(t, "another's", second(other.EditBan(t.Context(), own.ID, voiceapp.BanEdit{Reason: &reason})), voiceapp.Forbidden, "role:admin")
		wantCode(t, "another's", other.LiftBan(t.Context(), own.ID, ""), voiceapp.Forbidden, "role:admin")
		wantCode(t, "longer", second(mod.EditBan(t.Context(), own.ID, voiceapp.BanEdit{For: &long})), voiceapp.Forbidden, "role:admin")
		edited, err := mod.EditBan(t.Context(), own.ID, voiceapp.BanEdit{Reason: &reason})
		if err != nil || edited.Reason != reason || !edited.Until.Equal(own.Until) {
			t.Errorf("%+v, %v; it was %+v", edited, err, own)
		}
		forGood := time.Duration(0)
		if edited, err = admin.EditBan(t.Context(), own.ID, voiceapp.BanEdit{For: &forGood}); err != nil || !edited.Until.IsZero() || edited.Reason != reason {
			t.Errorf("%+v, %v", edited, err)
		}
		if all, err := other.Bans(t.Context()); err != nil || !slices.Equal(all, []voiceapp.Ban{edited}) {
			t.Errorf("the list is %+v, %v", all, err)
		}
		_, err = member.Bans(t.Context())
		wantCode(t, "the list, for a member", err, voiceapp.Forbidden, "role:moderator")
		if err := mod.LiftBan(t.Context(), own.ID, ""); err != nil {
			t.Error(err)
		}
		wantCode(t, "again", admin.LiftBan(t.Context(), own.ID, ""), voiceapp.NotFound, "")
		wantCode(t, "none", second(admin.EditBan(t.Context(), own.ID, voiceapp.BanEdit{})), voiceapp.NotFound, "")
	})
}

func TestBanRefusesNonsense(t *testing.T) {
	w := newWorld(t, &control.Server{})
	admin, guest := w.account("Admin", voiceapp.RoleAdmin), w.guest("Guest")
	session := guest.Self().Session
	for _, c := range []struct {
		ban  voiceapp.BanRequest
		code voiceapp.Code
	}{
		{voiceapp.BanRequest{}, voiceapp.Invalid},
		{voiceapp.BanRequest{Session: session, User: 1}, voiceapp.Invalid},
		{voiceapp.BanRequest{User: admin.Self().User, Parts: []voiceapp.BanPart{voiceapp.BanAccount}}, voiceapp.Invalid},
		{voiceapp.BanRequest{Session: session, Parts: []voiceapp.BanPart{"name"}}, voiceapp.Invalid},
		{voiceapp.BanRequest{Session: session, Parts: []voiceapp.BanPart{voiceapp.BanAccount}}, voiceapp.Conflict},
		{voiceapp.BanRequest{Session: session}, voiceapp.Conflict}, // neither device nor address
		{voiceapp.BanRequest{Session: session + 9}, voiceapp.NotFound},
		{voiceapp.BanRequest{User: 99}, voiceapp.NotFound},
		{voiceapp.BanRequest{User: -1}, voiceapp.NotFound},
		{voiceapp.BanRequest{Device: "x"}, voiceapp.Invalid},
		{voiceapp.BanRequest{Address: "::/0"}, voiceapp.Invalid},
		{voiceapp.BanRequest{Address: "192.0.2.1", For: -time.Second}, voiceapp.Invalid},
		{voiceapp.BanRequest{Address: "192.0.2.1", Reason: "\x1b"}, voiceapp.Invalid},
	} {
		_, err := admin.Ban(t.Context(), c.ban)
		wantCode(t, fmt.Sprintf("%+v", c.ban), err, c.code, "")
	}
	y := w.typist()
	y.ask(typistOpens)
	if r := y.ask(`{"jsonrpc":"2.0","id":2,"method":"user.ban","params":{"user":1,"seconds":9223372036854775807}}`); r.code() != "invalid" {
		t.Errorf("a ban of 292 billion years: %+v", r)
	}
}

// Who comes in while a ban is being made is out too: before it or after it, never
// beside it.
func TestBanWhileTheyComeIn(t *testing.T) {
	const many = 20
	w := newWorld(t, &control.Server{})
	admin := w.account("Admin", voiceapp.RoleAdmin)
	device := newDevice(t)
	results := make(chan *control.Client)
	for i := range many {
		go func() {
			c, err := w.arrive(arrival{name: fmt.Sprint("Guest ", i), device: device})
			if err != nil && !errors.Is(err, voiceapp.Banned) {
				t.Errorf("%d: %v", i, err)
			}
			results <- c
		}()
	}
	if _, err := admin.Ban(t.Context(), voiceapp.BanRequest{Device: device.ID()}); err != nil {
		t.Error(err)
	}
	for range many {
		if c := <-results; c != nil {
			if e := ended(t, c); e.Reason.Code != voiceapp.Banned {
				t.Error(e)
			}
		}
	}
	if _, err := w.arrive(arrival{name: "Late", device: device}); !errors.Is(err, voiceapp.Banned) {
		t.Errorf("who comes later: %v", err)
	}
}
