package control_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// stuckDirectory is one that deletes no more than so many channels.
type stuckDirectory struct {
	*control.Memory
	mu      sync.Mutex
	deletes int // how many more; below 0: any
}

func (d *stuckDirectory) DeleteChannel(ctx context.Context, id voiceapp.ChannelID) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.deletes == 0 {
		return errFull
	}
	d.deletes--
	return d.Memory.DeleteChannel(ctx, id)
}

func (d *stuckDirectory) allow(deletes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.deletes = deletes
}

// A member's channel has its maker in it, has the bounds of the one above, and goes
// with the last one.
func TestTemporaryChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := control.NewMemory(voiceapp.Channel{
			Name: "Lobby", RequiredRole: 1, SpeakRole: 2, WriteRole: 3, SeeRole: 1, Bitrate: 24_000,
		})
		w := newWorld(t, &control.Server{Directory: memory, Voice: &voiceLog{}})
		anna, bo := w.account("Anna", voiceapp.RoleMember), w.account("Bo", voiceapp.RoleMember)
		join(t, anna, lobby)
		tent := makeChannel(t, anna, voiceapp.Channel{Name: "Tent", Parent: lobby, WriteRole: 9, Temporary: true})
		want := voiceapp.Channel{
			ID: tent.ID, Name: "Tent", Parent: lobby, Position: 1, RequiredRole: 1, SpeakRole: 2, WriteRole: 9, SeeRole: 1, Bitrate: 24_000, Temporary: true,
		}
		if tent != want {
			t.Errorf("made %+v, want %+v", tent, want)
		}
		grant, _ := anna.VoiceGrant()
		if at := anna.Self().Channel; at != tent.ID || grant.Bitrate != 24_000 {
			t.Errorf("Anna is in %d with %d bits a second, before anything else came", at, grant.Bitrate)
		}
		join(t, bo, tent.ID)
		join(t, anna, lobby)
		synctest.Wait()
		if !slices.Contains(channelNames(anna), "Tent") {
			t.Error("it has gone while Bo is in it")
		}
		if err := bo.Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if kept, err := memory.Channels(t.Context()); err != nil || len(kept) != 1 || len(anna.Channels()) != 1 {
			t.Errorf("the directory has %+v, %v; Anna sees %q", kept, err, channelNames(anna))
		}
	})
}

// Whoever has lost his connection comes back to where he was; when he does not, it
// goes.
func TestTemporaryChannelOfALostConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		_ = w.account("Anna", voiceapp.RoleMember).Close()
		config := w.config("Anna")
		config.Password = "correct horse"
		r, wire := w.returning(config)
		tent := makeChannel(t, r.Client(), voiceapp.Channel{Name: "Tent", Parent: lobby, Temporary: true})
		bo := w.guest("Bo")
		wire.cut(false)
		_, back := untilBack(t, r)
		if at := r.Client().Self().Channel; !back.Resumed || at != tent.ID {
			t.Errorf("%+v; Anna is in %d, was in %d", back, at, tent.ID)
		}
		wire.cut(true)
		time.Sleep(59 * time.Second)
		if !slices.Contains(channelNames(bo), "Tent") {
			t.Error("it has gone though she may come back")
		}
		time.Sleep(time.Minute)
		if slices.Contains(channelNames(bo), "Tent") {
			t.Error("it is still there though she can't come back")
		}
	})
}

// Lost connections don't multiply the channels that one can have.
func TestTemporaryChannelsOfLostConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Limits: control.Limits{MaxPerAccount: 3}})
		_ = w.account("Anna", voiceapp.RoleMember).Close()
		config := w.config("Anna")
		config.Password = "correct horse"
		var wire net.Conn
		config.DialContext = func(ctx context.Context, network, addr string) (_ net.Conn, err error) {
			wire, err = w.net.dial(ctx, network, addr)
			return wire, err
		}
		for i := range 6 {
			c, err := control.Dial(t.Context(), "voice.example", config)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.CreateChannel(t.Context(), voiceapp.Channel{Name: "Tent" + strconv.Itoa(i), Parent: lobby, Temporary: true}, "")
			if i < 3 && err != nil {
				t.Errorf("the %dth: %v", i+1, err)
			}
			if i >= 3 {
				wantCode(t, "one too many", err, voiceapp.Limited, "")
			}
			_ = wire.Close()
			synctest.Wait()
			_ = c.Close()
		}
	})
}

// Nobody fills the server with channels that nobody is in, through the admin API.
func TestTemporaryChannelOfNobody(t *testing.T) {
	w := newWorld(t, &control.Server{Directory: newMemory()})
	member, admin := w.account("Member", voiceapp.RoleMember), w.account("Admin", voiceapp.RoleAdmin)
	asked := voiceapp.Channel{Name: "Empty", Parent: lobby, Temporary: true}
	if _, err := w.server.CreateChannel(t.Context(), voiceapp.Actor{User: member.Self().User}, asked, ""); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("of a member without a session: %v", err)
	}
	if _, err := w.server.CreateChannel(t.Context(), voiceapp.Actor{User: admin.Self().User}, asked, ""); err != nil {
		t.Errorf("of an admin: %v", err)
	}
}

// The name of a channel that one has just left is free.
func TestTemporaryChannelAgain(t *testing.T) {
	w := newWorld(t, &control.Server{Limits: control.Limits{MessageRate: 10_000, MessageBurst: 10_000}})
	anna := w.account("Anna", voiceapp.RoleMember)
	var last voiceapp.ChannelID
	for range 20 {
		tent := makeChannel(t, anna, voiceapp.Channel{Name: "Tent", Parent: lobby, Temporary: true})
		if tent.ID == last {
			t.Errorf("the id %d was given out again", last)
		}
		join(t, anna, lobby)
		last = tent.ID
	}
}

// One in another: the outer one waits for the inner one. What an admin makes without
// being there waits for its first visitor.
func TestTemporaryChannelsNested(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		anna, bo, admin := w.account("Anna", voiceapp.RoleMember), w.account("Bo", voiceapp.RoleMember), w.account("Admin", voiceapp.RoleAdmin)
		tent := makeChannel(t, anna, voiceapp.Channel{Name: "Tent", Parent: lobby, Temporary: true})
		inner := makeChannel(t, bo, voiceapp.Channel{Name: "Inner", Parent: tent.ID, Temporary: true})
		by := voiceapp.Actor{User: admin.Self().User}
		waiting, err := w.server.CreateChannel(t.Context(), by, voiceapp.Channel{Name: "Waiting", Temporary: true}, "by other means")
		if err != nil {
			t.Fatal(err)
		}
		see := func(want ...string) {
			t.Helper()
			synctest.Wait()
			if got := channelNames(admin); !slices.Equal(got, want) {
				t.Errorf("the channels are %q, want %q", got, want)
			}
		}
		see("Lobby", "Quiet", "Tent", "Inner", "Staff", "Waiting")
		join(t, anna, lobby)
		see("Lobby", "Quiet", "Tent", "Inner", "Staff", "Waiting")
		join(t, bo, waiting.ID)
		see("Lobby", "Quiet", "Staff", "Waiting")
		wantCode(t, "joining what has gone", bo.Join(t.Context(), inner.ID), voiceapp.NotFound, "")
		editChannel(t, admin, waiting.ID, voiceapp.ChannelEdit{Temporary: new(false)})
		join(t, bo, lobby)
		see("Lobby", "Quiet", "Staff", "Waiting")
		editChannel(t, admin, waiting.ID, voiceapp.ChannelEdit{Temporary: new(true)})
		see("Lobby", "Quiet", "Staff", "Waiting")
		join(t, bo, waiting.ID)
		join(t, bo, lobby)
		see("Lobby", "Quiet", "Staff")
	})
}

// What can't be deleted stays to be seen, and goes with the next one.
func TestTemporaryChannelOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &stuckDirectory{Memory: newMemory()}
		w := newWorld(t, &control.Server{Directory: d})
		anna := w.account("Anna", voiceapp.RoleMember)
		makeChannel(t, anna, voiceapp.Channel{Name: "Tent", Parent: lobby, Temporary: true})
		join(t, anna, lobby)
		synctest.Wait()
		if got := channelNames(anna); !slices.Contains(got, "Tent") {
			t.Errorf("the channels are %q", got)
		}
		d.allow(-1)
		makeChannel(t, anna, voiceapp.Channel{Name: "Hut", Parent: lobby, Temporary: true})
		join(t, anna, lobby)
		synctest.Wait()
		if got := channelNames(anna); !slices.Equal(got, []string{"Lobby", "Quiet", "Staff"}) {
			t.Errorf("the channels are %q", got)
		}
	})
}

// What a server that was killed has left of temporary channels is gone after the
// start, but for what has lasting ones below.
func TestTemporaryChannelsOfAnEarlierRun(t *testing.T) {
	channels := []voiceapp.Channel{
		{Name: "Lobby"},
		{Name: "Tent", Parent: 1, Temporary: true},
		{Name: "Inner", Parent: 2, Temporary: true},
		{Name: "Odd", Temporary: true},
		{Name: "Lasting", Parent: 4},
		{Name: "Hut", Parent: 4, Temporary: true},
	}
	w := newWorld(t, &control.Server{Directory: control.NewMemory(channels...)})
	if got := channelNames(w.guest("Anna")); !slices.Equal(got, []string{"Lobby", "Odd", "Lasting"}) {
		t.Errorf("after the start there are %q", got)
	}
	full := newWorld(t, &control.Server{Directory: &stuckDirectory{Memory: control.NewMemory(channels...)}})
	if got := channelNames(full.guest("Anna")); len(got) != len(channels) {
		t.Errorf("on a full disk there are %q", got)
	}
}

// Many come and go at once: what is left is nothing, and nobody is in it.
func TestTemporaryChannelsUnderLoad(t *testing.T) {
	w := newWorld(t, &control.Server{Limits: control.Limits{MessageRate: 10_000, MessageBurst: 10_000}})
	var all sync.WaitGroup
	watcher := w.guest("Watcher")
	for _, name := range []string{"Anna", "Bo", "Cy", "Dee"} {
		c := w.account(name, voiceapp.RoleMember)
		all.Go(func() {
			for i := range 10 {
				made, err := c.CreateChannel(t.Context(), voiceapp.Channel{Name: name + strconv.Itoa(i), Parent: lobby, Temporary: true}, "")
				if err != nil || c.Self().Channel != made.ID {
					t.Errorf("%s: %v, in %d of %d", name, err, c.Self().Channel, made.ID)
				}
				for _, ch := range c.Channels() {
					if ch.Temporary {
						_ = c.Join(t.Context(), ch.ID) // it may have gone
						break
					}
				}
				if err := c.Leave(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	until(t, watcher, func(control.ChannelDeleted) bool { return len(watcher.Channels()) == 3 })
}
