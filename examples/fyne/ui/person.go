package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
)

func containsFold(text, part string) bool {
	return strings.Contains(voiceapp.FoldName(text), voiceapp.FoldName(strings.TrimSpace(part)))
}

// key names somebody in the settings.
func (t *talk) key(p voiceapp.Presence) string { return settings.PersonKey(t.view.Key, p) }

// nameOf is what somebody is called here: by one's own nickname for him, beside his name.
func (t *talk) nameOf(p voiceapp.Presence) string {
	if nick := t.app.cfg.Settings.Get().People[t.key(p)].Nickname; nick != "" {
		return fmt.Sprintf("%s (%s)", nick, p.Name)
	}
	return p.Name
}

// remember changes what is remembered of somebody.
func (t *talk) remember(p voiceapp.Presence, change func(*settings.Person)) {
	t.app.change(func(s *settings.Settings) {
		one := s.People[t.key(p)]
		change(&one)
		if one == (settings.Person{}) {
			delete(s.People, t.key(p))
		} else {
			s.People[t.key(p)] = one
		}
	})
	t.people.redraw()
}

// personMenu is what one can do with somebody.
func (t *talk) personMenu(p session.Person) *fyne.Menu {
	item := fyne.NewMenuItem
	if p.Self {
		return fyne.NewMenu("",
			item(onOff(t.app.muted, lang.L("Open the microphone"), lang.L("Mute the microphone")), func() { t.app.Mute(!t.app.muted) }),
			item(onOff(t.app.deaf, lang.L("Hear again"), lang.L("Hear nothing")), func() { t.app.Deafen(!t.app.deaf) }),
			item(lang.L("Connection…"), t.showQuality),
		)
	}
	items := []*fyne.MenuItem{
		item(lang.L("Volume and nickname…"), func() { t.showPerson(p) }),
		item(onOff(p.Hearing.Muted, lang.L("Hear again"), lang.L("Don't hear")), func() {
			t.setHearing(p.Presence, session.Hearing{Volume: p.Hearing.Volume, Muted: !p.Hearing.Muted})
		}),
	}
	if t.view.Self.Role >= voiceapp.RoleMember {
		items = append(items,
			item(lang.L("Write a message"), func() { t.chat.write(session.PersonTopic(p.Presence)) }),
			item(onOff(t.view.Whispers == p.Session, lang.L("Stop whispering"), lang.L("Whisper")), func() { t.whisper(p) }))
	}
	if t.view.Self.Role >= voiceapp.RoleModerator {
		items = append(items, fyne.NewMenuItemSeparator())
		items = append(items, t.moderation(p)...)
	}
	return fyne.NewMenu("", items...)
}

func onOff(on bool, whenOn, whenOff string) string {
	if on {
		return whenOn
	}
	return whenOff
}

// whisper has one heard by that person alone, or by the channel again.
func (t *talk) whisper(p session.Person) {
	to := p.Session
	if t.view.Whispers == to {
		to = 0
	}
	t.app.try(func(ctx context.Context) error { return t.session.Whisper(ctx, to) })
}

// moderation is what a moderator can do with somebody.
func (t *talk) moderation(p session.Person) []*fyne.MenuItem {
	who := map[string]any{"Name": plain(p.Name)}
	try := func(do func(context.Context) error) func() { return func() { t.app.try(do) } }
	client := t.session.Client
	items := []*fyne.MenuItem{
		fyne.NewMenuItem(onOff(p.Muted, lang.L("Let them speak"), lang.L("Mute for everyone")), try(func(ctx context.Context) error {
			return client().Mute(ctx, p.Session, !p.Muted, "")
		})),
		fyne.NewMenuItem(onOff(p.Deaf, lang.L("Let them hear"), lang.L("Deafen")), try(func(ctx context.Context) error {
			return client().Deafen(ctx, p.Session, !p.Deaf, "")
		})),
		fyne.NewMenuItem(onOff(p.Priority, lang.L("No priority speaker"), lang.L("Priority speaker")), try(func(ctx context.Context) error {
			return client().SetPriority(ctx, p.Session, !p.Priority, "")
		})),
	}
	move := fyne.NewMenuItem(lang.L("Move to"), nil)
	move.ChildMenu = fyne.NewMenu("")
	for _, r := range t.view.Rooms {
		if r.ID != p.Channel {
			move.ChildMenu.Items = append(move.ChildMenu.Items, fyne.NewMenuItem(strings.Repeat("   ", r.Depth)+plain(r.Name), try(func(ctx context.Context) error {
				return client().Move(ctx, p.Session, r.ID, "")
			})))
		}
	}
	return append(items, move,
		fyne.NewMenuItem(lang.L("Kick…"), func() {
			t.confirm(lang.L("Kick {{.Name}}?", who), lang.L("Kick"), func(ctx context.Context, reason string) error {
				return client().Kick(ctx, p.Session, reason)
			})
		}),
		fyne.NewMenuItem(lang.L("Ban…"), func() { t.showBan(p) }),
	)
}

// bans are for how long one can be kept out.
var bans = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 0}

// showBan asks how long and why somebody is to be kept out.
func (t *talk) showBan(p session.Person) {
	options := []string{lang.L("one hour"), lang.L("one day"), lang.L("seven days")}
	if t.view.Self.Role >= voiceapp.RoleAdmin {
		options = append(options, lang.L("for good"))
	}
	long := widget.NewSelect(options, nil)
	long.SetSelectedIndex(0)
	reason := newField("", lang.L("why (they see it)"))
	items := []*widget.FormItem{widget.NewFormItem(lang.L("How long"), long), widget.NewFormItem(lang.L("Reason"), reason)}
	t.app.showForm(lang.L("Ban {{.Name}}?", map[string]any{"Name": plain(p.Name)}), lang.L("Ban"), items, func() {
		t.ban(voiceapp.BanRequest{Session: p.Session, Reason: reason.Text, For: bans[long.SelectedIndex()]})
	})
}

// ban bans, and asks again where it hits others.
func (t *talk) ban(request voiceapp.BanRequest) {
	t.app.work(func(ctx context.Context) error {
		_, err := t.session.Client().Ban(ctx, request)
		return err
	}, func(err error) {
		var others *voiceapp.BanHitsError
		if !errors.As(err, &others) {
			t.app.Complain(err)
			return
		}
		t.app.askYes(lang.L("It hits others too"), why(others), lang.L("Ban"), widget.DangerImportance, func() {
			request.Confirm = true
			t.ban(request)
		})
	})
}

// setHearing says how loud somebody is heard, and remembers it.
func (t *talk) setHearing(p voiceapp.Presence, h session.Hearing) {
	t.session.SetHearing(p.Session, h)
	t.remember(p, func(one *settings.Person) {
		one.Volume, one.Muted = int(h.Volume*100+0.5), h.Muted
		switch one.Volume {
		case 100:
			one.Volume = 0
		case 0:
			one.Volume = settings.Silent
		}
	})
}

// showPerson shows how loud one hears somebody, and what one calls him.
func (t *talk) showPerson(p session.Person) {
	if p.Self {
		t.showQuality()
		return
	}
	h := t.session.Hearing(p.Session)
	value := widget.NewLabel(fmt.Sprintf("%.0f %%", h.Volume*100))
	volume := widget.NewSlider(0, 300)
	volume.Step = 5
	volume.SetValue(float64(h.Volume) * 100)
	volume.OnChanged = func(v float64) {
		value.SetText(fmt.Sprintf("%.0f %%", v))
		h.Volume = float32(v) / 100
		t.session.SetHearing(p.Session, h)
	}
	volume.OnChangeEnded = func(float64) { t.setHearing(p.Presence, h) }
	muted := widget.NewCheck(lang.L("Don't hear"), func(on bool) {
		h.Muted = on
		t.setHearing(p.Presence, h)
	})
	muted.SetChecked(h.Muted)
	nick := newField(t.app.cfg.Settings.Get().People[t.key(p.Presence)].Nickname, lang.L("what you call them; only you see it"))
	nick.escape = t.app.escape
	nick.OnSubmitted = func(string) { t.app.escape() }
	form := widget.NewForm(
		widget.NewFormItem(lang.L("Volume"), container.NewBorder(nil, nil, nil, value, volume)),
		widget.NewFormItem("", muted),
		widget.NewFormItem(lang.L("Nickname"), nick),
		widget.NewFormItem(lang.L("Role"), widget.NewLabel(text.Role(p.Role))),
	)
	shown := dialog.NewCustom(plain(p.Name), lang.L("Close"), form, t.app.window)
	t.app.show(shown, fyne.NewSize(420, 0), func() {
		t.remember(p.Presence, func(one *settings.Person) { one.Nickname = plain(strings.TrimSpace(nick.Text)) })
	})
}
