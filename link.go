package voiceapp

import (
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DefaultPort is a server's port, of TCP and UDP, where an address names none.
const DefaultPort = "7788"

// The most of a [Link] and of what is in it.
const (
	MaxLinkLength   = 2048 // bytes
	maxLinkTitle    = 128  // characters
	maxInviteLength = 128  // characters
	maxHostLength   = 253  // of the DNS
)

const linkScheme = "voiceapp"

// Link leads people to a server: voiceapp://[user@]host[:port]/channel/path?title=&fp=&invite=.
// Only Host is needed. It never holds a password.
type Link struct {
	User        string      // the name to log in with; "": whoever follows it is asked
	Host        string      // a name or an IP address, IPv6 without brackets; lower case
	Port        string      // "": DefaultPort
	Channel     string      // the path of the channel to join, as [FindPath] reads it; "": none
	Title       string      // the server's name for people, one line; "": none
	Fingerprint Fingerprint // of the server's key; zero: not known
	Invite      string      // the token of an [Invite], for account.register; "": none
}

// ParseLink reads a link. What it does not know in the query is skipped. The error
// is [Invalid] and says what is wrong: another scheme, a password, a name or a
// channel that [CheckName] refuses, or more than [MaxLinkLength] bytes.
func ParseLink(s string) (Link, error) {
	s = strings.TrimSpace(s)
	if err := checkLinkText(s); err != nil {
		return Link{}, err
	}
	u, err := url.Parse(s)
	if err != nil {
		return Link{}, NewError(Invalid, "the link can't be read").With(BadLink) // err would repeat all of it, invite and password included
	}
	if err := checkLinkForm(u); err != nil {
		return Link{}, err
	}
	l := Link{User: u.User.Username(), Host: strings.ToLower(u.Hostname()), Port: u.Port()}
	if l.Channel, err = parseLinkPath(u.EscapedPath()); err != nil {
		return Link{}, err
	}
	if err := l.parseQuery(u.RawQuery); err != nil {
		return Link{}, err
	}
	return l, l.Check()
}

func checkLinkText(s string) error {
	if len(s) > MaxLinkLength {
		return NewError(Invalid, "the link is too long").With(BadLink)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable) {
		return NewError(Invalid, "the link holds a character that it can't have").With(BadLink)
	}
	return nil
}

// unprintable reports what can't be in a line of text.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

func checkLinkForm(u *url.URL) error {
	_, password := u.User.Password()
	switch {
	case u.Scheme != linkScheme || u.Opaque != "" || u.Host == "":
		return NewError(Invalid, "this is no link to a server: those begin with voiceapp:// and the server's address").With(NoLink)
	case password:
		return NewError(Invalid, "a link holds no password: take it out, and change it if others have seen it").With(LinkPassword)
	case u.Fragment != "" || u.ForceQuery:
		return NewError(Invalid, "the link has a part that links don't have: # or an empty query").With(BadLink)
	}
	return nil
}

// parseLinkPath joins the parts of an escaped path, none of which may hold a slash.
func parseLinkPath(escaped string) (string, error) {
	var parts []string
	for part := range strings.SplitSeq(escaped, "/") {
		name, err := url.PathUnescape(part)
		if err != nil || strings.Contains(name, "/") {
			return "", NewError(Invalid, "the channel in the link can't be read").With(BadLink)
		}
		if name = strings.TrimSpace(name); name != "" {
			parts = append(parts, name)
		}
	}
	return strings.Join(parts, "/"), nil
}

func (l *Link) parseQuery(raw string) error {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return NewError(Invalid, "the link can't be read after its question mark").With(BadLink)
	}
	for _, name := range []string{"title", "fp", "invite"} {
		if len(query[name]) > 1 {
			return NewError(Invalid, "the link has "+name+" twice").With(BadLink)
		}
	}
	l.Title, l.Invite = query.Get("title"), query.Get("invite")
	if fp := query.Get("fp"); fp != "" {
		l.Fingerprint, err = ParseFingerprint(fp)
	}
	return err
}

// Check reports, as [Invalid], why l can't be a link. What it lets pass comes back
// from [ParseLink] of l's String as it was, but for a path that is not in its
// shortest form.
func (l Link) Check() error {
	if err := checkHost(l.Host); err != nil {
		return err
	}
	if !validPort(l.Port) {
		return NewError(Invalid, "the link's port is not one from 1 to 65535").With(BadPort)
	}
	if l.User != "" {
		if err := CheckName(l.User); err != nil {
			return err
		}
	}
	for part := range pathParts(l.Channel) {
		if err := CheckName(part); err != nil {
			return WrapError(Invalid, "the link's channel can't be one", err).With(BadLink)
		}
	}
	return l.checkQuery()
}

func (l Link) checkQuery() error {
	switch {
	case !utf8.ValidString(l.Title) || utf8.RuneCountInString(l.Title) > maxLinkTitle || strings.ContainsFunc(l.Title, unprintable):
		return NewError(Invalid, "the link's title is too long, or no line of text").With(BadLink)
	case len(l.Invite) > maxInviteLength || strings.ContainsFunc(l.Invite, notInToken):
		return NewError(Invalid, "the link's invite can't be one").With(BadLink)
	case len(l.String()) > MaxLinkLength:
		return NewError(Invalid, "the link is too long").With(BadLink)
	}
	return nil
}

// checkHost lets an IP address pass, and a name in the form in which it is asked
// for: what has other letters can look like what it is not.
func checkHost(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil && addr.Zone() == "" && strings.ToLower(host) == host {
		return nil
	}
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' || r == '_'
	}
	if host == "" || len(host) > maxHostLength || strings.ContainsFunc(host, func(r rune) bool { return !plain(r) }) {
		return NewError(Invalid, "the link's host is neither an IP address nor a name of lower-case letters, digits, dots and hyphens (others in the form xn--…)").With(BadHost)
	}
	return nil
}

// validPort reports whether a port can be in a link: "", or a number without
// leading zeros.
func validPort(port string) bool {
	if port == "" {
		return true
	}
	value := 0
	for _, digit := range []byte(port) {
		if digit < '0' || digit > '9' || value > 65535 {
			return false
		}
		value = 10*value + int(digit-'0')
	}
	return port[0] != '0' && value <= 65535
}

func notInToken(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
}

// Addr gives the address to dial, with its port.
func (l Link) Addr() string {
	if l.Port == "" {
		return net.JoinHostPort(l.Host, DefaultPort)
	}
	return net.JoinHostPort(l.Host, l.Port)
}

// String gives the link as text, invite included. That l can be one is for
// [Link.Check] to say.
func (l Link) String() string {
	var b strings.Builder
	b.WriteString(linkScheme + "://")
	if l.User != "" {
		b.WriteString(url.User(l.User).String() + "@")
	}
	b.WriteString(hostPort(l.Host, l.Port) + "/")
	first := true
	for part := range pathParts(l.Channel) {
		if !first {
			b.WriteByte('/')
		}
		first = false
		b.WriteString(url.PathEscape(part))
	}
	if query := l.query(); query != "" {
		b.WriteString("?" + query)
	}
	return b.String()
}

// hostPort is [net.JoinHostPort] for a port that may be none.
func hostPort(host, port string) string {
	if port != "" {
		return net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

func (l Link) query() string {
	query := url.Values{}
	for name, value := range map[string]string{"title": l.Title, "invite": l.Invite} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if !l.Fingerprint.IsZero() {
		query.Set("fp", l.Fingerprint.String())
	}
	return strings.ReplaceAll(query.Encode(), "+", "%20") // not every reader takes + for a space
}

// LogValue gives the link without its invite.
func (l Link) LogValue() slog.Value {
	if l.Invite != "" {
		l.Invite = "redacted"
	}
	return slog.StringValue(l.String())
}
