package control_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

func TestLogin(t *testing.T) {
	w := newWorld(t, &control.Server{})
	anna := w.account("Anna", voiceapp.RoleModerator)
	if self := anna.Self(); self.User == 0 || self.Role != voiceapp.RoleModerator || self.Name != "Anna" {
		t.Errorf("Anna is %+v", self)
	}
	second := w.config("ANNA")
	second.Password = "correct horse"
	again, err := control.Dial(t.Context(), "voice.example", second)
	if err != nil {
		t.Fatalf("a second session of one account: %v", err)
	}
	defer again.Close()
	if again.Self().Name != "Anna" || again.Self().Session == anna.Self().Session {
		t.Errorf("the second session is %+v", again.Self())
	}
}

// What a stranger can try looks the same whether or not there is such an account.
func TestLoginRefused(t *testing.T) {
	w := newWorld(t, &control.Server{})
	w.account("Anna", voiceapp.RoleMember)
	for _, c := range []struct {
		name, password string
		code           voiceapp.Code
	}{
		{"Anna", "wrong horse", voiceapp.BadCredentials},
		{"Nobody", "wrong horse", voiceapp.BadCredentials},
		{"Anna", strings.Repeat("x", control.MaxPassword+1), voiceapp.BadCredentials},
		{"Nobody", strings.Repeat("x", control.MaxPassword+1), voiceapp.BadCredentials},
		{"Anna", "", voiceapp.Exists},
		{"aNNA", "", voiceapp.Exists},
		{"", "", voiceapp.Invalid},
		{"An\nna", "", voiceapp.Invalid},
		{"a/b", "", voiceapp.Invalid},
		{"x\u202e", "", voiceapp.Invalid},
		{strings.Repeat("x", 65), "", voiceapp.Invalid},
	} {
		config := w.config(c.name)
		config.Password = c.password
		client, err := control.Dial(t.Context(), "voice.example", config)
		if !errors.Is(err, c.code) {
			t.Errorf("%q with %d bytes of password: %v, want %s", c.name, len(c.password), err, c.code)
		}
		if err == nil {
			_ = client.Close()
		}
		if c.code == voiceapp.BadCredentials && err.Error() != "the name or the password is wrong" {
			t.Errorf("%q: %q says too much", c.name, err)
		}
	}
	if stats := w.server.Stats(); stats.LoginsRefused != 11 {
		t.Errorf("%+v", stats)
	}
}

func TestGuestNames(t *testing.T) {
	w := newWorld(t, &control.Server{})
	anna := w.guest("Anna")
	if _, err := control.Dial(t.Context(), "voice.example", w.config("anna")); !errors.Is(err, voiceapp.Exists) {
		t.Errorf("a guest under the name of another: %v", err)
	}
	bo := w.guest("Bo")
	_ = bo.Close()
	until(t, anna, func(e control.UserLeft) bool { return e.Name == "Bo" })
	w.guest("BO")
}

// Of many guests who want one name while the directory takes its time, one gets it.
func TestGuestsRaceForAName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Directory: thoughtful{newMemory()}})
		errs := make(chan error)
		for range 10 {
			go func() {
				c, err := control.Dial(t.Context(), "voice.example", w.config("Anna"))
				if err == nil {
					defer c.Close()
				}
				errs <- err
			}()
		}
		in := 0
		for range 10 {
			switch err := <-errs; {
			case err == nil:
				in++
			case !errors.Is(err, voiceapp.Exists):
				t.Error(err)
			}
		}
		if in != 1 {
			t.Errorf("%d are in as Anna", in)
		}
	})
}

// thoughtful is a directory that takes a second to look a name up.
type thoughtful struct{ *control.Memory }

func (d thoughtful) Credential(ctx context.Context, name string) (voiceapp.User, string, error) {
	time.Sleep(time.Second)
	return d.Memory.Credential(ctx, name)
}

func TestNoGuestsNoRegistration(t *testing.T) {
	w := newWorld(t, &control.Server{NoGuests: true, Registration: voiceapp.RegistrationClosed})
	_, err := control.Dial(t.Context(), "voice.example", w.config("Anna"))
	if e := voiceapp.AsError(err); !errors.Is(err, voiceapp.Forbidden) || e.Needs != "role:member" {
		t.Errorf("a guest: %v", err)
	}
	c, err := control.Connect(t.Context(), "voice.example", w.config(""))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Register(t.Context(), "Anna", "correct horse"); !errors.Is(err, voiceapp.Forbidden) {
		t.Errorf("registering: %v", err)
	}
	if info, err := c.Info(t.Context()); err != nil || info.Guests || info.Registration != voiceapp.RegistrationClosed || info.Name != "voiceapp" {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestRegister(t *testing.T) {
	w := newWorld(t, &control.Server{})
	anna := w.guest("Anna")
	visitor, err := control.Connect(t.Context(), "voice.example", w.config(""))
	if err != nil {
		t.Fatal(err)
	}
	defer visitor.Close()
	if _, err := visitor.Register(t.Context(), "anna", "correct horse"); !errors.Is(err, voiceapp.Exists) {
		t.Errorf("registering the name of a guest who is here: %v", err)
	}
	if _, err := visitor.Register(t.Context(), "Bo", "short"); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a short password: %v", err)
	}
	user, err := anna.Register(t.Context(), "Anna", "correct horse")
	if err != nil || user.Name != "Anna" || user.Role != voiceapp.RoleMember || user.ID == 0 || user.Created.IsZero() {
		t.Errorf("a guest registering its own name: %+v, %v", user, err)
	}
	if err := visitor.Open(t.Context(), "Anna", "correct horse"); err != nil {
		t.Fatal(err)
	}
	<-anna.Done()
	if !errors.Is(anna.Err(), voiceapp.Exists) {
		t.Errorf("the guest whose name it was: %v", anna.Err())
	}
	if err := visitor.Open(t.Context(), "Cy", ""); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("logging in twice: %v", err)
	}
}

// Of many who use one token at once, one becomes the owner.
func TestClaimOnce(t *testing.T) {
	memory := newMemory()
	w := newWorld(t, &control.Server{Directory: memory})
	token := memory.NewOwnerToken()
	errs := make(chan error)
	for i := range 8 {
		go func() {
			c, err := control.Connect(t.Context(), "voice.example", w.config(""))
			if err == nil {
				defer c.Close()
				_, err = c.Claim(t.Context(), " "+token+"\n", "Owner"+string(rune('A'+i)), "correct horse")
			}
			errs <- err
		}()
	}
	owners := 0
	for range 8 {
		switch err := <-errs; {
		case err == nil:
			owners++
		case !errors.Is(err, voiceapp.BadCredentials):
			t.Error(err)
		}
	}
	if owners != 1 {
		t.Errorf("%d owners", owners)
	}
}

// One who guesses on one connection is sent away.
func TestLoginFaults(t *testing.T) {
	w := newWorld(t, &control.Server{})
	y := w.typist()
	for range 5 {
		if r := y.ask(`{"jsonrpc":"2.0","id":1,"method":"account.claim","params":{"token":"x","name":"Eve","password":"12345678"}}`); r.code() != "bad_credentials" {
			t.Fatalf("%+v", r)
		}
	}
	if last := y.closing(); last.Code != "limited" {
		t.Errorf("closed with %q", last.Code)
	}
}

// keeper is a directory with a login of its own.
type keeper struct{ *control.Memory }

func (k keeper) Authenticate(ctx context.Context, name, password string) (voiceapp.User, error) {
	if password != "open sesame" {
		return voiceapp.User{}, voiceapp.NewError(voiceapp.BadCredentials, "no")
	}
	user, err := k.CreateUser(ctx, name, "", voiceapp.RoleMember)
	if errors.Is(err, voiceapp.Exists) {
		user, _, err = k.Credential(ctx, name)
	}
	return user, err
}

func TestAuthenticator(t *testing.T) {
	w := newWorld(t, &control.Server{Directory: keeper{newMemory()}})
	config := w.config("Anna")
	for _, c := range []struct {
		password string
		code     voiceapp.Code
	}{{"wrong", voiceapp.BadCredentials}, {"open sesame", ""}, {"open sesame", ""}, {"", voiceapp.Exists}} {
		config.Password = c.password
		client, err := control.Dial(t.Context(), "voice.example", config)
		if c.code == "" && err != nil || c.code != "" && !errors.Is(err, c.code) {
			t.Errorf("with %q: %v", c.password, err)
		}
		if err == nil {
			if err := client.Join(t.Context(), lobby); err != nil {
				t.Error(err)
			}
			_ = client.Close()
		}
	}
}

func TestTooManySessions(t *testing.T) {
	w := newWorld(t, &control.Server{Limits: control.Limits{MaxSessions: 3, MaxPerAccount: 2}})
	w.account("Anna", voiceapp.RoleMember)
	config := w.config("Anna")
	config.Password = "correct horse"
	for _, want := range []voiceapp.Detail{"", voiceapp.TooManySessions} {
		c, err := control.Dial(t.Context(), "voice.example", config)
		if want == "" && err != nil || want != "" && !errors.Is(err, want) {
			t.Errorf("%v, want %q", err, want)
		}
		if err == nil {
			defer c.Close()
		}
	}
	w.guest("Bo")
	if _, err := control.Dial(t.Context(), "voice.example", w.config("Cy")); !errors.Is(err, voiceapp.Busy) || !errors.Is(err, voiceapp.ServerFull) {
		t.Errorf("a full server: %v", err)
	}
}

// lockedBuffer is a log that many write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// No password, token or key gets into a log, whatever happens.
func TestLogsHoldNoSecrets(t *testing.T) {
	const password = "hunter2-hunter2"
	var log lockedBuffer
	all := &slog.HandlerOptions{Level: slog.LevelDebug}
	memory, voice := newMemory(), &voiceLog{}
	w := newWorld(t, &control.Server{Directory: panicky{memory}, Voice: voice, Logger: slog.New(slog.NewJSONHandler(&log, all))})
	token := memory.NewOwnerToken()
	config := w.config("")
	config.Logger = slog.New(slog.NewTextHandler(&log, all))
	c, err := control.Connect(t.Context(), "voice.example", config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Claim(t.Context(), token, "Anna", password); err != nil {
		t.Fatal(err)
	}
	_, _ = c.Claim(t.Context(), token, "Bo", password)
	_ = c.Open(t.Context(), "Anna", "wrong-"+password)
	if err := c.Open(t.Context(), "Anna", password); err != nil {
		t.Fatal(err)
	}
	if err := c.Join(t.Context(), lobby); err != nil {
		t.Fatal(err)
	}
	grant, _ := c.VoiceGrant()
	_, _ = c.Register(t.Context(), "panic", password)
	<-c.Done()
	text := log.String()
	if !strings.Contains(text, "a session has begun") || !strings.Contains(text, "panic") {
		t.Fatalf("the log misses what should be in it: %s", text)
	}
	for what, secret := range map[string]string{
		"password": password, "token": token,
		"key": keyText(grant.Up), "hash": "$argon2id",
	} {
		if strings.Contains(text, secret) {
			t.Errorf("a %s is in the log:\n%s", what, text)
		}
	}
}

// A server that says so answers no ping before login.
func TestNoPing(t *testing.T) {
	w := newWorld(t, &control.Server{NoPing: true})
	y := w.typist()
	const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	if r := y.ask(ping); r.code() != "login_required" {
		t.Errorf("before login: %+v", r)
	}
	y.ask(typistOpens)
	if r := y.ask(ping); r.code() != "" {
		t.Errorf("after login: %+v", r)
	}
}
