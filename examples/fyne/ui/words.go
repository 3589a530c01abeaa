package ui

import (
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2/lang"

	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
)

// why says why something failed, and what one can do.
func why(err error) string { return text.Why(err) }

// brief is why in one sentence, for where there is little room.
func brief(err error) string { return text.Brief(err) }

// plain makes a name or a text from elsewhere fit for one line: what steers a display
// is taken out of it.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}

// unlike returns the name with a number where it is taken: a choice is known by its text.
func unlike(name string, taken func(string) bool) string {
	one := name
	for n := 2; taken(one); n++ {
		one = fmt.Sprintf("%s (%d)", name, n)
	}
	return one
}

// maxNotice is how many characters of a text a notification shows.
const maxNotice = 200

// noMarkup makes a text fit for a notification: a desktop may take what is between angle
// brackets for markup, with links in it.
func noMarkup(text string) string {
	text = strings.NewReplacer("<", "\u2039", ">", "\u203a").Replace(text)
	if runes := []rune(text); len(runes) > maxNotice {
		text = string(runes[:maxNotice]) + "…"
	}
	return text
}

func millis(d time.Duration) string {
	return fmt.Sprintf("%.0f ms", math.Ceil(float64(d)/float64(time.Millisecond)))
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// ago says how long ago something was.
func ago(t, now time.Time) string {
	const day = 24 * time.Hour
	switch d := now.Sub(t); {
	case t.IsZero():
		return lang.L("never used")
	case d < day:
		return lang.L("used today")
	case d < 2*day:
		return lang.L("used yesterday")
	default:
		return lang.L("used {{.Days}} days ago", map[string]any{"Days": int(d / day)})
	}
}
