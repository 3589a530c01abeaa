package control_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/voice/relay"
)

var (
	_ control.VoiceActivity = (*relay.Relay)(nil)
	_ control.VoiceMeter    = (*relay.Relay)(nil)
)

// routeLog is a voice that knows where everyone's goes, and whose talkers a test
// makes up.
type routeLog struct {
	voiceLog

	mu      sync.Mutex
	routes  map[voiceapp.SessionID]voiceapp.Route
	wake    chan struct{}
	talking []voiceapp.SessionID
	silent  []voiceapp.SessionID
	looks   int
}

func newRouteLog() *routeLog {
	return &routeLog{routes: make(map[voiceapp.SessionID]voiceapp.Route), wake: make(chan struct{}, 1)}
}

func (v *routeLog) SetRoute(id voiceapp.SessionID, r voiceapp.Route) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.routes[id] = r
	return nil
}

func (v *routeLog) routeOf(c *control.Client) voiceapp.Route {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.routes[c.Self().Session]
}

func (v *routeLog) TalkChanged() <-chan struct{} { return v.wake }

func (v *routeLog) TalkChanges(talking, silent []voiceapp.SessionID) (begun, ceased []voiceapp.SessionID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	begun, ceased = append(talking, v.talking...), append(silent, v.silent...)
	v.talking, v.silent = nil, nil
	v.looks++
	return begun, ceased
}

func (v *routeLog) talk(talking, silent []voiceapp.SessionID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.talking, v.silent = append(v.talking, talking...), append(v.silent, silent...)
	select {
	case v.wake <- struct{}{}:
	default:
	}
}

func channels(ids ...voiceapp.ChannelID) []voiceapp.ChannelID { return ids }

// Whispering and listening take what joining takes, and end when that does.
func TestWhisperAndListen(t *testing.T) {
	v := newRouteLog()
	w := newWorld(t, &control.Server{
		Voice: v,
		Directory: control.NewMemory(
			voiceapp.Channel{Name: "Lobby"},
			voiceapp.Channel{Name: "Quiet"},
			voiceapp.Channel{Name: "Staff", RequiredRole: voiceapp.RoleModerator},
			voiceapp.Channel{Name: "Attic", SeeRole: voiceapp.RoleAdmin},
			voiceapp.Channel{Name: "Stage", SpeakRole: voiceapp.RoleModerator},
		),
	})
	const attic, stage = missing, missing + 1
	owner, member, guest := w.account("Owner", voiceapp.RoleOwner), w.account("Mo", voiceapp.RoleMember), w.guest("Gus")
	ctx := t.Context()
	everyone := voiceapp.Target{Sessions: []voiceapp.SessionID{guest.Self().Session}, Channels: channels(quiet)}
	for i, test := range []struct {
		err  error
		want voiceapp.Code
	}{
		{guest.SetWhisper(ctx, 1, everyone), voiceapp.Forbidden},
		{member.SetWhisper(ctx, 0, everyone), voiceapp.Invalid},
		{member.SetWhisper(ctx, 31, everyone), voiceapp.Invalid},
		{member.SetWhisper(ctx, 1, voiceapp.Target{Sessions: make([]voiceapp.SessionID, 101)}), voiceapp.Invalid},
		{member.SetWhisper(ctx, 1, voiceapp.Target{Channels: make([]voiceapp.ChannelID, 9)}), voiceapp.Invalid},
		{member.SetWhisper(ctx, 1, voiceapp.Target{Sessions: []voiceapp.SessionID{0}}), voiceapp.NotFound},
		{member.SetWhisper(ctx, 1, voiceapp.Target{Channels: channels(attic)}), voiceapp.NotFound},
		{member.SetWhisper(ctx, 1, voiceapp.Target{Channels: channels(staff)}), voiceapp.Forbidden},
		{member.SetWhisper(ctx, 1, voiceapp.Target{Channels: channels(stage)}), voiceapp.Forbidden},
		{member.Listen(ctx, attic), voiceapp.NotFound},
		{member.Listen(ctx, 99), voiceapp.NotFound},
		{guest.Listen(ctx, staff), voiceapp.Forbidden},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%d: %v, want %s", i, test.err, test.want)
		}
	}
	join(t, member, lobby)
	for _, err := range []error{
		member.SetWhisper(ctx, 2, everyone), owner.Listen(ctx, staff), guest.Listen(ctx, quiet), guest.Listen(ctx, quiet),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := v.routeOf(member).Whisper; fmt.Sprint(got) != fmt.Sprint([]voiceapp.Target{{}, everyone}) {
		t.Errorf("the targets are %v", got)
	}
	if got := v.routeOf(guest); !slices.Equal(got.Listen, channels(quiet)) || got.Channel != 0 {
		t.Errorf("a guest in no channel listens: %+v", got)
	}

	editChannel(t, owner, quiet, voiceapp.ChannelEdit{RequiredRole: new(voiceapp.RoleAdmin)})
	if got := v.routeOf(member).Whisper[1]; len(got.Channels) != 0 || len(got.Sessions) != 1 {
		t.Errorf("after the channel was closed to him, a member whispers to %+v", got)
	}
	if got := v.routeOf(guest).Listen; len(got) != 0 {
		t.Errorf("after the channel was closed to him, a guest listens to %v", got)
	}
	if err := member.SetWhisper(ctx, 2, voiceapp.Target{}); err != nil || len(v.routeOf(member).Whisper) != 0 {
		t.Errorf("%v; the targets are %v", err, v.routeOf(member).Whisper)
	}
	if err := owner.Unlisten(ctx, staff); err != nil || len(v.routeOf(owner).Listen) != 0 {
		t.Errorf("%v; listening to %v", err, v.routeOf(owner).Listen)
	}
	if err := owner.Unlisten(ctx, staff); err != nil {
		t.Errorf("a second time: %v", err)
	}
	for i := range voiceapp.MaxListen + 1 {
		ch := makeChannel(t, owner, voiceapp.Channel{Name: fmt.Sprint("Room ", i)})
		if err := owner.Listen(ctx, ch.ID); i < voiceapp.MaxListen && err != nil || i == voiceapp.MaxListen && !errors.Is(err, voiceapp.Limited) {
			t.Errorf("the channel %d: %v", i+1, err)
		}
	}
}

// What one says of oneself is obeyed when the call returns, and everyone sees it.
func TestUpdateSelf(t *testing.T) {
	v := newRouteLog()
	w := newWorld(t, &control.Server{Voice: v})
	anna, ben := w.guest("Anna"), w.guest("Ben")
	join(t, anna, lobby)
	yes, no := true, false
	for _, step := range []struct {
		update      control.SelfUpdate
		muted, deaf bool
		recording   bool
	}{
		{control.SelfUpdate{Muted: &yes}, true, false, false},
		{control.SelfUpdate{Deaf: &yes, Recording: &yes}, true, true, true},
		{control.SelfUpdate{}, true, true, true},
		{control.SelfUpdate{Muted: &no, Deaf: &no}, false, false, true},
	} {
		if err := anna.UpdateSelf(t.Context(), step.update); err != nil {
			t.Fatal(err)
		}
		self, route := anna.Self(), v.routeOf(anna)
		if self.SelfMuted != step.muted || self.SelfDeaf != step.deaf || self.Recording != step.recording || route.Muted != step.muted || route.Deaf != step.deaf {
			t.Errorf("%+v, routed %+v; want %+v", self, route, step)
		}
	}
	until(t, ben, func(e control.UserUpdated) bool { return e.Name == "Anna" && e.Recording && !e.SelfMuted })
}

func TestPriority(t *testing.T) {
	v := newRouteLog()
	w := newWorld(t, &control.Server{Voice: v})
	mod, other, guest := w.account("Mod", voiceapp.RoleModerator), w.account("Other", voiceapp.RoleModerator), w.guest("Gus")
	join(t, guest, lobby)
	ctx := t.Context()
	for i, test := range []struct {
		err  error
		want voiceapp.Code
	}{
		{guest.SetPriority(ctx, guest.Self().Session, true, ""), voiceapp.Forbidden},
		{mod.SetPriority(ctx, other.Self().Session, true, ""), voiceapp.Forbidden},
		{mod.SetPriority(ctx, 0, true, ""), voiceapp.NotFound},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%d: %v, want %s", i, test.err, test.want)
		}
	}
	if err := mod.SetPriority(ctx, mod.Self().Session, true, ""); err != nil {
		t.Error(err)
	}
	for _, priority := range []bool{true, false} {
		if err := mod.SetPriority(ctx, guest.Self().Session, priority, "the guest of honour"); err != nil || v.routeOf(guest).Priority != priority {
			t.Errorf("%v; routed %+v", err, v.routeOf(guest))
		}
		until(t, guest, func(e control.UserUpdated) bool { return e.Name == "Gus" && e.Priority == priority })
	}
}

// Everyone is told who talks, at most 20 times a second, and of those only whose
// channel he may see.
func TestVoiceActivity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newRouteLog()
		w := newWorld(t, &control.Server{
			Voice: v,
			Directory: control.NewMemory(
				voiceapp.Channel{Name: "Lobby"},
				voiceapp.Channel{Name: "Attic", SeeRole: voiceapp.RoleAdmin},
			),
		})
		const attic = quiet
		owner, guest, ear := w.account("Owner", voiceapp.RoleOwner), w.guest("Gus"), w.guest("Ear")
		join(t, owner, attic)
		join(t, guest, lobby)
		hidden, open := owner.Self().Session, guest.Self().Session
		see := func(what string, c *control.Client, want ...voiceapp.SessionID) {
			t.Helper()
			synctest.Wait()
			if got := c.Talking(); !slices.Equal(got, want) {
				t.Errorf("%s: %v talk, want %v", what, got, want)
			}
		}
		v.talk([]voiceapp.SessionID{open, hidden}, nil)
		see("both begin, to a guest", ear, open)
		both := []voiceapp.SessionID{open, hidden}
		slices.Sort(both)
		see("both begin, to the owner", owner, both...)
		late := w.guest("Late")
		see("to who comes later", late, open)
		if e := until(t, ear, func(control.TalkChanged) bool { return true }); !slices.Equal(e.Talking, []voiceapp.SessionID{open}) {
			t.Errorf("the event is %+v", e)
		}

		join(t, owner, lobby)
		time.Sleep(time.Second)
		see("the owner comes down", ear, both...)
		join(t, owner, attic)
		time.Sleep(time.Second)
		see("and goes up again", ear, open)
		v.talk(nil, []voiceapp.SessionID{open})
		time.Sleep(time.Second)
		see("the guest has said all", ear)

		v.talk(nil, []voiceapp.SessionID{hidden})
		time.Sleep(time.Second)
		before := v.looked()
		time.Sleep(time.Minute)
		if got := v.looked() - before; got != 0 {
			t.Errorf("%d looks in a minute of silence", got)
		}
		for range 1000 {
			v.talk([]voiceapp.SessionID{open}, nil)
			time.Sleep(time.Millisecond)
		}
		if got := v.looked() - before; got > 21 {
			t.Errorf("%d looks in a second", got)
		}
		_ = guest.Close()
		time.Sleep(time.Second)
		see("who has left", ear)
	})
}

func (v *routeLog) looked() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.looks
}

func TestVoiceStats(t *testing.T) {
	r := relay.New(relay.Config{})
	defer r.Close()
	w := newWorld(t, &control.Server{Voice: r})
	anna, ben := w.guest("Anna"), w.guest("Ben")
	for _, id := range []voiceapp.SessionID{0, ben.Self().Session} {
		if stats, err := anna.VoiceStats(t.Context(), id); err != nil || stats != (voiceapp.VoiceStats{}) {
			t.Errorf("of one who was never heard: %+v, %v", stats, err)
		}
	}
	if _, err := anna.VoiceStats(t.Context(), ben.Self().Session+1); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("of nobody: %v", err)
	}
	owner := w.account("Owner", voiceapp.RoleOwner)
	join(t, owner, makeChannel(t, owner, voiceapp.Channel{Name: "Attic", SeeRole: voiceapp.RoleOwner}).ID)
	if _, err := anna.VoiceStats(t.Context(), owner.Self().Session); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("of one in a hidden channel, which tells when he talks: %v", err)
	}
	if _, err := owner.VoiceStats(t.Context(), owner.Self().Session); err != nil {
		t.Errorf("of oneself there: %v", err)
	}
	text := newWorld(t, &control.Server{})
	if _, err := text.guest("Cy").VoiceStats(t.Context(), 0); !errors.Is(err, voiceapp.Forbidden) {
		t.Errorf("without voice: %v", err)
	}
}
