package ui

import (
	"context"
	"fmt"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// people is the tree of channels with who is in them.
type people struct {
	talk    *talk
	content fyne.CanvasObject
	list    *keyList
	filter  *widget.Entry
	closed  map[voiceapp.ChannelID]bool
	lines   []treeLine
	chosen  treeID // the row that is selected
	drawn   bool   // the list shows lines
}

// treeID names a row: a channel's, or somebody's.
type treeID struct {
	room   voiceapp.ChannelID
	person voiceapp.SessionID
}

func (l treeLine) id() treeID {
	if l.isPerson() {
		return treeID{person: l.person.Session}
	}
	return treeID{room: l.room.ID}
}

// treeLine is a row of the tree: a channel, or somebody.
type treeLine struct {
	room    session.Room
	person  session.Person // of session 0: it is the channel's row
	name    string         // what it is called here
	depth   int
	parent  bool // it has rows below it, which may be hidden
	own     bool // one is in that channel
	whisper bool // one whispers to that person
}

func (l treeLine) isPerson() bool { return l.person.Session != 0 }

func newPeople(t *talk) *people {
	p := &people{talk: t, closed: make(map[voiceapp.ChannelID]bool)}
	p.list = newKeyList(
		func() int { return len(p.lines) },
		func() fyne.CanvasObject { return newTreeRow(p) },
		func(i int, row fyne.CanvasObject) { row.(*treeRow).show(i, p.lines[i]) }, //nolint:forcetypeassert // made above
	)
	p.list.HideSeparators = true
	p.list.onKey = p.key
	p.list.OnSelected = func(i int) {
		p.list.at = i
		p.chosen = p.lines[i].id()
	}
	p.filter = widget.NewEntry()
	p.filter.SetPlaceHolder(lang.L("Find people and channels"))
	p.filter.OnChanged = func(string) { p.update() }
	back := canvas.NewRectangle(colored(colorPanel))
	p.content = container.NewStack(back, container.NewBorder(container.NewPadded(p.filter), nil, nil, nil, p.list))
	p.update()
	return p
}

// update makes the rows of what there is now. Nothing is drawn when they are as before:
// drawing costs more than all else that an idle client does.
func (p *people) update() {
	before := p.lines
	p.lines = make([]treeLine, 0, len(before))
	hidden := -1 // the depth below which rows are hidden; below 0: none are
	for _, r := range p.talk.view.Rooms {
		if hidden >= 0 && r.Depth > hidden && p.filter.Text == "" {
			continue
		}
		hidden = -1
		if p.closed[r.ID] {
			hidden = r.Depth
		}
		p.addRoom(r, hidden < 0 || p.filter.Text != "")
	}
	if len(p.talk.view.Nowhere) > 0 {
		p.addRoom(session.Room{Channel: voiceapp.Channel{Name: lang.L("In no channel")}, People: p.talk.view.Nowhere}, true)
	}
	if p.drawn && reflect.DeepEqual(before, p.lines) {
		return
	}
	p.drawn = true
	p.list.Refresh()
	p.follow()
}

// redraw draws all rows, also those that are as before.
func (p *people) redraw() {
	p.drawn = false
	p.update()
}

// follow keeps the row selected that is, wherever it has moved.
func (p *people) follow() {
	for i, l := range p.lines {
		if l.id() == p.chosen {
			if p.list.at != i {
				p.list.Select(i)
			}
			return
		}
	}
	p.list.UnselectAll()
}

// addRoom adds the rows of a channel.
func (p *people) addRoom(r session.Room, open bool) {
	found := containsFold(r.Name, p.filter.Text)
	start := len(p.lines)
	view := p.talk.view
	p.lines = append(p.lines, treeLine{
		room: r, name: r.Name, depth: r.Depth, parent: len(r.People) > 0 || p.hasRooms(r.ID), own: r.ID != 0 && r.ID == view.Self.Channel,
	})
	for _, one := range r.People {
		name := p.talk.nameOf(one.Presence)
		if open && (found || containsFold(name, p.filter.Text)) {
			p.lines = append(p.lines, treeLine{room: session.Room{Channel: r.Channel}, person: one, name: name, depth: r.Depth + 1, whisper: one.Session == view.Whispers})
		}
	}
	if !found && len(p.lines) == start+1 {
		p.lines = p.lines[:start]
	}
}

func (p *people) hasRooms(id voiceapp.ChannelID) bool {
	for _, r := range p.talk.view.Rooms {
		if r.Parent == id && id != 0 {
			return true
		}
	}
	return false
}

// key does what keys do in the tree, and reports whether it was one of those.
func (p *people) key(i int, key fyne.KeyName) bool {
	if i < 0 || i >= len(p.lines) {
		return false
	}
	line := p.lines[i]
	switch key {
	case fyne.KeyReturn, fyne.KeyEnter:
		p.activate(line)
	case fyne.KeyLeft, fyne.KeyRight:
		p.fold(line.room.ID, key == fyne.KeyLeft)
	case desktop.KeyMenu, fyne.KeySpace:
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.list)
		p.menu(line, at.AddXY(40, 40))
	default:
		return false
	}
	return true
}

func (p *people) fold(id voiceapp.ChannelID, closed bool) {
	p.closed[id] = closed
	p.redraw()
}

// activate joins a channel, or opens what one can do with somebody.
func (p *people) activate(line treeLine) {
	switch {
	case line.isPerson():
		p.talk.showPerson(line.person)
	case line.room.ID == 0 || line.room.ID == p.talk.view.Self.Channel:
	case line.room.Locked != "":
		p.talk.app.Complain(voiceapp.NewError(voiceapp.Forbidden, line.room.Locked))
	default:
		p.talk.app.try(func(ctx context.Context) error { return p.talk.session.Client().Join(ctx, line.room.ID) })
	}
}

// menu opens what can be done with a row.
func (p *people) menu(line treeLine, at fyne.Position) {
	menu := p.talk.roomMenu(line.room)
	if line.isPerson() {
		menu = p.talk.personMenu(line.person)
	}
	widget.ShowPopUpMenuAtPosition(menu, p.talk.app.window.Canvas(), at)
}

// keyList is a list that hands keys to its owner.
type keyList struct {
	widget.List
	onKey func(i int, key fyne.KeyName) bool
	at    int // the row that keys are for
}

func newKeyList(length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject)) *keyList {
	l := &keyList{}
	l.Length, l.CreateItem, l.UpdateItem = length, create, update
	l.OnHighlighted = func(i int) { l.at = i }
	l.OnSelected = func(i int) { l.at = i }
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey implements fyne.Focusable.
func (l *keyList) TypedKey(event *fyne.KeyEvent) {
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
		people: p, indent: canvas.NewRectangle(colored(theme.ColorNameBackground)), fold: widget.NewIcon(nil), dot: canvas.NewCircle(colored(colorQuiet)),
		kind: widget.NewIcon(iconRoom), name: widget.NewLabel(""), extra: widget.NewLabel(""), marks: container.NewHBox(),
	}
	r.indent.FillColor = nil
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
		r.extra.SetText(roleName(p.Role))
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
	if room.Locked != "" {
		r.kind.SetResource(iconLock)
	}
	r.name.TextStyle.Bold = true
	r.name.Importance = widget.MediumImportance
	if room.Locked != "" || room.Full {
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
	atArrow := event.Position.X < r.fold.Position().X+r.indent.Size().Width+r.fold.Size().Width+8
	if !r.line.isPerson() && r.line.parent && event.Button == desktop.MouseButtonPrimary && atArrow {
		r.people.fold(r.line.room.ID, !r.people.closed[r.line.room.ID])
	}
}

// MouseUp implements desktop.Mouseable.
func (r *treeRow) MouseUp(*desktop.MouseEvent) {}
