package ui

import (
	"context"
	"reflect"

	"fyne.io/fyne/v2"
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
	filter  *field
	closed  map[voiceapp.ChannelID]bool
	lines   []treeLine
	chosen  treeID // the row that is selected; zero: none that is to be followed
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
	p.list = newKeyList(t.app,
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
	p.filter = newField("", "")
	p.filter.app = t.app
	p.filter.SetPlaceHolder(lang.L("Find people and channels"))
	p.filter.OnChanged = func(string) { p.update() }
	back := newPanel(colorPanel)
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
	if p.chosen == (treeID{}) {
		return
	}
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
		p.menu(line, p.below(i))
	default:
		return false
	}
	return true
}

// below is where a row that is on the screen ends.
func (p *people) below(i int) fyne.Position {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.list)
	height := newTreeRow(p).MinSize().Height + theme.Padding()
	return at.AddXY(40, min(max(0, float32(i+1)*height-p.list.GetScrollOffset()), p.list.Size().Height))
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
	case line.room.Locked != nil:
		p.talk.app.Complain(line.room.Locked)
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
