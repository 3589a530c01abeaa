package ui

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
)

// showPreferences shows the settings.
func (a *App) showPreferences() {
	voices := newVoicePage(a)
	tabs := container.NewAppTabs(
		container.NewTabItemWithIcon(lang.L("Voice"), iconMicrophone, voices.content),
		container.NewTabItemWithIcon(lang.L("Keys"), theme.ComputerIcon(), container.NewScroll(a.keysPage())),
		container.NewTabItemWithIcon(lang.L("Look"), theme.ColorPaletteIcon(), container.NewScroll(a.lookPage())),
	)
	stop := func() {}
	if a.host() != nil {
		page := newPluginsPage(a)
		stop = page.close
		tabs.Append(container.NewTabItemWithIcon(lang.L("Plugins"), theme.GridIcon(), page.content))
	}
	tabs.Append(container.NewTabItemWithIcon(lang.L("About"), theme.InfoIcon(), a.aboutPage()))
	tabs.SetTabLocation(container.TabLocationLeading)
	a.preferences = tabs
	shown := dialog.NewCustom(lang.L("Settings"), lang.L("Close"), tabs, a.window)
	size := a.window.Canvas().Size()
	a.show(shown, fyne.NewSize(min(820, size.Width-40), min(620, size.Height-40)), func() {
		voices.close()
		stop()
		a.bar.update()
	})
}

// row is a line of a settings page: what it is, below that why one would change it.
func row(name, help string, w fyne.CanvasObject) *widget.FormItem {
	item := widget.NewFormItem(name, w)
	item.HintText = help
	return item
}

// keysPage is which keys do what, everywhere and in the window.
func (a *App) keysPage() fyne.CanvasObject {
	k := a.cfg.Settings.Get().Keys
	field := func(text string, set func(*settings.Keys, string)) *keyEntry {
		return newKeyEntry(text, &a.keys, func(key string) {
			a.change(func(s *settings.Settings) { set(&s.Keys, key) })
			a.watchKeys()
		})
	}
	everywhere := widget.NewForm(
		row(lang.L("Push to talk"), "", field(k.PushToTalk, func(k *settings.Keys, key string) { k.PushToTalk = key })),
		row(lang.L("Mute"), "", field(k.Mute, func(k *settings.Keys, key string) { k.Mute = key })),
		row(lang.L("Deafen"), "", field(k.Deafen, func(k *settings.Keys, key string) { k.Deafen = key })),
	)
	way := lang.L("On this desktop these keys work while the window has the focus. Bind the commands below to keys in your desktop's settings; they work everywhere.")
	switch why := a.whyKeys(); {
	case why != "":
		way = why + "\n" + way
	case a.cfg.Keys != nil:
		way = lang.L("These keys work while other programs have the focus, by {{.Way}}.", map[string]any{"Way": wayName(a.cfg.Keys.Way())})
	}
	explain := widget.NewLabel(way)
	explain.Wrapping = fyne.TextWrapWord
	commands := monospaced("voiceapp-desktop ptt on | off | toggle\nvoiceapp-desktop mute\nvoiceapp-desktop deafen")
	var inside strings.Builder
	for _, one := range [][2]string{
		{"Ctrl+M", lang.L("mute")},
		{"Ctrl+D", lang.L("deafen")},
		{"Ctrl+Shift+R", lang.L("record")},
		{"Ctrl+J", lang.L("to the channels: arrows, Enter joins, Space opens the menu")},
		{"Ctrl+L", lang.L("to the chat: Up leads to the messages, Space opens the menu")},
		{"Ctrl+N", lang.L("to the servers")},
		{"Ctrl+Tab", lang.L("the next tab")},
		{"Ctrl+W", lang.L("leave the server")},
		{"Ctrl+R", lang.L("connect again at once, where the connection is lost")},
		{"Ctrl+,", lang.L("settings")},
	} {
		fmt.Fprintf(&inside, "%-14s%s\n", one[0], one[1])
	}
	return container.NewPadded(container.NewVBox(
		heading(lang.L("Everywhere")), explain, everywhere, commands,
		heading(lang.L("In the window")), monospaced(strings.TrimRight(inside.String(), "\n"))))
}

// wayName is what people call the way by which keys are heard.
func wayName(w hotkey.Way) string {
	if w == hotkey.Portal {
		return lang.L("the desktop's portal")
	}
	return string(w)
}

func heading(text string) *widget.Label {
	return widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
}

// lookPage is how the window looks, and what it tells.
func (a *App) lookPage() fyne.CanvasObject {
	now := a.cfg.Settings.Get()
	restyle := func(change func(*settings.Look)) {
		a.change(func(s *settings.Settings) { change(&s.Look) })
		a.fyne.Settings().SetTheme(newLook(a.cfg.Settings.Get().Look))
	}
	themes := []string{"system", "light", "dark"}
	names := []string{lang.L("as the system"), lang.L("light"), lang.L("dark")}
	look := choose(names, themes, now.Look.Theme, func(one string) { restyle(func(l *settings.Look) { l.Theme = one }) })
	size := widget.NewSlider(75, 200)
	size.Step = 5
	size.SetValue(float64(now.Look.Scale))
	size.OnChangeEnded = func(v float64) { restyle(func(l *settings.Look) { l.Scale = int(v) }) }
	language := choose([]string{lang.L("as the system"), "English", "Deutsch"}, []string{"", "en", "de"}, now.Look.Language, func(one string) {
		a.change(func(s *settings.Settings) { s.Look.Language = one })
	})
	check := func(text string, on bool, set func(*settings.Tell, bool)) *widget.Check {
		c := widget.NewCheck(text, nil)
		c.SetChecked(on)
		c.OnChanged = func(on bool) { a.change(func(s *settings.Settings) { set(&s.Tell, on) }) }
		return c
	}
	return container.NewPadded(widget.NewForm(
		row(lang.L("Theme"), "", look),
		row(lang.L("Text size"), "", size),
		row(lang.L("Language"), lang.L("from the next start on"), language),
		row(lang.L("Sounds"), "", check(lang.L("for who comes and goes, messages, mute and the connection"), now.Tell.Sounds, func(t *settings.Tell, on bool) { t.Sounds = on })),
		row(lang.L("Notifications"), "", check(lang.L("for direct messages"), now.Tell.Messages, func(t *settings.Tell, on bool) { t.Messages = on })),
		row("", "", check(lang.L("for who comes into my channel"), now.Tell.Joins, func(t *settings.Tell, on bool) { t.Joins = on })),
	))
}

// choose is a choice of values under the names that people know them by.
func choose(names, values []string, now string, set func(string)) *widget.Select {
	s := widget.NewSelect(names, nil)
	for i, v := range values {
		if v == now {
			s.SetSelectedIndex(i)
		}
	}
	s.OnChanged = func(string) { set(values[s.SelectedIndex()]) }
	return s
}

func (a *App) aboutPage() fyne.CanvasObject {
	text := widget.NewRichTextFromMarkdown(fmt.Sprintf("# voiceapp\n\n%s\n\n%s\n\n%s",
		lang.L("Version {{.Version}}", map[string]any{"Version": a.cfg.Version}),
		lang.L("Self-hosted group voice. Everything that you say and write is encrypted between you and the server."),
		lang.L("Made of free software, under the MIT licence.")))
	text.Wrapping = fyne.TextWrapWord
	return container.NewPadded(text)
}

// every calls do on Fyne's goroutine again and again, until the function that it returns
// is called.
func (a *App) every(d time.Duration, do func()) (stop func()) {
	done := make(chan struct{})
	a.beside.Go(func() {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-a.ctx.Done():
				return
			case <-tick.C:
				a.do(do)
			}
		}
	})
	return sync.OnceFunc(func() { close(done) })
}
