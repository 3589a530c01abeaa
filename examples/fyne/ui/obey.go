package ui

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2/lang"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/instance"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
)

var errNoKey = voiceapp.NewError(voiceapp.Conflict, "you are not heard by a key: choose \"while I hold a key\" in the settings, under Voice")

// Obey does what another program says, and answers for people. Any goroutine may call it:
// it is an instance.Handler.
func (a *App) Obey(_ context.Context, c instance.Command) (answer string, err error) {
	a.doAndWait(func() { answer, err = a.obey(c) })
	return answer, err
}

func (a *App) obey(c instance.Command) (string, error) {
	switch c.Verb {
	case instance.Open:
		a.Follow(c.Link)
	case instance.Show:
		a.window.Show()
		a.window.RequestFocus()
	case instance.PTT:
		if a.cfg.Settings.Get().Voice.Mode != settings.ModePushToTalk {
			return "", errNoKey
		}
		a.PushToTalk(state(c.State, a.cfg.Sound.Talking()))
	case instance.Mute:
		a.Mute(state(c.State, a.muted))
	case instance.Deafen:
		a.Deafen(state(c.State, a.deaf))
	case instance.Status:
	}
	return a.status(), nil
}

func state(s instance.State, now bool) bool { return s == instance.On || s == instance.Toggle && !now }

// status says in one line what is going on.
func (a *App) status() string {
	text := fmt.Sprintf("servers=%d muted=%t deaf=%t talking=%t", len(a.talks), a.muted, a.deaf, a.cfg.Sound.Talking())
	if t := a.current(); t != nil {
		if room, ok := t.view.Room(t.view.Self.Channel); ok {
			text += fmt.Sprintf(" server=%q channel=%q", title(t.bookmark), room.Name)
		}
		text += fmt.Sprintf(" connected=%t round_trip_ms=%d", !t.away(), t.view.Quality.RoundTrip.Milliseconds())
	}
	return text
}

// Follow follows a link: into the tab that is there, to a server that is saved, or to one
// that may be saved.
func (a *App) Follow(text string) {
	a.window.Show()
	a.window.RequestFocus()
	wanted, link, err := bookmarks.ParseLink(text)
	if err != nil {
		a.Complain(err)
		return
	}
	if link.Invite != "" {
		a.connect(wanted, link.Invite)
		return
	}
	anybody := wanted
	anybody.User = ""
	if a.showOpen(anybody) {
		return
	}
	for _, b := range a.cfg.Book.List() {
		if b.HostPort() == wanted.HostPort() && (wanted.User == "" || wanted.User == b.User) {
			if wanted.Channel != "" {
				b.Channel = wanted.Channel
			}
			a.connect(b, "")
			return
		}
	}
	a.offer(wanted)
}

// offer shows where a link leads, to be saved and followed.
func (a *App) offer(b bookmarks.Bookmark) {
	showEdit(a, b, lang.L("Save and connect"), func(saved bookmarks.Bookmark) {
		a.servers.fill()
		a.connect(saved, "")
	})
}

// goTo joins the channel of a path; "": it stays where it is.
func (t *talk) goTo(path string) {
	if path == "" {
		return
	}
	t.app.try(func(ctx context.Context) error {
		_, err := t.session.Client().JoinPath(ctx, path)
		return err
	})
}
