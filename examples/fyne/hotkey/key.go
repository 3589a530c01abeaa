package hotkey

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/voiceapp-sdk/voiceapp"
)

// modifiers is a set of them, in the order in which they are written.
type modifiers uint8

const (
	ctrl modifiers = 1 << iota
	alt
	shift
	super
)

// modifierNames are in the order of the bits.
var modifierNames = [...]string{"Ctrl", "Alt", "Shift", "Super"}

// Key is a key or a mouse button, alone or with modifiers. [ParseKey] makes one; the zero value
// is none. Keys may be compared by ==.
type Key struct {
	modifiers modifiers
	name      string // as in keyNames, or a character in upper case
}

// ParseKey reads a key such as "F9", "Ctrl+Alt+Space", "RightCtrl", "Pause", "Mouse4" or "Ö". Upper
// and lower case are the same. The modifiers are Ctrl, Alt, Shift and Super. A key of
// a letter is one of Latin-1; "0" is the digit above the letters and "Num0" that of the number pad; Mouse3 is the
// middle button, Mouse4 and Mouse5 are those for back and forward. Names that X11 and
// Fyne have for the same keys are understood too. The error is [voiceapp.Invalid].
func ParseKey(text string) (Key, error) {
	parts := strings.Split(text, "+")
	if strings.HasSuffix(text, "++") || text == "+" { // the key "+" itself
		parts = append(parts[:len(parts)-2], "Plus")
	}
	var k Key
	for _, part := range parts[:len(parts)-1] {
		m, ok := modifierByName(strings.TrimSpace(part))
		if !ok {
			return Key{}, voiceapp.NewError(voiceapp.Invalid, "a key is of the form Ctrl+Alt+Space; there is no modifier "+quote(part)).With(BadKey).Of(text)
		}
		k.modifiers |= m
	}
	last := strings.TrimSpace(parts[len(parts)-1])
	if _, ok := modifierByName(last); ok {
		return Key{}, voiceapp.NewError(voiceapp.Invalid, quote(last)+" stands before another key; alone it is the left one or the right one, such as RightCtrl").With(BadKey).Of(text)
	}
	var ok bool
	if k.name, ok = keyByName(last); !ok {
		return Key{}, voiceapp.NewError(voiceapp.Invalid, "there is no key "+quote(last)).With(BadKey).Of(text)
	}
	return k, nil
}

// quote makes something that a person typed fit for a message.
func quote(s string) string {
	const most = 20
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "..."
	}
	return "\"" + strings.ToValidUTF8(s, "?") + "\""
}

func modifierByName(s string) (modifiers, bool) {
	switch strings.ToLower(s) {
	case "ctrl", "control":
		return ctrl, true
	case "alt", "option":
		return alt, true
	case "shift":
		return shift, true
	case "super", "win", "logo", "meta", "cmd":
		return super, true
	default:
		return 0, false
	}
}

func keyByName(s string) (string, bool) {
	if r, size := utf8.DecodeRuneInString(s); size == len(s) && isCharacterKey(r) {
		return string(unicode.ToUpper(r)), true
	}
	for _, k := range keyNames {
		if strings.EqualFold(s, k.name) || k.x != "" && strings.EqualFold(s, k.x) {
			return k.name, true
		}
		for _, other := range k.others {
			if strings.EqualFold(s, other) {
				return k.name, true
			}
		}
	}
	return "", false
}

// isCharacterKey reports whether a key goes by its character: digits and letters whose upper and
// lower case are of Latin-1.
func isCharacterKey(r rune) bool {
	return r >= '0' && r <= '9' ||
		r <= unicode.MaxLatin1 && unicode.IsLetter(r) && unicode.ToUpper(r) <= unicode.MaxLatin1 && unicode.ToLower(unicode.ToUpper(r)) == unicode.ToLower(r)
}

// IsZero reports whether it is no key.
func (k Key) IsZero() bool { return k == Key{} }

// String gives what ParseKey reads, "" for the zero value.
func (k Key) String() string {
	var b strings.Builder
	for i, name := range modifierNames {
		if k.modifiers&(1<<i) != 0 {
			b.WriteString(name + "+")
		}
	}
	return b.String() + k.name
}

// MarshalText gives what String does.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is ParseKey, and takes "" for the zero value.
func (k *Key) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*k = Key{}
		return nil
	}
	*k, err = ParseKey(string(text))
	return err
}

// named returns the table's row of a key, or one for a character.
func (k Key) named() keyName {
	for _, n := range keyNames {
		if n.name == k.name {
			return n
		}
	}
	r, _ := utf8.DecodeRuneInString(strings.ToLower(k.name))
	n := keyName{name: k.name, symbols: []uint32{uint32(r)}} // in Latin-1 the symbol is the character
	if r < utf8.RuneSelf {
		n.x = string(r)
	}
	return n
}

// trigger is the key as the portal's dialogue reads it: by the XDG shortcuts specification.
// "" is one that it can't say.
func (k Key) trigger() string {
	n := k.named()
	if n.x == "" || k.IsZero() {
		return ""
	}
	var b strings.Builder
	for i, name := range [...]string{"CTRL", "ALT", "SHIFT", "LOGO"} {
		if k.modifiers&(1<<i) != 0 {
			b.WriteString(name + "+")
		}
	}
	return b.String() + n.x
}
