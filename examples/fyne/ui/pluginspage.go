package ui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// pluginsPage is the plugins in their order.
type pluginsPage struct {
	app     *App
	content fyne.CanvasObject
	rows    *fyne.Container
	figures map[string]*widget.Label
	load    pluginLoad
	shown   string // what the rows show
	close   func()
}

func newPluginsPage(a *App) *pluginsPage {
	p := &pluginsPage{app: a, rows: container.NewVBox(), figures: make(map[string]*widget.Label)}
	about := widget.NewLabel(lang.L("Plugins change what you say and what is written. They run in a sandbox: they get what you allow here, and nothing else. Put their files into the folder."))
	about.Wrapping = fyne.TextWrapWord
	folder := widget.NewButtonWithIcon(lang.L("Copy the folder's name"), theme.FolderIcon(), func() { a.fyne.Clipboard().SetContent(a.cfg.PluginDir) })
	folder.Importance = widget.LowImportance
	p.content = container.NewBorder(container.NewPadded(container.NewVBox(about, container.NewHBox(folder, monospaced(a.cfg.PluginDir)))), nil, nil, nil, container.NewVScroll(container.NewPadded(p.rows)))
	p.update()
	p.close = a.every(time.Second, p.update)
	return p
}

// update draws what has changed.
func (p *pluginsPage) update() {
	all := p.app.host().Plugins()
	p.load.measure(time.Now(), all)
	shown := ""
	for _, one := range all {
		shown += fmt.Sprintln(one.Name, one.Version, one.Enabled, one.State)
		if label := p.figures[one.Name]; label != nil {
			label.SetText(p.load.figures(one))
		}
	}
	if shown == p.shown && shown != "" {
		return
	}
	p.shown = shown
	p.rows.RemoveAll()
	if len(all) == 0 {
		p.rows.Add(widget.NewLabel(lang.L("There are no plugins in the folder.")))
	}
	for i, one := range all {
		p.rows.Add(p.row(all, i, one))
	}
	p.rows.Refresh()
}

// row is one plugin.
func (p *pluginsPage) row(all []voiceapp.PluginInfo, i int, one voiceapp.PluginInfo) fyne.CanvasObject {
	host := p.app.host()
	on := widget.NewCheck("", nil)
	on.SetChecked(one.Enabled)
	on.OnChanged = func(want bool) {
		if want {
			p.enable(one.Name)
		} else {
			p.done(host.Disable(one.Name))
		}
	}
	name := widget.NewLabelWithStyle(fmt.Sprintf("%s %s", plain(one.Name), plain(one.Version)), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	state := widget.NewLabel(strings.Join([]string{plain(one.Author), strings.Join(one.Hooks, ", "), conditionOf(one)}, " · "))
	state.Importance, state.Truncation = widget.LowImportance, fyne.TextTruncateEllipsis
	figures := widget.NewLabel(p.load.figures(one))
	figures.Importance, figures.Truncation = widget.LowImportance, fyne.TextTruncateEllipsis
	p.figures[one.Name] = figures
	order := func(by int) func() {
		return func() {
			names := make([]string, 0, len(all))
			for _, each := range all {
				names = append(names, each.Name)
			}
			names[i], names[i+by] = names[i+by], names[i]
			p.done(host.Reorder(names...))
		}
	}
	up := widget.NewButtonWithIcon("", theme.MoveUpIcon(), nil)
	down := widget.NewButtonWithIcon("", theme.MoveDownIcon(), nil)
	if i > 0 {
		up.OnTapped = order(-1)
	} else {
		up.Disable()
	}
	if i < len(all)-1 {
		down.OnTapped = order(1)
	} else {
		down.Disable()
	}
	set := widget.NewButtonWithIcon("", theme.SettingsIcon(), func() { p.configure(one.Name) })
	text := container.NewVBox(container.NewBorder(nil, nil, name, nil, figures), state)
	return container.NewBorder(nil, widget.NewSeparator(), container.NewCenter(on), container.NewCenter(container.NewHBox(up, down, set)), text)
}

// conditionOf says how it goes with a plugin.
func conditionOf(p voiceapp.PluginInfo) string {
	switch p.Condition {
	case voiceapp.PluginRunning:
		return lang.L("it runs")
	case voiceapp.PluginStopped:
		return lang.L("it is switched off")
	case voiceapp.PluginUnused:
		return lang.L("there is nothing for it to do here")
	case voiceapp.PluginSwitchedOff:
		return lang.L("it failed too often: {{.Said}}", map[string]any{"Said": plain(p.State)})
	case voiceapp.PluginBroken:
		return lang.L("it can't be used: {{.Said}}", map[string]any{"Said": plain(p.State)})
	}
	return plain(p.State)
}

// done shows what went wrong, and what there is now.
func (p *pluginsPage) done(err error) {
	p.shown = ""
	p.update()
	p.app.Complain(err)
}

// enable starts a plugin, once a person has allowed what it asks for.
func (p *pluginsPage) enable(name string) {
	details, err := p.app.host().Details(name)
	if err != nil {
		p.done(err)
		return
	}
	asks := details.Manifest.Permissions
	if !slices.ContainsFunc(asks, func(one string) bool { return !slices.Contains(details.Granted, one) }) {
		p.start(name, asks)
		return
	}
	text := widget.NewLabel(lang.L("{{.Plugin}} asks for:", map[string]any{"Plugin": plain(name)}) + "\n\n" + permissionsText(asks))
	text.Wrapping = fyne.TextWrapWord
	ask := dialog.NewCustomConfirm(lang.L("Allow it?"), lang.L("Allow"), lang.L("Cancel"), text, func(yes bool) {
		if yes {
			p.start(name, asks)
		} else {
			p.done(nil)
		}
	}, p.app.window)
	p.app.show(ask, fyne.NewSize(420, 0), nil)
}

// permissionsText says what permissions mean.
func permissionsText(names []string) string {
	var lines []string
	for _, name := range names {
		what := map[string]string{
			"clock":  lang.L("to know what time it is"),
			"random": lang.L("to have random numbers"),
		}[name]
		lines = append(lines, "•  "+plain(name)+"  "+what)
	}
	return strings.Join(lines, "\n")
}

func (p *pluginsPage) start(name string, permissions []string) {
	p.app.work(func(ctx context.Context) error {
		return p.app.host().Enable(ctx, name, permissions...)
	}, p.done)
}

// configure shows the settings that a plugin's manifest names.
func (p *pluginsPage) configure(name string) {
	details, err := p.app.host().Details(name)
	if err != nil {
		p.done(err)
		return
	}
	m := details.Manifest
	values := map[string]any{}
	about := widget.NewLabel(plain(m.Description))
	about.Wrapping = fyne.TextWrapWord
	form := widget.NewForm()
	for _, s := range m.Settings {
		form.AppendItem(row(plain(settingTitle(s)), plain(s.Help), settingWidget(s, details.Settings[s.Name], func(v any) { values[s.Name] = v })))
	}
	trusted := widget.NewCheck(lang.L("Trust it: faster, but it can hold up the whole program"), nil)
	trusted.SetChecked(details.Trusted)
	shown := dialog.NewCustomConfirm(plain(name), lang.L("Save"), lang.L("Cancel"), container.NewVBox(about, form, trusted), func(yes bool) {
		if !yes {
			return
		}
		p.app.work(func(ctx context.Context) error {
			if trusted.Checked != details.Trusted {
				if err := p.app.host().Trust(ctx, name, trusted.Checked); err != nil {
					return err
				}
			}
			if len(values) == 0 {
				return nil
			}
			return p.app.host().Configure(ctx, name, values)
		}, p.done)
	}, p.app.window)
	p.app.show(shown, fyne.NewSize(480, 0), nil)
}

func settingTitle(s plugin.Setting) string {
	if s.Title != "" {
		return s.Title
	}
	return s.Name
}

// settingWidget is what a setting is changed by; set gets each value that it can have.
func settingWidget(s plugin.Setting, now any, set func(any)) fyne.CanvasObject {
	parsed := func(text string) error {
		v, err := s.Parse(text)
		if err == nil {
			set(v)
		}
		return err
	}
	switch {
	case s.Type == plugin.TypeBool:
		c := widget.NewCheck("", func(on bool) { set(on) })
		c.Checked, _ = now.(bool)
		return c
	case s.Type == plugin.TypeChoice:
		c := widget.NewSelect(s.Choices, nil)
		c.SetSelected(fmt.Sprint(now))
		c.OnChanged = func(text string) { _ = parsed(text) } // one of those that it offers
		return c
	case s.Min != nil && s.Max != nil:
		return rangeSetting(s, now, parsed)
	}
	e := widget.NewEntry()
	e.SetText(fmt.Sprint(now))
	e.Validator = inWords(parsed)
	return e
}

// rangeSetting is a number with a least and a most.
func rangeSetting(s plugin.Setting, now any, parsed func(string) error) fyne.CanvasObject {
	format := "%.2f"
	slider := widget.NewSlider(*s.Min, *s.Max)
	slider.Step = (*s.Max - *s.Min) / 100
	if s.Type == plugin.TypeInt {
		format, slider.Step = "%.0f", 1
	}
	var x float64
	_, _ = fmt.Sscan(fmt.Sprint(now), &x) // Details gives a number
	value := widget.NewLabel(fmt.Sprintf(format, x))
	slider.SetValue(x)
	slider.OnChanged = func(x float64) {
		text := fmt.Sprintf(format, x)
		value.SetText(text)
		_ = parsed(text) // within its bounds
	}
	return container.NewBorder(nil, nil, nil, value, slider)
}
