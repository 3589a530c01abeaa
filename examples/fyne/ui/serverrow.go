package ui

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// serverRow is one saved server.
type serverRow struct {
	bookmark bookmarks.Bookmark
	content  fyne.CanvasObject
	state    fyne.ThemeColorName
	dot      *tinted
	live     *widget.Label
}

func newServerRow(s *servers, b bookmarks.Bookmark) *serverRow {
	r := &serverRow{bookmark: b, state: colorQuiet, live: widget.NewLabel("…")}
	circle := canvas.NewCircle(nil)
	r.dot = newTinted(circle, func() { circle.FillColor = colored(r.state) })
	name := widget.NewLabelWithStyle(plain(title(b)), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	name.Truncation = fyne.TextTruncateEllipsis
	where := widget.NewLabel(about(b, time.Now()))
	where.Importance, where.Truncation = widget.LowImportance, fyne.TextTruncateEllipsis
	r.live.Importance = widget.LowImportance
	r.live.Alignment = fyne.TextAlignTrailing
	enter := widget.NewButtonWithIcon(lang.L("Connect"), theme.LoginIcon(), func() { s.app.connect(b, "") })
	enter.Importance = widget.HighImportance
	more := widget.NewButtonWithIcon("", theme.MoreVerticalIcon(), nil)
	more.Importance = widget.LowImportance
	more.OnTapped = func() { showMenu(s.app.window, more, s.rowMenu(b)) }
	dot := container.NewCenter(container.NewGridWrap(fyne.NewSize(12, 12), r.dot))
	text := container.New(layout.NewCustomPaddedVBoxLayout(-8), name, where)
	row := container.NewBorder(nil, nil, container.NewPadded(dot), container.NewHBox(container.NewCenter(r.live), container.NewCenter(enter), container.NewCenter(more)), text)
	r.content = container.NewStack(newCard(), container.NewPadded(row))
	return r
}

// title is what a bookmark is called.
func title(b bookmarks.Bookmark) string {
	if b.Label != "" {
		return b.Label
	}
	return b.Address
}

// about says where a bookmark leads, and as whom.
func about(b bookmarks.Bookmark, now time.Time) string {
	text := plain(b.HostPort())
	if b.User != "" {
		text = plain(b.User) + " @ " + text
	}
	if b.Channel != "" {
		text += " / " + plain(b.Channel)
	}
	return text + "   ·   " + ago(b.LastUsed, now)
}

// say shows what the server said of itself.
func (r *serverRow) say(said serverStatus) {
	r.state = theme.ColorNameError
	switch {
	case errors.Is(said.Err, voiceapp.KeyChanged):
		r.live.SetText(lang.L("another key than before"))
	case said.Err != nil:
		r.live.SetText(brief(said.Err))
		if errors.Is(said.Err, control.Unreachable) || utf8.RuneCountInString(r.live.Text) > 48 {
			r.live.SetText(lang.L("not reachable"))
		}
	default:
		r.state = colorTalking
		r.live.SetText(fmt.Sprintf("%s   ·   %s   ·   %s", lang.N("{{.Count}} people", said.People, map[string]any{"Count": said.People}), millis(said.RoundTrip), plain(said.Version)))
	}
	r.dot.Refresh()
}

// rowMenu is what one can do with a saved server. It moves within its folder.
func (s *servers) rowMenu(b bookmarks.Bookmark) *fyne.Menu {
	book := s.app.cfg.Book
	then := func(err error) {
		s.app.Complain(err)
		s.fill()
	}
	beside := slices.DeleteFunc(book.List(), func(one bookmarks.Bookmark) bool { return one.Folder != b.Folder })
	at := slices.IndexFunc(beside, func(one bookmarks.Bookmark) bool { return one.ID == b.ID })
	up := fyne.NewMenuItem(lang.L("Move up"), func() { then(book.Move(b.ID, beside[at-1].ID)) })
	up.Disabled = at <= 0
	down := fyne.NewMenuItem(lang.L("Move down"), func() { then(book.Move(beside[at+1].ID, b.ID)) })
	down.Disabled = at < 0 || at == len(beside)-1
	return fyne.NewMenu("",
		fyne.NewMenuItem(lang.L("Edit…"), func() { s.edit(b) }),
		fyne.NewMenuItem(lang.L("Duplicate"), func() {
			double := b
			double.ID, double.LastUsed, double.Label = "", time.Time{}, lang.L("Copy of {{.Name}}", map[string]any{"Name": title(b)})
			_, err := book.Add(double)
			then(err)
		}),
		fyne.NewMenuItem(lang.L("Copy the link"), func() { s.app.fyne.Clipboard().SetContent(b.Link().String()) }),
		up, down,
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(lang.L("Remove…"), func() { s.remove(b, then) }),
	)
}

// showMenu opens a menu below a widget.
func showMenu(w fyne.Window, below fyne.CanvasObject, menu *fyne.Menu) {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(below)
	widget.ShowPopUpMenuAtPosition(menu, w.Canvas(), at.AddXY(0, below.Size().Height))
}
