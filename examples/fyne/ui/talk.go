package ui

import (
	"context"
	"errors"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
)

// talk is the screen of one server.
type talk struct {
	app      *App
	bookmark bookmarks.Bookmark
	session  *session.Session
	port     *sound.Port
	item     *container.TabItem

	view       session.View
	split      *container.Split
	banner     *banner
	people     *people
	chat       *chatPane
	remembered map[voiceapp.SessionID]bool // whose volume was brought back
	ended      error
	closing    bool
	telling    bool                // the server is being told how one is
	untold     bool                // that has changed since
	refused    error               // what could not be had while the connection was made, such as the channel
	early      []session.Happening // what was told meanwhile, to be said on the screen
}

func newTalk(a *App, b bookmarks.Bookmark) *talk {
	return &talk{app: a, bookmark: b, port: a.cfg.Sound.Port(), remembered: make(map[voiceapp.SessionID]bool)}
}

// build makes the screen.
func (t *talk) build() fyne.CanvasObject {
	t.view = t.session.View()
	t.people = newPeople(t)
	t.chat = newChatPane(t)
	t.banner = newBanner(t)
	t.split = container.NewHSplit(t.people.content, t.chat.content)
	t.split.Offset = t.app.cfg.Settings.Get().Look.Split
	return container.NewBorder(t.banner.content, nil, nil, nil, t.split)
}

// start keeps the screen up to date.
func (t *talk) start() {
	t.update()
	t.chat.open(session.ChannelTopic(t.view.Self.Channel))
	for _, h := range t.early {
		t.tell(h)
	}
	t.app.beside.Go(func() {
		for {
			select {
			case <-t.app.ctx.Done():
				return
			case <-t.session.Done():
				t.app.doAndWait(t.update)
				return
			case <-t.session.Changed():
				t.app.doAndWait(t.update)
			}
		}
	})
}

// leave leaves the server. It may take a moment.
func (t *talk) leave() {
	_ = t.session.Close() // both return nil, always
	_ = t.port.Close()
}

// shown is called when the tab is selected.
func (t *talk) shown() {
	t.update()
	t.chat.read()
}

// update shows what there is now.
func (t *talk) update() {
	if t.people == nil || t.closing {
		return
	}
	was := t.view
	t.view = t.session.View()
	t.recall()
	t.banner.update()
	if was.Self.Channel != t.view.Self.Channel {
		t.chat.moved(was.Self.Channel, t.view.Self.Channel)
	}
	if t.app.current() != t {
		t.mark()
		t.app.bar.hear()
		t.app.tray.update()
		return
	}
	t.people.update()
	t.chat.update()
	t.app.bar.update()
	t.mark()
}

// open reports whether the server has a tab.
func (t *talk) open() bool { return t.app.talks[t.item] == t }

// away reports whether there is no connection, for now or for good.
func (t *talk) away() bool { return t.view.Lost != nil || t.ended != nil }

// onScreen reports whether a person sees it: its tab is shown, and the window has the focus.
func (t *talk) onScreen() bool { return t.app.current() == t && !t.app.away }

// unread is how much there is to read, but for other channels.
func (t *talk) unread() int {
	n := t.session.Unread(session.ChannelTopic(t.view.Self.Channel))
	for _, topic := range t.session.Topics() {
		n += t.session.Unread(topic)
	}
	return n
}

// mark shows at the tab how much there is to read, while nobody sees it.
func (t *talk) mark() {
	text := plain(title(t.bookmark))
	if unread := t.unread(); unread > 0 && !t.onScreen() {
		text += fmt.Sprintf(" (%d)", unread)
	}
	if t.item.Text != text {
		t.item.Text = text
		t.app.tabs.Refresh()
	}
}

// recall brings back how loud one wanted to hear somebody.
func (t *talk) recall() {
	known := t.app.cfg.Settings.Get().People
	for _, list := range t.everybody() {
		for _, p := range list {
			if t.remembered[p.Session] {
				continue
			}
			t.remembered[p.Session] = true
			if had, ok := known[t.key(p.Presence)]; ok {
				t.session.SetHearing(p.Session, hearingOf(had.Volume, had.Muted))
			}
		}
	}
}

// everybody is who is here, in lists.
func (t *talk) everybody() [][]session.Person {
	all := [][]session.Person{t.view.Nowhere}
	for _, r := range t.view.Rooms {
		all = append(all, r.People)
	}
	return all
}

// hearingOf reads what the settings say.
func hearingOf(volume int, muted bool) session.Hearing {
	switch {
	case volume == 0:
		volume = 100
	case volume < 0: // settings.Silent
		volume = 0
	}
	return session.Hearing{Volume: float32(volume) / 100, Muted: muted}
}

// connectAgain makes another connection in place of the one that has ended.
func (t *talk) connectAgain() {
	t.closing = true
	t.app.closeTab(t.item)
	t.app.connect(t.bookmark, "")
}

// tellSelf tells the server whether one is muted, deaf, and records, one word after the
// other: the last is how it is. While the connection is lost nothing is told; it is when
// there is one again.
func (t *talk) tellSelf() {
	if t.telling {
		t.untold = true
		return
	}
	t.telling, t.untold = true, false
	recording := t.app.bar.recording
	said := control.SelfUpdate{
		Muted: new(t.app.muted), Deaf: new(t.app.deaf), Recording: new(recording != nil && recording.talk == t),
	}
	t.app.work(func(ctx context.Context) error { return t.session.Client().UpdateSelf(ctx, said) }, func(err error) {
		t.telling = false
		if t.untold {
			t.tellSelf()
		}
		if !errors.Is(err, voiceapp.Unavailable) {
			t.app.Complain(err)
		}
	})
}

// happened is told by the session what a person may want to know.
func (t *talk) happened(h session.Happening) {
	t.app.do(func() {
		switch {
		case t.closing:
		case t.item != nil:
			t.tell(h)
		case h.Kind == session.HappenedRefusal:
			t.refused = h.Err
		case h.Kind == session.HappenedRecorded:
			t.early = append(t.early, h)
		default: // the connection is only being made; the screen will say the same
		}
	})
}

// tell plays a sound, or shows a notification.
func (t *talk) tell(h session.Happening) {
	a, tell := t.app, t.app.cfg.Settings.Get().Tell
	name := plain(h.Who.Name)
	switch h.Kind {
	case session.HappenedJoin, session.HappenedLeave:
		a.sound(string(h.Kind))
		if tell.Joins && h.Kind == session.HappenedJoin {
			a.notify(title(t.bookmark), lang.L("{{.Name}} is here", map[string]any{"Name": name}))
		}
		t.chat.note(h)
	case session.HappenedMessage, session.HappenedDirect:
		a.sound("message")
		read := t.onScreen() && t.chat.topic == session.PersonTopic(h.Who)
		if tell.Messages && h.Kind == session.HappenedDirect && !read {
			a.notify(name, plain(h.Message.Text))
		}
	case session.HappenedRecorded, session.HappenedUnheard:
		a.sound("message")
		t.chat.note(h)
	case session.HappenedLost, session.HappenedBack:
		a.sound(map[session.Kind]string{session.HappenedLost: "lost", session.HappenedBack: "connected"}[h.Kind])
		if h.Kind == session.HappenedBack {
			t.remembered = make(map[voiceapp.SessionID]bool)
			t.tellSelf()
		}
	case session.HappenedRefusal:
		a.Complain(h.Err)
	case session.HappenedMoved:
		a.sound("join")
	case session.HappenedEnd:
		t.ended = h.Err
		a.sound("lost")
	}
	t.update()
}

// confirm asks before something is done that others feel; the reason goes with it.
func (t *talk) confirm(heading, button string, do func(ctx context.Context, reason string) error) {
	reason := newField("", lang.L("why (they see it)"))
	t.app.showForm(heading, button, []*widget.FormItem{widget.NewFormItem(lang.L("Reason"), reason)}, func() {
		t.app.try(func(ctx context.Context) error { return do(ctx, reason.Text) })
	})
}
