package session_test

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

const password = "correct horse"

// house is a server that goes and comes, with a Lobby and a Den.
type house struct {
	t           *testing.T
	directory   *control.Memory
	certificate tls.Certificate
	key         voiceapp.Fingerprint
	addr        string
	stop        func()
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, directory: control.NewMemory(voiceapp.Channel{Name: "Lobby"}, voiceapp.Channel{Name: "Den"}), addr: "127.0.0.1:0"}
	var err error
	if h.certificate, h.key, err = control.NewIdentity(); err != nil {
		t.Fatal(err)
	}
	h.start()
	t.Cleanup(func() { h.stop() })
	return h
}

func (h *house) start() {
	h.t.Helper()
	tcp, udp := exampletest.Listen(h.t, h.addr)
	h.addr = tcp.Addr().String()
	quiet := slog.New(slog.DiscardHandler)
	forwarder := relay.New(relay.Config{Logger: quiet})
	server := &control.Server{Directory: h.directory, Voice: forwarder, Certificate: h.certificate, Logger: quiet}
	var serving sync.WaitGroup
	serving.Go(func() { _ = forwarder.Serve(udp) }) // they end when they are closed
	serving.Go(func() { _ = server.Serve(tcp) })
	h.stop = sync.OnceFunc(func() {
		_ = errors.Join(server.Close(), forwarder.Close()) // they go, whatever that takes
		serving.Wait()
	})
}

// member opens the session of a member, with an account of that name.
func (h *house) member(name string, cfg session.Config) *place {
	h.t.Helper()
	hash, err := control.HashPassword(password)
	if err == nil {
		_, err = h.directory.CreateUser(h.t.Context(), name, hash, voiceapp.RoleMember)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	p := &place{t: h.t, addr: h.addr, key: h.key, told: make(chan session.Happening, 100)}
	cfg.Addr, cfg.Codec, cfg.Happened = h.addr, exampletest.Codec(), func(e session.Happening) { p.told <- e }
	cfg.Client.Name, cfg.Client.Password = name, password
	cfg.Client.Trust = func(string, voiceapp.Fingerprint) error { return nil }
	if p.Session, err = session.Open(h.t.Context(), cfg); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = p.Close() }) // it returns nil, always
	return p
}

// listener counts what is heard that is no silence. It says a tone where it is to.
type listener struct {
	says bool

	mu   sync.Mutex
	loud int
}

func (l *listener) ReadPCM(pcm []float32) (int, error) {
	if !l.says {
		return 0, nil
	}
	for i := range pcm {
		pcm[i] = 0.3 * float32(1-2*(i/50%2))
	}
	return len(pcm), nil
}

func (l *listener) WritePCM(pcm []float32) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range pcm {
		if x > 0.05 {
			l.loud++
		}
	}
	return nil
}

func (*listener) ProcessPCM(_ []float32, _ int, says bool) bool { return says }

// hears reports whether there is half a second of sound in two seconds from now on, or with
// enough patience later.
func (l *listener) hears(patience time.Duration) bool {
	count := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.loud
	}
	want := count() + voice.SampleRate/4
	for start := time.Now(); time.Since(start) < patience; time.Sleep(20 * time.Millisecond) {
		if count() >= want {
			return true
		}
	}
	return false
}

// Who whispers while the connection is lost whispers on when it is back, to the same person
// and to nobody else, be it to the server before or to one that was started anew; and hears
// the channels that he listened to.
func TestWhisperOutlivesTheConnection(t *testing.T) {
	h := newHouse(t)
	way := &network{}
	annas := &listener{says: true}
	anna := h.member("Anna", session.Config{Sound: annas, Client: control.ClientConfig{DialContext: way.dial}})
	bos, cays, dans := &listener{}, &listener{}, &listener{says: true}
	bo, _ := h.member("Bo", session.Config{Sound: bos}), h.member("Cay", session.Config{Sound: cays})
	dan := h.member("Dan", session.Config{Sound: dans, Channel: "Den"})
	den := dan.View().Self.Channel
	to := bo.View().Self.Session
	anna.until("Bo", func(v session.View) bool { _, ok := v.Person(to); return ok })
	if err := errors.Join(anna.Whisper(t.Context(), to), anna.Listen(t.Context(), den, true)); err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		if !bos.hears(patience) || cays.hears(time.Second) {
			t.Errorf("%s Bo hears nothing, or Cay something", when)
		}
		if !annas.hears(patience) {
			t.Errorf("%s Anna does not hear the Den", when)
		}
		v := anna.View()
		if r, _ := v.Room(den); v.Whispers != to || !r.Listening {
			t.Errorf("%s one whispers to %d, listens: %t", when, v.Whispers, r.Listening)
		}
	}
	cays.hears(time.Second) // what was said to all before is under way
	check("at first")
	way.set(true)
	anna.await(session.HappenedLost)
	way.set(false)
	anna.await(session.HappenedBack)
	check("after a lost connection")
	h.stop()
	h.start()
	anna.await(session.HappenedBack)
	check("after a restart")
}

// While the connection is lost nobody is heard, whatever one says.
func TestNobodySpeaksWhileLost(t *testing.T) {
	h := newHouse(t)
	way := &network{}
	anna := h.member("Anna", session.Config{Sound: &listener{says: true}, Client: control.ClientConfig{DialContext: way.dial}})
	speaks := func(v session.View) bool { self, _ := v.Person(v.Self.Session); return self.Talking }
	anna.until("Anna speaks", speaks)
	way.set(true)
	anna.await(session.HappenedLost)
	anna.until("nobody hears her", func(v session.View) bool { return v.Lost != nil && !speaks(v) })
	way.set(false)
	anna.until("Anna speaks again", speaks)
}

// A whisper ends with the one whom it was for, and that is told.
func TestWhisperEnds(t *testing.T) {
	h := newHouse(t)
	anna, bo := h.member("Anna", session.Config{Sound: &listener{}}), h.member("Bo", session.Config{Sound: &listener{}})
	whisper := func() {
		t.Helper()
		to := bo.View().Self.Session
		anna.until("Bo", func(v session.View) bool { _, ok := v.Person(to); return ok })
		if err := anna.Whisper(t.Context(), to); err != nil {
			t.Fatal(err)
		}
	}
	whisper()
	if err := bo.Close(); err != nil {
		t.Fatal(err)
	}
	if e := anna.await(session.HappenedUnheard); e.Who.Name != "Bo" || anna.View().Whispers != 0 {
		t.Errorf("told of %+v; one whispers to %d", e.Who, anna.View().Whispers)
	}
}

// Whoever records is told to those who come to him, and to those to whom he comes.
func TestRecorderComes(t *testing.T) {
	p := open(t, nil, voiceapp.Channel{Name: "Den"})
	bo := exampletest.Guest(t, "Bo", p.addr, p.key)
	p.await(session.HappenedJoin)
	if _, err := bo.JoinPath(t.Context(), "Den"); err != nil {
		t.Fatal(err)
	}
	p.await(session.HappenedLeave)
	if err := bo.UpdateSelf(t.Context(), control.SelfUpdate{Recording: new(true)}); err != nil {
		t.Fatal(err)
	}
	join := func(client *control.Client, channel, when string) {
		t.Helper()
		if _, err := client.JoinPath(t.Context(), channel); err != nil {
			t.Fatal(err)
		}
		if e := p.await(session.HappenedRecorded); e.Who.Name != "Bo" {
			t.Errorf("%s one is told of %+v", when, e.Who)
		}
	}
	join(p.Client(), "Den", "who comes")
	if _, err := p.Client().JoinPath(t.Context(), "Lobby"); err != nil {
		t.Fatal(err)
	}
	p.until("the Lobby", func(v session.View) bool { return v.Self.Channel == 1 })
	join(bo, "Lobby", "to whom he comes")
}
