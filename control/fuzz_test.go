package control

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Whatever the chunks in which a stream comes, its lines are those that cutting it
// at newlines gives, up to the first that is too long, and the buffer stays small.
func FuzzLineReader(f *testing.F) {
	f.Add([]byte("one\ntwo\r\n\n\nlast"), 8)
	f.Add([]byte(strings.Repeat("x", 700)+"\n"+strings.Repeat("y", 600)+"\n"), 701)
	f.Add([]byte("\n"), 1)
	f.Fuzz(func(t *testing.T, stream []byte, limit int) {
		if limit = min(max(limit, 1), 1<<12); len(stream) > 1<<14 {
			return
		}
		for _, source := range []io.Reader{bytes.NewReader(stream), iotest.OneByteReader(bytes.NewReader(stream)), iotest.DataErrReader(bytes.NewReader(stream))} {
			r := lineReader{source: source, limit: limit}
			for rest := stream; ; {
				want, after, whole := bytes.Cut(rest, []byte("\n"))
				line, err := r.next()
				if cap(r.buf) > max(limit, firstLineBuffer) {
					t.Fatalf("the buffer has %d bytes, the limit is %d", cap(r.buf), limit)
				}
				switch {
				case len(want) >= limit:
					if !errors.Is(err, errLineTooLong) {
						t.Fatalf("a line of %d bytes with a limit of %d: %v", len(want), limit, err)
					}
				case !whole && len(want) > 0:
					if !errors.Is(err, io.ErrUnexpectedEOF) {
						t.Fatalf("a line that is cut off: %q, %v", line, err)
					}
				case !whole:
					if !errors.Is(err, io.EOF) {
						t.Fatalf("the end: %q, %v", line, err)
					}
				case err != nil || !bytes.Equal(line, want):
					t.Fatalf("%q, %v, want %q", line, err, want)
				}
				if err != nil {
					break
				}
				rest = after
			}
		}
	})
}

// What decodes is sound, and what is refused has the right code; an id that was
// accepted comes back as it was.
func FuzzDecodeRequest(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"ping"}`, `{"jsonrpc":"2.0","id":"a\"b","method":"x","params":{"a":[{"b":"}{"}]}}`,
		`{"a":1,"A":2}`, `[[[[[[[[[[[[[[[[[[`, `{"a":{"b":{"b":1}},"c":[{"b":1},{"b":2}]}`, `"\\"`, `{"":"","":""}`, "\xff", ``, `{}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.ReplaceAll(line, []byte("\n"), nil)
		m, err := decodeRequest(line)
		if err != nil {
			if !errors.Is(err, voiceapp.BadRequest) || len(m.ID) == 0 {
				t.Fatalf("%v, to id %q", err, m.ID)
			}
			return
		}
		again, err := decodeRequest(mustEncode(outgoing{ID: m.ID, Method: m.Method, Params: m.Params}))
		if err != nil || !bytes.Equal(again.ID, m.ID) || again.Method != m.Method {
			t.Fatalf("%q became %q: %v", line, again.Method, err)
		}
		for _, p := range []any{
			&openParams{}, &kickParams{}, &muteParams{}, &deafenParams{}, &moveUserParams{}, &banParams{}, &editBanParams{},
			&liftBanParams{}, &bansParams{}, &setRoleParams{}, &renameUserParams{}, &usersParams{}, &deleteUserParams{}, &auditParams{},
			&joinParams{}, &resumeParams{}, &sessionsParams{},
			&chatParams{}, &historyParams{}, &editChatParams{}, &deleteChatParams{},
			&registerParams{}, &passwordParams{}, &renameParams{}, &newInviteParams{}, &revokeParams{},
			&selfParams{}, &whisperParams{}, &listenParams{}, &priorityParams{}, &statsParams{}, &datagramEvent{},
			&createParams{}, &editParams{}, &moveParams{}, &deleteParams{}, &explainParams{},
		} {
			if err := decodeParams(m.Params, p); err != nil && !errors.Is(err, voiceapp.Invalid) {
				t.Fatal(err)
			}
		}
	})
}

// A server that is sent anything answers each line or ends the connection, does
// not panic, and serves the next.
func FuzzSession(f *testing.F) {
	const open = `{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"Anna"}}` + "\n"
	for _, seed := range []string{
		"\n\n", open,
		open + `{"jsonrpc":"2.0","id":2,"method":"channel.join","params":{"channel":1}}` + "\n" + `{"jsonrpc":"2.0","id":3,"method":"chat.send","params":{"text":"x"}}` + "\n",
		open + `{"jsonrpc":"2.0","id":2,"method":"chat.send","params":{"text":"x","channel":1}}` + "\n" + `{"jsonrpc":"2.0","id":3,"method":"chat.edit","params":{"id":1,"text":"y"}}` + "\n" +
			`{"jsonrpc":"2.0","id":4,"method":"chat.history","params":{"channel":1,"before":2,"limit":1}}` + "\n" + `{"jsonrpc":"2.0","id":5,"method":"chat.delete","params":{"id":1}}` + "\n",
		open + `{"jsonrpc":"2.0","id":2,"method":"account.rename","params":{"name":"Bo"}}` + "\n" + `{"jsonrpc":"2.0","id":3,"method":"invite.create","params":{"role":10,"expires":"2999-01-01T00:00:00Z"}}` + "\n",
		`{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"token":"x"}}` + "\n",
		open + `{"jsonrpc":"2.0","id":2,"method":"session.list"}` + "\n" + `{"jsonrpc":"2.0","id":2,"method":"channel.list","params":{"after":1}}` + "\n",
		open + `{"jsonrpc":"2.0","id":2,"method":"user.ban","params":{"session":1,"parts":["device"],"seconds":60,"confirm":true}}` + "\n" + `{"jsonrpc":"2.0","id":3,"method":"user.mute","params":{"session":1,"muted":true}}` + "\n",
		`{"jsonrpc":"2.0","id":1,"method":"device.challenge"}` + "\n" + `{"jsonrpc":"2.0","id":1,"method":"session.open","params":{"protocol":1,"name":"Anna","device":{"key":"AA==","signature":"AA=="}}}` + "\n",
		open + open + `{"jsonrpc":"2.0","id":9,"method":"channel.leave"}` + "\n" + `{"jsonrpc":"2.0","id":9,"method":"session.close"}` + "\n",
		open + `{"jsonrpc":"2.0","id":2,"method":"permissions.explain","params":{"channel":1}}` + "\n" + `{"jsonrpc":"2.0","id":3,"method":"channel.create","params":{"channel":{"name":"X","parent":1,"temporary":true,"bitrate":6000}}}` + "\n",
		open + `{"jsonrpc":"2.0","id":2,"method":"channel.edit","params":{"channel":1,"set":{"topic":null,"max_users":3}}}` + "\n" + `{"jsonrpc":"2.0","id":3,"method":"channel.move","params":{"channel":1,"parent":1}}` + "\n" + `{"jsonrpc":"2.0","id":3,"method":"channel.delete","params":{"channel":1,"recursive":true}}` + "\n",
		open + `{"jsonrpc":"2.0","id":2,"method":"session.update","params":{"self_muted":true,"recording":null}}` + "\n" + `{"jsonrpc":"2.0","id":3,"method":"channel.listen","params":{"channel":1}}` + "\n" + `{"jsonrpc":"2.0","id":4,"method":"session.stats"}` + "\n",
		open + `{"jsonrpc":"2.0","method":"voice.datagram","params":{"data":"AAEC"}}` + "\n" + `{"jsonrpc":"2.0","id":2,"method":"whisper.set","params":{"slot":1,"channels":[1],"sessions":[]}}` + "\n" + `{"jsonrpc":"2.0","id":4,"method":"user.set_priority","params":{"session":1,"priority":true}}` + "\n",
		`{"jsonrpc":"2.0","id":1,"method":"account.register","params":{"name":"Bo","password":"1"}}` + "\n",
		`{"jsonrpc":"2.0","id":1,"method":"session.resume","params":{"protocol":1,"token":"AAAAAAAAAAAAAAAAAAAAAAAAAA"}}` + "\n" + open,
		strings.Repeat("x", 5000), `{"jsonrpc":"2.0","id":1`,
	} {
		f.Add([]byte(seed))
	}
	cert, _, err := NewIdentity()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		server := &Server{Directory: NewMemory(voiceapp.Channel{Name: "Lobby"}), Certificate: cert, Logger: slog.New(slog.DiscardHandler)}
		listener := &oneConn{conns: make(chan net.Conn, 1)}
		here, there := net.Pipe()
		listener.conns <- there
		served := make(chan error)
		go func() { served <- server.Serve(listener) }()
		conn := tls.Client(here, &tls.Config{InsecureSkipVerify: true})
		if err := conn.HandshakeContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = conn.Write(input)
			_ = conn.CloseWrite()
		}()
		_ = here.SetReadDeadline(time.Now().Add(20 * time.Second))
		if out, err := io.ReadAll(conn); err != nil && !errors.Is(err, io.ErrClosedPipe) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the connection does not end: %v; %q", err, out)
		}
		_ = here.Close()
		_ = server.Close()
		if err := <-served; !errors.Is(err, ErrServerClosed) {
			t.Error(err)
		}
		if stats := server.Stats(); stats.Panics != 0 || stats.Sessions != 0 || stats.Pending != 0 {
			t.Fatalf("%+v", stats)
		}
	})
}

// Of anything that claims to prove a device, nothing is believed but what that
// device's key has signed; and what the key has signed comes through the wire whole.
func FuzzDeviceProof(f *testing.F) {
	key, err := NewDeviceKey()
	if err != nil {
		f.Fatal(err)
	}
	good := key.prove(challenge{1}, voiceapp.Fingerprint{2})
	f.Add(good.Key, good.Signature, []byte{1}, []byte{2})
	f.Add(good.Key, good.Signature, []byte{2}, []byte{1})
	f.Add(make([]byte, 32), make([]byte, 64), []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, public, signature, random, server []byte) {
		var c challenge
		var at voiceapp.Fingerprint
		copy(c[:], random)
		copy(at[:], server)
		claimed := deviceProof{Key: public, Signature: signature}
		if device, err := claimed.verify(c, at); bytes.Equal(public, good.Key) && err == nil && device != key.ID() {
			t.Fatalf("%x is %s", public, device)
		}
		text := mustEncode(outgoing{Params: openParams{Name: "Anna", Device: key.prove(c, at)}})
		m, err := decodeLine(text)
		if err != nil {
			t.Fatal(err)
		}
		var p openParams
		if err := decodeParams(m.Params, &p); err != nil {
			t.Fatal(err)
		}
		if device, err := p.Device.verify(c, at); err != nil || device != key.ID() {
			t.Fatalf("%s, %v", device, err)
		}
		c[0]++
		if _, err := p.Device.verify(c, at); !errors.Is(err, voiceapp.BadCredentials) {
			t.Fatalf("another challenge: %v", err)
		}
	})
}

// oneConn is a listener in memory.
type oneConn struct {
	conns chan net.Conn
	once  sync.Once
}

func (l *oneConn) Accept() (net.Conn, error) {
	c, ok := <-l.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.conns) })
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }
