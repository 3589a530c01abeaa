package ui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
)

// maxNotes is how many of the latest "somebody came" are shown.
const maxNotes = 5

// chatPane is what is written: one conversation at a time.
type chatPane struct {
	talk    *talk
	content fyne.CanvasObject
	topics  *widget.Select
	unread  *widget.Button           // how much there is in other conversations
	waiting session.Topic            // the first of those
	names   map[string]session.Topic // by what topics shows
	topic   session.Topic
	lines   *fyne.Container
	scroll  *container.Scroll
	keys    *chatKeys
	older   *widget.Button
	entry   *chatEntry
	notes   *widget.Label
	noted   []string
	drawn   string // what the lines show
	made    map[lineLook]drawnLine
	areas   []*menuArea              // of the messages that are shown
	drafts  map[session.Topic]string // what was begun to be written to the others
	atEnd   bool                     // the last line is seen, and is to be seen when there is another
}

func newChatPane(t *talk) *chatPane {
	c := &chatPane{talk: t, names: make(map[string]session.Topic), drafts: make(map[session.Topic]string)}
	c.lines = container.New(&column{box: layout.NewVBoxLayout(), pane: c})
	c.scroll = container.NewVScroll(c.lines)
	c.scroll.OnScrolled = c.scrolled
	c.keys = newChatKeys(c)
	c.topics = widget.NewSelect(nil, func(name string) { c.open(c.names[name]) })
	c.topics.PlaceHolder = lang.L("no conversation")
	c.unread = widget.NewButtonWithIcon("", theme.MailComposeIcon(), func() { c.open(c.waiting) })
	c.unread.Importance = widget.HighImportance
	c.unread.Hide()
	c.older = widget.NewButton(lang.L("Older messages"), func() { c.load(true) })
	c.older.Importance = widget.LowImportance
	c.notes = widget.NewLabel("")
	c.notes.Importance, c.notes.Truncation = widget.LowImportance, fyne.TextTruncateEllipsis
	c.notes.Hide()
	c.entry = newChatEntry(c)
	send := widget.NewButtonWithIcon("", theme.MailSendIcon(), c.entry.submit)
	send.Importance = widget.HighImportance
	bottom := container.NewVBox(c.notes, container.NewBorder(nil, nil, nil, send, c.entry))
	c.content = container.NewBorder(container.NewPadded(container.NewBorder(nil, nil, nil, c.unread, c.topics)), container.NewPadded(bottom), nil, nil, container.New(&column{box: layout.NewStackLayout(), pane: c}, c.keys))
	return c
}

// open shows a conversation.
func (c *chatPane) open(topic session.Topic) {
	if topic == "" || topic == c.topic || topic == session.ChannelTopic(0) {
		return
	}
	c.drafts[c.topic] = c.entry.Text
	c.topic, c.drawn, c.atEnd = topic, "", true
	c.entry.SetText(c.drafts[topic])
	delete(c.drafts, topic)
	c.load(false)
	c.update()
	c.read()
}

// write opens a conversation to write to it.
func (c *chatPane) write(topic session.Topic) {
	c.open(topic)
	a := c.talk.app
	a.do(func() { a.window.Canvas().Focus(c.entry) }) // once the menu that was used has gone
}

// giveBack brings what could not be sent back to its conversation, unless something else
// is written there by now.
func (c *chatPane) giveBack(topic session.Topic, text string) {
	switch {
	case topic != c.topic && c.drafts[topic] == "":
		c.drafts[topic] = text
	case topic == c.topic && c.entry.Text == "":
		c.entry.SetText(text)
	}
}

// moved follows one into another channel, with what one is about to write.
func (c *chatPane) moved(from, to voiceapp.ChannelID) {
	if c.topic != "" && c.topic != session.ChannelTopic(from) {
		return
	}
	begun := c.entry.Text
	c.open(session.ChannelTopic(to))
	if begun != "" && c.entry.Text == "" {
		c.entry.SetText(begun)
		delete(c.drafts, session.ChannelTopic(from))
	}
}

// read says that what is shown was seen.
func (c *chatPane) read() {
	if c.topic != "" && c.talk.onScreen() {
		c.talk.session.Read(c.topic)
	}
}

func (c *chatPane) load(older bool) {
	topic := c.topic
	c.talk.app.work(func(ctx context.Context) error { return c.talk.session.LoadHistory(ctx, topic, older) }, func(err error) {
		if !errors.Is(err, voiceapp.Unavailable) { // the banner says that
			c.talk.app.Complain(err)
		}
	})
}

// update draws what is new.
func (c *chatPane) update() {
	c.fillTopics()
	lines, older := c.talk.session.Lines(c.topic)
	c.older.Hidden = !older
	drawn := fingerprint(c.topic, lines, older)
	if drawn == c.drawn {
		return
	}
	c.drawn = drawn
	c.show(lines)
	c.scroll.Refresh()
	c.read()
}

// fingerprint tells whether lines look the same as those before.
func fingerprint(topic session.Topic, lines []session.Line, older bool) string {
	var b strings.Builder
	b.WriteString(string(topic))
	if older {
		b.WriteString(" older")
	}
	for _, l := range lines {
		b.WriteString(l.Sent.String())
		b.WriteString(l.Text)
	}
	return b.String()
}

// fillTopics offers the conversations that there are.
func (c *chatPane) fillTopics() {
	t := c.talk
	clear(c.names)
	var options []string
	selected, elsewhere := "", 0
	c.waiting = ""
	add := func(name string, topic session.Topic) {
		if unread := t.session.Unread(topic); unread > 0 && topic != c.topic {
			name = "● " + name
			elsewhere += unread
			c.waiting = cmp.Or(c.waiting, topic)
		}
		name = c.unlike(name)
		c.names[name] = topic
		options = append(options, name)
		if topic == c.topic {
			selected = name
		}
	}
	for _, r := range t.view.Rooms {
		topic := session.ChannelTopic(r.ID)
		if r.ID == t.view.Self.Channel || topic == c.topic || r.Unread > 0 {
			add("# "+plain(t.pathOf(r)), topic)
		}
	}
	add(lang.L("Everyone"), session.ServerTopic)
	known := map[session.Topic]bool{}
	for _, list := range t.everybody() {
		for _, p := range list {
			topic := session.PersonTopic(p.Presence)
			if !p.Self && !known[topic] && (topic == c.topic || p.Unread > 0 || hasLines(t.session, topic)) {
				known[topic] = true
				add("@ "+plain(t.nameOf(p.Presence)), topic)
			}
		}
	}
	for _, topic := range t.session.Topics() {
		if lines, _ := t.session.Lines(topic); !known[topic] && topic != session.ServerTopic && len(lines) > 0 {
			add("@ "+plain(lines[len(lines)-1].Name)+" "+lang.L("(gone)"), topic)
		}
	}
	if text := fmt.Sprint(elsewhere); text != c.unread.Text {
		c.unread.Hidden = elsewhere == 0
		c.unread.SetText(text)
	}
	if c.topics.Selected == selected && slices.Equal(c.topics.Options, options) {
		return
	}
	c.topics.Options, c.topics.Selected = options, selected
	c.topics.Refresh()
}

// unlike returns the name for another conversation than those that have one: two people
// may be called the same.
func (c *chatPane) unlike(name string) string {
	return unlike(name, func(one string) bool {
		_, taken := c.names[one]
		return taken
	})
}

func hasLines(s *session.Session, topic session.Topic) bool {
	lines, _ := s.Lines(topic)
	return len(lines) > 0
}

// note says who came and went, who records, and whom one whispers to no longer.
func (c *chatPane) note(h session.Happening) {
	name := map[string]any{"Name": plain(c.talk.nameOf(h.Who))}
	text := map[session.Kind]string{
		session.HappenedJoin:     lang.L("{{.Name}} came", name),
		session.HappenedLeave:    lang.L("{{.Name}} left", name),
		session.HappenedRecorded: lang.L("{{.Name}} records what is said here", name),
		session.HappenedUnheard:  lang.L("{{.Name}} is gone: your whisper is over, the channel hears you", name),
	}[h.Kind]
	c.noted = append(c.noted, time.Now().Format("15:04")+" "+text)
	c.noted = c.noted[max(0, len(c.noted)-maxNotes):]
	latest := make([]string, 0, maxNotes)
	for i := len(c.noted) - 1; i >= 0; i-- {
		latest = append(latest, c.noted[i])
	}
	c.notes.SetText(strings.Join(latest, "   ·   "))
	c.notes.Show()
}
