package ui

import (
	"context"
	"errors"
	"image/color"
	"net/url"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
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
	names   map[string]session.Topic // by what topics shows
	topic   session.Topic
	lines   *fyne.Container
	scroll  *container.Scroll
	older   *widget.Button
	entry   *chatEntry
	notes   *widget.Label
	noted   []string
	drawn   string // what the lines show
}

func newChatPane(t *talk) *chatPane {
	c := &chatPane{talk: t, lines: container.NewVBox(), names: make(map[string]session.Topic)}
	c.scroll = container.NewVScroll(c.lines)
	c.topics = widget.NewSelect(nil, func(name string) { c.open(c.names[name]) })
	c.topics.PlaceHolder = lang.L("no conversation")
	c.older = widget.NewButton(lang.L("Older messages"), func() { c.load(true) })
	c.older.Importance = widget.LowImportance
	c.notes = widget.NewLabel("")
	c.notes.Importance, c.notes.Truncation = widget.LowImportance, fyne.TextTruncateEllipsis
	c.notes.Hide()
	c.entry = newChatEntry(c)
	send := widget.NewButtonWithIcon("", theme.MailSendIcon(), c.entry.submit)
	send.Importance = widget.HighImportance
	bottom := container.NewVBox(c.notes, container.NewBorder(nil, nil, nil, send, c.entry))
	c.content = container.NewBorder(container.NewPadded(c.topics), container.NewPadded(bottom), nil, nil, c.scroll)
	return c
}

// open shows a conversation.
func (c *chatPane) open(topic session.Topic) {
	if topic == "" || topic == c.topic || topic == session.ChannelTopic(0) {
		return
	}
	c.topic, c.drawn = topic, ""
	c.load(false)
	c.update()
	c.read()
}

// moved follows one into another channel.
func (c *chatPane) moved(from, to voiceapp.ChannelID) {
	if c.topic == "" || c.topic == session.ChannelTopic(from) {
		c.open(session.ChannelTopic(to))
	}
}

// read says that what is shown was seen.
func (c *chatPane) read() {
	if c.topic != "" && c.talk.app.current() == c.talk {
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
	atEnd := c.scroll.Offset.Y+c.scroll.Size().Height >= c.lines.MinSize().Height-40
	objects := []fyne.CanvasObject{c.older}
	var last session.Line
	for _, line := range lines {
		objects = append(objects, c.line(line, line.Name == last.Name && line.Own == last.Own && !line.Plugin && line.Sent.Sub(last.Sent) < 5*time.Minute))
		last = line
	}
	if len(lines) == 0 {
		empty := widget.NewLabel(lang.L("Nothing was written here yet."))
		empty.Importance = widget.LowImportance
		objects = append(objects, empty)
	}
	c.lines.Objects = objects
	c.lines.Refresh()
	if atEnd {
		c.scroll.ScrollToBottom()
	}
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
	selected := ""
	add := func(name string, topic session.Topic) {
		if unread := t.session.Unread(topic); unread > 0 && topic != c.topic {
			name = "● " + name
		}
		if _, taken := c.names[name]; taken {
			return
		}
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
	for _, list := range append([][]session.Person{t.view.Nowhere}, roomsPeople(t.view.Rooms)...) {
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
	if c.topics.Selected == selected && slices.Equal(c.topics.Options, options) {
		return
	}
	c.topics.Options, c.topics.Selected = options, selected
	c.topics.Refresh()
}

func hasLines(s *session.Session, topic session.Topic) bool {
	lines, _ := s.Lines(topic)
	return len(lines) > 0
}

// line draws one message; more: it goes on after one of the same person.
func (c *chatPane) line(l session.Line, more bool) fyne.CanvasObject {
	text := widget.NewRichText(segments(l.Text)...)
	text.Wrapping = fyne.TextWrapWord
	if more {
		return c.withMenu(l, text)
	}
	ink := theme.ColorNameForeground
	switch {
	case l.Own:
		ink = colorOwn
	case l.Plugin:
		ink = theme.ColorNamePlaceHolder
	}
	at := clock(l.Sent, time.Now())
	if !l.Edited.IsZero() {
		at += " " + lang.L("(edited)")
	}
	head := container.NewHBox(newGap(4), newHeading(plain(c.author(l)), ink, theme.SizeNameText), newCaption(at))
	return container.NewBorder(container.NewBorder(newGap(4), nil, nil, nil, head), nil, nil, nil, c.withMenu(l, text))
}

func newGap(size float32) fyne.CanvasObject {
	gap := canvas.NewRectangle(color.Transparent)
	gap.SetMinSize(fyne.NewSize(size, size))
	return gap
}

func (c *chatPane) author(l session.Line) string {
	if l.Plugin {
		return lang.L("plugin")
	}
	return l.Name
}

// segments parts a text into what is a link and what is not.
func segments(text string) (parts []widget.RichTextSegment) {
	plainText := func(s string) {
		if s != "" {
			parts = append(parts, &widget.TextSegment{Style: widget.RichTextStyleInline, Text: s})
		}
	}
	end := 0
	for at, link := range voiceapp.WebLinks(text) {
		target, err := url.Parse(link)
		if err != nil {
			continue
		}
		plainText(text[end:at])
		parts = append(parts, &widget.HyperlinkSegment{Text: link, URL: target})
		end = at + len(link)
	}
	plainText(text[end:])
	return parts
}

// withMenu lets a message that one may change be changed.
func (c *chatPane) withMenu(l session.Line, body fyne.CanvasObject) fyne.CanvasObject {
	t := c.talk
	var items []*fyne.MenuItem
	if l.ID != 0 && l.Own {
		items = append(items, fyne.NewMenuItem(lang.L("Edit…"), func() { c.edit(l) }))
	}
	if l.ID != 0 && (l.Own || t.view.Self.Role >= voiceapp.RoleModerator) {
		items = append(items, fyne.NewMenuItem(lang.L("Delete"), func() {
			t.app.try(func(ctx context.Context) error { return t.session.Client().DeleteChat(ctx, l.ID, "") })
		}))
	}
	items = append(items, fyne.NewMenuItem(lang.L("Copy"), func() { t.app.fyne.Clipboard().SetContent(l.Text) }))
	return newMenuArea(t.app.window, body, fyne.NewMenu("", items...))
}

func (c *chatPane) edit(l session.Line) {
	text := widget.NewMultiLineEntry()
	text.SetText(l.Text)
	text.Wrapping = fyne.TextWrapWord
	text.Validator = voiceapp.CheckMessage
	c.talk.app.showForm(lang.L("Edit the message"), lang.L("Save"), []*widget.FormItem{widget.NewFormItem("", text)}, func() {
		c.talk.app.try(func(ctx context.Context) error {
			_, err := c.talk.session.Client().EditChat(ctx, l.ID, text.Text)
			return err
		})
	})
}

// note says who came and went, and who records.
func (c *chatPane) note(h session.Happening) {
	name := map[string]any{"Name": plain(c.talk.nameOf(h.Who))}
	text := map[session.Kind]string{
		session.HappenedJoin:     lang.L("{{.Name}} came", name),
		session.HappenedLeave:    lang.L("{{.Name}} left", name),
		session.HappenedRecorded: lang.L("{{.Name}} records what is said here", name),
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
