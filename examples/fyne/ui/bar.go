package ui

import (
	"errors"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
)

// meterEvery is how often the meter moves while the microphone is in use.
const meterEvery = 100 * time.Millisecond

// qualityEvery is how often figures that differ a little are drawn.
const qualityEvery = 5 * time.Second

// bar is one's own voice, at the bottom of the window.
type bar struct {
	app       *App
	content   fyne.CanvasObject
	mute      *widget.Button
	deafen    *widget.Button
	hold      *holdButton
	record    *widget.Button
	meter     *meter
	trouble   *widget.Label
	line      *fyne.Container // above all else, where there is trouble
	speakers  *speakers
	quality   *widget.Button
	recording *recording // nil: nothing is recorded
	beginning bool       // one is about to be
	fares     fyne.ThemeColorName
	said      time.Time // when quality was drawn
}

func newBar(a *App) *bar {
	b := &bar{app: a, meter: newMeter(), trouble: widget.NewLabel(""), speakers: newSpeakers()}
	b.mute = widget.NewButtonWithIcon("", iconMicrophone, func() { a.Mute(!a.muted) })
	b.deafen = widget.NewButtonWithIcon("", iconHeadphones, func() { a.Deafen(!a.deaf) })
	b.hold = newHoldButton(lang.L("Hold to talk"), a.PushToTalk)
	b.record = widget.NewButtonWithIcon("", iconRecord, b.toggleRecording)
	b.quality = widget.NewButtonWithIcon("", theme.InfoIcon(), func() {
		if t := a.current(); t != nil {
			t.showQuality()
		}
	})
	b.quality.Importance = widget.LowImportance
	preferences := widget.NewButtonWithIcon(lang.L("Settings"), theme.SettingsIcon(), a.showPreferences)
	preferences.Importance = widget.LowImportance
	b.trouble.Importance, b.trouble.Truncation = widget.WarningImportance, fyne.TextTruncateEllipsis
	b.line = container.NewBorder(nil, nil, widget.NewIcon(theme.WarningIcon()), nil, b.trouble)
	b.line.Hide()
	left := container.NewHBox(b.mute, b.deafen, b.hold, b.record, container.NewGridWrap(fyne.NewSize(140, 36), container.NewCenter(container.NewGridWrap(fyne.NewSize(130, 20), b.meter))))
	right := container.NewHBox(b.quality, preferences)
	back := newPanel(theme.ColorNameHeaderBackground)
	b.content = container.NewStack(back, container.NewPadded(container.NewVBox(b.line, container.NewBorder(nil, nil, left, right, b.speakers.content))))
	return b
}

// start keeps the meter moving.
func (b *bar) start() {
	b.update()
	b.app.beside.Go(func() {
		tick := time.NewTicker(meterEvery)
		defer tick.Stop()
		for last := (sound.Status{}); ; {
			select {
			case <-b.app.ctx.Done():
				return
			case <-tick.C:
				status := b.app.cfg.Sound.Status()
				if moves(last, status) || b.app.cfg.Sound.Talking() {
					b.app.do(func() { b.measure(status) })
				}
				last = status
			}
		}
	})
}

// moves reports whether the meter moves, or there is something else wrong with the devices.
func moves(before, now sound.Status) bool {
	return before.Capture.Open || now.Capture.Open ||
		fmt.Sprint(before.Microphone, before.Loudspeaker) != fmt.Sprint(now.Microphone, now.Loudspeaker)
}

// measure shows the microphone's level while it is heard, and what is wrong with the devices.
func (b *bar) measure(s sound.Status) {
	if b.app.missesKeys() {
		b.app.letGo()
	}
	level := meterFloor
	if s.Capture.Open && !b.app.muted {
		level = s.Capture.After
	}
	b.meter.show(level, 0, level > meterFloor)
	if text := troubleOf(s); text != b.trouble.Text {
		b.trouble.SetText(text)
		b.line.Hidden = text == ""
		b.content.Refresh()
	}
}

// troubleOf is what is wrong with the devices; "": nothing is.
func troubleOf(s sound.Status) string {
	switch {
	case errors.Is(s.Microphone, sound.ErrInstead):
		return lang.L("The microphone that you chose is not there; the system's default takes its place.")
	case s.Microphone != nil:
		return lang.L("No microphone: {{.Why}}", map[string]any{"Why": why(s.Microphone)})
	case errors.Is(s.Loudspeaker, sound.ErrInstead):
		return lang.L("The loudspeaker that you chose is not there; the system's default takes its place.")
	case s.Loudspeaker != nil:
		return lang.L("No loudspeaker: {{.Why}}", map[string]any{"Why": why(s.Loudspeaker)})
	}
	return ""
}

// update shows what is muted, who speaks, and how the connection fares.
func (b *bar) update() {
	a := b.app
	a.tray.update()
	b.hear()
	setIcon(b.mute, a.muted, iconMicrophoneOff, iconMicrophone)
	setIcon(b.deafen, a.deaf, iconHeadphonesOff, iconHeadphones)
	mode := a.cfg.Settings.Get().Voice.Mode
	b.hold.Hidden = mode != settings.ModePushToTalk
	b.hold.held(a.cfg.Sound.Talking())
	t := a.current()
	b.record.Hidden = t == nil
	setIcon(b.record, b.recording != nil, theme.MediaStopIcon(), iconRecord)
	b.quality.Hidden = t == nil
	if t == nil {
		return
	}
	q := t.view.Quality
	text := lang.L("no voice yet")
	switch {
	case t.away():
		text, q = lang.L("not connected"), session.Quality{} // the figures are of before
	case q.Known:
		text = fmt.Sprintf("%s · %s", millis(q.RoundTrip), percent(q.Lost))
		if q.TCP {
			text += " · TCP"
		}
	}
	fares := qualityColor(q)
	if text == b.quality.Text || q.Known && fares == b.fares && time.Since(b.said) < qualityEvery {
		return
	}
	b.fares, b.said = fares, time.Now()
	b.quality.Text, b.quality.Icon = text, theme.NewColoredResource(theme.MediaRecordIcon(), fares)
	b.quality.Refresh()
}

// hear shows who speaks.
func (b *bar) hear() { b.speakers.show(b.app.speaking()) }

func setIcon(b *widget.Button, on bool, whenOn, whenOff fyne.Resource) {
	icon, importance := whenOff, widget.MediumImportance
	if on {
		icon, importance = whenOn, widget.DangerImportance
	}
	if b.Icon.Name() == icon.Name() && b.Importance == importance {
		return
	}
	b.Importance = importance
	b.SetIcon(icon)
}
