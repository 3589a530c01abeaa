package ui

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
)

// roomMenu is what one can do with a channel.
func (t *talk) roomMenu(r session.Room) *fyne.Menu {
	if r.ID == 0 {
		return fyne.NewMenu("")
	}
	client := t.session.Client
	here := r.ID == t.view.Self.Channel
	join := fyne.NewMenuItem(onOff(here, lang.L("Leave"), lang.L("Join")), func() {
		t.app.try(func(ctx context.Context) error {
			if here {
				return client().Leave(ctx)
			}
			return client().Join(ctx, r.ID)
		})
	})
	join.Disabled = r.Locked != nil
	items := []*fyne.MenuItem{join}
	if r.Locked != nil {
		reason := fyne.NewMenuItem(brief(r.Locked), nil)
		reason.Icon, reason.Disabled = theme.NewThemedResource(iconLock), true
		items = append(items, reason)
	}
	listen := fyne.NewMenuItem(onOff(r.Listening, lang.L("Don't listen any more"), lang.L("Listen from elsewhere")), func() {
		t.app.try(func(ctx context.Context) error { return t.session.Listen(ctx, r.ID, !r.Listening) })
	})
	listen.Disabled = here || r.Locked != nil
	items = append(items, listen,
		fyne.NewMenuItem(lang.L("Read and write"), func() { t.chat.write(session.ChannelTopic(r.ID)) }),
		fyne.NewMenuItem(lang.L("Copy the link"), func() { t.app.fyne.Clipboard().SetContent(t.linkTo(r)) }),
		fyne.NewMenuItem(lang.L("About the channel…"), func() { t.aboutRoom(r) }))
	if t.view.Self.Role >= voiceapp.RoleMember {
		items = append(items, fyne.NewMenuItem(lang.L("New temporary channel here…"), func() { t.newRoom(r) }))
	}
	return fyne.NewMenu("", items...)
}

// pathOf is a channel's path, as links have it.
func (t *talk) pathOf(r session.Room) string {
	path := r.Name
	for r.Parent != 0 {
		parent, ok := t.view.Room(r.Parent)
		if !ok {
			break
		}
		path, r = parent.Name+"/"+path, parent
	}
	return path
}

func (t *talk) linkTo(r session.Room) string {
	link := t.bookmark.Link()
	link.User, link.Channel, link.Fingerprint = "", t.pathOf(r), t.view.Key
	return link.String()
}

// aboutRoom shows what a channel is, and what one may do in it.
func (t *talk) aboutRoom(r session.Room) {
	var said voiceapp.Permissions
	t.app.work(func(ctx context.Context) (err error) {
		said, err = t.session.Client().Explain(ctx, r.ID)
		return err
	}, func(err error) {
		if err != nil {
			t.app.Complain(err)
			return
		}
		told := make(map[string]bool)
		may := func(p voiceapp.Permission) fyne.CanvasObject {
			icon, words := theme.ConfirmIcon(), text.May(p, why)
			if !p.Allowed {
				icon = iconLock
			}
			if told[words] { // what to do is said once
				words = text.May(p, brief)
			}
			told[words] = true
			said := widget.NewLabel(words)
			said.Wrapping = fyne.TextWrapWord
			return container.NewBorder(nil, nil, widget.NewIcon(icon), nil, said)
		}
		topic := widget.NewLabel(r.Topic)
		topic.Wrapping = fyne.TextWrapWord
		form := widget.NewForm(
			widget.NewFormItem(lang.L("Topic"), topic),
			widget.NewFormItem(lang.L("Quality"), widget.NewLabel(fmt.Sprintf("%d kbit/s", r.Bitrate/1000))),
			widget.NewFormItem(lang.L("Join"), may(said.Join)),
			widget.NewFormItem(lang.L("Speak"), may(said.Speak)),
			widget.NewFormItem(lang.L("Write"), may(said.Write)),
		)
		shown := dialog.NewCustom(plain(t.pathOf(r)), lang.L("Close"), form, t.app.window)
		t.app.show(shown, fyne.NewSize(480, 0), nil)
	})
}

// newRoom makes a temporary channel.
func (t *talk) newRoom(parent session.Room) {
	name := newField("", "")
	name.Validator = inWords(voiceapp.CheckName)
	t.app.showForm(lang.L("New temporary channel"), lang.L("Make it"), []*widget.FormItem{widget.NewFormItem(lang.L("Name"), name)}, func() {
		t.app.try(func(ctx context.Context) error {
			_, err := t.session.Client().CreateChannel(ctx, voiceapp.Channel{Name: name.Text, Parent: parent.ID, Temporary: true}, "")
			return err
		})
	})
}
