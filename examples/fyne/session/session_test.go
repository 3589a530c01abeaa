package session_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to come.
const patience = 10 * time.Second

// ear hears, and has nothing to say.
type ear struct{ exampletest.Tape }

func (*ear) ReadPCM([]float32) (int, error)                { return 0, nil }
func (*ear) ProcessPCM(_ []float32, _ int, says bool) bool { return says }

// place is a session, and what it has told.
type place struct {
	*session.Session
	t     *testing.T
	ear   *ear
	addr  string
	key   voiceapp.Fingerprint
	steps []session.Step
	told  chan session.Happening
}

// open opens a session as Anna on a server with further channels.
func open(t *testing.T, filter session.Filter, channels ...voiceapp.Channel) *place {
	t.Helper()
	p := &place{t: t, ear: &ear{}, told: make(chan session.Happening, 100)}
	p.addr, p.key = exampletest.Serve(t, channels...)
	var err error
	p.Session, err = session.Open(t.Context(), session.Config{
		Addr: p.addr, Codec: exampletest.Codec(), Sound: p.ear, Filter: filter,
		Client: control.ClientConfig{Name: "Anna", Trust: func(_ string, shown voiceapp.Fingerprint) error {
			if shown != p.key {
				return errors.New("another key")
			}
			return nil
		}},
		Step:     func(s session.Step) { p.steps = append(p.steps, s) },
		Happened: func(h session.Happening) { p.told <- h },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() }) // it returns nil, always
	return p
}

// until waits for a change after which something is so.
func (p *place) until(what string, is func(session.View) bool) session.View {
	p.t.Helper()
	late := time.After(patience)
	for {
		if v := p.View(); is(v) {
			return v
		}
		select {
		case <-p.Changed():
		case <-late:
			p.t.Fatalf("this never came: %s; there is %+v", what, p.View())
		}
	}
}

// await waits until something of a kind is told.
func (p *place) await(kind session.Kind) session.Happening {
	p.t.Helper()
	late := time.After(patience)
	for {
		select {
		case h := <-p.told:
			if h.Kind == kind {
				return h
			}
		case <-late:
			p.t.Fatalf("%s was never told", kind)
		}
	}
}

// The steps come in their order, and one is in the Lobby with a voice then.
func TestOpen(t *testing.T) {
	p := open(t, nil)
	want := []session.Step{session.StepConnect, session.StepTrust, session.StepLogin, session.StepJoin, session.StepVoice}
	if !slices.Equal(p.steps, want) {
		t.Errorf("the steps are %v", p.steps)
	}
	v := p.until("a way for the voice", func(v session.View) bool { return v.Quality.Known })
	if v.Self.Name != "Anna" || v.Key != p.key || v.VoiceError != nil || len(v.Trace) == 0 {
		t.Errorf("the view is %+v", v)
	}
}

// The tree shows channels below their parents, who is in them, and why one can't join.
func TestView(t *testing.T) {
	p := open(t, nil,
		voiceapp.Channel{Name: "Games"}, voiceapp.Channel{Name: "Chess", Parent: 2, MaxUsers: 1},
		voiceapp.Channel{Name: "Staff", RequiredRole: voiceapp.RoleModerator})
	bo := exampletest.Guest(t, "Bo", p.addr, p.key)
	if h := p.await(session.HappenedJoin); h.Who.Name != "Bo" {
		t.Errorf("told of %+v", h.Who)
	}
	if _, err := bo.JoinPath(t.Context(), "Games/Chess"); err != nil {
		t.Fatal(err)
	}
	p.await(session.HappenedLeave)
	v := p.until("Bo in Chess", func(v session.View) bool {
		r, ok := v.Room(3)
		return ok && len(r.People) == 1 && r.People[0].Name == "Bo"
	})
	chess, _ := v.Room(3)
	staff, _ := v.Room(4)
	if chess.Depth != 1 || !chess.Full || chess.Locked != nil {
		t.Errorf("Chess is %+v", chess)
	}
	if staff.Depth != 0 || !errors.Is(staff.Locked, voiceapp.RoleTooLow) {
		t.Errorf("Staff is %+v", staff)
	}
	if one, ok := v.Person(bo.Self().Session); !ok || one.Self || one.Hearing.Volume != 1 {
		t.Errorf("Bo is %+v", one)
	}
	if lobby, _ := v.Room(1); len(lobby.People) != 1 || !lobby.People[0].Self {
		t.Errorf("the Lobby is %+v", lobby)
	}
}

// People are listed as one looks for them.
func TestOrder(t *testing.T) {
	p := open(t, nil)
	for _, name := range []string{"guest 10", "Zoe", "bo", "Guest 2", "Änne"} {
		exampletest.Guest(t, name, p.addr, p.key)
	}
	var names []string
	p.until("all in their order", func(v session.View) bool {
		lobby, _ := v.Room(1)
		names = nil
		for _, one := range lobby.People {
			names = append(names, one.Name)
		}
		return len(names) == 6
	})
	if want := []string{"Anna", "Änne", "bo", "Guest 2", "guest 10", "Zoe"}; !slices.Equal(names, want) {
		t.Errorf("they are listed as %q", names)
	}
}

// What is written belongs to its channel, is unread until it was read, and can be changed.
func TestChat(t *testing.T) {
	p := open(t, nil)
	bo := exampletest.Guest(t, "Bo", p.addr, p.key)
	id, err := bo.SendChat(t.Context(), "hello")
	if err != nil {
		t.Fatal(err)
	}
	if h := p.await(session.HappenedMessage); h.Message.Text != "hello" || h.Who.Name != "Bo" {
		t.Errorf("told of %+v", h)
	}
	lobby := session.ChannelTopic(1)
	if n := p.Unread(lobby); n != 1 {
		t.Errorf("%d are unread", n)
	}
	p.Read(lobby)
	if n := p.Unread(lobby); n != 0 {
		t.Errorf("%d are unread once they were read", n)
	}
	if err := p.Say(t.Context(), lobby, "hello Bo"); err != nil {
		t.Fatal(err)
	}
	both := func(session.View) bool { lines, _ := p.Lines(lobby); return len(lines) == 2 }
	p.until("both messages", both)
	if lines, _ := p.Lines(lobby); lines[0].Own || !lines[1].Own || lines[1].Text != "hello Bo" {
		t.Errorf("the lines are %+v", lines)
	}
	if _, err := bo.EditChat(t.Context(), id, "good morning"); err != nil {
		t.Fatal(err)
	}
	p.until("what Bo made of it", func(session.View) bool {
		lines, _ := p.Lines(lobby)
		return lines[0].Text == "good morning" && !lines[0].Edited.IsZero()
	})
	if err := bo.DeleteChat(t.Context(), id, ""); err != nil {
		t.Fatal(err)
	}
	p.until("one less", func(session.View) bool { lines, _ := p.Lines(lobby); return len(lines) == 1 })
}

// Who comes later reads what was said before, each message once.
func TestHistory(t *testing.T) {
	addr, key := exampletest.Serve(t)
	for i := range 20 { // one alone would be slowed down
		one := exampletest.Guest(t, fmt.Sprint("guest", i), addr, key)
		for range 3 {
			if _, err := one.SendChat(t.Context(), "said before"); err != nil {
				t.Fatal(err)
			}
		}
	}
	s, err := session.Open(t.Context(), session.Config{
		Addr: addr, Codec: exampletest.Codec(), Sound: &ear{},
		Client: control.ClientConfig{Name: "Anna", Trust: func(string, voiceapp.Fingerprint) error { return nil }},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // it returns nil, always
	lobby := session.ChannelTopic(1)
	for _, want := range []struct {
		older bool
		lines int
		more  bool
	}{{false, 50, true}, {false, 50, true}, {true, 60, false}, {true, 60, false}} {
		if err := s.LoadHistory(t.Context(), lobby, want.older); err != nil {
			t.Fatal(err)
		}
		if lines, more := s.Lines(lobby); len(lines) != want.lines || more != want.more {
			t.Errorf("%+v: %d lines, more: %t", want, len(lines), more)
		}
	}
}

// A filter changes what is written before it leaves, adds what it has to say, and can keep
// a message back, both ways.
func TestFilter(t *testing.T) {
	filter := func(_ context.Context, outgoing bool, m voiceapp.Message) (string, []string, bool, error) {
		switch {
		case m.Text == "spam":
			return "", nil, false, nil
		case m.Text == "broken":
			return "", nil, false, errors.New("it broke")
		case outgoing:
			return m.Text + "!", []string{"made it loud"}, true, nil
		}
		return m.Text + "?", nil, true, nil
	}
	p := open(t, filter)
	bo := exampletest.Guest(t, "Bo", p.addr, p.key)
	lobby := session.ChannelTopic(1)
	if err := p.Say(t.Context(), lobby, "broken"); err == nil {
		t.Error("nobody is told that the filter broke")
	}
	for _, text := range []string{"spam", "hello"} {
		if err := p.Say(t.Context(), lobby, text); err != nil {
			t.Fatal(err)
		}
	}
	for e := range bo.Events() {
		if m, ok := e.(control.ChatSent); ok {
			if m.Text != "hello!" {
				t.Errorf("Bo reads %q", m.Text)
			}
			break
		}
	}
	for _, text := range []string{"spam", "really"} {
		if _, err := bo.SendChat(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	p.until("all lines", func(session.View) bool { lines, _ := p.Lines(lobby); return len(lines) == 3 })
	lines, _ := p.Lines(lobby)
	if !lines[0].Plugin || lines[0].Text != "made it loud" || lines[1].Text != "hello!" || lines[2].Text != "really?" {
		t.Errorf("the lines are %+v", lines)
	}
}

// Somebody who is heard is shown as talking, and not heard any more once he is muted here;
// others are not touched by that.
func TestHearing(t *testing.T) {
	p := open(t, nil)
	bo := exampletest.Guest(t, "Bo", p.addr, p.key)
	p.until("Bo", func(v session.View) bool { _, ok := v.Person(bo.Self().Session); return ok })
	p.SetHearing(bo.Self().Session, session.Hearing{Volume: 1, Muted: true})
	said, err := voice.Join(t.Context(), bo, voice.Config{Codec: exampletest.Codec(), Source: exampletest.Speech(t)})
	if err != nil {
		t.Fatal(err)
	}
	v := p.until("Bo talks", func(v session.View) bool { one, _ := v.Person(bo.Self().Session); return one.Talking })
	if one, _ := v.Person(bo.Self().Session); !one.Hearing.Muted {
		t.Errorf("Bo is %+v", one)
	}
	if err := said.Close(); err != nil {
		t.Fatal(err)
	}
	p.until("Bo is silent", func(v session.View) bool { one, _ := v.Person(bo.Self().Session); return !one.Talking })
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for _, x := range p.ear.Samples {
		if x != 0 {
			t.Fatal("who is muted is heard")
		}
	}
}

// A guest may not whisper: the server's word for that comes back, and one stays in the
// channel.
func TestWhisperOfGuest(t *testing.T) {
	p := open(t, nil)
	bo := exampletest.Guest(t, "Bo", p.addr, p.key)
	p.until("Bo", func(v session.View) bool { _, ok := v.Person(bo.Self().Session); return ok })
	if err := p.Whisper(t.Context(), bo.Self().Session); !errors.Is(err, voiceapp.Forbidden) {
		t.Errorf("Whisper: %v", err)
	}
	if v := p.View(); v.Whispers != 0 {
		t.Errorf("one whispers to %d", v.Whispers)
	}
}

// The voice begins anew with another length of frames, and goes on.
func TestSetVoice(t *testing.T) {
	p := open(t, nil)
	p.until("a way", func(v session.View) bool { return v.Quality.Known })
	p.SetVoice(session.Voice{Frame: 10 * time.Millisecond, Delay: 80 * time.Millisecond, Normalize: true})
	if v := p.View(); v.VoiceError != nil {
		t.Fatal(v.VoiceError)
	}
	bo := exampletest.Guest(t, "Bo", p.addr, p.key)
	said, err := voice.Join(t.Context(), bo, voice.Config{Codec: exampletest.Codec(), Source: exampletest.Speech(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { said.Close() })
	p.until("Bo talks", func(v session.View) bool { one, _ := v.Person(bo.Self().Session); return one.Talking })
	p.SetVoice(session.Voice{MinDelay: 250 * time.Millisecond})
	p.until("the least delay", func(v session.View) bool { return v.Quality.Delay > 200*time.Millisecond })
	p.SetVoice(session.Voice{MaxDelay: 30 * time.Millisecond})
	p.until("the longest delay", func(v session.View) bool { return v.Quality.Delay > 0 && v.Quality.Delay <= 30*time.Millisecond })
}

// Older messages that were asked for stay when further ones come, however many there are
// already.
func TestOlderMessagesStay(t *testing.T) {
	p := open(t, nil)
	lobby := session.ChannelTopic(1)
	line := func(id int) session.Line {
		return session.Line{Message: voiceapp.Message{ID: voiceapp.MessageID(id)}}
	}
	for id := range 600 {
		p.Add(lobby, line(1000+id))
	}
	lines, older := p.Lines(lobby)
	if len(lines) != 500 || !older {
		t.Fatalf("%d lines are kept, older: %t", len(lines), older)
	}
	p.Older(lobby, []session.Line{line(998), line(999)})
	for id := range 100 {
		p.Add(lobby, line(2000+id))
	}
	if lines, _ := p.Lines(lobby); len(lines) != 602 || lines[0].ID != 998 {
		t.Errorf("%d lines are kept, from %d on", len(lines), lines[0].ID)
	}
}
