package voiceapp

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxNameLength is the longest name of a user or channel, in characters.
const MaxNameLength = 64

// CheckName reports, as [Invalid], why a name can't be that of a user or a
// channel: it is empty or longer than [MaxNameLength], begins or ends with
// space, or holds a control, formatting (bidirectional) or line-separating
// character or a slash, which parts a channel's path.
func CheckName(name string) error {
	switch n := utf8.RuneCountInString(name); {
	case !utf8.ValidString(name):
		return NewError(Invalid, "the name is not valid UTF-8").With(NameCharacter)
	case n == 0:
		return NewError(Invalid, "the name is empty").With(NameEmpty)
	case n > MaxNameLength:
		return &Error{Code: Invalid, Detail: NameTooLong, Limit: MaxNameLength, Message: fmt.Sprintf("the name has %d characters, the most is %d", n, MaxNameLength)}
	case strings.TrimSpace(name) != name:
		return NewError(Invalid, "the name begins or ends with space").With(NameSpace)
	}
	for _, r := range name {
		if r == '/' || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs) {
			return NewError(Invalid, fmt.Sprintf("the name holds a character that names can't have: %U", r)).With(NameCharacter)
		}
	}
	return nil
}

// FoldName gives the form in which two names are compared: "Anna" and "ANNA"
// are one name.
func FoldName(name string) string {
	return strings.Map(foldRune, name)
}

// foldRune returns the smallest rune of r's case orbit, as
// [strings.EqualFold] compares.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

func pathParts(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for part := range strings.SplitSeq(path, "/") {
			if part = strings.TrimSpace(part); part != "" && !yield(part) {
				return
			}
		}
	}
}

func quote(s string) string { return strconv.Quote(s) }
