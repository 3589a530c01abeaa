package instance

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// serve starts a client in a folder of its own and returns the folder.
func serve(t *testing.T, handle Handler) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	one, err := Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- one.Serve(context.Background(), handle) }()
	t.Cleanup(func() {
		if err := one.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, ErrClosed) {
			t.Errorf("Serve returned %v, want ErrClosed", err)
		}
	})
	return dir
}

// echo answers with what it was told.
func echo(_ context.Context, c Command) (string, error) {
	if c.Verb == Show {
		return "", voiceapp.NewError(voiceapp.Busy, "no window")
	}
	return strings.Join([]string{string(c.Verb), string(c.State), c.Link, c.For.String()}, " "), nil
}

func TestSend(t *testing.T) {
	dir := serve(t, echo)
	got, err := Send(t.Context(), dir, Command{Verb: PTT, State: On, For: 1500 * time.Millisecond})
	if err != nil || got != "ptt on  1.5s" {
		t.Errorf("got %q, %v", got, err)
	}
	got, err = Send(t.Context(), dir, Command{Verb: Open, Link: "voiceapp://a.example/Lobby?title=a&invite=b"})
	if err != nil || got != "open  voiceapp://a.example/Lobby?title=a&invite=b 0s" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Send(t.Context(), dir, Command{Verb: Show}); !errors.Is(err, voiceapp.Busy) || err.Error() != "no window" {
		t.Errorf("a refusal came as %v", err)
	}
	if _, err := Send(t.Context(), dir, Command{Verb: "dance"}); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("an unknown verb: %v", err)
	}
}

func TestSendToNobody(t *testing.T) {
	if _, err := Send(t.Context(), t.TempDir(), Command{Verb: Status}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("got %v, want ErrNotRunning", err)
	}
}

func TestOneWins(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	var winner atomic.Pointer[Instance]
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			one, err := Start(dir)
			switch {
			case err == nil && !winner.CompareAndSwap(nil, one):
				t.Error("two clients run")
			case err != nil && !errors.Is(err, ErrRunning):
				t.Error(err)
			}
		})
	}
	all.Wait()
	one := winner.Load()
	if one == nil {
		t.Fatal("none of them runs")
	}
	for range 2 {
		if err := one.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := one.Serve(t.Context(), echo); !errors.Is(err, ErrClosed) {
		t.Errorf("Serve after Close returned %v", err)
	}
	next, err := Start(dir)
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	next.Close()
}

// What a client left behind that was killed is taken over.
func TestKilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "VOICEAPP_TEST_INSTANCE="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(dir); !errors.Is(err, ErrRunning) {
		t.Errorf("beside a client of another process: %v, want ErrRunning", err)
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	if _, err := os.Stat(filepath.Join(dir, "desktop.sock")); err != nil {
		t.Fatalf("the test is of no worth: %v", err)
	}
	if _, err := Send(t.Context(), dir, Command{Verb: Status}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("to a client that was killed: %v, want ErrNotRunning", err)
	}
	one, err := Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	one.Close()
}

func TestPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no such rights here")
	}
	dir := serve(t, echo)
	for name, want := range map[string]fs.FileMode{"": 0o700, "desktop.sock": 0o600, "desktop.lock": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%q has %o, want %o", name, got, want)
		}
	}
	open := t.TempDir()
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(open); !errors.Is(err, voiceapp.Forbidden) || !errors.Is(err, OpenFolder) {
		t.Errorf("in a folder that others may read: %v, want Forbidden", err)
	}
}

// Whoever says nothing, or too much, keeps nobody else from being heard.
func TestHostileConnections(t *testing.T) {
	dir := serve(t, echo)
	var idle net.Conn
	for range maxConns / 2 {
		conn, err := net.Dial("unix", filepath.Join(dir, "desktop.sock"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		idle = conn
	}
	if _, err := Send(t.Context(), dir, Command{Verb: Status}); err != nil {
		t.Errorf("beside those who say nothing: %v", err)
	}
	for _, test := range []struct{ say, want string }{
		{strings.Repeat("x", MaxLine+10), `"code":"bad_request"`},
		{"no JSON\n", `"code":"bad_request"`},
		{`{"command":"ptt","state":"on","for_ms":9223372036854775807}` + "\n", `"code":"invalid"`},
		{`{"command":"mute"}` + "\n", `"code":"invalid"`},
		{`{"command":"mute","state":"on"}` + "\n", `"answer":"mute on  0s"`},
	} {
		if got := talk(t, dir, test.say); !strings.Contains(got, test.want) {
			t.Errorf("%.40q was answered by %q, want %q", test.say, got, test.want)
		}
	}
	_ = idle.SetDeadline(time.Now().Add(2 * exchangeTime))
	if b, err := bufio.NewReader(idle).ReadString('\n'); !errors.Is(err, io.EOF) {
		t.Errorf("who said nothing got %q, %v, want to be hung up on", b, err)
	}
}

// talk says something by hand and returns what comes back.
func talk(t *testing.T, dir, say string) string {
	t.Helper()
	conn, err := net.Dial("unix", filepath.Join(dir, "desktop.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(say)); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	b, _ := bufio.NewReader(conn).ReadString('\n')
	return b
}

func TestServeEndsWithItsContext(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	one, err := Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := one.Serve(ctx, echo); !errors.Is(err, context.Canceled) {
		t.Errorf("Serve returned %v", err)
	}
}

// pipes is a listener whose connections are in memory, so that time can be made up.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return nil }

// A push-to-talk key whose release is lost is let go.
func TestHold(t *testing.T) {
	for _, test := range []struct {
		name string
		say  []Command
		want time.Duration // until "ptt off" comes by itself; 0: it does not
	}{
		{"as long as it says", []Command{{Verb: PTT, State: On, For: 30 * time.Second}}, 30 * time.Second},
		{"not for ever", []Command{{Verb: PTT, State: On}}, DefaultHold},
		{"the last one counts", []Command{{Verb: PTT, State: On, For: time.Second}, {Verb: PTT, State: On, For: time.Minute}}, time.Minute},
		{"the key was released", []Command{{Verb: PTT, State: On}, {Verb: PTT, State: Off}}, 0},
		{"a switch", []Command{{Verb: PTT, State: On}, {Verb: PTT, State: Toggle}}, 0},
		{"the release overtook the press", []Command{{Verb: PTT, State: Off, Begun: 2000}, {Verb: PTT, State: On, Begun: 1000}}, 0},
		{"the clock was set back", []Command{{Verb: PTT, State: Off, Begun: int64(time.Hour)}, {Verb: PTT, State: On, Begun: int64(time.Minute)}}, DefaultHold},
		{"other commands change nothing", []Command{{Verb: PTT, State: On}, {Verb: Mute, State: On}}, DefaultHold},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, off := time.Now(), time.Duration(0)
				i := &Instance{
					listener: &pipes{done: make(chan struct{})}, requests: make(chan request), closed: make(chan struct{}),
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				go func() {
					for _, c := range test.say {
						reply := make(chan answer, 1)
						i.requests <- request{ctx, c, reply}
						<-reply
					}
				}()
				said := 0
				_ = i.Serve(ctx, func(_ context.Context, c Command) (string, error) {
					if said++; said > len(test.say) {
						if c != (Command{Verb: PTT, State: Off}) {
							t.Errorf("it said %v by itself", c)
						}
						off = time.Since(start)
					}
					return "", nil
				})
				if off != test.want {
					t.Errorf("let go after %v, want %v", off, test.want)
				}
			})
		})
	}
}
