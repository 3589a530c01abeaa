package voiceapp

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// The longest texts, in characters.
const (
	MaxTopicLength   = 512   // of a channel
	MaxReasonLength  = 512   // of a ban, or of whatever the audit log keeps
	MaxMessageLength = 2_000 // of a chat message
)

// CheckText reports, as [Invalid], why a text can't be what it is meant for: it is
// longer than most characters, or holds a control character other than newline and
// tab, or one that turns the direction of what follows. what names it in the
// error, as in "the topic". An empty text passes.
func CheckText(what, text string, most int) error {
	if !utf8.ValidString(text) {
		return NewError(Invalid, what+" is not valid UTF-8").With(TextCharacter)
	}
	if n := utf8.RuneCountInString(text); n > most {
		return &Error{Code: Invalid, Detail: TextTooLong, Limit: most, Message: fmt.Sprintf("%s has %d characters, the most is %d", what, n, most)}
	}
	for _, r := range text {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return NewError(Invalid, fmt.Sprintf("%s holds a character that it can't have: %U", what, r)).With(TextCharacter)
		}
	}
	return nil
}
