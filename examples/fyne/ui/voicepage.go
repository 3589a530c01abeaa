package ui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
)

// voicePage is how one is heard, and hears.
type voicePage struct {
	app       *App
	content   fyne.CanvasObject
	level     *meter
	said      *widget.Label
	threshold *widget.Slider
	loop      *widget.Button
	learn     *widget.Button
	trial     *sound.Trial // nil: nothing is tried
	stop      func()
	wanted    bool // of the trial: one hears oneself
}

func newVoicePage(a *App) *voicePage {
	p := &voicePage{app: a, level: newMeter(), said: widget.NewLabel("")}
	p.said.Wrapping = fyne.TextWrapWord
	p.loop = widget.NewButtonWithIcon(lang.L("Hear yourself"), theme.MediaPlayIcon(), p.toggleLoop)
	p.learn = widget.NewButtonWithIcon(lang.L("Find it by speaking"), iconMicrophone, p.calibrate)
	v := a.cfg.Settings.Get().Voice
	devices := widget.NewForm(
		row(lang.L("Microphone"), "", p.devices(device.KindCapture, v.Microphone, func(v *settings.Voice, id string) { v.Microphone = id })),
		row(lang.L("Level"), "", container.NewBorder(nil, nil, nil, p.loop, p.level)),
		row(lang.L("Loudspeaker"), "", p.devices(device.KindPlayback, v.Loudspeaker, func(v *settings.Voice, id string) { v.Loudspeaker = id })),
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
		row(lang.L("Jitter buffer"), lang.L("how long what comes waits for what is late"), choose(
			[]string{lang.L("follows the network"), "40 ms", "80 ms", "150 ms", "300 ms"}, []string{"0", "40", "80", "150", "300"}, fmt.Sprint(v.DelayMillis),
			func(text string) { p.set(func(v *settings.Voice) { _, _ = fmt.Sscan(text, &v.DelayMillis) }) })),
	)
	p.content = container.NewPadded(container.NewVBox(devices, p.said, when, heading(lang.L("Sound")), clean, heading(lang.L("Line")), line))
	p.try(false)
	p.stop = a.every(meterEvery, p.measure)
	return p
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

// devices is the choice of a device. What there is is looked up beside the screen.
func (p *voicePage) devices(kind device.Kind, now string, set func(*settings.Voice, string)) fyne.CanvasObject {
	s := widget.NewSelect([]string{lang.L("the system's default")}, nil)
	s.SetSelectedIndex(0)
	var all []device.Info
	p.app.work(func(context.Context) (err error) {
		all, err = device.List()
		return err
	}, func(err error) {
		if err != nil {
			p.said.SetText(sentence(err.Error()))
			return
		}
		ids := []string{""}
		for _, d := range all {
			if d.Kind != kind {
				continue
			}
			taken := func(name string) bool { return slices.Contains(s.Options, name) }
			s.Options, ids = append(s.Options, unlike(plain(d.Name), taken)), append(ids, d.ID)
			if d.ID == now {
				s.SetSelectedIndex(len(ids) - 1)
			}
		}
		s.OnChanged = func(string) {
			id := ids[s.SelectedIndex()]
			p.set(func(v *settings.Voice) { set(v, id) })
		}
		s.Refresh()
	})
	return s
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

// measure shows the level, and how a calibration fares.
func (p *voicePage) measure() {
	if p.trial == nil {
		return
	}
	s := p.app.cfg.Sound.Status()
	p.level.show(s.Capture.Speech, p.threshold.Value, s.Capture.Open)
	if s.Microphone != nil {
		p.said.SetText(sentence(s.Microphone.Error()))
	}
}

// calibrate listens to silence and then to speech, and sets where speech begins.
func (p *voicePage) calibrate() {
	const silence, speech = 3 * time.Second, 5 * time.Second
	p.try(false)
	p.learn.Disable()
	trial := p.trial
	p.said.SetText(lang.L("Be silent for a moment…"))
	var found float64
	p.app.work(func(ctx context.Context) (err error) {
		trial.Silence(ctx, silence)
		p.app.do(func() { p.said.SetText(lang.L("Now speak as you always do…")) })
		found, err = trial.Speech(ctx, speech)
		return err
	}, func(err error) {
		p.learn.Enable()
		if err != nil {
			p.said.SetText(sentence(err.Error()))
			return
		}
		p.said.SetText(lang.L("Speech begins at {{.Level}} dB.", map[string]any{"Level": int(found)}))
		p.threshold.SetValue(found)
		p.set(func(v *settings.Voice) { v.Threshold = found })
	})
}

// close gives the microphone back to the talk.
func (p *voicePage) close() {
	p.stop()
	if p.trial != nil {
		p.end(p.trial)
		p.trial = nil
	}
}
