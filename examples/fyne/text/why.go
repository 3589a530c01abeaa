package text

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2/lang"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
)

// phrase is what went wrong, and what a person can do then, "" where there is nothing. Both
// may have the holes that [said.fill] knows.
type phrase struct{ what, then string }

// said is a phrase in the person's language.
type said struct{ what, then string }

// Why says in the person's language why something failed and what he can do. It goes by the
// detail and the code of a [voiceapp.Error], by what the system says, and only where these
// say nothing by the error's own text. nil: "".
func Why(err error) string {
	var parts []string
	for _, one := range explain(err) {
		for _, part := range []string{one.what, one.then} {
			if part != "" && !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
	}
	return strings.Join(parts, " ")
}

// Brief is the part of [Why] that says what went wrong, for where there is little room.
func Brief(err error) string {
	for _, one := range explain(err) {
		return one.what
	}
	return ""
}

// explain says what an error means, and then what its cause does. Of several that were
// joined each is said.
func explain(err error) (all []said) {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok { // the error itself, not one that it wraps
		for _, one := range joined.Unwrap() {
			all = append(all, explain(one)...)
		}
		return all
	}
	var known *voiceapp.Error
	if !errors.As(err, &known) {
		if one, ok := ofSystem(err, ""); ok {
			return []said{one}
		}
		return []said{fill(phrase{what: unknown}, map[string]any{"Said": clean(err.Error())})}
	}
	var hits *voiceapp.BanHitsError
	switch cause, ok := ofSystem(errors.Unwrap(known), known.About); {
	case errors.As(err, &hits):
		return []said{{what: Sentence(ofHits(hits))}}
	case known.Detail == control.Unreachable:
		return []said{ofUnreachable(known)}
	case ok && byDetail[known.Detail].what == "":
		return []said{cause}
	case ok:
		return []said{ofError(known), cause}
	}
	return []said{ofError(known)}
}

// ofError says what a code and a detail mean, with what goes with them.
func ofError(e *voiceapp.Error) said {
	p, ok := byDetail[e.Detail]
	switch {
	case e.Detail == voiceapp.NoChannel && e.About != "":
		p.what = noChannelOf
	case ok:
	case e.Code == voiceapp.Banned && e.Until.IsZero():
		p = phrase{what: bannedForGood, then: byCode[e.Code].then}
	case e.Code == voiceapp.Forbidden && roleOf(e.Needs) != "":
		p = byDetail[voiceapp.RoleTooLow]
	default:
		p = byCode[e.Code]
	}
	if p.what == "" { // of a newer server
		p.what = unknown
	}
	one := fill(p, map[string]any{
		"About": clean(e.About), "Limit": e.Limit, "Role": roleOf(e.Needs), "Said": clean(e.Message), "Until": Date(e.Until),
	})
	switch {
	case e.Code == voiceapp.Kicked && e.Until.After(time.Now()):
		one.then = lang.L("You can come back from {{.Time}} on.", map[string]any{"Time": Date(e.Until)})
	case e.RetryAfter > 0:
		one.then = lang.L("Try again in {{.Wait}}.", map[string]any{"Wait": wait(e.RetryAfter)})
	}
	if e.Reason != "" {
		one.what += " " + Sentence(lang.L("The reason that was given: “{{.Reason}}”", map[string]any{"Reason": clean(e.Reason)}))
	}
	return one
}

// fill puts both parts of a phrase into the person's language.
func fill(p phrase, holes map[string]any) (s said) {
	if p.what != "" {
		s.what = Sentence(lang.L(p.what, holes))
	}
	if p.then != "" {
		s.then = Sentence(lang.L(p.then, holes))
	}
	return s
}

// ofHits says whom a ban would hit, too.
func ofHits(e *voiceapp.BanHitsError) string {
	others := lang.N("{{.Count}} others who are here", e.Others, map[string]any{"Count": e.Others})
	switch {
	case e.Self && e.Others == 0:
		return lang.L("This would hit you, too")
	case e.Self:
		return lang.L("This would hit you and {{.Others}}, too", map[string]any{"Others": others})
	}
	return lang.L("This would hit {{.Others}}, too", map[string]any{"Others": others})
}

// May says whether one may do something, and else why not, as say says it: [Why] or [Brief].
func May(p voiceapp.Permission, say func(error) string) string {
	switch {
	case p.Allowed && p.Needs <= voiceapp.RoleGuest:
		return lang.L("Everybody may.")
	case p.Allowed:
		return lang.L("You may, as all from the role “{{.Role}}” on.", map[string]any{"Role": exactRole(p.Needs)})
	}
	refusal := &voiceapp.Error{Code: voiceapp.Forbidden, Detail: p.Detail, Message: p.Reason}
	if p.Needs > voiceapp.RoleGuest {
		refusal.Needs = "role:" + p.Needs.String()
	}
	return say(refusal)
}

// Role is what a role is called; a number between two as the lower one.
func Role(r voiceapp.Role) string {
	switch {
	case r >= voiceapp.RoleOwner:
		return lang.L("owner")
	case r >= voiceapp.RoleAdmin:
		return lang.L("admin")
	case r >= voiceapp.RoleModerator:
		return lang.L("moderator")
	case r >= voiceapp.RoleMember:
		return lang.L("member")
	}
	return lang.L("guest")
}

// exactRole is a role's name, or its number where it has none.
func exactRole(r voiceapp.Role) string {
	if number, unnamed := strings.CutPrefix(r.String(), "role "); unnamed {
		return number
	}
	return Role(r)
}

// roleOf reads what a refusal says is needed; "": it is no role.
func roleOf(needs string) string {
	name, ok := strings.CutPrefix(needs, "role:")
	role, err := voiceapp.ParseRole(name)
	if !ok || err != nil {
		return ""
	}
	return exactRole(role)
}

// wait says how long something takes: seconds, or minutes where there are many.
func wait(d time.Duration) string {
	if seconds := int((d + time.Second - 1) / time.Second); seconds < 120 {
		return fmt.Sprintf("%d s", seconds)
	}
	return fmt.Sprintf("%d min", int((d+time.Minute-1)/time.Minute))
}

// maxSaid is the most characters of a text that another program gives.
const maxSaid = 600

// clean makes a text from elsewhere fit to be shown: in one line, without what turns its
// direction, and not without an end.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.In(r, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > maxSaid {
		text = string(runes[:maxSaid]) + "…"
	}
	return text
}

// Sentence begins a text with a capital letter and ends it with a full stop.
func Sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	text = string(unicode.ToUpper(first)) + text[size:]
	if last, _ := utf8.DecodeLastRuneInString(text); !strings.ContainsRune(".!?…", last) {
		text += "."
	}
	return text
}
