package control_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// stranger is connected and not logged in.
func (w *world) stranger() *control.Client {
	w.t.Helper()
	c, err := control.Connect(w.t.Context(), "voice.example", w.config(""))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = c.Close() })
	return c
}

// login logs in with a password.
func (w *world) login(name, password string) (*control.Client, error) {
	config := w.config(name)
	config.Password = password
	c, err := control.Dial(w.t.Context(), "voice.example", config)
	if err == nil {
		w.t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}

func wantError(t *testing.T, what string, err error, code voiceapp.Code) {
	t.Helper()
	if e := voiceapp.AsError(err); e == nil || e.Code != code {
		t.Errorf("%s: %v; want %s", what, err, code)
	}
}

func TestRegistrationByInvite(t *testing.T) {
	w := newWorld(t, &control.Server{Registration: voiceapp.RegistrationInvite, Name: "Our server"})
	admin, moderator, anyone := w.account("Admin", voiceapp.RoleAdmin), w.account("Moderator", voiceapp.RoleModerator), w.stranger()
	_, err := anyone.Register(t.Context(), "Anna", "correct horse")
	wantError(t, "registering without an invite", err, voiceapp.Forbidden)
	_, _, err = moderator.NewInvite(t.Context(), voiceapp.Invite{})
	wantError(t, "a moderator's invite", err, voiceapp.Forbidden)
	_, _, err = admin.NewInvite(t.Context(), voiceapp.Invite{Role: voiceapp.RoleAdmin})
	wantError(t, "an invite to be an admin", err, voiceapp.Invalid)

	made, link, err := admin.NewInvite(t.Context(), voiceapp.Invite{Role: voiceapp.RoleModerator, Expires: time.Now().Add(time.Hour)})
	if err != nil || made.Role != voiceapp.RoleModerator || made.Uses != 1 || made.By != admin.Self().User {
		t.Fatal(made, err)
	}
	again, err := voiceapp.ParseLink(link.String())
	if err != nil || again != link || link.Addr() != "voice.example:7788" || link.Fingerprint != w.key || link.Invite == "" {
		t.Errorf("the link is %s, %v", link, err)
	}
	if user, err := anyone.UseInvite(t.Context(), link.Invite, "Anna", "correct horse"); err != nil || user.Role != voiceapp.RoleModerator {
		t.Errorf("UseInvite = %+v, %v", user, err)
	}
	_, err = anyone.UseInvite(t.Context(), link.Invite, "Berta", "correct horse")
	wantError(t, "an invite that is used up", err, voiceapp.BadCredentials)
	if c, err := w.login("Anna", "correct horse"); err != nil || c.Self().Role != voiceapp.RoleModerator {
		t.Errorf("logging in: %v", err)
	}

	revoked, link, err := admin.NewInvite(t.Context(), voiceapp.Invite{Uses: 5})
	if err != nil {
		t.Fatal(err)
	}
	if all, err := admin.Invites(t.Context()); err != nil || len(all) != 1 || all[0].ID != revoked.ID || all[0].Uses != 5 {
		t.Errorf("the invites are %+v, %v", all, err)
	}
	_, err = moderator.Invites(t.Context())
	wantError(t, "a moderator's look at them", err, voiceapp.Forbidden)
	wantError(t, "a moderator's deletion", moderator.DeleteInvite(t.Context(), revoked.ID, ""), voiceapp.Forbidden)
	if err := admin.DeleteInvite(t.Context(), revoked.ID, "leaked"); err != nil {
		t.Error(err)
	}
	wantError(t, "deleting it again", admin.DeleteInvite(t.Context(), revoked.ID, ""), voiceapp.NotFound)
	_, err = anyone.UseInvite(t.Context(), link.Invite, "Berta", "correct horse")
	wantError(t, "a deleted invite", err, voiceapp.BadCredentials)
}

func TestInviteLinkOfAPublicAddress(t *testing.T) {
	w := newWorld(t, &control.Server{PublicAddress: "talk.example:7000", Name: "Our server"})
	_, link, err := w.account("Admin", voiceapp.RoleAdmin).NewInvite(t.Context(), voiceapp.Invite{})
	if err != nil || link.Addr() != "talk.example:7000" || link.Title != "Our server" || link.Fingerprint != w.key {
		t.Errorf("the link is %s, %v", link, err)
	}
	_, made, err := w.server.NewInvite(t.Context(), voiceapp.Actor{Session: 1}, voiceapp.Invite{}, "")
	if err == nil || made.Invite != "" {
		t.Errorf("an invite of nobody: %s, %v", made, err)
	}
}

func TestServerRefusesSettings(t *testing.T) {
	for _, s := range []*control.Server{{PublicAddress: "a b"}, {PublicAddress: "h:0"}, {PublicAddress: ":7788"}, {Registration: "maybe"}} {
		cert, err := newIdentity()
		if err != nil {
			t.Fatal(err)
		}
		s.Certificate, s.Directory = cert, newMemory()
		if err := s.Serve(&pipes{closed: make(chan struct{})}); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%q %q: %v", s.PublicAddress, s.Registration, err)
		}
		_ = s.Close()
	}
}

func TestRegistrationClosed(t *testing.T) {
	w := newWorld(t, &control.Server{Registration: voiceapp.RegistrationClosed})
	_, _, err := w.account("Admin", voiceapp.RoleAdmin).NewInvite(t.Context(), voiceapp.Invite{})
	wantError(t, "an invite", err, voiceapp.Conflict)
	_, err = w.stranger().UseInvite(t.Context(), "token", "Anna", "correct horse")
	wantError(t, "an invite's use", err, voiceapp.Forbidden)
}

func TestSetPassword(t *testing.T) {
	w := newWorld(t, &control.Server{})
	anna, guest := w.account("Anna", voiceapp.RoleMember), w.guest("Guest")
	_, token, err := anna.RememberDevice(t.Context(), "laptop")
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, "a guest", guest.SetPassword(t.Context(), "", "new password"), voiceapp.Forbidden)
	wantError(t, "a wrong old one", anna.SetPassword(t.Context(), "wrong", "new password"), voiceapp.BadCredentials)
	wantError(t, "a short new one", anna.SetPassword(t.Context(), "correct horse", "new"), voiceapp.Invalid)
	if _, err := w.login("Anna", "correct horse"); err != nil {
		t.Fatalf("the old password is gone too soon: %v", err)
	}
	if err := anna.SetPassword(t.Context(), "correct horse", "new password"); err != nil {
		t.Fatal(err)
	}
	_, err = w.login("Anna", "correct horse")
	wantError(t, "the old password", err, voiceapp.BadCredentials)
	if _, err := w.login("Anna", "new password"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	wantError(t, "a device of before", w.stranger().OpenToken(t.Context(), token), voiceapp.BadCredentials)
	if _, err := anna.Ping(t.Context()); err != nil {
		t.Errorf("the session that set it: %v", err)
	}
}

func TestDevicesAreRemembered(t *testing.T) {
	w := newWorld(t, &control.Server{})
	anna := w.account("Anna", voiceapp.RoleMember)
	made, token, err := anna.RememberDevice(t.Context(), "laptop")
	if err != nil || made.Name != "laptop" || made.User != anna.Self().User || len(token) < 22 {
		t.Fatalf("RememberDevice = %+v, %q, %v", made, token, err)
	}
	config := w.config("")
	config.Token = token
	again, err := control.Dial(t.Context(), "voice.example", config)
	if err != nil || again.Self().User != anna.Self().User || again.Self().Name != "Anna" {
		t.Fatalf("logging in by token: %v", err)
	}
	defer again.Close()
	if all, err := again.Devices(t.Context()); err != nil || len(all) != 1 || all[0].ID != made.ID {
		t.Errorf("the devices are %+v, %v", all, err)
	}
	bo := w.account("Bo", voiceapp.RoleMember)
	wantError(t, "revoking another's", bo.RevokeDevice(t.Context(), made.ID), voiceapp.NotFound)
	if err := again.RevokeDevice(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	wantError(t, "a revoked token", w.stranger().OpenToken(t.Context(), token), voiceapp.BadCredentials)
	wantError(t, "a made-up token", w.stranger().OpenToken(t.Context(), "x"), voiceapp.BadCredentials)
	guest := w.guest("Guest")
	_, _, err = guest.RememberDevice(t.Context(), "laptop")
	wantError(t, "a guest's device", err, voiceapp.Forbidden)
	_, err = guest.Devices(t.Context())
	wantError(t, "a guest's devices", err, voiceapp.Forbidden)
}

// Whoever has a token can end it, without a login, and no other one.
func TestDeviceIsForgotten(t *testing.T) {
	d := &audited{Memory: newMemory()}
	w := newWorld(t, &control.Server{Directory: d})
	anna, bo := w.account("Anna", voiceapp.RoleMember), w.account("Bo", voiceapp.RoleMember)
	remember := func(c *control.Client) string {
		t.Helper()
		_, token, err := c.RememberDevice(t.Context(), "laptop")
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	given, kept, others := remember(anna), remember(anna), remember(bo)
	d.take()
	stranger := w.stranger()
	if err := stranger.ForgetDevice(t.Context(), given); err != nil {
		t.Fatal(err)
	}
	got := d.take()
	if len(got) != 1 || got[0].Actor != anna.Self().User || got[0].Name != "Anna" || got[0].Target != fmt.Sprint("user:", anna.Self().User) || strings.Contains(fmt.Sprint(got), given) {
		t.Errorf("the audit log has %+v", got)
	}
	for _, token := range []string{given, "made up", ""} {
		wantError(t, "a token that is none", stranger.ForgetDevice(t.Context(), token), voiceapp.BadCredentials)
	}
	wantError(t, "the forgotten device", w.stranger().OpenToken(t.Context(), given), voiceapp.BadCredentials)
	for name, token := range map[string]string{"Anna": kept, "Bo": others} {
		c := w.stranger()
		if err := c.OpenToken(t.Context(), token); err != nil || c.Self().Name != name {
			t.Errorf("the other token of %s: %v", name, err)
		}
	}
	if err := bo.ForgetDevice(t.Context(), kept); err != nil { // he was given it
		t.Error(err)
	}
	if got := d.take(); got[len(got)-1].Name != "Bo" || got[len(got)-1].Target != fmt.Sprint("user:", anna.Self().User) {
		t.Errorf("the audit log has %+v", got)
	}
}

// A client that forgets a server ends its token there, whoever it is by then, and sends it to
// no other server.
func TestForgetDevice(t *testing.T) {
	w := newWorld(t, &control.Server{})
	anna := w.account("Anna", voiceapp.RoleMember)
	_, token, err := anna.RememberDevice(t.Context(), "laptop")
	if err != nil {
		t.Fatal(err)
	}
	other := w.config("")
	other.Fingerprint = voiceapp.Fingerprint{1}
	wantError(t, "another key", control.ForgetDevice(t.Context(), "voice.example", other, token), voiceapp.KeyChanged)
	if all, err := anna.Devices(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("the devices are %+v, %v", all, err)
	}
	for range 2 { // the second time it is good for nothing
		if err := control.ForgetDevice(t.Context(), "voice.example", w.config(""), token); err != nil {
			t.Error(err)
		}
	}
	if all, err := anna.Devices(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("the devices are %+v, %v", all, err)
	}
}

// Tokens can't be guessed by forgetting them: a connection ends after a few, and then the
// source has to wait.
func TestForgettingIsThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		config := w.config("")
		config.DialContext = w.dialFrom("192.0.2.66")
		guess := func(n int) (c *control.Client, last error) {
			c, err := control.Connect(t.Context(), "voice.example", config)
			if err != nil {
				t.Fatal(err)
			}
			for range n {
				last = c.ForgetDevice(t.Context(), "guess")
			}
			return c, last
		}
		for range 4 {
			c, err := guess(5)
			wantError(t, "a guess", err, voiceapp.BadCredentials)
			if _, err := c.Ping(t.Context()); err == nil {
				t.Error("the connection is still there after five guesses")
			}
			_ = c.Close() // it returns nil, always
		}
		c, err := guess(1)
		wantError(t, "the 21st guess", err, voiceapp.Limited)
		_ = c.Close() // it returns nil, always
	})
}

func TestRename(t *testing.T) {
	w := newWorld(t, &control.Server{})
	anna, bo, guest := w.account("Anna", voiceapp.RoleMember), w.account("Bo", voiceapp.RoleMember), w.guest("Guest")
	other, err := w.login("Anna", "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	until(t, bo, func(e control.UserJoined) bool { return e.Session == other.Self().Session })
	for name, want := range map[string]voiceapp.Code{"bo": voiceapp.Exists, "GUEST": voiceapp.Exists, "": voiceapp.Invalid, "a/b": voiceapp.Invalid} {
		_, err := anna.Rename(t.Context(), name)
		wantError(t, "the name "+name, err, want)
	}
	_, err = guest.Rename(t.Context(), "Anyone")
	wantError(t, "a guest", err, voiceapp.Forbidden)
	if user, err := anna.Rename(t.Context(), "Änne"); err != nil || user.Name != "Änne" || user.ID != anna.Self().User {
		t.Fatal(user, err)
	}
	for range 2 { // two sessions
		until(t, bo, func(e control.UserUpdated) bool { return e.Name == "Änne" && e.Was.Name == "Anna" })
	}
	until(t, other, func(e control.UserUpdated) bool { return e.Session == other.Self().Session && e.Name == "Änne" })
	_, err = control.Dial(t.Context(), "voice.example", w.config("änne"))
	wantError(t, "a guest under the new name", err, voiceapp.Exists)
	w.guest("Anna") // the old name is free
	if user, err := other.Rename(t.Context(), "ÄNNE"); err != nil || user.Name != "ÄNNE" {
		t.Errorf("another case: %+v, %v", user, err)
	}
}

// gatedNames holds what the directory is asked about names until it is told to go
// on.
type gatedNames struct {
	*control.Memory
	asked, open chan struct{}
}

func newGatedNames() *gatedNames {
	return &gatedNames{newMemory(), make(chan struct{}), make(chan struct{})}
}

func (d *gatedNames) RenameUser(ctx context.Context, id voiceapp.UserID, name string) (voiceapp.User, error) {
	d.asked <- struct{}{}
	<-d.open
	return d.Memory.RenameUser(ctx, id, name)
}

func (d *gatedNames) Credential(ctx context.Context, name string) (voiceapp.User, string, error) {
	user, hash, err := d.Memory.Credential(ctx, name)
	if strings.EqualFold(name, "wanted") {
		d.asked <- struct{}{}
		<-d.open
	}
	return user, hash, err
}

// A guest can't take a name while an account is given it, nor an account one that a
// guest is just taking.
func TestNobodyTakesANameBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newGatedNames()
		w := newWorld(t, &control.Server{Directory: d})
		anna := w.account("Anna", voiceapp.RoleMember)
		renamed := make(chan error, 1)
		go func() {
			_, err := anna.Rename(t.Context(), "Wanted")
			renamed <- err
		}()
		<-d.asked
		_, err := control.Dial(t.Context(), "voice.example", w.config("wanted"))
		wantError(t, "a guest while an account is renamed", err, voiceapp.Exists)
		d.open <- struct{}{}
		if err := <-renamed; err != nil {
			t.Errorf("the account: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		d := newGatedNames()
		w := newWorld(t, &control.Server{Directory: d})
		anna := w.account("Anna", voiceapp.RoleMember)
		in := make(chan error, 1)
		go func() {
			c, err := control.Dial(t.Context(), "voice.example", w.config("Wanted"))
			if err == nil {
				defer c.Close()
			}
			in <- err
		}()
		<-d.asked
		_, err := anna.Rename(t.Context(), "wanted")
		wantError(t, "an account while a guest comes", err, voiceapp.Exists)
		d.open <- struct{}{}
		if err := <-in; err != nil {
			t.Errorf("the guest: %v", err)
		}
	})
}

// One who logs in while the account is renamed has the new name.
func TestLoginWhileTheAccountIsRenamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &slowPasswords{newMemory(), make(chan struct{}), make(chan struct{})}
		w := newWorld(t, &control.Server{Directory: d})
		hash, err := control.HashPassword("correct horse")
		if err != nil {
			t.Fatal(err)
		}
		anna, err := d.CreateUser(t.Context(), "Anna", hash, voiceapp.RoleMember)
		if err != nil {
			t.Fatal(err)
		}
		in := make(chan *control.Client, 1)
		go func() {
			c, err := w.login("Anna", "correct horse")
			if err != nil {
				t.Error(err)
			}
			in <- c
		}()
		<-d.checked
		if _, err := w.server.RenameSelf(t.Context(), voiceapp.Actor{User: anna.ID}, "Änne"); err != nil {
			t.Error(err)
		}
		close(d.open)
		if c := <-in; c.Self().Name != "Änne" {
			t.Errorf("the name is %q", c.Self().Name)
		}
	})
}

// slowPasswords is an Authenticator that takes its time once it knows who it is.
type slowPasswords struct {
	*control.Memory
	checked, open chan struct{}
}

func (d *slowPasswords) Authenticate(ctx context.Context, name, _ string) (voiceapp.User, error) {
	user, _, err := d.Credential(ctx, name)
	close(d.checked)
	<-d.open
	return user, err
}

// An Authenticator sees where the client is, leaves accounts that are not its own
// to their passwords, and what it says of an account holds for all its sessions.
func TestAuthenticatorBesidePasswords(t *testing.T) {
	d := &elsewhere{Memory: newMemory(), name: "Anna", role: voiceapp.RoleMember}
	w := newWorld(t, &control.Server{Directory: d})
	w.account("Local", voiceapp.RoleMember) // by its password
	_, err := w.login("Local", "wrong")
	wantError(t, "a wrong password", err, voiceapp.BadCredentials)
	first, err := w.login("anna@example.org", "x")
	if err != nil || first.Self().Name != "Anna" {
		t.Fatal(err)
	}
	d.name, d.role = "Änne", voiceapp.RoleModerator
	second, err := w.login("anna@example.org", "x")
	if err != nil || second.Self().User != first.Self().User || second.Self().Name != "Änne" {
		t.Fatal(second.Self(), err)
	}
	until(t, first, func(e control.UserUpdated) bool {
		return e.Session == first.Self().Session && e.Name == "Änne" && e.Role == voiceapp.RoleModerator
	})
	wantError(t, "a password that is elsewhere", first.SetPassword(t.Context(), "x", "new password"), voiceapp.Conflict)
}

type elsewhere struct {
	*control.Memory
	name string
	role voiceapp.Role
}

func (d *elsewhere) Authenticate(ctx context.Context, name, _ string) (voiceapp.User, error) {
	if !strings.Contains(name, "@") {
		return voiceapp.User{}, voiceapp.NewError(voiceapp.NotFound, "not one of mine")
	}
	return d.ExternalUser(ctx, name, d.name, d.role)
}

// Sessions of an account come, are resumed and go while the account is renamed, and
// each has the name that it has by then.
func TestRenameWhileSessionsCome(t *testing.T) {
	w := newWorld(t, &control.Server{})
	w.account("Anna", voiceapp.RoleMember)
	user := voiceapp.UserID(1)
	stop, renamed := make(chan struct{}), make(chan string, 1)
	go func() {
		name := "Anna"
		defer func() { renamed <- name }()
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			name = fmt.Sprint("Anna ", n%2)
			if _, err := w.server.RenameSelf(t.Context(), voiceapp.Actor{User: user}, name); err != nil {
				t.Error(err)
			}
		}
	}()
	_, token, err := w.server.RememberDevice(t.Context(), voiceapp.Actor{User: user}, "laptop")
	if err != nil {
		t.Fatal(err)
	}
	var clients []*control.Client
	for range 10 {
		c := w.stranger()
		if err := c.OpenToken(t.Context(), token); err != nil && !errors.Is(err, voiceapp.Busy) {
			t.Fatal(err)
		} else if err == nil {
			clients = append(clients, c)
		}
	}
	close(stop)
	want := <-renamed
	for _, c := range clients {
		if c.Self().Name == want {
			continue
		}
		until(t, c, func(e control.UserUpdated) bool { return e.Session == c.Self().Session && e.Name == want })
	}
}
