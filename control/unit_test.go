package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

func TestHashPassword(t *testing.T) {
	hash, err := HashPassword("correct horse")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(hash, err)
	}
	other, _ := HashPassword("correct horse")
	if other == hash {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	for password, want := range map[string]bool{"correct horse": true, "correct horsf": false, "": false} {
		if ok, err := verifyPassword(hash, password); ok != want || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
	if ok, err := verifyPassword(noAccountHash, "correct horse"); ok || err != nil {
		t.Errorf("nobody's hash: %v, %v", ok, err)
	}
	if p, err := parsePHC(noAccountHash); err != nil || p.memory != hashMemory || p.time != hashTime || p.threads != hashThreads ||
		len(p.salt) != saltSize || len(p.sum) != sumSize {
		t.Errorf("nobody's hash costs something else: %+v, %v", p, err)
	}
	for n, want := range map[int]voiceapp.Detail{0: voiceapp.PasswordTooShort, MinPassword - 1: voiceapp.PasswordTooShort, MaxPassword + 1: voiceapp.PasswordTooLong} {
		if _, err := HashPassword(strings.Repeat("x", n)); !errors.Is(err, voiceapp.Invalid) || !errors.Is(err, want) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

// What the other side is told of an error comes out of the wire as it went in.
func TestErrorOnTheWire(t *testing.T) {
	said := voiceapp.Error{
		Code: voiceapp.Busy, Detail: voiceapp.ChannelFull, Message: "the channel is full", Needs: "role:moderator", About: "Quiet", Limit: 7,
		RetryAfter: 2500 * time.Millisecond, Until: time.Unix(1_800_000_000, 0).UTC(), Reason: "too loud",
	}
	line := mustEncode(outgoing{ID: 1, Error: errorToWire(&said)})
	m, err := decodeLine(line)
	if err != nil {
		t.Fatal(err)
	}
	var got *voiceapp.Error
	if !errors.As(m.Error.err(), &got) || !reflect.DeepEqual(*got, said) {
		t.Errorf("%s came out as %+v", line, got)
	}
}

// A stored hash can't make the server take gigabytes or minutes.
func TestHashBounds(t *testing.T) {
	const rest = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, bad := range []string{
		"", "$", "$argon2id$v=19$m=19456,t=2,p=1" + rest + "$", "argon2id$v=19$m=19456,t=2,p=1" + rest, "$argon2i$v=19$m=19456,t=2,p=1" + rest,
		"$argon2id$v=16$m=19456,t=2,p=1" + rest, "$argon2id$v=19$m=4294967295,t=2,p=1" + rest, "$argon2id$v=19$m=19456,t=4000000000,p=1" + rest,
		"$argon2id$v=19$m=19456,t=2,p=255" + rest, "$argon2id$v=19$m=19456,t=0,p=1" + rest, "$argon2id$v=19$m=19456,t=2,p=0" + rest,
		"$argon2id$v=19$m=1,t=2,p=1" + rest, "$argon2id$v=19$m=-1,t=2,p=1" + rest, "$argon2id$v=19$m=19456,t=2,p=1x" + rest,
		"$argon2id$v=19$m=19456,t=2,p=256" + rest, "$argon2id$v=19$m=019456,t=2,p=1" + rest, "$argon2id$v=19$m=19456,t=2,p=1$$",
		"$argon2id$v=19$m=19456,t=2,p=1$!!$!!", "$argon2id$v=19$m=19456,t=2,p=1$" + strings.Repeat("A", 1000) + "$AAAAAAAAAAAAAAAAAAAAAA",
		"plain text",
	} {
		if ok, err := verifyPassword(bad, "x"); ok || err == nil {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
}

// Two are hashed, a few wait, the rest are told that it is busy.
func TestHasherIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(2, 3)
		release, results := make(chan struct{}), make(chan error)
		var running atomic.Int32
		for range 7 {
			go func() {
				results <- h.run(t.Context(), netip.Addr{}, func() error {
					running.Add(1)
					<-release
					return nil
				})
			}()
			synctest.Wait()
		}
		if n := running.Load(); n != 2 {
			t.Errorf("%d at once", n)
		}
		for range 2 {
			if err := <-results; !errors.Is(err, voiceapp.Busy) {
				t.Errorf("one too many: %v", err)
			}
		}
		close(release)
		for range 5 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		h.slots <- struct{}{}
		h.slots <- struct{}{}
		if err := h.run(ctx, netip.Addr{}, func() error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting too long: %v", err)
		}
	})
}

// Whoever has all of his share wait keeps nobody else from logging in.
func TestHasherIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(2, 6)
		release, results := make(chan struct{}), make(chan error)
		at := func(addr string) {
			go func() {
				results <- h.run(t.Context(), netip.MustParseAddr(addr), func() error {
					<-release
					return nil
				})
			}()
			synctest.Wait()
		}
		for _, addr := range []string{"2001:db8::1", "2001:db8::2", "2001:db8::3"} { // one network of 64 bits
			at(addr)
		}
		if err := <-results; !errors.Is(err, voiceapp.Busy) {
			t.Errorf("the third of a source: %v", err)
		}
		at("203.0.113.9")
		close(release)
		for range 3 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if h.load() != 0 || len(h.from) != 0 {
			t.Errorf("%d are left, of %v", h.load(), h.from)
		}
	})
}

func TestBucket(t *testing.T) {
	now := time.Now()
	b := newBucket(2, 3, now)
	taken := func() (n int) {
		for b.take(now) {
			n++
		}
		return n
	}
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{0, 3}, {0, 0}, {499 * time.Millisecond, 0}, {time.Millisecond, 1}, {time.Second, 2}, {time.Hour, 3}} {
		now = now.Add(c.after)
		if got := taken(); got != c.want {
			t.Errorf("after %v more: %d, want %d", c.after, got, c.want)
		}
	}
}

func TestQueue(t *testing.T) {
	q := queue{limit: 10, wake: make(chan struct{}, 1)}
	for _, c := range []struct {
		line string
		ok   bool
	}{{"12345", true}, {"1234", true}, {"12", false}, {"1", true}} {
		if ok := q.push([]byte(c.line)); ok != c.ok {
			t.Errorf("%q: %v", c.line, ok)
		}
	}
	if b, more := q.take(nil); string(b) != "1234512341" || !more {
		t.Errorf("%q, %v", b, more)
	}
	q.push([]byte("0123456789"))
	q.close([]byte("last"))
	q.close([]byte("too late"))
	if !q.push([]byte("too late, and too much")) {
		t.Error("a closed queue is full")
	}
	if b, more := q.take(nil); string(b) != "0123456789last" || more {
		t.Errorf("%q, %v", b, more)
	}
	q.abort()
	if b, more := q.take(nil); len(b) != 0 || more {
		t.Errorf("after abort: %q, %v", b, more)
	}
}

// Every limit has a default, and one that is set stays.
func TestLimitsDefaults(t *testing.T) {
	defaults := reflect.ValueOf(Limits{}.withDefaults())
	var set Limits
	v := reflect.ValueOf(&set).Elem()
	for i := range v.NumField() {
		if defaults.Field(i).IsZero() {
			t.Errorf("%s has no default", v.Type().Field(i).Name)
		}
		v.Field(i).SetInt(int64(i + 1))
	}
	if got := set.withDefaults(); got != set {
		t.Errorf("%+v became %+v", set, got)
	}
}

// session makes one whose lines go nowhere but a queue.
func testSession(t testing.TB, r *roster, name string) *session {
	t.Helper()
	c := &conn{log: slog.New(slog.DiscardHandler), server: &Server{}, out: queue{limit: 1 << 20, wake: make(chan struct{}, 1)}}
	s := &session{id: r.nextSession(), conn: c, name: name}
	if err := r.add(s); err != nil {
		t.Fatal(err)
	}
	return s
}

// Numbers of sessions wrap, are never 0 and never somebody's, and lists stay in order.
func TestSessionNumbers(t *testing.T) {
	for _, last := range []voiceapp.SessionID{0, 1, 127, 1 << 31, math.MaxUint32 - 2, math.MaxUint32 - 1, math.MaxUint32} {
		r := newRoster(nil, Limits{}.withDefaults(), slog.New(slog.DiscardHandler))
		r.lastSession = last
		var all []*session
		for i := range 5 {
			all = append(all, testSession(t, r, fmt.Sprint("s", i)))
		}
		r.remove(all[1])
		r.remove(all[1])
		r.lastSession = last
		all[1] = testSession(t, r, "again")
		if all[1].id == 0 || len(r.sessions) != 5 || len(r.order) != 5 || !slices.IsSorted(r.order) {
			t.Errorf("from %d: %v", last, r.order)
		}
		for _, s := range all {
			if r.sessions[s.id] != s || s.id == 0 {
				t.Errorf("from %d: %d is another's", last, s.id)
			}
			r.remove(s)
		}
		if len(r.sessions)+len(r.order)+len(r.names)+len(r.members) != 0 {
			t.Errorf("from %d: something is left", last)
		}
	}
}

func TestSessionListIsPaged(t *testing.T) {
	const n = 2*PageSize + 1
	r := newRoster(nil, Limits{}.withDefaults(), slog.New(slog.DiscardHandler))
	go r.loop()
	defer r.stop()
	s := testSession(t, r, "Anna")
	for i := range n - 1 {
		testSession(t, r, fmt.Sprint(i))
	}
	s.conn.server.roster, s.conn.session = r, s
	_ = r.do(func(r *roster) error { r.flush(); return nil })
	s.conn.out.abort()
	seen, after := 0, voiceapp.SessionID(0)
	for _, want := range []int{PageSize, PageSize, 1} {
		s.conn.out = queue{limit: 1 << 20, wake: make(chan struct{}, 1)}
		if err := (&call{conn: s.conn}).sessions(t.Context(), sessionsParams{after}); err != nil {
			t.Fatal(err)
		}
		line, _ := s.conn.out.take(nil)
		m, err := decodeLine(line)
		var page sessionsResult
		if err := errors.Join(err, decodeParams(m.Result, &page)); err != nil {
			t.Fatal(err)
		}
		if len(page.Sessions) != want || page.More != (want == PageSize) || len(line) > MaxClientLine {
			t.Errorf("a page of %d, more %v, in %d bytes", len(page.Sessions), page.More, len(line))
		}
		seen += len(page.Sessions)
		after = page.Sessions[len(page.Sessions)-1].Session
	}
	if seen != n {
		t.Errorf("%d of %d", seen, n)
	}
}

// The longest line that a client can be sent fits.
func TestLongestLines(t *testing.T) {
	name := strings.Repeat("\U0001F600", voiceapp.MaxNameLength)
	topic := strings.Repeat("\u2028", voiceapp.MaxTopicLength)
	channels, sessions := make([]voiceapp.Channel, channelPage), make([]voiceapp.Presence, PageSize)
	for i := range channels {
		channels[i] = voiceapp.Channel{
			ID: voiceapp.MaxID, Name: name, Topic: topic, Parent: voiceapp.MaxID, Position: math.MaxInt32,
			RequiredRole: 40, SpeakRole: 40, WriteRole: 40, SeeRole: 40, MaxUsers: voiceapp.MaxChannelUsers, Bitrate: voiceapp.MaxBitrate,
		}
	}
	for i := range sessions {
		sessions[i] = voiceapp.Presence{
			Session: math.MaxUint32, User: voiceapp.MaxID, Name: name, Role: 40, Channel: voiceapp.MaxID,
			Muted: true, Deaf: true, SelfMuted: true, SelfDeaf: true, Priority: true, Recording: true,
		}
	}
	for _, result := range []any{channelsResult{channels, true}, channelUpdatedEvent{channels}, usersEvent{sessions}, sessionsResult{sessions, true}, voiceapp.Message{Text: strings.Repeat("\u2028", voiceapp.MaxMessageLength)}} {
		if n := len(mustEncode(outgoing{ID: voiceapp.MaxID, Result: result})); n > MaxClientLine {
			t.Errorf("%T: %d bytes", result, n)
		}
	}
}

func TestSecretsPrintRedacted(t *testing.T) {
	key := voiceapp.Key{0xca, 0xfe}
	grant := wireGrant(voiceapp.Grant{Session: 7, Up: key, Down: key})
	for _, v := range []any{
		grant, &grant, grant.Up, fmt.Sprintf("%s %q", grant.Up, secret("hunter2")),
		openResult{Voice: &grant},
		grantedEvent{grant},
		secret("hunter2"),
		openParams{Password: "hunter2"},
		&claimParams{Token: "hunter2", Password: "hunter2"},
		registerParams{Password: "hunter2"},
	} {
		var b strings.Builder
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
		text := b.String() + fmt.Sprintf("%v %+v %#v %x", v, v, v, v)
		if strings.Contains(text, "hunter2") || strings.Contains(text, "cafe") || strings.Contains(text, "yv4") || strings.Contains(text, "202 254") || strings.Contains(text, "68756e746572") {
			t.Errorf("%T prints %s", v, text)
		}
	}
}

func TestWithPort(t *testing.T) {
	for addr, want := range map[string]string{
		"voice.example": "voice.example:7788", "voice.example:99": "voice.example:99", "127.0.0.1": "127.0.0.1:7788",
		"::1": "[::1]:7788", "[::1]": "[::1]:7788", "[::1]:99": "[::1]:99",
	} {
		if got := withPort(addr); got != want {
			t.Errorf("%s: %s", addr, got)
		}
	}
}

// The oldest events are lost when nobody takes them; the rest is in order.
func TestEventsDropOldest(t *testing.T) {
	c := Client{events: new(events)}
	c.events.init()
	for i := range EventQueue + 10 {
		c.events.push(ChatSent{voiceapp.Message{ID: voiceapp.MessageID(i)}})
	}
	c.events.end()
	c.events.push(ChatSent{})
	next := voiceapp.MessageID(10)
	for e := range c.Events() {
		if e.(ChatSent).ID != next {
			t.Fatalf("%+v, want %d", e, next)
		}
		next++
	}
	if next != EventQueue+10 || c.Dropped() != 10 {
		t.Errorf("the last was %d, %d were lost", next-1, c.Dropped())
	}
}

// The short way to read an event says what the long one does, or nothing.
func TestQuickEvent(t *testing.T) {
	for line, want := range map[string]string{
		`{"jsonrpc":"2.0","method":"user.left","params":{"users":[]}}` + "\n": "user.left",
		`{"jsonrpc":"2.0","method":"x","params":{"a":"\"}"}}`:                 "x",
		`{"jsonrpc":"2.0","method":"x"}`:                                      "",
		`{"jsonrpc":"2.0","method":"x\"","params":{}}`:                        "",
		`{"jsonrpc":"2.0","id":1,"result":{}}`:                                "",
		`{"jsonrpc":"2.0","method":"x","params":{}`:                           "x", // whose parameters can't be read
		``: "",
	} {
		m, ok := quickEvent([]byte(line))
		if m.Method != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", line, m.Method, ok)
		}
		long, err := decodeLine([]byte(line))
		if ok && err == nil && (long.Method != m.Method || string(long.Params) != string(m.Params)) {
			t.Errorf("%q: %q by the short way, %q by the long one", line, m.Params, long.Params)
		}
	}
}
