package control_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// heard returns the texts of the chat that a client has got so far, once all is
// quiet in a bubble.
func heard(t *testing.T, c *control.Client) (texts []string) {
	t.Helper()
	synctest.Wait()
	mark := fmt.Sprint("mark of ", c.Self().Session)
	at := voiceapp.ChatTarget{ToSession: c.Self().Session}
	if _, err := c.SendChatTo(t.Context(), at, mark); err != nil {
		t.Fatal(err)
	}
	for e := range c.Events() {
		if chat, ok := e.(control.ChatSent); ok {
			if chat.Text == mark {
				return texts
			}
			if !strings.HasPrefix(chat.Text, "mark of") { // another session's of the account
				texts = append(texts, chat.Text)
			}
		}
	}
	t.Fatal("the events ended")
	return nil
}

// Each message reaches those for whom it is, and nobody else.
func TestChatReachesWhomItIsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		anna, admin := w.account("Anna", voiceapp.RoleMember), w.account("Admin", voiceapp.RoleAdmin)
		config := w.config("anna")
		config.Password = "correct horse"
		again, err := control.Dial(t.Context(), "voice.example", config)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		bo := w.account("Bo", voiceapp.RoleMember)
		guest := w.guest("Guest")
		for _, c := range []*control.Client{anna, guest} {
			if err := c.Join(t.Context(), lobby); err != nil {
				t.Fatal(err)
			}
		}
		send := func(c *control.Client, to voiceapp.ChatTarget, text string) voiceapp.MessageID {
			t.Helper()
			id, err := c.SendChatTo(t.Context(), to, text)
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
			return id
		}
		send(anna, voiceapp.ChatTarget{}, "here")
		send(bo, voiceapp.ChatTarget{Channel: lobby}, "from outside")
		send(anna, voiceapp.ChatTarget{To: bo.Self().User}, "to Bo")
		send(bo, voiceapp.ChatTarget{ToSession: again.Self().Session}, "to Anna")
		if id := send(bo, voiceapp.ChatTarget{ToSession: guest.Self().Session}, "to the guest"); id != 0 {
			t.Errorf("a message that is not kept has the id %d", id)
		}
		send(admin, voiceapp.ChatTarget{Server: true}, "to all")
		for c, want := range map[*control.Client][]string{
			anna:  {"here", "from outside", "to Bo", "to Anna", "to all"},
			again: {"to Bo", "to Anna", "to all"},
			bo:    {"from outside", "to Bo", "to Anna", "to the guest", "to all"},
			admin: {"to all"},
		} {
			if got := heard(t, c); !slices.Equal(got, want) {
				t.Errorf("%s got %q, want %q", c.Self().Name, got, want)
			}
		}
		for _, want := range []string{"here", "from outside", "to the guest", "to all"} {
			if e := until(t, guest, func(control.ChatSent) bool { return true }); e.Text != want || (e.ToSession == guest.Self().Session) != (want == "to the guest") {
				t.Errorf("the guest got %+v, want %q", e, want)
			}
		}
	})
}

func TestChatRefusals(t *testing.T) {
	tree := control.NewMemory(
		voiceapp.Channel{Name: "Lobby"},
		voiceapp.Channel{Name: "News", WriteRole: voiceapp.RoleModerator},
		voiceapp.Channel{Name: "Hidden", RequiredRole: voiceapp.RoleAdmin, SeeRole: voiceapp.RoleAdmin},
	)
	const news, hidden = lobby + 1, lobby + 2
	w := newWorld(t, &control.Server{Directory: tree})
	guest, member, moderator := w.guest("Guest"), w.account("Member", voiceapp.RoleMember), w.account("Moderator", voiceapp.RoleModerator)
	for _, c := range []struct {
		who  *control.Client
		to   voiceapp.ChatTarget
		want voiceapp.Code
	}{
		{guest, voiceapp.ChatTarget{}, voiceapp.Conflict},
		{guest, voiceapp.ChatTarget{Channel: news}, voiceapp.Forbidden},
		{moderator, voiceapp.ChatTarget{Channel: news}, ""},
		{member, voiceapp.ChatTarget{Channel: hidden}, voiceapp.NotFound},
		{member, voiceapp.ChatTarget{Channel: 99}, voiceapp.NotFound},
		{guest, voiceapp.ChatTarget{To: member.Self().User}, voiceapp.Forbidden},
		{guest, voiceapp.ChatTarget{ToSession: member.Self().Session}, voiceapp.Forbidden},
		{member, voiceapp.ChatTarget{To: 99}, voiceapp.NotFound},
		{member, voiceapp.ChatTarget{To: -1}, voiceapp.NotFound},
		{member, voiceapp.ChatTarget{ToSession: ^guest.Self().Session}, voiceapp.NotFound},
		{moderator, voiceapp.ChatTarget{Server: true}, voiceapp.Forbidden},
		{moderator, voiceapp.ChatTarget{Server: true, Channel: lobby}, voiceapp.Invalid},
	} {
		_, err := c.who.SendChatTo(t.Context(), c.to, "hello")
		if e := voiceapp.AsError(err); e == nil && c.want != "" || e != nil && e.Code != c.want {
			t.Errorf("%s to %+v: %v; want %q", c.who.Self().Name, c.to, err, c.want)
		}
		if c.to.ToSession != 0 || c.to.Server {
			continue
		}
		_, _, err = c.who.ChatHistory(t.Context(), c.to, 0, 0)
		if e := voiceapp.AsError(err); c.to.Channel == hidden && (e == nil || e.Code != voiceapp.NotFound) {
			t.Errorf("%s reads the history of %+v: %v", c.who.Self().Name, c.to, err)
		}
	}
	kept, err := tree.Messages(t.Context(), voiceapp.MessageQuery{Channel: news})
	if err != nil || len(kept) != 1 {
		t.Errorf("kept are %+v, %v", kept, err)
	}
}

// What was said is read on demand, page by page, and never replayed.
func TestChatHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		anna, bo := w.account("Anna", voiceapp.RoleMember), w.account("Bo", voiceapp.RoleMember)
		var want []voiceapp.MessageID
		for i := range 7 {
			id, err := anna.SendChatTo(t.Context(), voiceapp.ChatTarget{Channel: lobby}, fmt.Sprint(i))
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, id)
		}
		if _, err := anna.SendChatTo(t.Context(), voiceapp.ChatTarget{To: bo.Self().User}, "between us"); err != nil {
			t.Fatal(err)
		}
		carl := w.guest("Carl")
		if err := carl.Join(t.Context(), lobby); err != nil {
			t.Fatal(err)
		}
		var got []voiceapp.MessageID
		for before, older := voiceapp.MessageID(0), true; older; {
			var page []voiceapp.Message
			var err error
			if page, older, err = carl.ChatHistory(t.Context(), voiceapp.ChatTarget{}, before, 3); err != nil || len(page) == 0 {
				t.Fatal(page, err)
			}
			for _, m := range slices.Backward(page) {
				got = append(got, m.ID)
			}
			before = page[0].ID
		}
		slices.Reverse(got)
		if !slices.Equal(got, want) {
			t.Errorf("the history is %v, want %v", got, want)
		}
		for _, c := range []*control.Client{anna, bo} {
			other := anna.Self().User + bo.Self().User - c.Self().User
			if direct, _, err := c.ChatHistory(t.Context(), voiceapp.ChatTarget{To: other}, 0, 0); err != nil || len(direct) != 1 || direct[0].Text != "between us" {
				t.Errorf("%s reads %+v, %v", c.Self().Name, direct, err)
			}
		}
		if _, _, err := carl.ChatHistory(t.Context(), voiceapp.ChatTarget{To: bo.Self().User}, 0, 0); !errors.Is(err, voiceapp.Forbidden) {
			t.Errorf("a guest reads direct messages: %v", err)
		}
		if all, _, err := carl.ChatHistory(t.Context(), voiceapp.ChatTarget{Server: true}, 0, 0); err != nil || len(all) != 0 {
			t.Errorf("the server's history is %+v, %v", all, err)
		}
		if _, _, err := carl.ChatHistory(t.Context(), voiceapp.ChatTarget{}, 0, 51); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("a page of 51: %v", err)
		}
	})
}

func TestChatEditAndDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{})
		anna, bo, guest := w.account("Anna", voiceapp.RoleMember), w.account("Bo", voiceapp.RoleMember), w.guest("Guest")
		moderator := w.account("Moderator", voiceapp.RoleModerator)
		for _, c := range []*control.Client{anna, guest} {
			if err := c.Join(t.Context(), lobby); err != nil {
				t.Fatal(err)
			}
		}
		say := func(c *control.Client, to voiceapp.ChatTarget) voiceapp.MessageID {
			t.Helper()
			id, err := c.SendChatTo(t.Context(), to, "one")
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		id := say(anna, voiceapp.ChatTarget{})
		if m, err := anna.EditChat(t.Context(), id, "two"); err != nil || m.Text != "two" || m.Edited.IsZero() || m.ID != id {
			t.Errorf("EditChat = %+v, %v", m, err)
		}
		if e := until(t, guest, func(control.ChatEdited) bool { return true }); e.Text != "two" || e.ID != id {
			t.Errorf("the guest saw %+v", e)
		}
		direct, guests := say(anna, voiceapp.ChatTarget{To: bo.Self().User}), say(guest, voiceapp.ChatTarget{})
		if _, err := guest.EditChat(t.Context(), guests, "mine"); err != nil {
			t.Errorf("a guest edits his own: %v", err)
		}
		for what, c := range map[string]struct {
			err  error
			want voiceapp.Code
		}{
			"another's":                    {edit(t, moderator, id), voiceapp.Forbidden},
			"to no text":                   {func() error { _, err := anna.EditChat(t.Context(), id, ""); return err }(), voiceapp.Invalid},
			"one that never was":           {edit(t, anna, 999), voiceapp.NotFound},
			"a direct one of others":       {edit(t, moderator, direct), voiceapp.NotFound},
			"deleting another's":           {bo.DeleteChat(t.Context(), id, ""), voiceapp.Forbidden},
			"deleting what others read":    {moderator.DeleteChat(t.Context(), direct, ""), voiceapp.NotFound},
			"deleting what was sent to me": {bo.DeleteChat(t.Context(), direct, ""), voiceapp.Forbidden},
		} {
			if e := voiceapp.AsError(c.err); e == nil || e.Code != c.want {
				t.Errorf("%s: %v; want %s", what, c.err, c.want)
			}
		}
		for who, gone := range map[*control.Client]voiceapp.MessageID{moderator: id, anna: direct} {
			if err := who.DeleteChat(t.Context(), gone, "rude"); err != nil {
				t.Errorf("%s deletes: %v", who.Self().Name, err)
			}
		}
		until(t, guest, func(e control.ChatDeleted) bool { return e.ID == id && e.Channel == lobby })
		until(t, bo, func(e control.ChatDeleted) bool { return e.ID == direct && e.To == bo.Self().User })
	})
}

func edit(t *testing.T, c *control.Client, id voiceapp.MessageID) error {
	t.Helper()
	_, err := c.EditChat(t.Context(), id, "other")
	return err
}

// A hundred write at once, and everyone gets all of it in the order of the ids.
func TestChatOrderIsThatOfTheIDs(t *testing.T) {
	const writers, each = 100, 3
	w := newWorld(t, &control.Server{Directory: &slowMessages{Memory: newMemory()}})
	clients := make([]*control.Client, writers)
	for i := range clients {
		clients[i] = w.guest(fmt.Sprint("writer ", i))
		if err := clients[i].Join(t.Context(), lobby); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for _, c := range clients {
		all.Go(func() {
			for range each {
				if _, err := c.SendChat(t.Context(), "at once"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, c := range clients {
		var last voiceapp.MessageID
		for n := 0; n < writers*each; n++ {
			e := until(t, c, func(control.ChatSent) bool { return true })
			if e.ID <= last {
				t.Fatalf("after %d came %d", last, e.ID)
			}
			last = e.ID
		}
	}
}

// slowMessages yields where others could overtake.
type slowMessages struct {
	*control.Memory
	calls atomic.Int64
}

func (d *slowMessages) AppendMessage(ctx context.Context, m voiceapp.Message) (voiceapp.Message, error) {
	m, err := d.Memory.AppendMessage(ctx, m)
	for range d.calls.Add(1) % 7 {
		_ = d.Memory.DeleteMessage(ctx, -1) // takes the lock
	}
	return m, err
}

// A message that can't be kept reaches nobody, and voice and the rest go on.
func TestChatOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{Directory: &fullDisk{newMemory()}})
		anna, bo := w.account("Anna", voiceapp.RoleMember), w.account("Bo", voiceapp.RoleMember)
		for _, c := range []*control.Client{anna, bo} {
			if err := c.Join(t.Context(), lobby); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := anna.SendChat(t.Context(), "lost"); !errors.Is(err, voiceapp.Busy) {
			t.Errorf("the error is %v", err)
		}
		if got := heardByGuest(t, w, bo); len(got) != 0 {
			t.Errorf("Bo got %q", got)
		}
	})
}

// heardByGuest is heard for a server that keeps nothing: the mark goes to a guest.
func heardByGuest(t *testing.T, w *world, c *control.Client) (texts []string) {
	t.Helper()
	guest := w.guest("mark")
	if _, err := c.SendChatTo(t.Context(), voiceapp.ChatTarget{ToSession: guest.Self().Session}, "mark"); err != nil {
		t.Fatal(err)
	}
	for e := range c.Events() {
		if chat, ok := e.(control.ChatSent); ok {
			if chat.Text == "mark" {
				return texts
			}
			texts = append(texts, chat.Text)
		}
	}
	return texts
}

type fullDisk struct{ *control.Memory }

func (*fullDisk) AppendMessage(context.Context, voiceapp.Message) (voiceapp.Message, error) {
	return voiceapp.Message{}, voiceapp.NewError(voiceapp.Busy, "the server's disk is full; nothing was changed")
}

// One who may no longer write when his message has been kept has written nothing.
func TestChatOfOneWhoLeavesInBetween(t *testing.T) {
	d := &gatedMessages{Memory: newMemory(), kept: make(chan struct{}), open: make(chan struct{})}
	w := newWorld(t, &control.Server{Directory: d})
	anna, bo := w.guest("Anna"), w.account("Bo", voiceapp.RoleMember)
	if err := bo.Join(t.Context(), lobby); err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() {
		_, err := w.server.SendChat(t.Context(), voiceapp.Actor{Session: anna.Self().Session}, voiceapp.ChatTarget{Channel: lobby}, "late")
		failed <- err
	}()
	<-d.kept
	_ = anna.Close()
	until(t, bo, func(e control.UserLeft) bool { return e.Name == "Anna" })
	close(d.open)
	if err := <-failed; !errors.Is(err, voiceapp.Unavailable) {
		t.Errorf("the error is %v", err)
	}
	if left, err := d.Messages(t.Context(), voiceapp.MessageQuery{Channel: lobby}); err != nil || len(left) != 0 {
		t.Errorf("kept are %+v, %v", left, err)
	}
}

type gatedMessages struct {
	*control.Memory
	kept, open chan struct{}
}

func (d *gatedMessages) AppendMessage(ctx context.Context, m voiceapp.Message) (voiceapp.Message, error) {
	m, err := d.Memory.AppendMessage(ctx, m)
	close(d.kept)
	<-d.open
	return m, err
}

// Without a history there is chat with rising ids, and nothing to read or change.
func TestChatWithoutHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &control.Server{NoHistory: true})
		anna := w.account("Anna", voiceapp.RoleMember)
		bo := w.account("Bo", voiceapp.RoleMember)
		to := voiceapp.ChatTarget{To: bo.Self().User}
		first, err := anna.SendChatTo(t.Context(), to, "one")
		second, again := anna.SendChatTo(t.Context(), to, "two")
		if err != nil || again != nil || first == 0 || second <= first {
			t.Errorf("the ids are %d and %d: %v, %v", first, second, err, again)
		}
		if got := heardByGuest(t, w, bo); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("Bo got %q", got)
		}
		if _, err := anna.SendChatTo(t.Context(), voiceapp.ChatTarget{To: 99}, "lost"); !errors.Is(err, voiceapp.NotFound) {
			t.Errorf("a message to nobody: %v", err)
		}
		if _, _, err := anna.ChatHistory(t.Context(), to, 0, 0); !errors.Is(err, voiceapp.Forbidden) {
			t.Errorf("the history: %v", err)
		}
		if err := edit(t, anna, first); !errors.Is(err, voiceapp.Forbidden) {
			t.Errorf("an edit: %v", err)
		}
	})
}

// Who has written into a channel that he may not see any more is told nothing of it.
func TestChatDeletedOutOfSight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tree := control.NewMemory(voiceapp.Channel{Name: "Lobby"}, voiceapp.Channel{Name: "Inner"})
		w := newWorld(t, &control.Server{Directory: tree})
		anna, admin := w.account("Anna", voiceapp.RoleMember), w.account("Admin", voiceapp.RoleAdmin)
		inner := voiceapp.ChatTarget{Channel: lobby + 1}
		var ids []voiceapp.MessageID
		for range 2 {
			id, err := anna.SendChatTo(t.Context(), inner, "hello")
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		if err := admin.DeleteChat(t.Context(), ids[0], ""); err != nil {
			t.Fatal(err)
		}
		until(t, anna, func(e control.ChatDeleted) bool { return e.ID == ids[0] })
		ch := admin.Channels()[1]
		ch.SeeRole = voiceapp.RoleModerator
		if _, err := tree.UpdateChannel(t.Context(), ch); err != nil {
			t.Fatal(err)
		}
		if err := w.server.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, anna, func(e control.ChannelDeleted) bool { return e.ID == ch.ID })
		if err := admin.DeleteChat(t.Context(), ids[1], ""); err != nil {
			t.Fatal(err)
		}
		if _, err := anna.SendChatTo(t.Context(), voiceapp.ChatTarget{To: anna.Self().User}, "mark"); err != nil {
			t.Fatal(err)
		}
		for e := range anna.Events() {
			switch e := e.(type) {
			case control.ChatDeleted:
				t.Errorf("Anna was told %+v", e)
			case control.ChatSent:
				if e.Text == "mark" {
					return
				}
			}
		}
	})
}

// A message in a channel that one may not see is answered as one that never was.
func TestChatOfAHiddenChannel(t *testing.T) {
	w := newWorld(t, &control.Server{Directory: control.NewMemory(
		voiceapp.Channel{Name: "Lobby"}, voiceapp.Channel{Name: "Hidden", RequiredRole: voiceapp.RoleAdmin, SeeRole: voiceapp.RoleAdmin},
	)})
	admin, moderator := w.account("Admin", voiceapp.RoleAdmin), w.account("Moderator", voiceapp.RoleModerator)
	id, err := admin.SendChatTo(t.Context(), voiceapp.ChatTarget{Channel: lobby + 1}, "hello")
	if err != nil {
		t.Fatal(err)
	}
	for what, try := range map[string]func(voiceapp.MessageID) error{
		"edit":   func(id voiceapp.MessageID) error { return edit(t, moderator, id) },
		"delete": func(id voiceapp.MessageID) error { return moderator.DeleteChat(t.Context(), id, "") },
	} {
		hidden, none := voiceapp.AsError(try(id)), voiceapp.AsError(try(id+1))
		if hidden == nil || none == nil || hidden.Code != voiceapp.NotFound || hidden.Code != none.Code || hidden.Message != none.Message {
			t.Errorf("%s: %v; and of one that never was: %v", what, hidden, none)
		}
	}
}

// An account writes without a session too, as by the admin API, and nobody does not.
func TestChatByAnAccount(t *testing.T) {
	w := newWorld(t, &control.Server{})
	admin, guest := w.account("Admin", voiceapp.RoleAdmin), w.guest("Guest")
	by := voiceapp.Actor{User: admin.Self().User, Role: voiceapp.RoleOwner} // what it says of itself does not count
	for _, c := range []struct {
		by   voiceapp.Actor
		to   voiceapp.ChatTarget
		want voiceapp.Code
	}{
		{voiceapp.Actor{}, voiceapp.ChatTarget{Channel: lobby}, voiceapp.Forbidden},
		{voiceapp.Actor{Role: voiceapp.RoleOwner}, voiceapp.ChatTarget{Server: true}, voiceapp.Forbidden},
		{voiceapp.Actor{User: 99, Role: voiceapp.RoleOwner}, voiceapp.ChatTarget{Server: true}, voiceapp.Forbidden},
		{voiceapp.Actor{Session: ^guest.Self().Session, Role: voiceapp.RoleOwner}, voiceapp.ChatTarget{Server: true}, voiceapp.Unavailable},
		{by, voiceapp.ChatTarget{}, voiceapp.Conflict},
	} {
		_, err := w.server.SendChat(t.Context(), c.by, c.to, "hello")
		wantError(t, fmt.Sprintf("%+v to %+v", c.by, c.to), err, c.want)
	}
	m, err := w.server.SendChat(t.Context(), by, voiceapp.ChatTarget{Server: true}, "the server restarts at noon")
	if err != nil || m.Session != 0 || m.User != by.User || m.Name != "Admin" {
		t.Errorf("SendChat = %+v, %v", m, err)
	}
	if e := until(t, guest, func(control.ChatSent) bool { return true }); e.Message != m {
		t.Errorf("the guest got %+v, want %+v", e.Message, m)
	}
}
