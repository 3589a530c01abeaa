package control_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// addressed is a connection from an address.
type addressed struct {
	net.Conn
	from netip.Addr
}

func (a addressed) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(a.from, 50_000))
}

// dialFrom makes connections that come from an address.
func (w *world) dialFrom(from string) func(context.Context, string, string) (net.Conn, error) {
	addr := netip.MustParseAddr(from)
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		here, there := net.Pipe()
		select {
		case w.net.conns <- addressed{there, addr}:
			return here, nil
		case <-w.net.closed:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// try logs in from an address and out again.
func (w *world) try(from, name, password string) error {
	config := w.config(name)
	config.Password, config.DialContext = password, w.dialFrom(from)
	c, err := control.Dial(w.t.Context(), "voice.example", config)
	if err == nil {
		_ = c.Close()
	}
	return err
}

// Guessing the owner's password from many addresses ends in waiting, of which the
// guesser is told how long; the owner, at home, gets in all the while.
func TestLoginThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		_ = w.account("Anna", voiceapp.RoleOwner).Close()
		const home, password = "192.0.2.1", "correct horse"
		if err := w.try(home, "Anna", password); err != nil {
			t.Fatal(err)
		}
		guess := func(i int) *voiceapp.Error {
			return voiceapp.AsError(w.try(fmt.Sprintf("198.51.100.%d", i), "ANNA", "wrong horse"))
		}
		for i := range 5 {
			if err := guess(i); err.Code != voiceapp.BadCredentials {
				t.Fatalf("guess %d: %v", i, err)
			}
		}
		err := guess(5)
		if err.Code != voiceapp.Limited || err.RetryAfter <= 0 || err.RetryAfter > time.Second {
			t.Fatalf("one more: %v, to be tried again after %v", err, err.RetryAfter)
		}
		if err := w.try(home, "Anna", password); err != nil {
			t.Errorf("the owner at home: %v", err)
		}
		if err := w.try("198.51.100.9", "Anna", password); !errors.Is(err, voiceapp.Limited) {
			t.Errorf("the owner elsewhere: %v", err)
		}
		time.Sleep(err.RetryAfter)
		if err := w.try("198.51.100.10", "Anna", password); err != nil {
			t.Errorf("the owner elsewhere, after the wait: %v", err)
		}
		if n := w.server.Stats().Throttled; n != 2 {
			t.Errorf("%d were throttled", n)
		}
	})
}

// Fifty who come back at the same time from one address are nobody's attack.
func TestManyLoginsOfOneAddress(t *testing.T) {
	w := newWorld(t, &control.Server{})
	_ = w.account("Anna", voiceapp.RoleMember).Close()
	results := make(chan error)
	for range 50 {
		go func() { results <- w.try("192.0.2.1", "Anna", "correct horse") }()
	}
	for range 50 {
		if err := <-results; errors.Is(err, voiceapp.Limited) && voiceapp.AsError(err).RetryAfter > 0 {
			t.Errorf("throttled: %v", err)
		}
	}
}

// The silent connections of one address don't keep the others out.
func TestSilentConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		dial := w.dialFrom("192.0.2.66")
		for range 300 {
			conn, err := dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
		}
		for i := range 20 {
			if err := w.try(fmt.Sprintf("198.51.100.%d", i), fmt.Sprint("Anna ", i), ""); err != nil {
				t.Errorf("%d: %v", i, err)
			}
			synctest.Wait() // for the name to be free again
		}
	})
}

// Accounts can't be made by the hundred from one address.
func TestRegisterFlood(t *testing.T) {
	w := newWorld(t, &control.Server{Limits: control.Limits{RegisterBurst: 3, Hashes: 4}})
	register := func(from, name string) error {
		config := w.config("")
		config.DialContext = w.dialFrom(from)
		c, err := control.Connect(t.Context(), "voice.example", config)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, err = c.Register(t.Context(), name, "correct horse")
		return err
	}
	for i := range 5 {
		err := register(fmt.Sprintf("2001:db8::%x", i+1), fmt.Sprint("user", i))
		if limited := errors.Is(err, voiceapp.Limited); limited != (i >= 3) {
			t.Errorf("account %d: %v", i, err)
		}
		if i >= 3 && voiceapp.AsError(err).RetryAfter < 30*time.Second {
			t.Errorf("account %d may be tried after %v", i, voiceapp.AsError(err).RetryAfter)
		}
	}
	if err := register("2001:db8:0:1::1", "elsewhere"); err != nil {
		t.Error(err)
	}
}

// Chat is held back before other messages are.
func TestChatIsSlowerThanPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		anna := w.guest("Anna")
		if err := anna.Join(t.Context(), lobby); err != nil {
			t.Fatal(err)
		}
		sent := 0
		var err error
		for ; err == nil; sent++ {
			_, err = anna.SendChat(t.Context(), "x")
		}
		if wait := voiceapp.AsError(err).RetryAfter; sent-1 != 15 || !errors.Is(err, voiceapp.Limited) || wait != 200*time.Millisecond {
			t.Errorf("after %d: %v, to be tried again after %v", sent-1, err, wait)
		}
		for range 20 {
			if _, err := anna.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(200 * time.Millisecond)
		if _, err := anna.SendChat(t.Context(), "x"); err != nil {
			t.Errorf("after the wait: %v", err)
		}
	})
}

// A hash that costs less than new ones is replaced when its owner logs in.
func TestHashIsUpgraded(t *testing.T) {
	const password, salt = "correct horse", "saltsaltsalt"
	b64 := base64.RawStdEncoding.EncodeToString
	weak := "$argon2id$v=19$m=8,t=1,p=1$" + b64([]byte(salt)) + "$" + b64(argon2.IDKey([]byte(password), []byte(salt), 1, 8, 1, 32))
	w := newWorld(t, &control.Server{})
	if _, err := w.server.Directory.CreateUser(t.Context(), "Anna", weak, voiceapp.RoleMember); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []bool{true, false, false} {
		_, before, _ := w.server.Directory.Credential(t.Context(), "Anna")
		given := password
		if wrong {
			given = "wrong horse"
		}
		if err := w.try("192.0.2.1", "Anna", given); (err != nil) != wrong {
			t.Fatal(err)
		}
		_, after, _ := w.server.Directory.Credential(t.Context(), "Anna")
		if upgraded := !wrong && before == weak; (after != before) != upgraded || upgraded && !strings.HasPrefix(after, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("the password was wrong: %v; the hash was %q and is %q", wrong, before, after)
		}
	}
}
