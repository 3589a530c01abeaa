package control_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// heldDirectory answers Access when it is let.
type heldDirectory struct {
	*control.Memory
	asked, answer chan struct{}
}

func (d heldDirectory) Access(ctx context.Context, user voiceapp.UserID, channel voiceapp.ChannelID) (voiceapp.Channel, voiceapp.Role, error) {
	close(d.asked)
	<-d.answer
	return d.Memory.Access(ctx, user, channel)
}

// A client that keeps its side open holds the server up for a second, also when a
// request of it was being answered when the server said goodbye.
func TestALingeringClientDoesNotHoldUpShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := heldDirectory{newMemory(), make(chan struct{}), make(chan struct{})}
		w := newWorld(t, &control.Server{Directory: d})
		y := w.typist()
		y.ask(typistOpens)
		y.write(`{"jsonrpc":"2.0","id":2,"method":"channel.join","params":{"channel":1}}` + "\n")
		<-d.asked
		began := time.Now()
		ended := make(chan error, 1)
		go func() { ended <- w.server.Shutdown(context.Background()) }()
		if last := y.closing(); last.Code != "unavailable" {
			t.Errorf("the server closes with %q", last.Code)
		}
		close(d.answer)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("Shutdown took %v", took)
		}
	})
}

func TestAnAccountWithoutAPasswordLetsNobodyIn(t *testing.T) {
	m := newMemory()
	if _, err := m.CreateUser(t.Context(), "anna", "", voiceapp.RoleMember); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, &control.Server{Directory: m})
	for _, name := range []string{"anna", "berta"} {
		config := w.config(name)
		config.Password = "any password"
		if _, err := control.Dial(t.Context(), "voice.example", config); !errors.Is(err, voiceapp.BadCredentials) {
			t.Errorf("%s: %v; want bad_credentials", name, err)
		}
	}
}

// badServer is a server that answers each line as it likes.
func badServer(t *testing.T, answer func(n int, w net.Conn)) *control.Client {
	t.Helper()
	cert, err := newIdentity()
	if err != nil {
		t.Fatal(err)
	}
	here, there := net.Pipe()
	go func() {
		conn := tls.Server(there, &tls.Config{Certificates: []tls.Certificate{cert}})
		lines := bufio.NewReader(conn)
		for n := 1; ; n++ {
			if _, err := lines.ReadString('\n'); err != nil {
				return
			}
			answer(n, conn)
		}
	}()
	c, err := control.Connect(t.Context(), "voice.example", control.ClientConfig{
		Fingerprint: voiceapp.FingerprintOf(cert.Leaf),
		DialContext: func(context.Context, string, string) (net.Conn, error) { return here, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		_ = there.Close()
	})
	return c
}

func TestAListThatRepeatsItselfEnds(t *testing.T) {
	for name, page := range map[string]string{
		"channels": `{"channels":[{"id":1,"name":"x"}],"more":true}`,
		"sessions": `{"channels":[],"more":false,"sessions":[{"session":9,"name":"x"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := badServer(t, func(n int, w net.Conn) {
				result := page
				switch {
				case n == 1:
					result = `{"session":7,"name":"a","role":0}`
				case name == "sessions" && n > 2:
					result = `{"sessions":[{"session":9,"name":"x"}],"more":true}`
				}
				_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%d,"result":%s}`+"\n", n, result)
			})
			if err := c.Open(t.Context(), "a", ""); !errors.Is(err, voiceapp.BadRequest) {
				t.Errorf("Open: %v; want bad_request", err)
			}
		})
	}
}

func TestAnAbsurdWaitIsNotBelieved(t *testing.T) {
	for wait, want := range map[string]time.Duration{"1e300": time.Hour, "-5": 0, "2.5": 2500 * time.Millisecond} {
		c := badServer(t, func(_ int, w net.Conn) {
			_, _ = io.WriteString(w, `{"jsonrpc":"2.0","method":"session.closed","params":{"code":"unavailable","message":"x","retry_after":`+wait+"}}\n")
			_ = w.Close()
		})
		if _, err := c.Ping(t.Context()); err == nil {
			t.Error("ping was answered")
		}
		<-c.Done()
		var closed *control.ClosedError
		if !errors.As(c.Err(), &closed) || closed.RetryAfter != want {
			t.Errorf("retry_after %s: %v, %+v; want %v", wait, c.Err(), closed, want)
		}
	}
}
