// Package bookmarks keeps what a client remembers of servers on its user's disk: the
// saved servers ([Book]), what logs one in there ([Secrets]), and the keys of servers that
// were trusted without being saved ([Pins]).
//
//	book, err := bookmarks.Open(bookmarks.DefaultPath())
//	if book == nil {
//		return err
//	}
//	if err != nil {
//		fmt.Fprintln(os.Stderr, err) // the file was damaged and is set aside; the book is empty
//	}
//	home, err := book.Add(bookmarks.Bookmark{Label: "Home", Address: "voice.example", User: "Anna"})
//	...
//	client, err := control.Dial(ctx, home.HostPort(), control.ClientConfig{
//		Name:  home.User,
//		Trust: book.TrustFirstUse(home.ID), // voiceapp.KeyChanged when the key is another now
//	})
//
// # The file
//
// Bookmarks are in one TOML file of the user's configuration directory, which people may
// edit. What it holds beyond is kept, and one that was edited by hand is copied to
// bookmarks.toml.bak before a program writes over it. It is replaced in one step, under a
// lock that two programs take in turns: neither a crash nor another program loses
// anything. A damaged file is set aside with a word.
//
// # Keys and secrets
//
// The key of a saved server is in its bookmark, and of one that was only named on a command
// line in the pins. A bookmark holds no secret: a password goes to the system's keyring, or
// where there is none a token that its owner can revoke into a file of mode 0600.
// Neither is exported.
package bookmarks
