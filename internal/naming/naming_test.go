package naming_test

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

func TestFold(t *testing.T) {
	for name, want := range map[string]string{
		"Anna": "anna", "ＡＮＮＡ": "anna", "Straße": "strasse", "ΣΊΣΥΦΟΣ": "σίσυφοσ", "Jo\u0308rg": "jörg", "ﬃ": "ffi",
		"\u212a": "k", "a\u00a0b": "a b", "a \u2003 \u3164 b": "a b", "a ": "a ", "a\ufe0f\u200d": "a", "\u3164": "", "①": "1", "İ": "i\u0307", "\xff": "\xff", "": "",
	} {
		if got := naming.Fold(name); got != want {
			t.Errorf("naming.Fold(%+q) = %+q, want %+q", name, got, want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, seed := range []string{"Anna", "ǰ", "ΐ", "ﬃ", "İ", "\u0345\u0301", "\u3164", "\xff\xfe", "ᾳ\u0301", "\ufdfa"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		folded := naming.Fold(name)
		if again := naming.Fold(folded); again != folded {
			t.Errorf("%+q folds to %+q, and that to %+q", name, folded, again)
		}
		if utf8.ValidString(name) != utf8.ValidString(folded) {
			t.Errorf("%+q folds to %+q", name, folded)
		}
		if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
			return // marks change place when letters change case
		}
		for _, other := range []string{strings.ToUpper(name), strings.ToLower(name)} {
			if strings.EqualFold(other, name) && naming.Fold(other) != folded {
				t.Errorf("%+q and %+q are two names", name, other)
			}
		}
	})
}

// What is folded and what is known are of one version of Unicode.
func TestUnicodeVersions(t *testing.T) {
	if norm.Version != unicode.Version || cases.UnicodeVersion != unicode.Version {
		t.Errorf("norm has Unicode %s, cases %s, unicode %s", norm.Version, cases.UnicodeVersion, unicode.Version)
	}
	if err := naming.Check("A͸"); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a character that is not given out: %v", err)
	}
}
