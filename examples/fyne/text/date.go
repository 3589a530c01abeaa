package text

import (
	"time"

	"fyne.io/fyne/v2/lang"
)

// word is a text that stands by itself in the code, and not in a call of package lang.
type word = string

var months = [...]word{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

var weekdays = [...]word{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}

// Date gives a day and a time of it, as the clock here has them.
func Date(t time.Time) string {
	t = t.Local()
	return lang.L("{{.Day}} {{.Month}} {{.Year}}, {{.Time}}", map[string]any{
		"Day": t.Day(), "Month": lang.L(months[t.Month()-time.January]), "Year": t.Year(), "Time": t.Format("15:04"),
	})
}

// Clock gives a time that was before now, as short as it can be understood.
func Clock(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		return t.Format("15:04")
	case now.Sub(t) < 7*24*time.Hour:
		return lang.L(weekdays[t.Weekday()]) + " " + t.Format("15:04")
	}
	return Date(t)
}
