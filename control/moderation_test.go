package control_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// arrival is how somebody comes.
type arrival struct {
	name, password string
	from           string // "": from nowhere that is known
	device         control.DeviceKey
}

func (w *world) arrive(a arrival) (*control.Client, error) {
	config := w.config(a.name)
	config.Password = a.password
	config.DeviceKey = func(voiceapp.Fingerprint) (control.DeviceKey, error) { return a.device, nil }
	if a.from != "" {
		config.DialContext = w.dialFrom(a.from)
	}
	c, err := control.Dial(w.t.Context(), "voice.example", config)
	if err == nil {
		w.t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}

// comes is arrive for those who have to get in.
func (w *world) comes(a arrival) *control.Client {
	w.t.Helper()
	c, err := w.arrive(a)
	if err != nil {
		w.t.Fatalf("%s can't come in: %v", a.name, err)
	}
	return c
}

func newDevice(t *testing.T) control.DeviceKey {
	t.Helper()
	key, err := control.NewDeviceKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

const correct = "correct horse"

// ended returns why the server has ended a connection.
func ended(t *testing.T, c *control.Client) *control.ClosedError {
	t.Helper()
	var closed *control.ClosedError
	if <-c.Done(); !errors.As(c.Err(), &closed) {
		t.Fatalf("%s ended with %v", c.Self().Name, c.Err())
	}
	return closed
}

func present(c *control.Client) (names []string) {
	for _, p := range c.Sessions() {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

// Who is kicked is gone when the call returns, with all sessions of the account and
// the device, knows why and until when, and does not get in before that by any of
// them. The others stay.
func TestKick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		mod := w.account("Mod", voiceapp.RoleModerator)
		_ = w.account("Bo", voiceapp.RoleMember).Close()
		phone, laptop := newDevice(t), newDevice(t)
		one := w.comes(arrival{name: "Bo", password: correct, device: phone, from: "192.0.2.1"})
		other := w.comes(arrival{name: "Bo", password: correct, device: laptop})
		same := w.comes(arrival{name: "Guest Bo", device: phone})
		bystander := w.comes(arrival{name: "Anna", from: "192.0.2.1"})

		began := time.Now()
		if err := mod.Kick(t.Context(), one.Self().Session, "noise"); err != nil {
			t.Fatal(err)
		}
		if names := present(mod); !slices.Equal(names, []string{"Anna", "Mod"}) {
			t.Errorf("after the kick there are %v", names)
		}
		for _, c := range []*control.Client{one, other, same} {
			e := ended(t, c)
			if until := e.Reason.Until.Sub(began); e.Reason.Code != voiceapp.Kicked || e.Reason.Reason != "noise" || until <= 58*time.Second || until > time.Minute || !e.Final() {
				t.Errorf("%s: %+v, until %v", c.Self().Name, e.Reason, until)
			}
		}
		for _, a := range []arrival{{name: "Bo", password: correct}, {name: "New Bo", device: phone}} {
			_, err := w.arrive(a)
			if e := voiceapp.AsError(err); !errors.Is(err, voiceapp.Kicked) || e.Reason != "noise" || e.Until.IsZero() {
				t.Errorf("%s right after the kick: %v", a.name, err)
			}
		}
		_ = w.comes(arrival{name: "Cy", from: "192.0.2.1"})
		_ = w.comes(arrival{name: "Dee", device: laptop})
		time.Sleep(time.Minute)
		_ = w.comes(arrival{name: "Bo", password: correct, device: phone})
		if _, err := bystander.Ping(t.Context()); err != nil {
			t.Errorf("somebody at the same address: %v", err)
		}
	})
}

// A guest who shows no device is known by the address: those with a device or an
// account come in from there all the same.
func TestKickGuestByAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Limits: control.Limits{KickTime: 10 * time.Second}})
		mod := w.account("Mod", voiceapp.RoleModerator)
		_ = w.account("Bo", voiceapp.RoleMember).Close()
		troll := w.comes(arrival{name: "Troll", from: "2001:db8::1"})
		beside := w.comes(arrival{name: "Beside", from: "2001:db8::2"})
		if err := mod.Kick(t.Context(), troll.Self().Session, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := w.arrive(arrival{name: "Troll 2", from: "2001:db8::3"}); !errors.Is(err, voiceapp.Kicked) {
			t.Errorf("another address of the same network: %v", err)
		}
		_ = w.comes(arrival{name: "Far", from: "2001:db8:0:1::3"})
		_ = w.comes(arrival{name: "Device", from: "2001:db8::4", device: newDevice(t)})
		_ = w.comes(arrival{name: "Bo", password: correct, from: "2001:db8::5"})
		if _, err := beside.Ping(t.Context()); err != nil {
			t.Errorf("who was here from there already: %v", err)
		}
		time.Sleep(10 * time.Second)
		_ = w.comes(arrival{name: "Troll", from: "2001:db8::1"})
	})
}

// A kick takes away what lets one in without a password.
func TestKickRevokesTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		mod, bo := w.account("Mod", voiceapp.RoleModerator), w.account("Bo", voiceapp.RoleMember)
		_, token, err := bo.RememberDevice(t.Context(), "phone")
		if err != nil {
			t.Fatal(err)
		}
		if err := mod.Kick(t.Context(), bo.Self().Session, ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		again, err := control.Connect(t.Context(), "voice.example", w.config(""))
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if err := again.OpenToken(t.Context(), token); !errors.Is(err, voiceapp.BadCredentials) {
			t.Errorf("with the token of before: %v", err)
		}
	})
}

// Who may not act on somebody that shares a device with the one kicked, or is on it
// himself, leaves the device alone.
func TestKickSparesOthersOnTheDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		mod := w.account("Mod", voiceapp.RoleModerator)
		_ = w.account("Admin", voiceapp.RoleAdmin).Close()
		shared := newDevice(t)
		admin := w.comes(arrival{name: "Admin", password: correct, device: shared})
		guest := w.comes(arrival{name: "Guest", device: shared})
		if err := mod.Kick(t.Context(), guest.Self().Session, ""); err != nil {
			t.Fatal(err)
		}
		if e := ended(t, guest); e.Reason.Code != voiceapp.Kicked {
			t.Error(e)
		}
		if _, err := admin.Ping(t.Context()); err != nil {
			t.Errorf("the admin: %v", err)
		}
		own := w.comes(arrival{name: "Guest", device: shared})
		if err := admin.Kick(t.Context(), own.Self().Session, ""); err != nil {
			t.Errorf("a guest on one's own device: %v", err)
		}
		_ = ended(t, own)
		_ = admin.Close()
		_ = w.comes(arrival{name: "Admin", password: correct, device: shared})
	})
}

// One acts on lower roles only, for numbers between the named ones too; owners act
// on owners, never on the last one. It is the role at present that counts.
func TestWhoMayBeModerated(t *testing.T) {
	roles := []voiceapp.Role{0, 1, 10, 19, 20, 21, 29, 30, 31, 39, 40}
	w := newWorld(t, &control.Server{})
	clients := make(map[voiceapp.Role]*control.Client)
	for _, role := range roles {
		clients[role] = w.account(fmt.Sprint("Role ", int(role)), role)
	}
	for _, by := range roles {
		for _, on := range roles {
			target := clients[on].Self().Session
			err := clients[by].Mute(t.Context(), target, true, "")
			switch {
			case by < voiceapp.RoleModerator:
				wantCode(t, fmt.Sprint(by, " mutes ", on), err, voiceapp.Forbidden, "role:moderator")
			case by == voiceapp.RoleOwner && on == voiceapp.RoleOwner:
				wantCode(t, "the last owner mutes himself", err, voiceapp.Conflict, "")
			case by <= on:
				wantCode(t, fmt.Sprint(by, " mutes ", on), err, voiceapp.Forbidden, "role:"+above(on).String())
			case err != nil:
				t.Errorf("%v mutes %v: %v", by, on, err)
			}
		}
	}
	second := w.account("Second", voiceapp.RoleOwner)
	if err := second.Mute(t.Context(), clients[40].Self().Session, true, ""); err != nil {
		t.Errorf("an owner on another: %v", err)
	}
	if _, err := second.SetRole(t.Context(), clients[40].Self().User, voiceapp.RoleMember, ""); err != nil {
		t.Error(err)
	}
	wantCode(t, "who was an owner", clients[40].Mute(t.Context(), clients[0].Self().Session, true, ""), voiceapp.Forbidden, "role:moderator")
	wantCode(t, "the last owner", second.Kick(t.Context(), second.Self().Session, ""), voiceapp.Conflict, "")
	wantCode(t, "nobody", second.Kick(t.Context(), 1<<31, ""), voiceapp.NotFound, "")
}

// above returns the lowest named role that may act on another.
func above(role voiceapp.Role) voiceapp.Role {
	for _, r := range []voiceapp.Role{voiceapp.RoleMember, voiceapp.RoleModerator, voiceapp.RoleAdmin} {
		if r > role {
			return r
		}
	}
	return voiceapp.RoleOwner
}

// What the server mutes stays muted, whoever else comes and whatever the name; one
// who is let speak again may under all.
func TestMuteLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		mod := w.account("Mod", voiceapp.RoleModerator)
		_ = w.account("Bo", voiceapp.RoleMember).Close()
		device := newDevice(t)
		bo := w.comes(arrival{name: "Bo", password: correct, device: device})
		if err := mod.Mute(t.Context(), bo.Self().Session, true, "wind"); err != nil {
			t.Fatal(err)
		}
		if err := mod.Deafen(t.Context(), bo.Self().Session, true, ""); err != nil {
			t.Fatal(err)
		}
		_ = bo.Close()
		guest := w.comes(arrival{name: "Guest", device: device})
		elsewhere := w.comes(arrival{name: "Bo", password: correct, device: newDevice(t)})
		other := w.comes(arrival{name: "Other"})
		silenced := func(c *control.Client, want bool) {
			t.Helper()
			time.Sleep(batch)
			synctest.Wait()
			if p := c.Self(); p.Muted != want || p.Deaf != want {
				t.Errorf("%s is muted: %v, deaf: %v; want %v", p.Name, p.Muted, p.Deaf, want)
			}
		}
		silenced(guest, true)
		silenced(elsewhere, true)
		silenced(other, false)
		if err := mod.Mute(t.Context(), elsewhere.Self().Session, false, ""); err != nil {
			t.Fatal(err)
		}
		if err := mod.Deafen(t.Context(), elsewhere.Self().Session, false, ""); err != nil {
			t.Fatal(err)
		}
		silenced(elsewhere, false)
		silenced(w.comes(arrival{name: "Guest 2", device: device}), false)
		silenced(w.comes(arrival{name: "Bo", password: correct}), false)
	})
}

// A moderator who is muted does not let himself speak again by acting on a guest,
// who is himself, on his own device.
func TestMuteIsNotLaundered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		admin := w.account("Admin", voiceapp.RoleAdmin)
		_ = w.account("Mod", voiceapp.RoleModerator).Close()
		device := newDevice(t)
		mod := w.comes(arrival{name: "Mod", password: correct, device: device})
		if err := admin.Mute(t.Context(), mod.Self().Session, true, ""); err != nil {
			t.Fatal(err)
		}
		alter := w.comes(arrival{name: "Guest", device: device})
		wantCode(t, "beside himself", mod.Mute(t.Context(), alter.Self().Session, false, ""), voiceapp.Forbidden, "role:admin")
		_ = mod.Close()
		elsewhere := w.comes(arrival{name: "Mod", password: correct, device: newDevice(t)})
		wantCode(t, "from elsewhere", elsewhere.Mute(t.Context(), alter.Self().Session, false, ""), voiceapp.Forbidden, "role:admin")
		time.Sleep(batch)
		synctest.Wait()
		for _, c := range []*control.Client{alter, elsewhere} {
			if !c.Self().Muted {
				t.Errorf("%s may speak", c.Self().Name)
			}
		}
		if err := admin.Mute(t.Context(), alter.Self().Session, false, ""); err != nil {
			t.Error(err)
		}
		time.Sleep(batch)
		synctest.Wait()
		if elsewhere := w.comes(arrival{name: "Mod", password: correct}); elsewhere.Self().Muted {
			t.Error("the admin's word does not count for all")
		}
	})
}

func TestMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Directory: control.NewMemory(
			voiceapp.Channel{Name: "Lobby"},
			voiceapp.Channel{Name: "Quiet", MaxUsers: 1},
			voiceapp.Channel{Name: "Staff", RequiredRole: voiceapp.RoleModerator},
			voiceapp.Channel{ID: 9, Name: "Attic", SeeRole: voiceapp.RoleAdmin},
		)})
		mod, admin := w.account("Mod", voiceapp.RoleModerator), w.account("Admin", voiceapp.RoleAdmin)
		bo, cy := w.guest("Bo"), w.guest("Cy")
		join(t, cy, quiet)
		move := func(by *control.Client, to voiceapp.ChannelID) error {
			return by.Move(t.Context(), bo.Self().Session, to, "")
		}
		for _, to := range []voiceapp.ChannelID{quiet, lobby, 0, quiet} {
			if err := move(mod, to); err != nil {
				t.Fatalf("to %d: %v", to, err)
			}
			synctest.Wait()
			if at := bo.Self().Channel; at != to {
				t.Errorf("moved to %d, he is in %d", to, at)
			}
		}
		wantCode(t, "where he may not be", move(mod, staff), voiceapp.Forbidden, "")
		wantCode(t, "what the mover may not see", move(mod, 9), voiceapp.NotFound, "")
		wantCode(t, "what the moved may not see", move(admin, 9), voiceapp.Forbidden, "")
		wantCode(t, "nowhere", move(mod, missing+7), voiceapp.NotFound, "")
		wantCode(t, "as a guest", move(cy, lobby), voiceapp.Forbidden, "role:moderator")
		if at := bo.Self().Channel; at != quiet {
			t.Errorf("after the refusals he is in %d", at)
		}
	})
}

func TestSetRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		owner, admin := w.account("Owner", voiceapp.RoleOwner), w.account("Admin", voiceapp.RoleAdmin)
		bo := w.account("Bo", voiceapp.RoleModerator)
		join(t, bo, staff)
		user := bo.Self().User
		if got, err := admin.SetRole(t.Context(), user, voiceapp.RoleMember, "too loud"); err != nil || got.Role != voiceapp.RoleMember {
			t.Fatalf("%+v, %v", got, err)
		}
		synctest.Wait()
		if self := bo.Self(); self.Role != voiceapp.RoleMember || self.Channel != 0 {
			t.Errorf("who is demoted is %+v", self)
		}
		for what, err := range map[string]error{
			"one's own": second(admin.SetRole(t.Context(), user, voiceapp.RoleAdmin, "")),
			"an equal":  second(admin.SetRole(t.Context(), admin.Self().User, voiceapp.RoleMember, "")),
		} {
			wantCode(t, what, err, voiceapp.Forbidden, "role:owner")
		}
		wantCode(t, "the last owner", second(owner.SetRole(t.Context(), owner.Self().User, voiceapp.RoleMember, "")), voiceapp.Conflict, "")
		wantCode(t, "no role", second(owner.SetRole(t.Context(), user, 41, "")), voiceapp.Invalid, "")
		wantCode(t, "nobody", second(owner.SetRole(t.Context(), 999, voiceapp.RoleMember, "")), voiceapp.NotFound, "")
		wantCode(t, "as a member", second(bo.SetRole(t.Context(), user, voiceapp.RoleOwner, "")), voiceapp.Forbidden, "role:admin")
		if _, err := owner.SetRole(t.Context(), user, voiceapp.RoleOwner, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := owner.SetRole(t.Context(), owner.Self().User, voiceapp.RoleMember, ""); err != nil {
			t.Errorf("one of two owners steps down: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestRenameAndDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		admin, mod, bo := w.account("Admin", voiceapp.RoleAdmin), w.account("Mod", voiceapp.RoleModerator), w.account("Bo", voiceapp.RoleMember)
		guest := w.guest("Guest")
		user := bo.Self().User
		if got, err := admin.RenameUser(t.Context(), user, "Beau", ""); err != nil || got.Name != "Beau" {
			t.Errorf("%+v, %v", got, err)
		}
		if err := mod.RenameGuest(t.Context(), guest.Self().Session, "Nice", ""); err != nil {
			t.Error(err)
		}
		if synctest.Wait(); bo.Self().Name != "Beau" || guest.Self().Name != "Nice" {
			t.Errorf("they are %q and %q", bo.Self().Name, guest.Self().Name)
		}
		if _, err := w.arrive(arrival{name: "NICE"}); !errors.Is(err, voiceapp.Exists) {
			t.Errorf("the guest's new name: %v", err)
		}
		_ = w.comes(arrival{name: "Guest"})
		for _, taken := range []string{"beau", "mod", "GUEST"} {
			wantCode(t, "a guest as "+taken, mod.RenameGuest(t.Context(), guest.Self().Session, taken, ""), voiceapp.Exists, "")
		}
		wantCode(t, "an account as a guest", second(admin.RenameUser(t.Context(), user, "nice", "")), voiceapp.Exists, "")
		wantCode(t, "an account as another", second(admin.RenameUser(t.Context(), user, "mod", "")), voiceapp.Exists, "")
		wantCode(t, "an account as a moderator", second(mod.RenameUser(t.Context(), user, "Bob", "")), voiceapp.Forbidden, "role:admin")
		wantCode(t, "an account's session", mod.RenameGuest(t.Context(), bo.Self().Session, "Bob", ""), voiceapp.Conflict, "")
		wantCode(t, "no name", mod.RenameGuest(t.Context(), guest.Self().Session, " ", ""), voiceapp.Invalid, "")

		users, more, err := admin.Users(t.Context(), 0)
		if err != nil || more || len(users) != 3 {
			t.Errorf("the accounts are %+v, %v, %v", users, more, err)
		}
		_, _, err = mod.Users(t.Context(), 0)
		wantCode(t, "the accounts, for a moderator", err, voiceapp.Forbidden, "role:admin")
		if err := admin.DeleteUser(t.Context(), user, "asked for it"); err != nil {
			t.Fatal(err)
		}
		if e := ended(t, bo); e.Reason.Code != voiceapp.Kicked || e.Reason.Detail != voiceapp.AccountDeleted || !e.Final() || e.Reason.Reason != "asked for it" {
			t.Errorf("who was deleted: %+v", e.Reason)
		}
		if _, err := w.arrive(arrival{name: "Beau", password: correct}); !errors.Is(err, voiceapp.BadCredentials) {
			t.Errorf("a deleted account: %v", err)
		}
		wantCode(t, "again", admin.DeleteUser(t.Context(), user, ""), voiceapp.NotFound, "")
	})
}

// Nothing is done after the one who does it has lost the right to: it is the role in
// that moment that counts, and the audit log tells the order.
func TestMuteWhileTheRoleFlips(t *testing.T) {
	const rounds = 40
	w := newWorld(t, &control.Server{Limits: control.Limits{MessageRate: 10_000, MessageBurst: 10_000}})
	owner, mod := w.account("Owner", voiceapp.RoleOwner), w.account("Mod", voiceapp.RoleModerator)
	target := w.guest("Target").Self().Session
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	mutes := make(chan error)
	go func() {
		defer close(mutes)
		for i := 0; ctx.Err() == nil; i++ {
			if err := mod.Mute(ctx, target, i%2 == 0, ""); err != nil && !errors.Is(err, voiceapp.Forbidden) && ctx.Err() == nil {
				mutes <- err
				return
			}
		}
	}()
	for range rounds {
		for _, role := range []voiceapp.Role{voiceapp.RoleMember, voiceapp.RoleModerator} {
			if _, err := owner.SetRole(t.Context(), mod.Self().User, role, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	cancel()
	if err := <-mutes; err != nil {
		t.Error(err)
	}
	for role, want := range map[voiceapp.Role]voiceapp.Code{voiceapp.RoleMember: voiceapp.Forbidden, voiceapp.RoleModerator: ""} {
		if _, err := owner.SetRole(t.Context(), mod.Self().User, role, ""); err != nil {
			t.Fatal(err)
		}
		if err := mod.Mute(t.Context(), target, true, ""); (err != nil || want != "") && !errors.Is(err, want) {
			t.Errorf("a mute by a %v: %v", role, err)
		}
	}
	may, done, refused := true, 0, 0
	for _, entry := range w.audited(t) {
		switch {
		case entry.Action == "user.set_role":
			may = strings.Contains(entry.After, `"role":20`)
		case entry.Result == "" && !may:
			t.Fatalf("done without the right to: %+v", entry)
		case entry.Result == "":
			done++
		default:
			refused++
		}
	}
	if done == 0 || refused == 0 {
		t.Errorf("%d were done and %d refused: the test shows nothing", done, refused)
	}
}

// audited returns the whole audit log, the oldest entries first.
func (w *world) audited(t *testing.T) (all []voiceapp.AuditEntry) {
	t.Helper()
	kept := w.server.Directory.(control.Audit)
	for query := (voiceapp.AuditQuery{Limit: 500}); ; query.Before = all[len(all)-1].ID {
		page, err := kept.AuditLog(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, page...); len(page) < 500 {
			slices.Reverse(all)
			return all
		}
	}
}

// Nobody comes back by himself after a kick or a ban: not when he was there, and not
// when his connection was lost just then.
func TestReconnectNotAfterKickOrBan(t *testing.T) {
	for _, kick := range []bool{true, false} {
		for _, lost := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, &control.Server{})
				admin := w.account("Admin", voiceapp.RoleAdmin)
				_ = w.account("Bo", voiceapp.RoleMember).Close()
				twin := w.comes(arrival{name: "Bo", password: correct})
				config := w.config("Bo")
				config.Password = correct
				bo, wire := w.returning(config)
				want := voiceapp.Banned
				if lost {
					wire.cut(true)
					synctest.Wait()
				}
				var err error
				if kick {
					want = voiceapp.Kicked
					err = admin.Kick(t.Context(), twin.Self().Session, "")
				} else {
					_, err = admin.Ban(t.Context(), voiceapp.BanRequest{User: twin.Self().User})
				}
				if err != nil {
					t.Fatal(err)
				}
				wire.plug()
				<-bo.Done()
				if !errors.Is(bo.Err(), want) {
					t.Errorf("kicked: %v, lost: %v: he ended with %v", kick, lost, bo.Err())
				}
				dials := len(wire.dials)
				if time.Sleep(time.Hour); len(wire.dials) != dials {
					t.Error("he tries again")
				}
			})
		}
	}
}

// A session that is taken up again is as silent as it was, also that of a guest of
// whom nothing else is known.
func TestMuteOutlivesTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		mod := w.account("Mod", voiceapp.RoleModerator)
		guest, wire := w.returning(w.config("Guest"))
		if err := mod.Mute(t.Context(), guest.Client().Self().Session, true, ""); err != nil {
			t.Fatal(err)
		}
		wire.cut(false)
		if _, back := untilBack(t, guest); !back.Resumed || !guest.Client().Self().Muted {
			t.Errorf("resumed: %v; he is %+v", back.Resumed, guest.Client().Self())
		}
	})
}
