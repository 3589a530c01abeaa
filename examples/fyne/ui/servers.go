package ui

import (
	"io"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
)

// maxTaken is the most bytes of a file that is dropped on the list, or imported.
const maxTaken = 8 << 20

// servers is the list of saved servers.
type servers struct {
	app     *App
	content fyne.CanvasObject
	search  *field
	rows    *fyne.Container
	made    map[string]*serverRow // by the bookmark's id
	found   []string              // ids of those that are searched
	closed  map[string]bool       // folders
	status  *prober
}

func newServers(a *App) *servers {
	s := &servers{app: a, rows: container.NewVBox(), made: make(map[string]*serverRow), closed: make(map[string]bool)}
	s.status = newProber(a, s.answered)
	s.search = newField("", "")
	s.search.app = a
	s.search.SetPlaceHolder(lang.L("Search, or paste a link"))
	s.search.OnChanged = func(string) { s.fill() }
	s.search.OnSubmitted = s.submitted
	s.search.ActionItem = widget.NewIcon(theme.SearchIcon())
	add := widget.NewButtonWithIcon(lang.L("Add a server"), theme.ContentAddIcon(), func() { s.edit(bookmarks.Bookmark{}) })
	add.Importance = widget.HighImportance
	more := widget.NewButtonWithIcon("", theme.MoreVerticalIcon(), nil)
	more.OnTapped = func() { showMenu(a.window, more, s.menu()) }
	bar := container.NewBorder(nil, nil, nil, container.NewHBox(add, more), s.search)
	s.content = container.NewBorder(container.NewPadded(bar), nil, nil, nil, container.NewVScroll(container.NewPadded(s.rows)))
	s.fill()
	return s
}

// start keeps the list and what is known of the servers up to date.
func (s *servers) start() {
	s.status.start()
	s.app.beside.Go(func() { s.app.cfg.Book.Watch(s.app.ctx.Done(), func() { s.app.do(s.fill) }) })
}

// visible says whether the list is on the screen: only then are the servers asked.
func (s *servers) visible(on bool) { s.status.pause(!on) }

func (s *servers) menu() *fyne.Menu {
	return fyne.NewMenu("",
		fyne.NewMenuItem(lang.L("Paste a link"), func() { s.app.Follow(s.app.fyne.Clipboard().Content()) }),
		fyne.NewMenuItem(lang.L("Import a file…"), s.importFile),
		fyne.NewMenuItem(lang.L("Export to a file…"), s.exportFile),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(lang.L("Settings…"), s.app.showPreferences),
	)
}

// fill shows what is searched. A row stays as it is while its bookmark does.
func (s *servers) fill() {
	all := s.app.cfg.Book.List()
	s.remake(all)
	s.status.watch(all)
	var rows []fyne.CanvasObject
	shown := slices.DeleteFunc(slices.Clone(all), func(b bookmarks.Bookmark) bool { return !matches(b, s.search.Text) })
	switch {
	case len(all) == 0:
		rows = append(rows, s.welcome())
	case len(shown) == 0:
		rows = append(rows, container.NewPadded(widget.NewLabel(lang.L("No saved server matches."))))
	}
	s.found = s.found[:0]
	for _, folder := range folders(shown) {
		if folder != "" {
			rows = append(rows, s.folderRow(folder))
		}
		for _, b := range shown {
			if b.Folder == folder && !(s.closed[folder] && s.search.Text == "") {
				s.found = append(s.found, b.ID)
				rows = append(rows, s.made[b.ID].content)
			}
		}
	}
	s.rows.Objects = rows
	s.rows.Refresh()
}

// remake makes the rows of bookmarks that are new or others than before.
func (s *servers) remake(all []bookmarks.Bookmark) {
	was := s.made
	s.made = make(map[string]*serverRow, len(all))
	for _, b := range all {
		row := was[b.ID]
		if row == nil || row.bookmark != b {
			row = newServerRow(s, b)
		}
		s.made[b.ID] = row
	}
}

// folders are those of bookmarks, none first, in the order in which they come.
func folders(all []bookmarks.Bookmark) []string {
	list := []string{""}
	for _, b := range all {
		if !slices.Contains(list, b.Folder) {
			list = append(list, b.Folder)
		}
	}
	return list
}

func (s *servers) folderRow(folder string) fyne.CanvasObject {
	icon := theme.MenuDropDownIcon()
	if s.closed[folder] {
		icon = theme.NavigateNextIcon()
	}
	button := widget.NewButtonWithIcon(plain(folder), icon, func() {
		s.closed[folder] = !s.closed[folder]
		s.fill()
	})
	button.Alignment, button.Importance = widget.ButtonAlignLeading, widget.LowImportance
	return button
}

func matches(b bookmarks.Bookmark, text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	return text == "" || strings.Contains(strings.ToLower(strings.Join([]string{b.Label, b.Address, b.User, b.Folder, b.Channel, b.Notes}, "\n")), text)
}

// welcome explains the program to who starts it for the first time.
func (s *servers) welcome() fyne.CanvasObject {
	title := newHeading(lang.L("Talk to your people"), theme.ColorNameForeground, theme.SizeNameHeadingText)
	how := widget.NewLabel(lang.L("You need the address of a server. Whoever runs it can tell you, or send you a link that begins with voiceapp://. Paste it above, drop it here, or add the server by hand. You can come as a guest, under any name."))
	how.Wrapping = fyne.TextWrapWord
	add := widget.NewButtonWithIcon(lang.L("Add a server"), theme.ContentAddIcon(), func() { s.edit(bookmarks.Bookmark{}) })
	add.Importance = widget.HighImportance
	local := widget.NewButtonWithIcon(lang.L("The server on this computer"), theme.ComputerIcon(), func() {
		s.edit(bookmarks.Bookmark{Address: "localhost", Label: lang.L("This computer")})
	})
	sound := widget.NewButtonWithIcon(lang.L("Set up the microphone"), iconMicrophone, s.app.showPreferences)
	return container.NewPadded(container.NewVBox(title, how, container.NewHBox(add), container.NewHBox(local), container.NewHBox(sound)))
}

// submitted follows a link that was pasted into the search, or connects to the only server that is
// found.
func (s *servers) submitted(text string) {
	if strings.Contains(text, "://") {
		s.search.SetText("")
		s.app.Follow(text)
		return
	}
	if len(s.found) == 1 {
		s.app.connect(s.made[s.found[0]].bookmark, "")
	}
}

// dropped takes links and lists of servers that are dropped on the window.
func (s *servers) dropped(_ fyne.Position, what []fyne.URI) {
	for _, one := range what {
		if one.Scheme() != "file" {
			s.app.Follow(one.String())
			continue
		}
		reader, err := storage.Reader(one)
		if err != nil {
			s.app.Complain(err)
			continue
		}
		s.take(reader)
	}
}

// take reads a file with a link, or with a list of servers.
func (s *servers) take(from io.ReadCloser) {
	defer from.Close()
	raw, err := io.ReadAll(io.LimitReader(from, maxTaken+1))
	if err == nil && len(raw) > maxTaken {
		err = voiceapp.NewError(voiceapp.Invalid, "the file is too large for a list of servers").With(bookmarks.TooLarge)
	}
	if err != nil {
		s.app.Complain(err)
		return
	}
	if _, _, err := bookmarks.ParseLink(string(raw)); err == nil {
		s.app.Follow(string(raw))
		return
	}
	list, err := bookmarks.Import(strings.NewReader(string(raw)))
	if err != nil {
		s.app.Complain(err)
		return
	}
	added, doubles, err := s.app.cfg.Book.AddAll(list)
	s.fill()
	if err != nil {
		s.app.Complain(err)
		return
	}
	s.app.showMessage(lang.L("Imported"), text.Sentence(imported(added, doubles)))
}

// imported says how many servers of a list are new, and how many were saved before.
func imported(added, doubles int) string {
	text := lang.N("{{.Added}} servers are new", added, map[string]any{"Added": added})
	if doubles > 0 {
		text += ", " + lang.N("{{.Doubles}} were there already", doubles, map[string]any{"Doubles": doubles})
	}
	return text
}

func (s *servers) importFile() {
	dialog.ShowFileOpen(func(reader fyne.URIReadCloser, err error) {
		if err == nil && reader != nil {
			s.take(reader)
		}
		s.app.Complain(err)
	}, s.app.window)
}

func (s *servers) exportFile() {
	ask := dialog.NewFileSave(func(writer fyne.URIWriteCloser, err error) {
		if err == nil && writer != nil {
			err = bookmarks.Export(writer, s.app.cfg.Book.List())
			if closing := writer.Close(); err == nil {
				err = closing
			}
		}
		s.app.Complain(err)
	}, s.app.window)
	ask.SetFileName("voiceapp-servers.toml")
	ask.Show()
}

// edit shows a bookmark to be changed, a new one when it has no id yet.
func (s *servers) edit(b bookmarks.Bookmark) {
	save := lang.L("Save")
	if b.ID == "" {
		save = lang.L("Add")
	}
	showEdit(s.app, b, save, func(bookmarks.Bookmark) { s.fill() })
}

// answered shows what a server said of itself.
func (s *servers) answered(id string, said serverStatus) {
	if row := s.made[id]; row != nil {
		row.say(said)
	}
}
