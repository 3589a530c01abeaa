package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// bookmarkCommands are the commands about saved servers.
func bookmarkCommands() []cli.Command {
	return []cli.Command{
		command("bookmark list", "", "show the saved servers",
			"Shows the servers that are saved on this computer. The desktop client has the same.\n\n  voiceapp bookmark list\n  voiceapp say hello.wav --server @Home",
			&listBookmarks{}),
		command("bookmark add", "ADDRESS", "save a server",
			"Saves a server by its address, or by a link: voiceapp://, mumble:// or ts3server://.\n\n  voiceapp bookmark add voice.example --label Home --user anna\n  voiceapp bookmark add 'voiceapp://anna@voice.example/Lobby?fp=...'",
			&addBookmark{}),
		command("bookmark edit", "NAME", "change a saved server",
			"Changes what is named of a saved server; - empties it. Another address forgets the server's key.\n\n  voiceapp bookmark edit Home --channel Games/Chess --folder -",
			&editBookmark{}),
		command("bookmark move", "NAME", "change the order of the saved servers",
			"Moves a saved server before another one, or without --before to the end.\n\n  voiceapp bookmark move Home --before Work",
			&moveBookmark{}),
		command("bookmark remove", "NAME", "forget a saved server",
			"Forgets a saved server, and what logs you in there. Where this device logs in by a token of its own, the server ends that.\n\n  voiceapp bookmark remove Home",
			&removeBookmark{}),
		command("bookmark link", "NAME", "print the link of a saved server",
			"Prints a link that leads to a saved server, with its key.\n\n  voiceapp bookmark link Home",
			&linkBookmark{}),
		command("bookmark export", "FILE", "write the saved servers into a file",
			"Writes the saved servers into a TOML file (- is standard output), without what logs you in.\n\n  voiceapp bookmark export servers.toml",
			&exportBookmarks{}),
		command("bookmark import", "FILE", "take saved servers from a file",
			"Saves the servers of a TOML file that are not saved yet (- is standard input).\n\n  voiceapp bookmark import servers.toml",
			&importBookmarks{}),
	}
}

type listBookmarks struct {
	JSON bool `name:"json" help:"one JSON object a line, for programs"`
}

// bookmarkLine is a saved server as bookmark list --json shows it.
type bookmarkLine struct {
	ID          string               `json:"id"`
	Label       string               `json:"label"`
	Folder      string               `json:"folder"`
	Address     string               `json:"address"` // with its port
	User        string               `json:"user"`
	Channel     string               `json:"channel"`
	Notes       string               `json:"notes"`
	AutoConnect bool                 `json:"auto_connect"`
	Fingerprint voiceapp.Fingerprint `json:"fingerprint,omitzero"`
	LastUsed    time.Time            `json:"last_used,omitzero"`
}

func (l *listBookmarks) run(_ context.Context, streams *cli.Streams, _ []string) error {
	book, err := openBook()
	if err != nil {
		return err
	}
	for _, b := range book.List() {
		if l.JSON {
			line := bookmarkLine{b.ID, b.Label, b.Folder, b.HostPort(), b.User, b.Channel, b.Notes, b.AutoConnect, b.Fingerprint, b.LastUsed}
			if err := streams.PrintJSON(line); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(streams.Out, "%-20s %s\n", cli.Printable(b.Label), cli.Printable(b.Link().String()))
	}
	return nil
}

// bookmarkFields is what can be said of a saved server.
type bookmarkFields struct {
	Label   string `name:"label" help:"what it is called here"`
	Folder  string `name:"folder" help:"the folder that it is shown in"`
	User    string `name:"user" value:"NAME" help:"your name there"`
	Channel string `name:"channel" value:"PATH" help:"the channel to join"`
	Notes   string `name:"notes" help:"what you want to know of it"`
	Auto    string `name:"auto-connect" value:"yes|no" help:"whether the desktop client connects when it starts"`
}

// apply changes what was named; "-" empties it.
func (f *bookmarkFields) apply(b *bookmarks.Bookmark) error {
	for _, one := range []struct {
		text string
		to   *string
	}{{f.Label, &b.Label}, {f.Folder, &b.Folder}, {f.User, &b.User}, {f.Channel, &b.Channel}, {f.Notes, &b.Notes}} {
		switch one.text {
		case "":
		case "-":
			*one.to = ""
		default:
			*one.to = one.text
		}
	}
	switch f.Auto {
	case "":
	case "yes", "no":
		b.AutoConnect = f.Auto == "yes"
	default:
		return voiceapp.NewError(voiceapp.Invalid, "--auto-connect is yes or no")
	}
	return nil
}

// readAddress reads an address, or a link.
func readAddress(text string) (bookmarks.Bookmark, error) {
	if !strings.Contains(text, "://") {
		text = "voiceapp://" + text
	}
	b, _, err := bookmarks.ParseLink(text)
	return b, err
}

type addBookmark struct{ bookmarkFields }

func (a *addBookmark) run(_ context.Context, streams *cli.Streams, args []string) error {
	b, err := readAddress(args[0])
	if err != nil {
		return err
	}
	if err := a.apply(&b); err != nil {
		return err
	}
	book, err := openBook()
	if err != nil {
		return err
	}
	if b, err = book.Add(b); err != nil {
		return err
	}
	_, err = fmt.Fprintln(streams.Out, b.ID)
	return err
}

// withBookmark does something with a saved server.
func withBookmark(name string, do func(*bookmarks.Book, bookmarks.Bookmark) error) error {
	book, err := openBook()
	if err != nil {
		return err
	}
	b, err := findBookmark(book, name)
	if err != nil {
		return err
	}
	return do(book, b)
}

type editBookmark struct {
	bookmarkFields

	Address string `name:"address" value:"HOST:PORT" help:"another address"`
}

func (e *editBookmark) run(_ context.Context, _ *cli.Streams, args []string) error {
	return withBookmark(args[0], func(book *bookmarks.Book, b bookmarks.Bookmark) error {
		_, err := book.Update(b.ID, func(one *bookmarks.Bookmark) error {
			if e.Address != "" {
				to, err := readAddress(e.Address)
				if err != nil {
					return err
				}
				one.Address, one.Port, one.Fingerprint = to.Address, to.Port, to.Fingerprint
			}
			return e.apply(one)
		})
		return err
	})
}

type moveBookmark struct {
	Before string `name:"before" value:"NAME" help:"the one that it comes before"`
}

func (m *moveBookmark) run(_ context.Context, _ *cli.Streams, args []string) error {
	return withBookmark(args[0], func(book *bookmarks.Book, b bookmarks.Bookmark) error {
		if m.Before == "" {
			return book.Move(b.ID, "")
		}
		before, err := findBookmark(book, m.Before)
		if err != nil {
			return err
		}
		return book.Move(b.ID, before.ID)
	})
}

type linkBookmark struct{}

func (*linkBookmark) run(_ context.Context, streams *cli.Streams, args []string) error {
	return withBookmark(args[0], func(_ *bookmarks.Book, b bookmarks.Bookmark) error {
		_, err := fmt.Fprintln(streams.Out, b.Link())
		return err
	})
}

type exportBookmarks struct{}

func (*exportBookmarks) run(_ context.Context, streams *cli.Streams, args []string) error {
	book, err := openBook()
	if err != nil {
		return err
	}
	if args[0] == "-" {
		return bookmarks.Export(streams.Out, book.List())
	}
	file, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return voiceapp.NewError(voiceapp.Exists, args[0]+" is there already: name another file")
	}
	if err != nil {
		return err
	}
	return errors.Join(bookmarks.Export(file, book.List()), file.Close())
}

type importBookmarks struct{}

func (*importBookmarks) run(_ context.Context, streams *cli.Streams, args []string) error {
	from := streams.In
	if args[0] != "-" {
		file, err := os.Open(args[0])
		if err != nil {
			return err
		}
		defer file.Close()
		from = file
	}
	list, err := bookmarks.Import(from)
	if err != nil {
		return err
	}
	book, err := openBook()
	if err != nil {
		return err
	}
	added, doubles, err := book.AddAll(list)
	if err == nil {
		_, err = fmt.Fprintf(streams.Out, "%d are new, %d were there already\n", added, doubles)
	}
	return err
}
