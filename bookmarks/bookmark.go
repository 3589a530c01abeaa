package bookmarks

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// maxText is the longest label, folder or note, in characters.
const maxText = 1000

// Bookmark is a saved server. Only Address is needed.
type Bookmark struct {
	ID      string // random; [Book.Add] gives it
	Label   string // what it is called here; "": its address
	Folder  string // that it is shown in; "": none
	Address string // a name or an IP address, IPv6 without brackets
	Port    int    // 0: voiceapp.DefaultPort
	User    string // the name to log in with; "": it is asked for
	Channel string // the path of the channel to join; "": the server's first
	Notes   string

	AutoConnect bool                 // when the program starts
	Fingerprint voiceapp.Fingerprint // of the server's key; zero: it is not known yet
	LastUsed    time.Time            // the zero time: never
}

// HostPort gives the address to dial, with its port.
func (b Bookmark) HostPort() string {
	port := voiceapp.DefaultPort
	if b.Port != 0 {
		port = strconv.Itoa(b.Port)
	}
	return net.JoinHostPort(b.Address, port)
}

// Check reports, as [voiceapp.Invalid], which field can't be what it is.
func (b Bookmark) Check() error {
	if b.Address == "" {
		return voiceapp.NewError(voiceapp.Invalid, "a bookmark needs an address").With(NoAddress)
	}
	if b.Port < 0 || b.Port > 65535 {
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("the port is 1 to 65535, and not %d", b.Port)).With(voiceapp.BadPort)
	}
	for _, one := range []struct{ what, text string }{{"the label", b.Label}, {"the folder", b.Folder}, {"the notes", b.Notes}} {
		if err := voiceapp.CheckText(one.what, one.text, maxText); err != nil {
			return err
		}
	}
	for _, one := range []string{b.Label, b.Folder} {
		if strings.ContainsAny(one, "\n\t") {
			return voiceapp.NewError(voiceapp.Invalid, "a label and a folder are one line").With(NotOneLine)
		}
	}
	return b.link().Check()
}

// link is the bookmark's link, without what is its own affair.
func (b Bookmark) link() voiceapp.Link {
	l := voiceapp.Link{User: b.User, Host: strings.ToLower(b.Address), Channel: b.Channel, Fingerprint: b.Fingerprint}
	if b.Port != 0 {
		l.Port = strconv.Itoa(b.Port)
	}
	return l
}

// Link gives the link that leads there, with its key and under its label, of which it has
// as much as a link may have.
func (b Bookmark) Link() voiceapp.Link {
	l := b.link()
	l.Title = b.Label
	if runes := []rune(b.Label); len(runes) > maxTitle {
		l.Title = string(runes[:maxTitle])
	}
	return l
}

// maxTitle is how many characters the title of a [voiceapp.Link] may have.
const maxTitle = 128
