package voiceapp

import (
	"iter"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// WebLinks yields the parts of a plain text that a program may show as links, with
// the byte at which each begins. They are all that is a link in a text, and each is
// shown and followed as it stands there. A link
//
//   - begins with http:// or https://, in either case of letters, and not right
//     after a letter or a digit;
//   - ends before white space, control and formatting characters, and any of
//     < > " ` { } | \ ^; then without the . , ; : ! ? ' * _ ~ at its end, and without
//     a ) or ] there that has no partner in it;
//   - names a host in ASCII letters, digits, dots, hyphens and underscores, or an IP
//     address, and no user, so that it leads where it seems to.
//
// Everything else, other schemes too, is text.
func WebLinks(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for at := 0; at < len(text); {
			begin := nextScheme(text, at)
			if begin < 0 {
				return
			}
			at = begin + len("http")
			if link := trimLink(untilBreak(text[begin:])); isWebLink(link) {
				if !yield(begin, link) {
					return
				}
				at = begin + len(link)
			}
		}
	}
}

// nextScheme finds the first http:// or https:// from a byte on that no letter or
// digit stands before, or -1.
func nextScheme(text string, from int) int {
	for search := from; ; {
		colon := strings.Index(text[search:], "://")
		if colon < 0 {
			return -1
		}
		colon += search
		for _, scheme := range []string{"http", "https"} {
			begin := colon - len(scheme)
			if begin >= from && strings.EqualFold(text[begin:colon], scheme) && !afterWord(text[:begin]) {
				return begin
			}
		}
		search = colon + 1
	}
}

func afterWord(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func untilBreak(s string) string {
	if end := strings.IndexFunc(s, breaksLink); end >= 0 {
		return s[:end]
	}
	return s
}

func breaksLink(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) || r == utf8.RuneError || strings.ContainsRune("<>\"`{}|\\^", r)
}

// trimLink drops what belongs to the sentence around a link.
func trimLink(link string) string {
	for {
		short := strings.TrimRight(link, ".,;:!?'*_~")
		for _, pair := range []string{"()", "[]"} {
			if strings.HasSuffix(short, pair[1:]) && strings.Count(short, pair[:1]) < strings.Count(short, pair[1:]) {
				short = short[:len(short)-1]
			}
		}
		if short == link {
			return link
		}
		link = short
	}
}

func isWebLink(link string) bool {
	u, err := url.Parse(link)
	if err != nil || u.User != nil || strings.Contains(u.Host, "@") || !validPort(u.Port()) {
		return false
	}
	host := strings.ToLower(u.Hostname())
	addr, err := netip.ParseAddr(host)
	return (err == nil && addr.Zone() == "") || checkHost(host) == nil
}
