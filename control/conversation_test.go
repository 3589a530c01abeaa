package control_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

func TestConversation(t *testing.T) {
	w := newWorld(t, &control.Server{Name: "Test", Version: "1.2.3"})
	anna := w.guest("Anna")
	if names := channelNames(anna); !slices.Equal(names, []string{"Lobby", "Quiet", "Staff"}) {
		t.Errorf("channels: %v", names)
	}
	if err := anna.Join(t.Context(), lobby); err != nil {
		t.Fatal(err)
	}
	if self := anna.Self(); self.Channel != lobby || self.Name != "Anna" || self.Role != voiceapp.RoleGuest || self.User != 0 {
		t.Errorf("Anna is %+v", self)
	}

	bo := w.guest("Bo")
	until(t, anna, func(e control.UserJoined) bool { return e.Name == "Bo" })
	if n := len(bo.Sessions()); n != 2 {
		t.Errorf("Bo sees %d sessions", n)
	}
	if _, err := bo.JoinPath(t.Context(), "lobby"); err != nil {
		t.Fatal(err)
	}
	moved := until(t, anna, func(e control.UserMoved) bool { return e.Name == "Bo" })
	if moved.From != 0 || moved.Channel != lobby {
		t.Errorf("Anna saw %+v", moved)
	}

	id, err := bo.SendChat(t.Context(), "hello <&> \"you\"\n\tthere\u2028")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*control.Client{anna, bo} {
		chat := until(t, c, func(control.ChatSent) bool { return true })
		if chat.ID != id || chat.Session != bo.Self().Session || chat.Name != "Bo" || chat.Channel != lobby ||
			chat.Text != "hello <&> \"you\"\n\tthere\u2028" || chat.Sent.IsZero() {
			t.Errorf("%s got %+v", c.Self().Name, chat)
		}
	}

	if err := bo.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := bo.SendChat(t.Context(), "anyone?"); !errors.Is(err, voiceapp.Conflict) {
		t.Errorf("chat outside a channel: %v", err)
	}
	until(t, anna, func(e control.UserMoved) bool { return e.Channel == 0 && e.From == lobby })
	_ = bo.Close()
	left := until(t, anna, func(control.UserLeft) bool { return true })
	if left.Name != "Bo" || len(anna.Sessions()) != 1 {
		t.Errorf("%+v left, %d are there", left, len(anna.Sessions()))
	}
	if rtt, err := anna.Ping(t.Context()); err != nil || rtt <= 0 {
		t.Errorf("ping: %v, %v", rtt, err)
	}
	info, err := anna.Info(t.Context())
	want := control.ServerInfo{Name: "Test", Version: "1.2.3", Protocol: 1, Guests: true, Sessions: 1, Registration: voiceapp.RegistrationOpen}
	if err != nil || info != want {
		t.Errorf("info: %+v, %v", info, err)
	}
}

func channelNames(c *control.Client) (names []string) {
	for _, ch := range c.Channels() {
		names = append(names, ch.Name)
	}
	return names
}

func TestJoinRefused(t *testing.T) {
	w := newWorld(t, &control.Server{})
	guest, member := w.guest("Anna"), w.account("Bo", voiceapp.RoleMember)
	for _, c := range []struct {
		who     *control.Client
		channel voiceapp.ChannelID
		code    voiceapp.Code
		needs   string
	}{
		{guest, staff, voiceapp.Forbidden, "role:moderator"},
		{member, staff, voiceapp.Forbidden, "role:moderator"},
		{guest, missing, voiceapp.NotFound, ""},
		{guest, -1, voiceapp.NotFound, ""},
		{guest, 0, voiceapp.NotFound, ""},
	} {
		err := c.who.Join(t.Context(), c.channel)
		if e := voiceapp.AsError(err); !errors.Is(err, c.code) || e.Needs != c.needs {
			t.Errorf("%s joining %d: %v", c.who.Self().Name, c.channel, err)
		}
		if c.who.Self().Channel != 0 {
			t.Errorf("%s is in %d after a refusal", c.who.Self().Name, c.who.Self().Channel)
		}
	}
	moderator := w.account("Cy", voiceapp.RoleModerator)
	if _, err := moderator.JoinPath(t.Context(), "/Staff/"); err != nil {
		t.Error(err)
	}
	if _, err := moderator.JoinPath(t.Context(), "Staff/Nowhere"); !errors.Is(err, voiceapp.NotFound) {
		t.Errorf("a path to nowhere: %v", err)
	}
}

// The directory is asked at each join, so a role that has risen counts at once.
func TestJoinAsksEachTime(t *testing.T) {
	memory := newMemory()
	w := newWorld(t, &control.Server{Directory: memory})
	bo := w.account("Bo", voiceapp.RoleMember)
	if err := bo.Join(t.Context(), staff); !errors.Is(err, voiceapp.Forbidden) {
		t.Fatal(err)
	}
	if _, err := bo.Claim(t.Context(), memory.NewOwnerToken(), "bo", "another horse"); err != nil {
		t.Fatal(err)
	}
	if err := bo.Join(t.Context(), staff); err != nil {
		t.Error(err)
	}
	if role := bo.Self().Role; role != voiceapp.RoleOwner {
		t.Errorf("after the join Bo's role shows as %v", role)
	}
}

// Everyone in a channel reads the same messages in the same order.
func TestChatOrder(t *testing.T) {
	const writers, each = 4, 12
	w := newWorld(t, &control.Server{})
	clients := make([]*control.Client, writers)
	for i := range clients {
		clients[i] = w.guest(string(rune('A' + i)))
		if err := clients[i].Join(t.Context(), lobby); err != nil {
			t.Fatal(err)
		}
	}
	outside := w.guest("outside")
	done := make(chan error, writers)
	for _, c := range clients {
		go func() {
			var err error
			for range each {
				if _, err = c.SendChat(t.Context(), "x"); err != nil {
					break
				}
			}
			done <- err
		}()
	}
	for range clients {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range clients {
		for want := range voiceapp.MessageID(writers * each) {
			if got := until(t, c, func(control.ChatSent) bool { return true }); got.ID != want+1 {
				t.Fatalf("%s got message %d in place of %d", c.Self().Name, got.ID, want+1)
			}
		}
	}
	_ = outside.Close()
	for e := range outside.Events() {
		if chat, ok := e.(control.ChatSent); ok {
			t.Errorf("one outside the channel got %+v", chat)
		}
	}
}

func TestManyChannelsArePaged(t *testing.T) {
	const n = 2*control.PageSize + 1
	all := make([]voiceapp.Channel, n)
	for i := range all {
		all[i] = voiceapp.Channel{ID: voiceapp.ChannelID(n - i), Name: "c" + strconv.Itoa(i)}
	}
	w := newWorld(t, &control.Server{Directory: control.NewMemory(all...)})
	got := w.guest("Anna").Channels()
	if len(got) != n || got[0].ID != n || got[n-1].ID != 1 || got[0].Bitrate != voiceapp.DefaultBitrate {
		t.Errorf("%d channels, %+v to %+v", len(got), got[0], got[len(got)-1])
	}
	y := w.typist()
	y.ask(typistOpens)
	if r := y.ask(`{"jsonrpc":"2.0","id":2,"method":"channel.list","params":{"after":99999}}`); r.code() != "conflict" {
		t.Errorf("a page after a channel that is gone: %+v", r)
	}
}
