// Package naming is the one rule by which the names of users and channels are
// checked and told apart: in the store for what is kept, and in control for who is
// here, so that two guests can't have what would be one account's name. It is apart
// from the root because Unicode's normal forms are not in the standard library.
package naming

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/voiceapp-sdk/voiceapp"
)

// Fold gives the key by which names are told apart. It is NFKC, case-folded,
// without the characters that show nothing, and with one space in place of
// several. Folding a key changes nothing.
func Fold(name string) string {
	switch {
	case isPlain(name):
		return strings.ToLower(name)
	case !utf8.ValidString(name):
		return name // no account and no channel has it
	}
	return foldAny(name)
}

// isPlain reports whether there is nothing to fold but the case of ASCII.
func isPlain(s string) bool {
	wasSpace := false
	for i := range len(s) {
		isSpace := s[i] == ' '
		if s[i] < ' ' || s[i] > '~' || isSpace && wasSpace {
			return false
		}
		wasSpace = isSpace
	}
	return true
}

// foldAny folds any text.
func foldAny(name string) string {
	for {
		folded := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(oneSpace(strings.Map(visible, name)))))
		if folded == name {
			return name
		}
		name = folded
	}
}

// visible drops a character that shows nothing by itself.
func visible(r rune) rune {
	if unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
		return -1
	}
	return r
}

// oneSpace puts one space where there is space of any width.
func oneSpace(s string) string {
	inSpace := false
	return strings.Map(func(r rune) rune {
		was := inSpace
		inSpace = unicode.IsSpace(r)
		switch {
		case inSpace && was:
			return -1
		case inSpace:
			return ' '
		default:
			return r
		}
	}, s)
}

// Check reports, as [voiceapp.Invalid], what can't be the name of a user or a channel. A character
// that Unicode has not given out yet could fold to another one later: keys that
// are kept may not depend on that.
func Check(name string) error {
	if err := voiceapp.CheckName(name); err != nil {
		return err
	}
	for _, r := range name {
		if !unicode.IsGraphic(r) {
			return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("the name holds a character that is not known: %U", r)).With(voiceapp.NameCharacter)
		}
	}
	if strings.TrimSpace(Fold(name)) == "" {
		return voiceapp.NewError(voiceapp.Invalid, "the name shows nothing").With(voiceapp.NameEmpty)
	}
	return nil
}
