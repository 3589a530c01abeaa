package control_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// watched is what an observer was told.
type watched struct {
	ended chan error
	mu    sync.Mutex
	lines []watchedLine
}

type watchedLine struct {
	Method string
	Params json.RawMessage
}

func watch(ctx context.Context, s *control.Server, by voiceapp.Actor) *watched {
	w := &watched{ended: make(chan error, 1)}
	go func() {
		w.ended <- s.Watch(ctx, by, func(line []byte) {
			var l watchedLine
			if err := json.Unmarshal(line, &l); err != nil {
				panic(err)
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.lines = append(w.lines, l)
		})
	}()
	synctest.Wait()
	return w
}

// methods returns the names of what came, and forgets it.
func (w *watched) methods() (names []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.lines {
		names = append(names, l.Method)
	}
	w.lines = nil
	return names
}

// An observer is told what there is, then what happens as its role may know it, and
// is not here itself.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		defer w.close()
		admin, anna := w.account("Admin", voiceapp.RoleAdmin), w.guest("Anna")
		by := voiceapp.Actor{User: admin.Self().User}
		seen := watch(t.Context(), w.server, by)
		if got, want := seen.methods(), []string{"channel.updated", "user.joined", "watch.ready"}; !slices.Equal(got, want) {
			t.Fatalf("at first %q, want %q", got, want)
		}
		if err := anna.Join(t.Context(), lobby); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if _, err := admin.SendChatTo(t.Context(), voiceapp.ChatTarget{Channel: lobby}, "hello"); err != nil {
			t.Fatal(err)
		}
		if err := w.server.Kick(t.Context(), by, anna.Self().Session, "enough"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if got, want := seen.methods(), []string{"user.updated", "chat.sent", "user.left"}; !slices.Equal(got, want) {
			t.Errorf("then %q, want %q", got, want)
		}
		sessions, err := w.server.Sessions(t.Context(), by)
		if err != nil || len(sessions) != 1 || sessions[0].Name != "Admin" || sessions[0].Since.IsZero() {
			t.Errorf("sessions %+v, %v", sessions, err)
		}
	})
}

// What an account may not see any more, its observers are not told.
func TestWatchEndsWithTheRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		defer w.close()
		owner, admin := w.account("Owner", voiceapp.RoleOwner), w.account("Admin", voiceapp.RoleAdmin)
		by := voiceapp.Actor{User: owner.Self().User}
		ends := map[string]func() error{
			"role": func() error {
				_, err := w.server.SetRole(t.Context(), by, admin.Self().User, voiceapp.RoleModerator, "")
				return err
			},
			"password": func() error {
				return w.server.ResetPassword(t.Context(), by, admin.Self().User, "another secret", "")
			},
		}
		for _, name := range []string{"role", "password"} {
			seen := watch(t.Context(), w.server, voiceapp.Actor{User: admin.Self().User})
			if err := ends[name](); err != nil {
				t.Fatal(name, err)
			}
			synctest.Wait()
			select {
			case err := <-seen.ended:
				if !errors.Is(err, voiceapp.Forbidden) {
					t.Errorf("%s: ended with %v", name, err)
				}
			default:
				t.Errorf("%s: goes on", name)
			}
		}
	})
}

// Only moderators watch, and a key's ceiling counts.
func TestWatchNeedsARole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		defer w.close()
		admin, member := w.account("Admin", voiceapp.RoleAdmin), w.account("Member", voiceapp.RoleMember)
		for name, by := range map[string]voiceapp.Actor{
			"nobody":  {},
			"member":  {User: member.Self().User, Role: voiceapp.RoleOwner},
			"ceiling": {User: admin.Self().User, AtMost: voiceapp.RoleMember},
		} {
			if err := w.server.Watch(t.Context(), by, func([]byte) {}); !errors.Is(err, voiceapp.Forbidden) {
				t.Errorf("%s watches: %v", name, err)
			}
			if _, err := w.server.Sessions(t.Context(), by); !errors.Is(err, voiceapp.Forbidden) {
				t.Errorf("%s lists: %v", name, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		seen := watch(ctx, w.server, voiceapp.Actor{Operator: true})
		cancel()
		if err := <-seen.ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
}

// The other door has the same lock: wrong passwords slow both down.
func TestLoginByAnotherDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		defer w.close()
		admin := w.account("Admin", voiceapp.RoleAdmin)
		at := netip.MustParseAddr("192.0.2.7")
		user, err := w.server.Login(t.Context(), "admin", "correct horse", at)
		if err != nil || user.ID != admin.Self().User {
			t.Fatalf("%+v, %v", user, err)
		}
		for _, name := range []string{"Admin", "Nobody", "", "a\nb"} {
			if _, err := w.server.Login(t.Context(), name, "wrong password", at); !errors.Is(err, voiceapp.BadCredentials) {
				t.Errorf("%q: %v", name, err)
			}
		}
		other := netip.MustParseAddr("192.0.2.8")
		for range 10 {
			_, err = w.server.Login(t.Context(), "Admin", "wrong password", other)
		}
		if !errors.Is(err, voiceapp.Limited) || voiceapp.AsError(err).RetryAfter <= 0 {
			t.Errorf("after ten wrong ones: %v", err)
		}
		if _, err := w.server.Ban(t.Context(), voiceapp.Actor{Operator: true}, voiceapp.BanRequest{Address: "192.0.2.7"}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.server.Login(t.Context(), "Admin", "correct horse", at); !errors.Is(err, voiceapp.Banned) {
			t.Errorf("from a banned address: %v", err)
		}
	})
}

func TestAccountsByAdmins(t *testing.T) {
	d := &audited{Memory: newMemory()}
	w := newWorld(t, &control.Server{Directory: d})
	defer w.close()
	admin := w.account("Admin", voiceapp.RoleAdmin)
	by := voiceapp.Actor{User: admin.Self().User}
	d.take()
	made, err := w.server.CreateUser(t.Context(), by, "Berta", "a long password", voiceapp.RoleModerator, "new here")
	if err != nil || made.Role != voiceapp.RoleModerator {
		t.Fatalf("%+v, %v", made, err)
	}
	for name, try := range map[string]struct {
		by   voiceapp.Actor
		name string
		pass string
		role voiceapp.Role
		want voiceapp.Code
	}{
		"as high":     {by, "Carla", "a long password", voiceapp.RoleAdmin, voiceapp.Forbidden},
		"taken":       {by, "berta", "a long password", voiceapp.RoleMember, voiceapp.Exists},
		"short":       {by, "Carla", "short", voiceapp.RoleMember, voiceapp.Invalid},
		"name":        {by, "a/b", "a long password", voiceapp.RoleMember, voiceapp.Invalid},
		"moderator's": {voiceapp.Actor{User: made.ID}, "Carla", "a long password", voiceapp.RoleMember, voiceapp.Forbidden},
	} {
		if _, err := w.server.CreateUser(t.Context(), try.by, try.name, try.pass, try.role, ""); !errors.Is(err, try.want) {
			t.Errorf("%s: %v, want %s", name, err, try.want)
		}
	}
	if entries := d.take(); len(entries) != 6 {
		t.Errorf("%d entries, want one for each: %+v", len(entries), entries)
	}
	if err := w.server.ResetPassword(t.Context(), by, made.ID, "yet another password", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.server.Login(t.Context(), "Berta", "a long password", netip.Addr{}); !errors.Is(err, voiceapp.BadCredentials) {
		t.Errorf("with the old password: %v", err)
	}
	if _, err := w.server.Login(t.Context(), "Berta", "yet another password", netip.Addr{}); !errors.Is(err, voiceapp.Kicked) && err != nil {
		t.Errorf("with the new one: %v", err)
	}
}

// Settings hold at once, outlive the server where the directory keeps them, and
// those that are fixed stay.
func TestSettings(t *testing.T) {
	d := &settingsKept{Memory: newMemory()}
	w := newWorld(t, &control.Server{Directory: d, Fixed: []string{"ping"}})
	defer w.close()
	by := voiceapp.Actor{Operator: true}
	name, guests, ping, bad := "Ours", false, false, voiceapp.Registration("maybe")
	got, err := w.server.SetSettings(t.Context(), by, voiceapp.SettingsEdit{Name: &name, Guests: &guests}, "")
	if err != nil || got.Name != "Ours" || got.Guests {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := control.Dial(t.Context(), "voice.example", w.config("Anna")); !errors.Is(err, voiceapp.Forbidden) {
		t.Errorf("a guest comes: %v", err)
	}
	if _, err := w.server.SetSettings(t.Context(), by, voiceapp.SettingsEdit{Ping: &ping}, ""); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("a fixed one: %v", err)
	}
	if _, err := w.server.SetSettings(t.Context(), by, voiceapp.SettingsEdit{Registration: &bad}, ""); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a bad one: %v", err)
	}
	if _, err := w.server.SetSettings(t.Context(), voiceapp.Actor{Operator: true, AtMost: voiceapp.RoleAdmin}, voiceapp.SettingsEdit{Guests: &guests}, ""); !errors.Is(err, voiceapp.Forbidden) {
		t.Errorf("an admin: %v", err)
	}
	d.kept["server.registration"] = `"never"`
	again := newWorld(t, &control.Server{Directory: d, Name: "From the file"})
	defer again.close()
	if now, _, err := again.server.Settings(); err != nil || now.Name != "From the file" {
		t.Errorf("with one that is of no use: %+v, %v", now, err)
	}
	delete(d.kept, "server.registration")
	third := newWorld(t, &control.Server{Directory: d, Name: "From the file", Fixed: []string{"guests"}})
	defer third.close()
	if now, fixed, err := third.server.Settings(); err != nil || now.Name != "Ours" || !now.Guests || !slices.Equal(fixed, []string{"guests"}) {
		t.Errorf("after a restart: %+v, %v", now, err)
	}
}

// settingsKept is a directory that keeps settings.
type settingsKept struct {
	*control.Memory
	kept map[string]string
}

func (d *settingsKept) Settings(context.Context) (map[string]string, error) { return d.kept, nil }

func (d *settingsKept) SetSettings(_ context.Context, settings map[string]string) error {
	if d.kept == nil {
		d.kept = make(map[string]string)
	}
	for key, value := range settings {
		d.kept[key] = value
	}
	return nil
}
