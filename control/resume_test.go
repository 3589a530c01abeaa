package control_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/control"
)

// opened is what matters of the answer to session.open and session.resume.
type opened struct {
	Session uint32
	Name    string
	Resume  *struct {
		Token    string
		Lifetime float64
	}
}

// open logs in by hand.
func (y *typist) open() opened {
	y.t.Helper()
	defer synctest.Wait() // until the token is kept
	return y.opened(y.ask(typistOpens))
}

// resume comes back by hand; the code is that of a refusal.
func (y *typist) resume(token string) (o opened, code string) {
	y.t.Helper()
	r := y.ask(fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"session.resume","params":{"protocol":1,"token":%q}}`, token))
	synctest.Wait() // until the name is let go
	if r.Error != nil {
		return o, r.code()
	}
	return y.opened(r), ""
}

func (y *typist) opened(r reply) (o opened) {
	y.t.Helper()
	if r.Error != nil {
		y.t.Fatal(r.Error)
	}
	if err := json.Unmarshal(r.Result, &o); err != nil {
		y.t.Fatal(err)
	}
	return o
}

// A token stays valid until the next is used, so that an answer that is lost costs
// nothing; a session that the server still takes for alive is taken over.
func TestResumeLostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		first := w.typist()
		a := first.open()
		if a.Resume == nil || a.Resume.Lifetime != 60 || len(a.Resume.Token) < 26 {
			t.Fatalf("%+v", a)
		}
		lost, _ := w.typist().resume(a.Resume.Token) // while the first is there
		b, code := w.typist().resume(a.Resume.Token)
		if code != "" || b.Session != a.Session || b.Name != "typist" || b.Resume.Token == a.Resume.Token {
			t.Fatalf("%q, %+v after %+v", code, b, a)
		}
		if last := first.closing(); last.Code != "" {
			t.Errorf("the first was told %q", last.Code)
		}
		synctest.Wait()
		if stats := w.server.Stats(); stats.Sessions != 1 {
			t.Errorf("%d sessions", stats.Sessions)
		}
		c, code := w.typist().resume(b.Resume.Token)
		if code != "" || c.Session != a.Session {
			t.Fatalf("%q, %+v", code, c)
		}
		for _, token := range []string{a.Resume.Token, lost.Resume.Token, "", "nonsense"} {
			if _, code := w.typist().resume(token); code != "bad_credentials" {
				t.Errorf("a token that is none any more: %q", code)
			}
		}
	})
}

// What ends a session on purpose ends its token, and so does a minute.
func TestResumeEnds(t *testing.T) {
	for what, end := range map[string]func(*typist){
		"session.close": func(y *typist) { y.ask(`{"jsonrpc":"2.0","id":2,"method":"session.close"}`); _ = y.raw.Close() },
		"a long line":   func(y *typist) { y.write(strings.Repeat("x", control.MaxLine+1)); y.closing() },
		"a minute":      func(y *typist) { _ = y.raw.Close(); time.Sleep(61 * time.Second) },
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, &control.Server{})
			y := w.typist()
			a := y.open()
			end(y)
			synctest.Wait()
			if _, code := w.typist().resume(a.Resume.Token); code != "bad_credentials" {
				t.Errorf("after %s: %q", what, code)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		y := w.typist()
		a := y.open()
		_ = y.raw.Close()
		time.Sleep(59 * time.Second)
		if _, code := w.typist().resume(a.Resume.Token); code != "" {
			t.Errorf("after 59 s: %q", code)
		}
	})
}

// A minute is long for whoever loses sessions on purpose: what is kept of each is little.
func TestLostSessionKeepsNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		y := w.typist()
		y.open()
		_ = y.raw.Close()
		synctest.Wait()
		if sessions, connections := w.server.Parked(); sessions != 1 || connections != 0 {
			t.Errorf("%d are kept, %d with their connections", sessions, connections)
		}
	})
}

// While a guest is away, the name is free; who comes back to find it taken is told.
func TestResumeNameTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		y := w.typist()
		a := y.open()
		_ = y.raw.Close()
		synctest.Wait()
		other := w.guest("Typist")
		if _, code := w.typist().resume(a.Resume.Token); code != "exists" {
			t.Errorf("the name is taken: %q", code)
		}
		_ = other.Close()
		synctest.Wait()
		if _, code := w.typist().resume(a.Resume.Token); code != "" {
			t.Errorf("the name is free again: %q", code)
		}
	})
}

// A server that resumes nothing says so.
func TestResumeNever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Limits: control.Limits{ResumeTime: -1}})
		if a := w.typist().open(); a.Resume != nil {
			t.Errorf("%+v", a)
		}
		if _, code := w.typist().resume("x"); code != "forbidden" {
			t.Error(code)
		}
		config := w.config("Anna")
		r, wire := w.returning(config)
		wire.cut(false)
		if _, back := untilBack(t, r); back.Resumed {
			t.Error("it was resumed")
		}
	})
}
