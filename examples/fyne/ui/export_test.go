package ui

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
)

// Connect connects as the button of a saved server does.
func (a *App) Connect(b bookmarks.Bookmark) { a.connect(b, "") }

// Refill shows the saved servers anew, as a change by another program does.
func (a *App) Refill() { a.servers.fill() }

// PressAt presses a key at the row of the tree that has a name.
func (a *App) PressAt(name string, key fyne.KeyName) bool {
	people := a.current().people
	for i, line := range people.lines {
		if line.isPerson() && line.person.Name == name || !line.isPerson() && line.room.Name == name {
			people.list.Select(i)
			people.list.TypedKey(&fyne.KeyEvent{Name: key})
			return true
		}
	}
	return false
}

// KeysAt is the name of the row of the tree that keys are for.
func (a *App) KeysAt() string {
	people := a.current().people
	return people.lines[people.list.at].name
}

// Settings shows the settings, and returns the pages of them.
func (a *App) Settings() *container.AppTabs {
	a.showPreferences()
	return a.preferences
}

// ShowPlugins shows the page of the plugins.
func (a *App) ShowPlugins() {
	a.showPreferences()
	a.preferences.SelectIndex(3)
}

// LookEvery is how often the page of the voice looks which devices there are.
const LookEvery = lookEvery

// Level is what a meter shows, in dBFS.
func Level(o fyne.CanvasObject) (dBFS float64, ok bool) {
	if m, ok := o.(*meter); ok {
		return m.level, true
	}
	return 0, false
}

// Delay is how long what others say waits for what is late, as the connection's figures
// have it.
func (a *App) Delay() time.Duration { return a.current().view.Quality.Delay }

// Escape closes the dialog on top.
func (a *App) Escape() { a.escape() }

// Rebind binds the keys of the settings, as a change on their page does.
func (a *App) Rebind() { a.watchKeys() }

// ToggleRecording does what its button does.
func (a *App) ToggleRecording() { a.bar.toggleRecording() }

// Recording reports whether something is recorded.
func (a *App) Recording() bool { return a.bar.recording != nil }

// Wear changes the theme, and the size of text in percent, as the settings' page does.
func (a *App) Wear(theme string, scale int) {
	a.fyne.Settings().SetTheme(newLook(settings.Look{Theme: theme, Scale: scale}))
}

// BelowChat is how much of the conversation is out of sight below.
func (a *App) BelowChat() float32 {
	c := a.current().chat
	return c.lines.Position().Y + c.lines.Size().Height - c.scroll.Size().Height
}

// ScrollChat scrolls the conversation, as a wheel does.
func (a *App) ScrollChat(up float32) {
	a.current().chat.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: up}})
}

// Split splits the window of the server that is shown, as its divider does.
func (a *App) Split(at float64) { a.current().split.SetOffset(at) }

// ShowTab shows a tab: the first is the list of servers.
func (a *App) ShowTab(i int) { a.tabs.SelectIndex(i) }

// TabShown is the tab that is shown: 0 is the list of servers.
func (a *App) TabShown() int { return a.tabs.SelectedIndex() }

// CloseTab leaves the server that is shown.
func (a *App) CloseTab() { a.closeTab(a.tabs.Selected()) }

// Turn shows another tab, as Ctrl+Tab does.
func (a *App) Turn(by int) { a.turn(by) }

// GraphGround is the ground of a connection's graph, and its edge.
func (a *App) GraphGround() (fill, edge color.Color) {
	back := newGraph().CreateRenderer().(*graphRenderer).back
	return back.FillColor, back.StrokeColor
}

// Color is a colour of the theme in force.
func (a *App) Color(name fyne.ThemeColorName) color.Color { return colored(name) }

// Speaking is whom the bar shows to speak.
func (a *App) Speaking() string {
	if !a.bar.speakers.content.Visible() {
		return ""
	}
	return a.bar.speakers.names.Text
}
