package bookmarks

import (
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// maxLinkFile is the most bytes of a .url file.
const maxLinkFile = 10 << 10

// ParseLink reads what leads to a server: a link that begins with voiceapp://, mumble://
// or ts3server://, or the text of a .url file with such a link. The link has what a
// bookmark has no place for, such as an invite. Passwords are left out: they don't belong
// into links. The error is [voiceapp.Invalid].
func ParseLink(text string) (Bookmark, voiceapp.Link, error) {
	if len(text) > maxLinkFile {
		return Bookmark{}, voiceapp.Link{}, voiceapp.NewError(voiceapp.Invalid, "that is too long for a link").With(voiceapp.BadLink)
	}
	text = shortcut(strings.TrimSpace(text))
	scheme, _, _ := strings.Cut(text, "://")
	switch strings.ToLower(scheme) {
	case "mumble":
		return fromForeign(text, readMumble)
	case "ts3server":
		return fromForeign(text, readTeamSpeak)
	}
	link, err := voiceapp.ParseLink(text)
	if err != nil {
		return Bookmark{}, voiceapp.Link{}, err
	}
	return fromLink(link), link, nil
}

// shortcut finds the link in the text of an InternetShortcut; another text is returned as
// it is.
func shortcut(text string) string {
	if !strings.HasPrefix(strings.ToLower(text), "[internetshortcut]") {
		return text
	}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(line, "="); ok && strings.EqualFold(strings.TrimSpace(key), "url") {
			return strings.TrimSpace(value)
		}
	}
	return text
}

func fromLink(l voiceapp.Link) Bookmark {
	b := Bookmark{Label: l.Title, Address: l.Host, User: l.User, Channel: l.Channel, Fingerprint: l.Fingerprint}
	b.Port, _ = strconv.Atoi(l.Port) // ParseLink has looked at it
	return b
}

// fromForeign reads a link of another program. Its port stays away: this is another
// protocol, on another port.
func fromForeign(text string, read func(*url.URL) Bookmark) (Bookmark, voiceapp.Link, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Bookmark{}, voiceapp.Link{}, voiceapp.NewError(voiceapp.Invalid, "that is no link that can be read").With(voiceapp.BadLink)
	}
	b := read(u)
	b.Address = strings.ToLower(u.Hostname())
	if err := b.Check(); err != nil {
		return Bookmark{}, voiceapp.Link{}, err
	}
	return b, b.Link(), nil
}

// readMumble reads mumble://[user[:password]@]host[:port]/[channel/path]?title=.
func readMumble(u *url.URL) Bookmark {
	return Bookmark{User: u.User.Username(), Channel: strings.Trim(u.Path, "/"), Label: u.Query().Get("title")}
}

// readTeamSpeak reads ts3server://host?port=&nickname=&channel=&addbookmark=.
func readTeamSpeak(u *url.URL) Bookmark {
	q := u.Query()
	b := Bookmark{User: q.Get("nickname"), Channel: strings.Trim(q.Get("channel"), "/")}
	if label := q.Get("addbookmark"); label != "1" {
		b.Label = label
	}
	return b
}

// Export writes bookmarks in the form of the file, without ids and secrets.
func Export(w io.Writer, all []Bookmark) error {
	var c content
	for _, b := range all {
		b.ID = ""
		c.servers = append(c.servers, entry{Bookmark: b})
	}
	text, err := c.encode()
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// Import reads what Export wrote, or a file of bookmarks; ids are new. Whoever wrote it
// does not decide to which servers one connects at each start, and knows nothing of when
// they were used: both are left out. The error is [voiceapp.Invalid].
func Import(r io.Reader) ([]Bookmark, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	c, err := decode(raw)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.Invalid, "that is no list of servers: "+err.Error(), err).With(NoList)
	}
	all := c.bookmarks()
	for i := range all {
		all[i].ID, all[i].AutoConnect, all[i].LastUsed = "", false, time.Time{}
	}
	return all, nil
}
