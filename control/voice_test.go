package control_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

// What the rooms ask of each other.
var (
	_ control.Voice     = (*relay.Relay)(nil)
	_ voice.Signaling   = (*control.Client)(nil)
	_ control.Voice     = (*voiceLog)(nil)
	_ control.Directory = (*control.Memory)(nil)
)

func keyText(k voiceapp.Key) string { return base64.StdEncoding.EncodeToString(k[:]) }

// voiceLog writes down what it is asked.
type voiceLog struct {
	mu    sync.Mutex
	calls []string
	first voiceapp.SessionID
	fail  error
}

func (v *voiceLog) note(id voiceapp.SessionID, format string, args ...any) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.first == 0 {
		v.first = id
	}
	v.calls = append(v.calls, fmt.Sprintf("%d ", id-v.first+1)+fmt.Sprintf(format, args...))
	return v.fail
}

func (v *voiceLog) AddSession(id voiceapp.SessionID) (voiceapp.Grant, error) {
	err := v.note(id, "add")
	return voiceapp.Grant{Session: id, Up: voiceapp.Key{1, 2, 3}, Down: voiceapp.Key{4, 5, 6}}, err
}

func (v *voiceLog) SetRoute(id voiceapp.SessionID, r voiceapp.Route) error {
	return v.note(id, "to %d at %d", r.Channel, r.Bitrate)
}

func (v *voiceLog) RemoveSession(id voiceapp.SessionID) { _ = v.note(id, "remove") }

func (v *voiceLog) taken() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.calls)
}

func TestVoiceFollowsTheSession(t *testing.T) {
	v := &voiceLog{}
	w := newWorld(t, &control.Server{Voice: v})
	bo := w.guest("Bo")
	anna := w.guest("Anna")
	grant, replaced := anna.VoiceGrant()
	if grant.Session != anna.Self().Session || grant.Up != (voiceapp.Key{1, 2, 3}) || grant.Down != (voiceapp.Key{4, 5, 6}) || grant.Bitrate != 0 {
		t.Errorf("at login: %+v", grant)
	}
	for _, step := range []struct {
		channel voiceapp.ChannelID
		bitrate int
	}{{lobby, voiceapp.DefaultBitrate}, {quiet, 24_000}, {quiet, 24_000}, {0, 0}} {
		var err error
		if step.channel == 0 {
			err = anna.Leave(t.Context())
		} else {
			err = anna.Join(t.Context(), step.channel)
		}
		if err != nil {
			t.Fatal(err)
		}
		before := grant
		grant, _ = anna.VoiceGrant()
		if grant.Bitrate != step.bitrate || grant.Up != before.Up || grant.Session != before.Session {
			t.Errorf("in %d: %+v", step.channel, grant)
		}
	}
	select {
	case <-replaced:
	default:
		t.Error("the first grant was not said to be replaced")
	}
	_ = anna.Close()
	if grant, _ := anna.VoiceGrant(); grant.Session != 0 || grant.Up != (voiceapp.Key{}) {
		t.Errorf("after the end: %+v", grant)
	}
	until(t, bo, func(control.UserLeft) bool { return true })
	want := "1 add,2 add,2 to 1 at 64000,2 to 2 at 24000,2 to 0 at 0,2 remove"
	if got := strings.Join(v.taken(), ","); got != want {
		t.Errorf("the relay was asked:\n%s, want\n%s", got, want)
	}
}

func TestVoiceRefuses(t *testing.T) {
	v := &voiceLog{}
	w := newWorld(t, &control.Server{Voice: v})
	anna := w.guest("Anna")
	v.mu.Lock()
	v.fail = voiceapp.NewError(voiceapp.Busy, "the relay is full")
	v.mu.Unlock()
	if err := anna.Join(t.Context(), lobby); !errors.Is(err, voiceapp.Busy) || anna.Self().Channel != 0 {
		t.Errorf("joining: %v, in %d", err, anna.Self().Channel)
	}
	if _, err := control.Dial(t.Context(), "voice.example", w.config("Bo")); !errors.Is(err, voiceapp.Busy) {
		t.Errorf("logging in: %v", err)
	}
	if n := w.server.Stats().Sessions; n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestTextOnly(t *testing.T) {
	w := newWorld(t, &control.Server{})
	anna := w.guest("Anna")
	if err := anna.Join(t.Context(), lobby); err != nil {
		t.Fatal(err)
	}
	if grant, _ := anna.VoiceGrant(); grant.Session != 0 {
		t.Errorf("a grant without a relay: %+v", grant)
	}
}

// Over real TCP, with the real relay, the grant has the address that TCP reached.
func TestGrantOverTCP(t *testing.T) {
	for _, network := range []string{"127.0.0.1:0", "[::1]:0"} {
		listener, err := net.Listen("tcp", network)
		if err != nil {
			t.Logf("%s is not tested: %v", network, err)
			continue
		}
		r := relay.New(relay.Config{Logger: slog.New(slog.DiscardHandler)})
		w := newWorld(t, &control.Server{Voice: r})
		go func() { _ = w.server.Serve(listener) }()
		config := w.config("Anna")
		config.DialContext = nil
		anna, err := control.Dial(t.Context(), listener.Addr().String(), config)
		if err != nil {
			t.Fatal(err)
		}
		if grant, _ := anna.VoiceGrant(); grant.Addr.String() != listener.Addr().String() || grant.Up == grant.Down || grant.Session == 0 {
			t.Errorf("the grant is %+v", grant)
		}
		_ = anna.Close()
		_ = r.Close()
	}
}

// panicky is a directory that panics when asked for certain things.
type panicky struct{ *control.Memory }

func (p panicky) CreateUser(ctx context.Context, name, hash string, role voiceapp.Role) (voiceapp.User, error) {
	if name == "panic" {
		panic("oh no: " + hash)
	}
	return p.Memory.CreateUser(ctx, name, hash, role)
}

type panickyVoice struct{ voiceLog }

func (p *panickyVoice) SetRoute(voiceapp.SessionID, voiceapp.Route) error {
	var empty []int
	return fmt.Errorf("%d", empty[len(p.calls)])
}

// A panic, beside the loop or in it, ends the connection that caused it alone.
func TestPanicsEndOneSession(t *testing.T) {
	w := newWorld(t, &control.Server{Directory: panicky{newMemory()}, Voice: &panickyVoice{}})
	bo := w.guest("Bo")
	beside, inside := w.guest("Anna"), w.guest("Cy")
	if _, err := beside.Register(t.Context(), "panic", "correct horse"); !errors.Is(err, voiceapp.Internal) {
		t.Errorf("a panic beside the loop: %v", err)
	}
	if err := inside.Join(t.Context(), lobby); !errors.Is(err, voiceapp.Internal) {
		t.Errorf("a panic in the loop: %v", err)
	}
	for range 2 {
		until(t, bo, func(control.UserLeft) bool { return true })
	}
	if _, err := bo.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if stats := w.server.Stats(); stats.Panics != 2 || stats.Sessions != 1 {
		t.Errorf("%+v", stats)
	}
	w.guest("panic") // the name is not reserved for ever
}
