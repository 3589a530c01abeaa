package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// speakers names those who speak: in a channel of many, their lines of the tree may be
// out of sight, and those on another server always are.
type speakers struct {
	content *fyne.Container
	names   *widget.Label
}

func newSpeakers() *speakers {
	s := &speakers{names: widget.NewLabel("")}
	s.names.Importance, s.names.Truncation = widget.SuccessImportance, fyne.TextTruncateEllipsis
	s.content = container.NewBorder(nil, nil, widget.NewIcon(theme.VolumeUpIcon()), nil, s.names)
	s.content.Hide()
	return s
}

// show shows who speaks.
func (s *speakers) show(names []string) {
	text := strings.Join(names, ", ")
	if text == s.names.Text {
		return
	}
	s.names.SetText(text)
	s.content.Hidden = text == ""
	s.content.Refresh()
}

// speaking returns who speaks, but for oneself: first those on the server that is shown.
func (a *App) speaking() (names []string) {
	shown := a.current()
	if shown != nil {
		names = shown.speaking()
	}
	for _, item := range a.tabs.Items {
		t := a.talks[item]
		if t == nil || t == shown {
			continue
		}
		for _, name := range t.speaking() {
			names = append(names, name+" · "+plain(title(t.bookmark)))
		}
	}
	return names
}

func (t *talk) speaking() (names []string) {
	for _, room := range t.view.Rooms {
		for _, p := range room.People {
			if p.Talking && !p.Self {
				names = append(names, plain(t.nameOf(p.Presence)))
			}
		}
	}
	return names
}
