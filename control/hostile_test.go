package control_test

import (
	"fmt"
	"io"
	"net"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// Each of these is answered with its code, and the connection goes on.
var badLines = []struct{ what, line, id, code string }{
	{"not JSON", `hello`, "null", "bad_request"},
	{"half a JSON", `{"jsonrpc":"2.0","id":1`, "null", "bad_request"},
	{"two values", `{} {}`, "null", "bad_request"},
	{"bad UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"x\":\"\xff\"}", "null", "bad_request"},
	{"a null byte", "\x00", "null", "bad_request"},
	{"a batch", `[{"jsonrpc":"2.0","id":1,"method":"ping"}]`, "null", "bad_request"},
	{"a bare string", `"ping"`, "null", "bad_request"},
	{"a bare number", `1`, "null", "bad_request"},
	{"null", `null`, "null", "bad_request"},
	{"no version", `{"id":1,"method":"ping"}`, "1", "bad_request"},
	{"another version", `{"jsonrpc":"1.0","id":1,"method":"ping"}`, "1", "bad_request"},
	{"no id", `{"jsonrpc":"2.0","method":"ping"}`, "null", "bad_request"},
	{"id null", `{"jsonrpc":"2.0","id":null,"method":"ping"}`, "null", "bad_request"},
	{"id true", `{"jsonrpc":"2.0","id":true,"method":"ping"}`, "null", "bad_request"},
	{"id a list", `{"jsonrpc":"2.0","id":[1],"method":"ping"}`, "null", "bad_request"},
	{"id an object", `{"jsonrpc":"2.0","id":{},"method":"ping"}`, "null", "bad_request"},
	{"id a fraction", `{"jsonrpc":"2.0","id":1.5,"method":"ping"}`, "null", "bad_request"},
	{"id over 2^53", `{"jsonrpc":"2.0","id":9007199254740992,"method":"ping"}`, "null", "bad_request"},
	{"id too long", `{"jsonrpc":"2.0","id":"` + strings.Repeat("x", 65) + `","method":"ping"}`, "null", "bad_request"},
	{"no method", `{"jsonrpc":"2.0","id":1}`, "1", "bad_request"},
	{"an answer", `{"jsonrpc":"2.0","id":1,"result":{}}`, "1", "bad_request"},
	{"method a number", `{"jsonrpc":"2.0","id":1,"method":5}`, "1", "bad_request"},
	{"the same member twice", `{"jsonrpc":"2.0","id":1,"method":"ping","method":"server.info"}`, "null", "bad_request"},
	{"twice but for case", `{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"server.info"}`, "null", "bad_request"},
	{"twice inside", `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1,"a":2}}`, "null", "bad_request"},
	{"an escaped name", `{"jsonrpc":"2.0","id":1,"m\u0065thod":"ping"}`, "null", "bad_request"},
	{"too deep", `{"jsonrpc":"2.0","id":1,"method":"ping","params":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`, "null", "bad_request"},
	{"deeper than any decoder", strings.Repeat("[", 4000), "null", "bad_request"},
	{"too many members", `{` + manyMembers(65) + `}`, "null", "bad_request"},
	{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"server.explode"}`, "1", "unknown_method"},
	{"an event of the server", `{"jsonrpc":"2.0","id":1,"method":"user.joined"}`, "1", "unknown_method"},
	{"a method in capitals", `{"jsonrpc":"2.0","id":1,"method":"PING"}`, "1", "unknown_method"},
	{"params a list", `{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}`, "1", "invalid"},
	{"params null", `{"jsonrpc":"2.0","id":1,"method":"ping","params":null}`, "1", "invalid"},
}

func manyMembers(n int) string {
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"m%d":0`, i)
	}
	return strings.Join(members, ",")
}

var badBeforeLogin = []struct{ what, line, id, code string }{
	{"join before login", `{"jsonrpc":"2.0","id":"a","method":"channel.join","params":{"channel":1}}`, `"a"`, "login_required"},
	{"chat before login", `{"jsonrpc":"2.0","id":1,"method":"chat.send","params":{"text":"x"}}`, "1", "login_required"},
	{"close before login", `{"jsonrpc":"2.0","id":1,"method":"session.close"}`, "1", "login_required"},
	{"open without anything", `{"jsonrpc":"2.0","id":1,"method":"session.open"}`, "1", "invalid"},
	{"another protocol", `{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":2,"name":"Anna"}}`, "1", "invalid"},
	{"name a number", `{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":7}}`, "1", "invalid"},
	{"keepalive 2^31", `{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"Anna","keepalive":2147483648}}`, "1", "invalid"},
	{"keepalive 1e99", `{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"Anna","keepalive":1e99}}`, "1", "invalid"},
	{"keepalive below 0", `{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"Anna","keepalive":-1}}`, "1", "invalid"},
	{"a name with a null byte", `{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"A\u0000"}}`, "1", "invalid"},
}

var badAfterLogin = []struct{ what, line, id, code string }{
	{"open again", typistOpens, "1", "conflict"},
	{"a channel as text", `{"jsonrpc":"2.0","id":1,"method":"channel.join","params":{"channel":"1"}}`, "1", "invalid"},
	{"a channel of 2^64", `{"jsonrpc":"2.0","id":1,"method":"channel.join","params":{"channel":18446744073709551616}}`, "1", "invalid"},
	{"a channel of 2^31", `{"jsonrpc":"2.0","id":1,"method":"channel.join","params":{"channel":2147483648}}`, "1", "not_found"},
	{"a negative session", `{"jsonrpc":"2.0","id":1,"method":"session.list","params":{"after":-1}}`, "1", "invalid"},
	{"chat in no channel", `{"jsonrpc":"2.0","id":1,"method":"chat.send","params":{"text":"x"}}`, "1", "conflict"},
	{"an empty text", `{"jsonrpc":"2.0","id":1,"method":"chat.send","params":{"text":""}}`, "1", "invalid"},
	{"a long text", `{"jsonrpc":"2.0","id":1,"method":"chat.send","params":{"text":"` + strings.Repeat("ä", voiceapp.MaxMessageLength+1) + `"}}`, "1", "invalid"},
	{"a bell", `{"jsonrpc":"2.0","id":1,"method":"chat.send","params":{"text":"\u0007"}}`, "1", "invalid"},
	{"an override", `{"jsonrpc":"2.0","id":1,"method":"chat.send","params":{"text":"a\u202eb"}}`, "1", "invalid"},
}

func TestBadLines(t *testing.T) {
	w := newWorld(t, &control.Server{Limits: control.Limits{MessageBurst: 1000}})
	y := w.typist()
	check := func(what, line, id, code string) {
		t.Helper()
		r := y.ask(line)
		if r.code() != code || string(r.ID) != id {
			t.Errorf("%s: answered %q to id %s, want %q to %s", what, r.code(), r.ID, code, id)
		}
	}
	for _, c := range badLines {
		check(c.what, c.line, c.id, c.code)
	}
	for _, c := range badBeforeLogin {
		check(c.what, c.line, c.id, c.code)
	}
	y.write("\n \r\n\t\n") // empty lines are nothing
	if r := y.ask(typistOpens + "\r"); r.Error != nil {
		t.Fatalf("after all that: %+v", r.Error)
	}
	for _, c := range badLines {
		check(c.what, c.line, c.id, c.code)
	}
	for _, c := range badAfterLogin {
		check(c.what, c.line, c.id, c.code)
	}
	if r := y.ask(`{"jsonrpc":"2.0","id":"bye","method":"session.close","params":{"later":[{"x":1}]}}`); string(r.ID) != `"bye"` || string(r.Result) != "{}" {
		t.Errorf("%+v", r)
	}
	if last := y.closing(); last.Code != "" {
		t.Errorf("session.close was followed by %q", last.Code)
	}
	if stats := w.server.Stats(); stats.Panics != 0 || stats.BadLines == 0 {
		t.Errorf("%+v", stats)
	}
}

// A line over the limit ends the connection with a reason, at any length before
// and after login, whether or not its end ever comes.
func TestLongLines(t *testing.T) {
	for _, c := range []struct {
		login bool
		size  int // with the newline
		fits  bool
	}{
		{false, control.MaxLineBeforeLogin, true},
		{false, control.MaxLineBeforeLogin + 1, false},
		{false, 1 << 20, false},
		{true, control.MaxLine, true},
		{true, control.MaxLine + 1, false},
		{true, 4 << 20, false},
	} {
		w := newWorld(t, &control.Server{})
		y := w.typist()
		if c.login {
			y.ask(typistOpens)
		}
		const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}`
		line := ping + strings.Repeat(" ", c.size-len(ping)-1) + "\n"
		go func() { _, _ = io.WriteString(y.tls, line) }()
		if c.fits {
			if r := y.read(); string(r.Result) != "{}" {
				t.Errorf("%+v: %+v", c, r)
			}
		} else if last := y.closing(); last.Code != "too_large" {
			t.Errorf("%+v: closed with %q", c, last.Code)
		}
	}
}

// Whoever speaks something else than TLS is left, and the server goes on.
func TestPlaintext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, &control.Server{})
	go func() { _ = w.server.Serve(listener) }()
	for _, text := range []string{typistOpens + "\n", "GET / HTTP/1.1\r\n\r\n", strings.Repeat("\xff", 1<<16), "\x16\x03\x01\xff\xff" + strings.Repeat("x", 1<<16)} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, text)
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		answer, err := io.ReadAll(conn)
		if len(answer) > 64 || strings.Contains(string(answer), "{") {
			t.Errorf("%.20q was answered with %q (%v)", text, answer, err)
		}
		_ = conn.Close()
	}
	w.guest("Anna")
}

// What those who have not logged in can make the server keep is bounded.
func TestMemoryOfPendingConnections(t *testing.T) {
	const conns = 200
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		before := heap()
		for range conns {
			y := w.typist()
			y.write(`{"jsonrpc":"2.0","id":"` + strings.Repeat("x", control.MaxLineBeforeLogin-50))
		}
		synctest.Wait()
		each := (heap() - before) / conns
		t.Logf("%d bytes for a connection, both of its ends", each)
		if each > 128<<10 {
			t.Errorf("a connection that has not logged in costs %d bytes", each)
		}
	})
}

func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}

// A person with openssl can take part.
func TestOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl here")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, &control.Server{})
	go func() { _ = w.server.Serve(listener) }()
	anna := w.guest("Anna")
	if err := anna.Join(t.Context(), lobby); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), openssl, "s_client", "-quiet", "-connect", listener.Addr().String())
	cmd.Stdin = strings.NewReader(strings.Join([]string{
		`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"openssl"}}`,
		`{"jsonrpc":"2.0","id":2,"method":"channel.join","params":{"channel":1}}`,
		`{"jsonrpc":"2.0","id":3,"method":"chat.send","params":{"text":"by hand"}}`,
		`{"jsonrpc":"2.0","id":4,"method":"session.close"}`, "",
	}, "\n"))
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		t.Fatal(err)
	}
	chat := until(t, anna, func(control.ChatSent) bool { return true })
	if chat.Text != "by hand" || chat.Name != "openssl" || !strings.Contains(string(out), `{"jsonrpc":"2.0","id":4,"result":{}}`) {
		t.Errorf("%+v; openssl printed %s", chat, out)
	}
}

// The client survives a server that sends nonsense, and says what it was.
func TestClientAgainstNonsense(t *testing.T) {
	cert, err := newIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, sent string
		code       voiceapp.Code
	}{
		{"nothing", "", voiceapp.Unavailable},
		{"not JSON", "hello\n", voiceapp.BadRequest},
		{"a batch", "[]\n", voiceapp.BadRequest},
		{"an endless line", strings.Repeat("x", control.MaxClientLine+1), voiceapp.Unavailable},
		{"a result of the wrong type", `{"jsonrpc":"2.0","id":1,"result":{"session":-1}}` + "\n", voiceapp.Invalid},
		{"an error without a code", `{"jsonrpc":"2.0","id":1,"error":{}}` + "\n", voiceapp.Internal},
		{"an answer to nothing and a bad event", `{"jsonrpc":"2.0","id":77,"result":{}}` + "\n" +
			`{"jsonrpc":"2.0","method":"user.moved","params":{"users":[{"session":"x"}]}}` + "\n" +
			`{"jsonrpc":"2.0","method":"never.heard.of"}` + "\n", voiceapp.Unavailable},
	} {
		config := control.ClientConfig{
			Name: "Anna", Fingerprint: voiceapp.FingerprintOf(cert.Leaf),
			DialContext: answering(cert, c.sent),
		}
		if client, err := control.Dial(t.Context(), "x", config); voiceapp.AsError(err).Code != c.code {
			t.Errorf("%s: %v, want %s", c.what, err, c.code)
			if err == nil {
				_ = client.Close()
			}
		}
	}
}
