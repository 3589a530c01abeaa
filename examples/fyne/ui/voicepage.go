package ui

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sounds"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
)

// lookEvery is how often the page looks which devices there are.
const lookEvery = 2 * time.Second

// voicePage is how one is heard, and hears.
type voicePage struct {
	app         *App
	content     fyne.CanvasObject
	microphone  *deviceChoice
	loudspeaker *deviceChoice
	level       *meter // of the microphone
	heard       *meter // of the loudspeaker
	trouble     *widget.Label
	said        *widget.Label
	threshold   *widget.Slider
	loop        *widget.Button
	tone        *widget.Button
	learn       *widget.Button
	trial       *sound.Trial // nil: nothing is tried
	wanted      bool         // of the trial: one hears oneself
	looking     bool         // which devices there are
	unlisted    error        // why that is not known; nil: it is

	ctx    context.Context // until the page is closed
	cancel context.CancelFunc
	stops  []func()
}

func newVoicePage(a *App) *voicePage {
	p := &voicePage{app: a, level: newMeter(), heard: newMeter(), trouble: newNote(), said: newNote()}
	p.ctx, p.cancel = context.WithCancel(a.ctx)
	p.loop = widget.NewButtonWithIcon(lang.L("Hear yourself"), theme.MediaPlayIcon(), p.toggleLoop)
	p.tone = widget.NewButtonWithIcon(lang.L("Play a test tone"), theme.VolumeUpIcon(), p.playTone)
	p.learn = widget.NewButtonWithIcon(lang.L("Find it by speaking"), iconMicrophone, p.calibrate)
	v := a.cfg.Settings.Get().Voice
	p.microphone = newDeviceChoice(device.KindCapture, v.Microphone, func(id string) { p.set(func(v *settings.Voice) { v.Microphone = id }) })
	p.loudspeaker = newDeviceChoice(device.KindPlayback, v.Loudspeaker, func(id string) { p.set(func(v *settings.Voice) { v.Loudspeaker = id }) })
	devices := widget.NewForm(
		row(lang.L("Microphone"), "", p.microphone.Select),
		row(lang.L("Level"), "", container.NewBorder(nil, nil, nil, p.loop, p.level)),
		row(lang.L("Loudspeaker"), "", p.loudspeaker.Select),
		row(lang.L("Level"), "", container.NewBorder(nil, nil, nil, p.tone, p.heard)),
		row(lang.L("Volume"), "", p.slider(0, 200, 5, float64(v.Volume), "%.0f %%", func(v *settings.Voice, x float64) { v.Volume = int(x) })),
	)
	when := widget.NewForm(
		row(lang.L("I am heard"), "", choose(
			[]string{lang.L("while I speak"), lang.L("while I hold a key"), lang.L("always")},
			[]string{settings.ModeActivity, settings.ModePushToTalk, settings.ModeContinuous}, v.Mode,
			func(mode string) { p.set(func(v *settings.Voice) { v.Mode = mode }) })),
		row(lang.L("Speech begins at"), lang.L("fully to the right it follows the noise by itself"), p.thresholdRow(v.Threshold)),
	)
	clean := container.NewGridWithColumns(2,
		p.check(lang.L("Take out echo"), v.Echo, func(v *settings.Voice, on bool) { v.Echo = on }),
		p.check(lang.L("Take out noise"), v.Noise, func(v *settings.Voice, on bool) { v.Noise = on }),
		p.check(lang.L("Bring speech to one level"), v.Gain, func(v *settings.Voice, on bool) { v.Gain = on }),
		p.check(lang.L("Take out rumble"), v.HighPass, func(v *settings.Voice, on bool) { v.HighPass = on }),
		p.check(lang.L("Bring others to one level"), v.Normalize, func(v *settings.Voice, on bool) { v.Normalize = on }),
	)
	line := widget.NewForm(
		row(lang.L("Frame"), lang.L("short: less delay; long: less data"), choose(
			[]string{"10 ms", "20 ms", "40 ms", "60 ms"}, []string{"10", "20", "40", "60"}, fmt.Sprint(v.FrameMillis),
			func(text string) { p.set(func(v *settings.Voice) { _, _ = fmt.Sscan(text, &v.FrameMillis) }) })),
	)
	for _, item := range p.delays(v) {
		line.AppendItem(item)
	}
	p.content = container.NewScroll(container.NewPadded(
		container.NewVBox(devices, p.trouble, when, p.said, heading(lang.L("Sound")), clean, heading(lang.L("Line")), line)))
	p.try(false)
	p.look()
	p.stops = append(p.stops, a.every(meterEvery, p.measure), a.every(lookEvery, p.look))
	return p
}

// newNote is a text for what there is to say, which is nothing at first.
func newNote() *widget.Label {
	l := widget.NewLabel("")
	l.Wrapping = fyne.TextWrapWord
	l.Hide()
	return l
}

// note says something, or with "" nothing.
func note(l *widget.Label, text string) {
	if l.Text == text {
		return
	}
	l.SetText(text)
	l.Hidden = text == ""
	l.Refresh()
}

// set changes the settings of the voice and brings them into force.
func (p *voicePage) set(change func(*settings.Voice)) {
	p.app.change(func(s *settings.Settings) { change(&s.Voice) })
	p.app.applySound()
	p.app.bar.update()
}

func (p *voicePage) check(text string, on bool, set func(*settings.Voice, bool)) *widget.Check {
	c := widget.NewCheck(text, nil)
	c.SetChecked(on)
	c.OnChanged = func(on bool) { p.set(func(v *settings.Voice) { set(v, on) }) }
	return c
}

func (p *voicePage) slider(least, most, step, now float64, format string, set func(*settings.Voice, float64)) fyne.CanvasObject {
	value := widget.NewLabel(fmt.Sprintf(format, now))
	s := widget.NewSlider(least, most)
	s.Step = step
	s.SetValue(now)
	s.OnChanged = func(x float64) { value.SetText(fmt.Sprintf(format, x)) }
	s.OnChangeEnded = func(x float64) { p.set(func(v *settings.Voice) { set(v, x) }) }
	return container.NewBorder(nil, nil, nil, value, s)
}

// look looks beside the screen which devices there are, while the page is shown: a system
// may take its time to answer, and is not asked again meanwhile.
func (p *voicePage) look() {
	if p.looking || !p.content.Visible() {
		return
	}
	p.looking = true
	var all []device.Info
	p.app.work(func(context.Context) (err error) {
		all, err = device.List()
		return err
	}, func(err error) {
		p.looking, p.unlisted = false, err
		p.microphone.offer(all)
		p.loudspeaker.offer(all)
	})
}

// thresholdRow is from which level on one speaks.
func (p *voicePage) thresholdRow(now float64) fyne.CanvasObject {
	p.threshold = widget.NewSlider(meterFloor, 0)
	p.threshold.SetValue(now)
	p.threshold.OnChangeEnded = func(x float64) { p.set(func(v *settings.Voice) { v.Threshold = x }) }
	return container.NewBorder(nil, nil, nil, p.learn, p.threshold)
}

// try takes the microphone out of the talk, to measure it; loop: one hears oneself.
func (p *voicePage) try(loop bool) {
	if p.trial != nil {
		p.end(p.trial)
	}
	p.wanted = loop
	p.trial = p.app.cfg.Sound.Try(loop)
	p.loop.SetText(onOff(loop, lang.L("Stop"), lang.L("Hear yourself")))
}

// end gives the microphone back, beside the screen: a device may take its time.
func (p *voicePage) end(trial *sound.Trial) { p.app.beside.Go(trial.Close) }

func (p *voicePage) toggleLoop() { p.try(!p.wanted) }

// playTone plays a sound by the loudspeaker, so that one can hear which one it is.
func (p *voicePage) playTone() {
	p.busy(true)
	p.app.work(func(context.Context) error {
		return p.app.cfg.Sound.TryLoudspeaker(p.ctx, sounds.Sides())
	}, func(err error) {
		p.busy(false)
		if errors.Is(err, sound.ErrInstead) {
			err = nil // measure says so
		}
		note(p.said, troubleOf(sound.Status{Loudspeaker: err}))
	})
}

// busy keeps what would be in each other's way from being done at the same time.
func (p *voicePage) busy(on bool) {
	for _, b := range []*widget.Button{p.tone, p.learn} {
		if on {
			b.Disable()
		} else {
			b.Enable()
		}
	}
}

// measure shows the levels, and what is wrong with the devices.
func (p *voicePage) measure() {
	if p.trial == nil {
		return
	}
	s := p.app.cfg.Sound.Status()
	p.level.show(s.Capture.Speech, p.threshold.Value, s.Capture.Open)
	p.heard.show(s.Heard, 0, s.Heard > meterFloor)
	text := troubleOf(s)
	switch {
	case text != "":
	case p.unlisted != nil:
		text = why(p.unlisted)
	case p.microphone.gone:
		text = troubleOf(sound.Status{Microphone: sound.ErrInstead})
	case p.loudspeaker.gone:
		text = troubleOf(sound.Status{Loudspeaker: sound.ErrInstead})
	}
	note(p.trouble, text)
}

// calibrate listens to silence and then to speech, and sets where speech begins.
func (p *voicePage) calibrate() {
	const silence, speech = 3 * time.Second, 5 * time.Second
	p.try(false)
	p.busy(true)
	trial := p.trial
	note(p.said, lang.L("Be silent for a moment…"))
	var found float64
	p.app.work(func(ctx context.Context) (err error) {
		trial.Silence(ctx, silence)
		p.app.do(func() { note(p.said, lang.L("Now speak as you always do…")) })
		found, err = trial.Speech(ctx, speech)
		return err
	}, func(err error) {
		p.busy(false)
		if err != nil {
			note(p.said, why(err))
			return
		}
		note(p.said, lang.L("Speech begins at {{.Level}} dB.", map[string]any{"Level": int(found)}))
		p.threshold.SetValue(found)
		p.set(func(v *settings.Voice) { v.Threshold = found })
	})
}

// close gives the microphone back to the talk.
func (p *voicePage) close() {
	for _, stop := range p.stops {
		stop()
	}
	p.cancel()
	if p.trial != nil {
		p.end(p.trial)
		p.trial = nil
	}
}
