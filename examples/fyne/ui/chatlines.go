package ui

import (
	"context"
	"image/color"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/session"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
)

// lineLook is all that makes one message look as it does.
type lineLook struct {
	session.Line
	at   string        // its time
	more bool          // it goes on after one of the same person
	role voiceapp.Role // of who reads it, who may delete it then
}

// drawnLine is what a message looks like, and the part of it that has a menu.
type drawnLine struct {
	fyne.CanvasObject
	area *menuArea
}

// show draws the messages. Those that look as before stay: to make hundreds anew for each
// that comes is felt.
func (c *chatPane) show(lines []session.Line) {
	made := make(map[lineLook]drawnLine, len(lines))
	c.areas = make([]*menuArea, 0, len(lines))
	objects := []fyne.CanvasObject{c.older}
	now := time.Now()
	var last session.Line
	for _, line := range lines {
		look := lineLook{Line: line, at: text.Clock(line.Sent, now), more: follows(line, last), role: c.talk.view.Self.Role}
		drawn, ok := c.made[look]
		if !ok {
			drawn = c.line(look)
		}
		delete(c.made, look) // nothing is shown twice
		made[look] = drawn
		c.areas = append(c.areas, drawn.area)
		objects = append(objects, drawn.CanvasObject)
		last = line
	}
	if len(lines) == 0 {
		empty := widget.NewLabel(lang.L("Nothing was written here yet."))
		empty.Importance = widget.LowImportance
		objects = append(objects, empty)
	}
	c.made = made
	before := c.lines.Objects
	if n := len(before); n > 0 && n < len(objects) && slices.Equal(before, objects[:n]) {
		for _, object := range objects[n:] {
			c.lines.Add(object) // the others are not drawn anew
		}
		return
	}
	c.lines.Objects = objects
	c.lines.Refresh()
}

// column lays out the lines, and what they are scrolled in, and stays at their end: how
// high they are, and how much of them is seen, is not known before.
type column struct {
	box  fyne.Layout
	pane *chatPane
}

// MinSize implements fyne.Layout.
func (l *column) MinSize(objects []fyne.CanvasObject) fyne.Size { return l.box.MinSize(objects) }

// Layout implements fyne.Layout.
func (l *column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.box.Layout(objects, size)
	if c := l.pane; c.atEnd {
		c.scroll.Offset.Y = max(0, c.lines.Size().Height-c.scroll.Size().Height)
		c.lines.Move(fyne.NewPos(0, -c.scroll.Offset.Y))
	}
}

// scrolled notes whether the last line is seen, or nearly.
func (c *chatPane) scrolled(to fyne.Position) {
	c.atEnd = to.Y+c.scroll.Size().Height >= c.lines.MinSize().Height-40
}

// follows reports whether a message goes on after one of the same person.
func follows(line, last session.Line) bool {
	return line.Name == last.Name && line.Own == last.Own && !line.Plugin && line.Sent.Sub(last.Sent) < 5*time.Minute
}

// line draws one message.
func (c *chatPane) line(look lineLook) drawnLine {
	l := look.Line
	text := widget.NewRichText(segments(l.Text, c.talk.app.Follow)...)
	text.Wrapping = fyne.TextWrapWord
	area := c.withMenu(look, text)
	if look.more {
		return drawnLine{area, area}
	}
	ink := theme.ColorNameForeground
	switch {
	case l.Own:
		ink = colorOwn
	case l.Plugin:
		ink = theme.ColorNamePlaceHolder
	}
	at := look.at
	if !l.Edited.IsZero() {
		at += " " + lang.L("(edited)")
	}
	head := container.NewHBox(newGap(4), newHeading(plain(c.author(l)), ink, theme.SizeNameText), newCaption(at))
	return drawnLine{container.NewBorder(container.NewBorder(newGap(4), nil, nil, nil, head), nil, nil, nil, area), area}
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

// segments parts a text into what is a link and what is not; follow follows a link to a
// server.
func segments(text string, follow func(link string)) (parts []widget.RichTextSegment) {
	plainText := func(s string) {
		if s != "" {
			parts = append(parts, &widget.TextSegment{Style: widget.RichTextStyleInline, Text: s})
		}
	}
	withServers := func(s string) {
		for {
			at, link := serverLink(s)
			if link == "" {
				plainText(s)
				return
			}
			plainText(s[:at])
			parts = append(parts, &widget.HyperlinkSegment{Text: link, OnTapped: func() { follow(link) }})
			s = s[at+len(link):]
		}
	}
	end := 0
	for at, link := range voiceapp.WebLinks(text) {
		target, err := url.Parse(link)
		if err != nil {
			continue
		}
		withServers(text[end:at])
		parts = append(parts, &widget.HyperlinkSegment{Text: link, URL: target})
		end = at + len(link)
	}
	withServers(text[end:])
	return parts
}

// serverLink finds the first link to a server in a text, and where it begins; "": there is
// none. It ends where one to the web would.
func serverLink(text string) (at int, link string) {
	const scheme = "voiceapp://"
	for {
		next := strings.Index(text[at:], scheme)
		if next < 0 {
			return 0, ""
		}
		at += next
		link = text[at:]
		if end := strings.IndexFunc(link, func(r rune) bool {
			return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) || strings.ContainsRune("<>\"`{}|\\^", r)
		}); end >= 0 {
			link = link[:end]
		}
		link = strings.TrimRight(link, ".,;:!?'*_~)]")
		if _, _, err := bookmarks.ParseLink(link); err == nil {
			return at, link
		}
		at += len(scheme)
	}
}

// withMenu lets a message that one may change be changed.
func (c *chatPane) withMenu(look lineLook, body fyne.CanvasObject) *menuArea {
	t, l := c.talk, look.Line
	var items []*fyne.MenuItem
	if l.ID != 0 && l.Own {
		items = append(items, fyne.NewMenuItem(lang.L("Edit…"), func() { c.edit(l) }))
	}
	if l.ID != 0 && (l.Own || look.role >= voiceapp.RoleModerator) {
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
	text.Validator = inWords(voiceapp.CheckMessage)
	c.talk.app.showForm(lang.L("Edit the message"), lang.L("Save"), []*widget.FormItem{widget.NewFormItem("", text)}, func() {
		c.talk.app.try(func(ctx context.Context) error {
			_, err := c.talk.session.Client().EditChat(ctx, l.ID, text.Text)
			return err
		})
	})
}
