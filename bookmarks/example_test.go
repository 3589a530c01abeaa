package bookmarks_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
)

func ExamplePins_TrustFirstUse() {
	dir, err := os.MkdirTemp("", "pins")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	pins, err := bookmarks.OpenPins(filepath.Join(dir, "known_servers"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(pins.TrustFirstUse("voice.example:7788", voiceapp.Fingerprint{1}))
	err = pins.TrustFirstUse("voice.example:7788", voiceapp.Fingerprint{2})
	fmt.Println(errors.Is(err, voiceapp.KeyChanged))
	// Output:
	// <nil>
	// true
}

func ExampleBook() {
	dir, err := os.MkdirTemp("", "book")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	book, err := bookmarks.Open(filepath.Join(dir, "bookmarks.toml"))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := book.Add(bookmarks.Bookmark{Label: "Home", Address: "voice.example", User: "Anna"}); err != nil {
		log.Fatal(err)
	}
	for _, b := range book.List() {
		fmt.Println(b.Label, b.HostPort(), b.Link())
	}
	// Output:
	// Home voice.example:7788 voiceapp://Anna@voice.example/?title=Home
}

func ExampleParseLink() {
	b, _, err := bookmarks.ParseLink("mumble://bo@voice.example/Games/Chess?title=Club")
	fmt.Println(b.Label, b.Address, b.User, b.Channel, err)
	// Output:
	// Club voice.example bo Games/Chess <nil>
}
