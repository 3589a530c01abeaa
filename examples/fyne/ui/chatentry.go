package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// chatEntry is where one writes: Enter sends, Shift+Enter begins a line, Tab completes a
// name.
type chatEntry struct {
	widget.Entry
	pane  *chatPane
	shift bool
	found []string // names that complete what was written
	at    int      // of found, which one is in the text
	from  int      // where in the text it begins
}

func newChatEntry(c *chatPane) *chatEntry {
	e := &chatEntry{pane: c}
	e.MultiLine, e.Wrapping = true, fyne.TextWrapWord
	e.SetMinRowsVisible(2)
	e.ExtendBaseWidget(e)
	e.SetPlaceHolder(lang.L("Write to this conversation; Tab completes names"))
	return e
}

// AcceptsTab implements fyne.Tabbable.
func (e *chatEntry) AcceptsTab() bool { return e.word() != "" || len(e.found) > 0 }

// KeyDown implements desktop.Keyable.
func (e *chatEntry) KeyDown(key *fyne.KeyEvent) {
	if strings.Contains(string(key.Name), "Shift") {
		e.shift = true
	}
	e.Entry.KeyDown(key)
}

// KeyUp implements desktop.Keyable.
func (e *chatEntry) KeyUp(key *fyne.KeyEvent) {
	if strings.Contains(string(key.Name), "Shift") {
		e.shift = false
	}
	e.Entry.KeyUp(key)
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
	}
	e.found = nil
	e.Entry.TypedKey(key)
}

// TypedRune implements fyne.Focusable.
func (e *chatEntry) TypedRune(r rune) {
	e.found = nil
	e.Entry.TypedRune(r)
}

// word is the last word of the text.
func (e *chatEntry) word() string {
	return e.Text[strings.LastIndexAny(e.Text, " \n")+1:]
}

// complete puts a name in the place of its beginning; again, the next one.
func (e *chatEntry) complete() {
	if e.found == nil {
		e.from, e.at = len(e.Text)-len(e.word()), -1
		beginning := voiceapp.FoldName(strings.TrimPrefix(e.word(), "@"))
		for _, list := range append([][]session.Person{e.pane.talk.view.Nowhere}, roomsPeople(e.pane.talk.view.Rooms)...) {
			for _, p := range list {
				if !p.Self && beginning != "" && strings.HasPrefix(voiceapp.FoldName(p.Name), beginning) {
					e.found = append(e.found, p.Name)
				}
			}
		}
	}
	if len(e.found) == 0 {
		return
	}
	e.at = (e.at + 1) % len(e.found)
	text := e.Text[:e.from] + e.found[e.at]
	if e.from == 0 {
		text += ": "
	} else {
		text += " "
	}
	e.SetText(text)
	e.CursorRow = strings.Count(text, "\n")
	e.CursorColumn = len([]rune(text[strings.LastIndexByte(text, '\n')+1:]))
	e.Refresh()
}

// submit sends the text, which comes back when it could not be sent.
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
		if err != nil && e.Text == "" {
			e.SetText(text)
		}
		e.pane.talk.app.Complain(err)
	})
}
