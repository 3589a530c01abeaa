package control

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/voiceapp-sdk/voiceapp"
)

// foldName gives the key by which the names of those who are here, and of [Memory],
// are told apart: NFKC, case-folded, without the characters that show nothing, and
// with one space in place of several. Package store has the same rule for what it
// keeps, so that two guests can't have what would be one account's name.
func foldName(name string) string {
	if !utf8.ValidString(name) {
		return name // voiceapp.CheckName refuses it
	}
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

// checkName is [voiceapp.CheckName], and refuses a name of which nothing shows.
func checkName(name string) error {
	if err := voiceapp.CheckName(name); err != nil {
		return err
	}
	if strings.TrimSpace(foldName(name)) == "" {
		return voiceapp.NewError(voiceapp.Invalid, "the name shows nothing")
	}
	return nil
}
