package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// showQuality shows how the connection fares, as it goes on.
func (t *talk) showQuality() {
	way, trip, lost := widget.NewLabel(""), widget.NewLabel(""), widget.NewLabel("")
	concealed, delay, jitter := widget.NewLabel(""), widget.NewLabel(""), widget.NewLabel("")
	history := newGraph()
	fill := func() {
		q := t.view.Quality
		way.SetText(wayOf(q))
		trip.SetText(millis(q.RoundTrip))
		lost.SetText(percent(q.Lost))
		concealed.SetText(percent(q.Concealed))
		delay.SetText(millis(q.Delay))
		jitter.SetText(millis(q.Jitter))
		history.show(t.view.Trace)
	}
	fill()
	form := widget.NewForm(
		widget.NewFormItem(lang.L("Way"), way),
		widget.NewFormItem(lang.L("Round trip"), trip),
		widget.NewFormItem(lang.L("Lost"), lost),
		widget.NewFormItem(lang.L("Made up"), concealed),
		widget.NewFormItem(lang.L("Delay"), delay),
		widget.NewFormItem(lang.L("Jitter"), jitter),
		widget.NewFormItem(lang.L("Latest minute"), history),
		widget.NewFormItem(lang.L("Server"), widget.NewLabel(plain(t.view.Server.Name+" "+t.view.Server.Version))),
		widget.NewFormItem(lang.L("Server key"), monospaced(shortKey(t.view.Key))),
	)
	stop := t.app.every(time.Second, fill)
	shown := dialog.NewCustom(lang.L("Connection to {{.Server}}", map[string]any{"Server": plain(t.view.Addr)}), lang.L("Close"), form, t.app.window)
	t.app.show(shown, fyne.Size{}, stop)
}

// wayOf says how voice travels.
func wayOf(q session.Quality) string {
	switch {
	case !q.Known:
		return lang.L("none yet")
	case q.TCP:
		return lang.L("TCP: UDP does not get through")
	}
	return "UDP"
}

func monospaced(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.TextStyle.Monospace = true
	return l
}
