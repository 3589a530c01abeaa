package text_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
)

// speak has texts be in a language until the test ends, and in English then.
func speak(t *testing.T, language string) {
	t.Helper()
	for _, name := range []string{"LANGUAGE", "LC_ALL"} {
		t.Setenv(name, os.Getenv(name)) // as it was, after the test
	}
	use := func(language string) {
		if err := text.Use(language); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() { use("en") })
	use(language)
}

// inBoth says something in English and in German.
func inBoth(t *testing.T, say func() []string) (english, german []string) {
	t.Helper()
	speak(t, "en")
	english = say()
	speak(t, "de")
	return english, say()
}

// details are those that the packages of the client declare.
func details(t *testing.T) (all []voiceapp.Detail) {
	all = voiceapp.Details()
	root := "../../.."
	for _, dir := range []string{
		"control", "bookmarks", "voice", "voice/device", "plugin", "examples/fyne/hotkey", "examples/fyne/hotkey/xinput",
		"examples/fyne/instance", "examples/fyne/settings", "examples/fyne/sound",
	} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		before := len(all)
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				all = append(all, declared(t, n)...)
				return true
			})
		}
		if len(all) == before {
			t.Errorf("%s declares no details", dir)
		}
	}
	return all
}

// declared is the detail that is declared here, if it is one that is not another's.
func declared(t *testing.T, n ast.Node) []voiceapp.Detail {
	spec, ok := n.(*ast.ValueSpec)
	if !ok || len(spec.Values) != 1 {
		return nil
	}
	typ, ok := spec.Type.(*ast.SelectorExpr)
	literal, given := spec.Values[0].(*ast.BasicLit)
	if !ok || typ.Sel.Name != "Detail" || !given {
		return nil
	}
	word, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	return []voiceapp.Detail{voiceapp.Detail(word)}
}

// wantTexts fails unless what is said is a sentence in both languages, and not the same.
func wantTexts(t *testing.T, what, english, german string) {
	t.Helper()
	for _, said := range []string{english, german} {
		if said == "" || !strings.ContainsAny(said[len(said)-1:], ".!?") || strings.Contains(said, "no value") || strings.Contains(said, "{{") {
			t.Errorf("%s: %q is no sentence", what, said)
		}
	}
	if english == german {
		t.Errorf("%s: German is as English: %q", what, german)
	}
}

// Each code is said in both languages, also of an error that says nothing more.
func TestEveryCodeIsSaid(t *testing.T) {
	english, german := inBoth(t, func() (all []string) {
		for _, code := range voiceapp.Codes() {
			err := &voiceapp.Error{Code: code, Message: "the cat sat", Until: time.Now().Add(time.Hour)}
			why, brief := text.Why(err), text.Brief(err)
			if !strings.HasPrefix(why, brief) || brief == "" {
				t.Errorf("%s: %q does not begin with %q", code, why, brief)
			}
			all = append(all, why)
		}
		return all
	})
	for i, code := range voiceapp.Codes() {
		wantTexts(t, string(code), english[i], german[i])
		if strings.HasPrefix(english[i], "It did not work") {
			t.Errorf("%s is not known: %q", code, english[i])
		}
	}
}

// Each detail of every package that the client is made of is said in both languages, in
// words of its own.
func TestEveryDetailIsSaid(t *testing.T) {
	all := details(t)
	if len(all) < 80 {
		t.Fatalf("only %d details were found", len(all))
	}
	english, german := inBoth(t, func() (said []string) {
		for _, detail := range all {
			said = append(said, text.Why(&voiceapp.Error{
				Code: voiceapp.Unavailable, Detail: detail, Message: "the cat sat", Needs: "role:member", About: "that one", Limit: 7,
			}))
		}
		return said
	})
	for i, detail := range all {
		wantTexts(t, string(detail), english[i], german[i])
		if strings.Contains(english[i], "cat") || strings.Contains(german[i], "cat") {
			t.Errorf("%s has no words of its own: %q, %q", detail, english[i], german[i])
		}
	}
}

// What goes with an error is said in German, and what a moderator wrote as it was written.
func TestWhyInGerman(t *testing.T) {
	speak(t, "de")
	until := time.Date(2126, 12, 2, 2, 33, 0, 0, time.Local)
	unreachable := func(cause error) error {
		return voiceapp.WrapError(voiceapp.Unavailable, "it can't be reached", cause).With(control.Unreachable).Of("voice.example:7788")
	}
	refused := &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	noRight := &fs.PathError{Op: "open", Path: "/home/anna/bookmarks.toml", Err: syscall.EACCES}
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{
			&voiceapp.Error{Code: voiceapp.Banned, Until: until, Reason: "zu laut <b>\nimmer"},
			"Sie sind auf diesem Server bis zum 2. Dez. 2126, 02:33 Uhr ausgesperrt. Der genannte Grund: „zu laut <b> immer“. Seine Administratoren können das zurücknehmen.",
		},
		{&voiceapp.Error{Code: voiceapp.Banned}, "Sie sind auf diesem Server für immer ausgesperrt. Seine Administratoren können das zurücknehmen."},
		{
			&control.ClosedError{Reason: &voiceapp.Error{Code: voiceapp.Kicked, Until: until}},
			"Ein Moderator hat Sie vom Server geworfen. Ab dem 2. Dez. 2126, 02:33 Uhr können Sie wiederkommen.",
		},
		{&voiceapp.Error{Code: voiceapp.Kicked, Until: time.Unix(0, 0)}, "Ein Moderator hat Sie vom Server geworfen."},
		{voiceapp.Refusal(voiceapp.RoleGuest, voiceapp.RoleMember), "Dafür braucht man die Rolle „Mitglied“. Die Administratoren des Servers können sie Ihnen geben."},
		{voiceapp.Refusal(voiceapp.RoleGuest, 15), "Dafür braucht man die Rolle „15“. Die Administratoren des Servers können sie Ihnen geben."},
		{&voiceapp.Error{Code: voiceapp.Forbidden, Needs: "role:admin"}, "Dafür braucht man die Rolle „Administrator“. Die Administratoren des Servers können sie Ihnen geben."},
		{&voiceapp.Error{Code: voiceapp.Forbidden, Message: "not on Sundays", Needs: "weekday"}, "Das dürfen Sie nicht: „not on Sundays“."},
		{
			&voiceapp.Error{Code: voiceapp.Limited, Detail: voiceapp.TooManyAttempts, RetryAfter: 2500 * time.Millisecond},
			"Es waren zu viele falsche Passwörter. Versuchen Sie es in 3 s noch einmal.",
		},
		{&voiceapp.Error{Code: voiceapp.Limited, RetryAfter: 5 * time.Minute}, "Das war zu viel auf einmal. Versuchen Sie es in 5 min noch einmal."},
		{voiceapp.NewError(voiceapp.NotFound, "").With(voiceapp.NoChannel).Of("Quiet"), "Es gibt keinen Kanal „Quiet“. Vielleicht ist er fort, oder nicht für Sie zu sehen."},
		{voiceapp.CheckName(strings.Repeat("x", 99)), "Der Name ist zu lang: er hat höchstens 64 Zeichen. Kürzen Sie."},
		{&voiceapp.Error{Code: "melted", Message: "too hot"}, "Es ging nicht: „too hot“."},
		{&voiceapp.Error{Code: voiceapp.Conflict, Detail: "melted", Message: "too hot"}, "Das passt nicht zu dem, wie es gerade ist: „too hot“."},
		{errors.New("{{.Cat}} sat"), "Es ging nicht: „{{.Cat}} sat“."},
		{&voiceapp.BanHitsError{Self: true}, "Das träfe auch Sie."},
		{&voiceapp.BanHitsError{Self: true, Others: 1}, "Das träfe auch Sie und 1 anderen, der hier ist."},
		{&voiceapp.BanHitsError{Others: 3}, "Das träfe auch 3 andere, die hier sind."},

		{unreachable(refused), "Der Server unter voice.example:7788 ist nicht zu erreichen: dort antwortet kein Programm. Prüfen Sie, ob der Server läuft, und ob Adresse und Port stimmen."},
		{unreachable(&net.DNSError{IsNotFound: true}), "Der Server unter voice.example:7788 ist nicht zu erreichen: es gibt keinen Rechner dieses Namens. Prüfen Sie, ob die Adresse stimmt."},
		{unreachable(&net.DNSError{IsTimeout: true}), "Der Server unter voice.example:7788 ist nicht zu erreichen: sein Name lässt sich nicht nachschlagen. Prüfen Sie, ob Sie mit dem Netz verbunden sind."},
		{unreachable(syscall.ENETUNREACH), "Der Server unter voice.example:7788 ist nicht zu erreichen: dorthin führt kein Weg. Prüfen Sie, ob Sie mit dem Netz verbunden sind."},
		{unreachable(context.DeadlineExceeded), "Der Server unter voice.example:7788 ist nicht zu erreichen: er antwortet nicht. Prüfen Sie, ob Adresse und Port stimmen, und ob eine Firewall im Weg ist."},
		{unreachable(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}), "Was unter voice.example:7788 antwortet, ist kein Server von voiceapp. Prüfen Sie, ob der Port stimmt."},
		{unreachable(io.EOF), "Was unter voice.example:7788 antwortet, hat aufgelegt. Prüfen Sie, ob der Port stimmt, und versuchen Sie es gleich noch einmal."},
		{unreachable(errors.New("the moon")), "Der Server unter voice.example:7788 ist nicht zu erreichen. Prüfen Sie, ob Adresse und Port stimmen."},

		{context.DeadlineExceeded, "Es hat zu lange gedauert. Versuchen Sie es noch einmal."},
		{noRight, "Sie haben kein Recht an /home/anna/bookmarks.toml. Sehen Sie nach, wem es gehört, und wer es lesen und schreiben darf."},
		{fmt.Errorf("recording: %w", syscall.ENOSPC), "Der Datenträger ist voll. Schaffen Sie dort Platz, und versuchen Sie es noch einmal."},
		{
			voiceapp.WrapError(voiceapp.Unavailable, "the saved servers can't be read", noRight).With(bookmarks.Unreadable),
			"Die gespeicherten Server lassen sich nicht lesen. Sie haben kein Recht an /home/anna/bookmarks.toml. Sehen Sie nach, wem es gehört, und wer es lesen und schreiben darf.",
		},
		{
			voiceapp.WrapError(voiceapp.Forbidden, "talk.wav: it can't be made", fs.ErrPermission).Of("talk.wav"),
			"Sie haben kein Recht an talk.wav. Sehen Sie nach, wem es gehört, und wer es lesen und schreiben darf.",
		},
		{
			errors.Join(voiceapp.NewError(voiceapp.Invalid, "").With(settings.SetAside).Of("desktop.toml.damaged-1"), voiceapp.NewError(voiceapp.Unavailable, "").With(bookmarks.KeyringLocked)),
			"Die Einstellungen ließen sich nicht lesen und beginnen von vorn. Was da war, ist jetzt in desktop.toml.damaged-1. Der Schlüsselbund des Systems ist gesperrt. Entsperren Sie ihn, und versuchen Sie es noch einmal.",
		},
		{voiceapp.NewError(voiceapp.Unavailable, "").With(device.Silent), "Das Tongerät gibt kein Lebenszeichen mehr. Schließen Sie es wieder an, oder wählen Sie in den Einstellungen ein anderes."},
	} {
		if got := text.Why(c.err); got != c.want {
			t.Errorf("%#v:\n%q, want\n%q", c.err, got, c.want)
		}
	}
}

// What another program says has an end, and does not turn the direction of what is around it.
func TestWhyOfAHostileServer(t *testing.T) {
	got := text.Why(voiceapp.NewError(voiceapp.Conflict, "\u202eevil\x1b[31m\r\n"+strings.Repeat("x", 1<<20)))
	if len(got) > 800 || strings.ContainsAny(got, "\u202e\x1b\r\n") {
		t.Errorf("%d bytes: %.100q", len(got), got)
	}
}

// What one may do, and why not, is said by what the server says to machines.
func TestMay(t *testing.T) {
	speak(t, "de")
	stage := voiceapp.Channel{SpeakRole: voiceapp.RoleModerator, WriteRole: voiceapp.RoleMember}.Permissions(voiceapp.RoleMember)
	silent := voiceapp.Permission{Needs: voiceapp.RoleGuest, Detail: voiceapp.SelfMuted, Reason: "muted by own choice"}
	older := voiceapp.Permission{Reason: "on Sundays only"}
	for _, c := range []struct {
		may  voiceapp.Permission
		want string
	}{
		{stage.Join, "Das dürfen alle."},
		{stage.Write, "Das dürfen Sie, wie alle ab der Rolle „Mitglied“."},
		{stage.Speak, "Dafür braucht man die Rolle „Moderator“. Die Administratoren des Servers können sie Ihnen geben."},
		{silent, "Ihr Mikrofon ist stummgeschaltet. Öffnen Sie es, um gehört zu werden."},
		{older, "Das dürfen Sie nicht: „on Sundays only“."},
	} {
		if got := text.May(c.may, text.Why); got != c.want {
			t.Errorf("%+v: %q, want %q", c.may, got, c.want)
		}
		if brief := text.May(c.may, text.Brief); !strings.HasPrefix(c.want, brief) || brief == "" {
			t.Errorf("%+v in brief: %q, want the beginning of %q", c.may, brief, c.want)
		}
	}
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.Local)
	cases := []struct {
		at              time.Time
		english, german string
	}{
		{now.Add(-3 * time.Hour), "09:00", "09:00"},
		{now.Add(-26 * time.Hour), "Tue 10:00", "Di 10:00"},
		{now.AddDate(0, 0, -30), "2 Feb 2026, 12:00", "2. Feb. 2026, 12:00"},
		{now.AddDate(-1, 0, 0), "4 Mar 2025, 12:00", "4. März 2025, 12:00"},
	}
	english, german := inBoth(t, func() (said []string) {
		for _, c := range cases {
			said = append(said, text.Clock(c.at, now))
		}
		return said
	})
	for i, c := range cases {
		if english[i] != c.english || german[i] != c.german {
			t.Errorf("%v is %q and %q, want %q and %q", c.at, english[i], german[i], c.english, c.german)
		}
	}
	var months []string
	for month := range 12 {
		months = append(months, text.Date(now.AddDate(0, month, 0)))
	}
	if slices.Sort(months); len(slices.Compact(months)) != 12 {
		t.Errorf("the months are %q", months)
	}
}
