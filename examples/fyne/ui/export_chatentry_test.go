package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// Entry is where one writes on the server that is shown.
func (a *App) Entry() *chatEntry { return a.current().chat.entry }

// Entries are all in which one may write while a server is shown.
func (a *App) Entries() []fyne.Shortcutable {
	t := a.current()
	return []fyne.Shortcutable{t.chat.entry, t.people.filter, a.servers.search}
}

// OpenChannel shows a channel's conversation.
func (a *App) OpenChannel(id voiceapp.ChannelID) { a.current().chat.open(session.ChannelTopic(id)) }

// OpenPerson shows the conversation with somebody.
func (a *App) OpenPerson(p voiceapp.Presence) { a.current().chat.open(session.PersonTopic(p)) }

// Topic is the conversation of the only server.
func (a *App) Topic() session.Topic { return a.only().chat.topic }

// Client is the connection to the server that is shown.
func (a *App) Client() *control.Client { return a.current().session.Client() }

// only is the only server.
func (a *App) only() *talk {
	for _, t := range a.talks {
		return t
	}
	return nil
}

// HoldButton is the button that is held to talk.
func (a *App) HoldButton() *holdButton { return a.bar.hold }

// Notify shows a notification.
func (a *App) Notify(title, text string) { a.notify(title, text) }

// Latest is the last line of the conversation with somebody.
func (a *App) Latest(p voiceapp.Presence) string {
	lines, _ := a.only().session.Lines(session.PersonTopic(p))
	if len(lines) == 0 {
		return ""
	}
	return lines[len(lines)-1].Text
}

// ShownTabTitle is what a tab is called at present.
func (a *App) ShownTabTitle(i int) string { return a.tabs.Items[i].Text }

// Elsewhere counts what is unread in other conversations than the one that is shown.
func (a *App) Elsewhere() *widget.Button { return a.current().chat.unread }
