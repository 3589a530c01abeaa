package ui

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
)

// keyList is a list that hands keys to its owner, and those of the settings to the window.
type keyList struct {
	widget.List
	keyPasser
	onKey func(i int, key fyne.KeyName) bool
	at    int // the row that keys are for
}

func newKeyList(a *App, length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject)) *keyList {
	l := &keyList{keyPasser: keyPasser{a}}
	l.Length, l.CreateItem, l.UpdateItem = length, create, update
	l.OnHighlighted = func(i int) { l.at = i }
	l.OnSelected = func(i int) { l.at = i }
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey implements fyne.Focusable.
func (l *keyList) TypedKey(event *fyne.KeyEvent) {
	if l.holds(event.Name) {
		return
	}
	if l.onKey == nil || !l.onKey(l.at, event.Name) {
		l.List.TypedKey(event)
	}
}

// treeRow is what a line looks like.
type treeRow struct {
	widget.BaseWidget
	people *people
	index  int
	line   treeLine

	indent *canvas.Rectangle
	fold   *widget.Icon
	dot    *canvas.Circle
	kind   *widget.Icon
	name   *widget.Label
	extra  *widget.Label
	marks  *fyne.Container
	box    *fyne.Container
}

func newTreeRow(p *people) *treeRow {
	r := &treeRow{
		people: p, indent: canvas.NewRectangle(color.Transparent), fold: widget.NewIcon(nil), dot: canvas.NewCircle(colored(colorQuiet)),
		kind: widget.NewIcon(iconRoom), name: widget.NewLabel(""), extra: widget.NewLabel(""), marks: container.NewHBox(),
	}
	r.name.Truncation = fyne.TextTruncateEllipsis
	r.extra.Importance = widget.LowImportance
	dot := container.NewCenter(container.NewGridWrap(fyne.NewSize(10, 10), r.dot))
	r.box = container.NewBorder(nil, nil, container.NewHBox(r.indent, r.fold, dot, r.kind), container.NewHBox(r.marks, r.extra), r.name)
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *treeRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.box) }

// show shows a line.
func (r *treeRow) show(i int, line treeLine) {
	r.index, r.line = i, line
	indent := float32(line.depth) * 18
	if line.isPerson() {
		indent += 14
	}
	r.indent.SetMinSize(fyne.NewSize(indent, 1))
	r.marks.RemoveAll()
	if line.isPerson() {
		r.showPerson(line)
	} else {
		r.showRoom(line)
	}
	r.box.Refresh()
}

func (r *treeRow) showPerson(line treeLine) {
	p := line.person
	r.fold.Hide()
	r.kind.Hide()
	r.dot.Show()
	r.dot.FillColor = colored(colorQuiet)
	if p.Talking {
		r.dot.FillColor = colored(colorTalking)
	}
	r.name.TextStyle.Bold = p.Self
	r.name.Importance = widget.MediumImportance
	if p.Talking {
		r.name.Importance = widget.SuccessImportance
	}
	r.name.SetText(plain(line.name))
	r.extra.SetText("")
	if p.Role >= voiceapp.RoleModerator {
		r.extra.SetText(text.Role(p.Role))
	}
	r.mark(p.Unread > 0, theme.MailComposeIcon())
	r.mark(line.whisper, iconWhisper)
	r.mark(p.Priority, iconStar)
	r.mark(p.Recording, theme.NewErrorThemedResource(iconRecord))
	r.mark(p.Hearing.Muted, theme.VolumeMuteIcon())
	r.mark(p.Muted, theme.NewErrorThemedResource(iconMicrophoneOff))
	r.mark(p.SelfMuted && !p.Muted, iconMicrophoneOff)
	r.mark(p.Deaf, theme.NewErrorThemedResource(iconHeadphonesOff))
	r.mark(p.SelfDeaf && !p.Deaf, iconHeadphonesOff)
}

func (r *treeRow) showRoom(line treeLine) {
	room := line.room
	r.dot.Hide()
	r.kind.Show()
	r.fold.Show()
	r.fold.SetResource(nil)
	if line.parent {
		r.fold.SetResource(theme.MenuDropDownIcon())
		if r.people.closed[room.ID] {
			r.fold.SetResource(theme.NavigateNextIcon())
		}
	}
	r.kind.SetResource(iconRoom)
	if room.Locked != nil {
		r.kind.SetResource(iconLock)
	}
	r.name.TextStyle.Bold = true
	r.name.Importance = widget.MediumImportance
	if room.Locked != nil || room.Full {
		r.name.Importance = widget.LowImportance
	}
	if line.own {
		r.name.Importance = widget.HighImportance
	}
	r.name.SetText(plain(room.Name))
	r.extra.SetText(roomCount(room))
	r.mark(room.Unread > 0 && room.ID != 0, theme.MailComposeIcon())
	r.mark(room.Listening, theme.VolumeUpIcon())
}

// roomCount says how many are in a channel, of how many, where that is worth a word.
func roomCount(r session.Room) string {
	switch {
	case r.MaxUsers > 0:
		return fmt.Sprintf("%d/%d", len(r.People), r.MaxUsers)
	case len(r.People) > 0:
		return fmt.Sprint(len(r.People))
	}
	return ""
}

func (r *treeRow) mark(on bool, icon fyne.Resource) {
	if on {
		r.marks.Add(widget.NewIcon(icon))
	}
}

// DoubleTapped implements fyne.DoubleTappable.
func (r *treeRow) DoubleTapped(*fyne.PointEvent) { r.people.activate(r.line) }

// TappedSecondary implements fyne.SecondaryTappable.
func (r *treeRow) TappedSecondary(at *fyne.PointEvent) {
	r.people.list.Select(r.index)
	r.people.menu(r.line, at.AbsolutePosition)
}

// MouseDown selects the row at once, and folds it at its arrow.
func (r *treeRow) MouseDown(event *desktop.MouseEvent) {
	r.people.list.Select(r.index)
	r.people.talk.app.window.Canvas().Focus(r.people.list)
	atArrow := event.Position.X < r.fold.Position().X+r.fold.Size().Width+8
	if !r.line.isPerson() && r.line.parent && event.Button == desktop.MouseButtonPrimary && atArrow {
		r.people.fold(r.line.room.ID, !r.people.closed[r.line.room.ID])
	}
}

// MouseUp implements desktop.Mouseable.
func (r *treeRow) MouseUp(*desktop.MouseEvent) {}
