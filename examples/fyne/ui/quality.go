package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// showQuality shows how the connection fares.
func (t *talk) showQuality() {
	q := t.view.Quality
	history := newGraph()
	history.show(t.view.Trace)
	way := "UDP"
	if q.TCP {
		way = lang.L("TCP: UDP does not get through")
	}
	if !q.Known {
		way = lang.L("none yet")
	}
	form := widget.NewForm(
		widget.NewFormItem(lang.L("Way"), widget.NewLabel(way)),
		widget.NewFormItem(lang.L("Round trip"), widget.NewLabel(millis(q.RoundTrip))),
		widget.NewFormItem(lang.L("Lost"), widget.NewLabel(percent(q.Lost))),
		widget.NewFormItem(lang.L("Made up"), widget.NewLabel(percent(q.Concealed))),
		widget.NewFormItem(lang.L("Delay"), widget.NewLabel(millis(q.Delay))),
		widget.NewFormItem(lang.L("Jitter"), widget.NewLabel(millis(q.Jitter))),
		widget.NewFormItem(lang.L("Latest minute"), history),
		widget.NewFormItem(lang.L("Server"), widget.NewLabel(plain(t.view.Server.Name+" "+t.view.Server.Version))),
		widget.NewFormItem(lang.L("Server key"), monospaced(shortKey(t.view.Key))),
	)
	shown := dialog.NewCustom(lang.L("Connection to {{.Server}}", map[string]any{"Server": plain(t.view.Addr)}), lang.L("Close"), form, t.app.window)
	t.app.show(shown, fyne.Size{}, nil)
}

func monospaced(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.TextStyle.Monospace = true
	return l
}
