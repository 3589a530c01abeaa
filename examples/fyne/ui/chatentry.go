package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
)

// chatEntry is where one writes: Enter sends, Shift+Enter begins a line, Tab completes a
// name, and Up leads to the messages while there is nothing to send.
type chatEntry struct {
	widget.Entry
	pane  *chatPane
	shift bool
	names completion
}

func newChatEntry(c *chatPane) *chatEntry {
	e := &chatEntry{pane: c}
	e.MultiLine, e.Wrapping = true, fyne.TextWrapWord
	e.SetMinRowsVisible(2)
	e.ExtendBaseWidget(e)
	e.SetPlaceHolder(lang.L("Write to this conversation; Tab completes names"))
	return e
}

// AcceptsTab implements fyne.Tabbable: where there is no name to complete, Tab leads on.
func (e *chatEntry) AcceptsTab() bool {
	e.names.begin(e.Text, e.pane.talk.everybody())
	return e.names.offers(e.Text)
}

// FocusLost implements fyne.Focusable: the key may be up when it is here again.
func (e *chatEntry) FocusLost() {
	e.shift = false
	e.Entry.FocusLost()
}

// TypedShortcut implements fyne.Shortcutable.
func (e *chatEntry) TypedShortcut(s fyne.Shortcut) {
	e.Entry.TypedShortcut(s)
	e.pane.talk.app.keys.TypedShortcut(s)
}

// KeyDown implements desktop.Keyable.
func (e *chatEntry) KeyDown(key *fyne.KeyEvent) {
	if strings.Contains(string(key.Name), "Shift") {
		e.shift = true
	}
	e.Entry.KeyDown(key)
	e.pane.talk.app.keyDownInText(key)
}

// KeyUp implements desktop.Keyable.
func (e *chatEntry) KeyUp(key *fyne.KeyEvent) {
	if strings.Contains(string(key.Name), "Shift") {
		e.shift = false
	}
	e.Entry.KeyUp(key)
	e.pane.talk.app.keyUp(key)
}

// TypedKey implements fyne.Focusable.
func (e *chatEntry) TypedKey(key *fyne.KeyEvent) {
	switch {
	case key.Name == fyne.KeyTab:
		e.complete()
		return
	case (key.Name == fyne.KeyReturn || key.Name == fyne.KeyEnter) && !e.shift:
		e.submit()
		return
	case key.Name == fyne.KeyUp && e.Text == "":
		e.pane.talk.app.window.Canvas().Focus(e.pane.keys)
		return
	}
	e.Entry.TypedKey(key)
}

// complete puts a name in the place of its beginning; again, the next one.
func (e *chatEntry) complete() {
	if !e.AcceptsTab() {
		return
	}
	text := e.names.next(e.Text)
	e.SetText(text)
	e.CursorRow = strings.Count(text, "\n")
	e.CursorColumn = len([]rune(text[strings.LastIndexByte(text, '\n')+1:]))
	e.Refresh()
}

// submit sends the text, which comes back to its conversation when it could not be sent.
func (e *chatEntry) submit() {
	text := strings.TrimSpace(e.Text)
	if text == "" || e.pane.topic == "" {
		return
	}
	if err := voiceapp.CheckMessage(text); err != nil {
		e.pane.talk.app.Complain(err)
		return
	}
	topic := e.pane.topic
	e.SetText("")
	e.pane.atEnd = true // one sees what one has said
	e.pane.talk.app.work(func(ctx context.Context) error {
		return e.pane.talk.session.Say(ctx, topic, text)
	}, func(err error) {
		if err != nil {
			e.pane.giveBack(topic, text)
		}
		e.pane.talk.app.Complain(err)
	})
}
