package naming

import (
	"strings"
	"testing"
)

// What is folded on the short way comes out as on the long one.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"Anna", "a  b", " a ", "a\tb", "\x00", "\x7f", "@[`{", "Jörg", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if isPlain(s) && foldAny(s) != strings.ToLower(s) {
			t.Errorf("%q folds to %q or %q", s, strings.ToLower(s), foldAny(s))
		}
	})
}
