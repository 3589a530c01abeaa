package ui

import (
	"errors"
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// banner says above a server's screen what is not as it should be, and offers what may
// help.
type banner struct {
	talk    *talk
	content *fyne.Container
	text    *widget.Label
	help    *widget.Button
	uncount func() // ends the count of seconds; nil: none are counted
}

func newBanner(t *talk) *banner {
	b := &banner{talk: t, text: widget.NewLabel("")}
	b.text.Wrapping = fyne.TextWrapWord
	b.help = widget.NewButton("", b.press)
	b.help.Importance = widget.HighImportance
	b.content = container.NewStack(newPanel(theme.ColorNameHeaderBackground), container.NewPadded(container.NewBorder(nil, nil, widget.NewIcon(theme.WarningIcon()), container.NewCenter(b.help), b.text)))
	b.content.Hide()
	return b
}

// press does what the button offers.
func (b *banner) press() {
	switch t := b.talk; {
	case t.ended != nil:
		t.connectAgain()
	case t.view.Lost != nil:
		t.session.TryNow()
	}
}

// update shows what there is to be said now.
func (b *banner) update() {
	text, help := b.said()
	b.count(b.talk.view.Lost != nil && b.talk.ended == nil && b.talk.open())
	if text == b.text.Text && help == b.help.Text {
		return
	}
	b.text.SetText(text)
	b.help.Hidden = help == ""
	b.help.SetText(help)
	b.content.Hidden = text == ""
	b.content.Refresh()
}

// said is what is to be read, and what the button offers; "": nothing.
func (b *banner) said() (text, help string) {
	t := b.talk
	switch {
	case t.ended != nil:
		return endedFor(t.ended), lang.L("Connect again")
	case t.view.Lost != nil:
		return lostFor(t.view.Lost) + " " + nextTry(t.view.Again), lang.L("Try now")
	case t.view.VoiceError != nil:
		return lang.L("There is no voice: {{.Why}}", map[string]any{"Why": why(t.view.VoiceError)}), ""
	case t.view.Self.Channel == 0:
		return lang.L("You are in no channel. Join one to be heard: by a double click, or with Enter."), ""
	}
	return "", ""
}

// endedFor says that one is no longer on the server, and why.
func endedFor(reason error) string {
	if errors.Is(reason, voiceapp.Kicked) || errors.Is(reason, voiceapp.Banned) {
		return why(reason) // which says that
	}
	return lang.L("You are no longer on this server: {{.Why}}", map[string]any{"Why": why(reason)})
}

// lostFor says that the connection is lost, and why where there is more to say than that.
func lostFor(reason error) string {
	if errors.Is(reason, control.ConnectionLost) {
		return lang.L("The connection is lost.")
	}
	return lang.L("The connection is lost: {{.Why}}", map[string]any{"Why": brief(reason)})
}

// nextTry says when the next try to come back is made; zero: it is being made.
func nextTry(at time.Time) string {
	if at.IsZero() {
		return lang.L("Trying again; you will be back in your channel.")
	}
	return lang.L("The next try is in {{.Seconds}} s; you will be back in your channel.", map[string]any{
		"Seconds": int(math.Ceil(time.Until(at).Seconds())),
	})
}

// count has the seconds go down, or ends that.
func (b *banner) count(on bool) {
	switch {
	case on && b.uncount == nil:
		b.uncount = b.talk.app.every(time.Second, b.talk.update)
	case !on && b.uncount != nil:
		b.uncount()
		b.uncount = nil
	}
}
