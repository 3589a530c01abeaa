package ui_test

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
)

// newGermanWorld starts a client in German; texts are English again after the test.
func newGermanWorld(t *testing.T) *world {
	t.Helper()
	for _, name := range []string{"LANGUAGE", "LC_ALL"} {
		t.Setenv(name, os.Getenv(name)) // as it was, after the test
	}
	use := func(language string) {
		if err := text.Use(language); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { use("en") })
	use("de")
	return newWorld(t)
}

// drawn is what can be read, also in a menu.
func (w *world) drawn() string {
	var all []string
	for _, o := range w.objects() {
		if one, ok := o.(*canvas.Text); ok {
			all = append(all, one.Text)
		}
	}
	return strings.Join(all, "\n")
}

// A wrong password, and a name with what names can't have.
func TestGermanLogin(t *testing.T) {
	w := newGermanWorld(t)
	h := newHost(t)
	h.account("Anna", voiceapp.RoleMember)
	w.app.ConnectAs(w.save("Zuhause", h.addr, h.key), "falsches Pferd")
	w.until("that it was wrong", func() bool {
		return w.shows("Der Name oder das Passwort ist falsch. Prüfen Sie, wie beide geschrieben sind, auch groß und klein.")
	})
	w.app.Escape()

	w.app.Connect(bookmarks.Bookmark{Address: "voice.example"})
	w.until("the question", func() bool { return w.shows("Wer sind Sie auf voice.example?") })
	canvas := w.app.Window().Canvas()
	test.Type(canvas.Focused(), "/Bo")
	canvas.FocusNext() // it is told to who has left the field
	w.until("what is wrong with it", func() bool {
		return strings.Contains(w.drawn(), "Der Name enthält ein Zeichen, das Namen nicht haben können")
	})
}

// Who is banned sees until when, in the words of his clock, and the moderator's own words.
func TestGermanBan(t *testing.T) {
	w := newGermanWorld(t)
	h := newHost(t)
	mo := h.member("Mo", voiceapp.RoleModerator)
	b := w.save("Zuhause", h.addr, h.key)
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.shows("Lobby") })
	reason := "loud music, three times; lies nach: voice.example/rules"
	made, err := mo.Ban(t.Context(), voiceapp.BanRequest{Session: w.app.Client().Self().Session, Reason: reason, For: 24 * time.Hour, Confirm: true})
	if err != nil {
		t.Fatal(err)
	}
	want := "Sie sind auf diesem Server bis zum " + text.Date(made.Until) + " Uhr ausgesperrt. Der genannte Grund: „" + reason + "“. Seine Administratoren können das zurücknehmen."
	w.until("the banner", func() bool { return w.shows(want) && w.shows("Neu verbinden") })
	w.tap("Neu verbinden")
	w.until("the refusal", func() bool { return w.shows("Keine Verbindung mit Zuhause") && w.shows(want) })
}

func TestGermanServerFull(t *testing.T) {
	w := newGermanWorld(t)
	h := newHost(t, func(s *control.Server) { s.Limits.MaxSessions = 1 })
	h.member("Mo", voiceapp.RoleMember)
	w.app.Connect(w.save("Zuhause", h.addr, h.key))
	w.until("that it is full", func() bool {
		return w.shows("Keine Verbindung mit Zuhause") && w.shows("Der Server ist voll. Versuchen Sie es noch einmal, wenn jemand gegangen ist.")
	})
}

func TestGermanRefusedConnection(t *testing.T) {
	w := newGermanWorld(t)
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := nobody.Addr().String()
	nobody.Close()
	w.app.Connect(w.save("Zuhause", addr, voiceapp.Fingerprint{}))
	w.until("that nobody is there", func() bool {
		return w.shows("Der Server unter " + addr + " ist nicht zu erreichen: dort antwortet kein Programm. Prüfen Sie, ob der Server läuft, und ob Adresse und Port stimmen.")
	})
	w.app.Escape()
	w.until("that in the list, too", func() bool { return w.shows("nicht erreichbar") })
}

func TestGermanChangedKey(t *testing.T) {
	w := newGermanWorld(t)
	addr, _ := exampletest.Serve(t)
	w.app.Connect(w.save("Zuhause", addr, voiceapp.Fingerprint{7}))
	w.until("the hard stop", func() bool {
		return w.shows("Das ist nicht der Server, den Sie kennen") && w.shows("zeigt einen anderen Schlüssel als bisher") &&
			w.shows("Sagt Ihnen sein Betreiber, dass der Schlüssel geändert wurde")
	})
}

// A channel that one may not join says why, in its menu, at its door and in what is told of
// it; and what else one may not do there.
func TestGermanLock(t *testing.T) {
	w := newGermanWorld(t)
	_, _, b := w.serve(voiceapp.Channel{Name: "Team", RequiredRole: voiceapp.RoleMember})
	w.app.Connect(b)
	w.until("the channel", func() bool { return w.shows("Team") })
	const lock = "Dafür braucht man die Rolle „Mitglied“."
	locked := 0
	for _, item := range w.app.RoomMenu("Team") {
		if item.Disabled && (item.Label == "Betreten" || item.Label == lock || item.Label == "Von anderswo mithören") {
			locked++
		}
	}
	if locked != 3 {
		t.Errorf("the menu shows %d of what can't be, and why", locked)
	}
	w.app.PressAt("Team", fyne.KeyReturn)
	w.until("the dialogue", func() bool {
		return w.shows("Das ging nicht") && w.shows(lock+" Die Administratoren des Servers können sie Ihnen geben.")
	})
	w.app.Escape()
	w.app.About("Team")
	w.until("what one may do there", func() bool { return w.shows("Sprechen") && w.shows(lock) })
	w.app.Escape()
	w.app.About("Lobby")
	w.until("what one may do here", func() bool { return w.shows("Das dürfen alle.") })
}

// A microphone that is lost is told below, and on the page of the voice with what to do.
func TestGermanLostMicrophone(t *testing.T) {
	w := newGermanWorld(t)
	_, _, b := w.serve()
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.shows("Lobby") })
	w.until("the microphone is open", func() bool { return w.pulse.Control("list", "short", "source-outputs") != "" })
	w.pulse.Kill()
	w.until("that it is lost", func() bool {
		return w.shows("Kein Mikrofon: Das Tongerät gibt kein Lebenszeichen mehr. Schließen Sie es wieder an, oder wählen Sie in den Einstellungen ein anderes.")
	})
	w.app.Settings()
	w.until("why, and what to do", func() bool {
		return w.shows("Kein Mikrofon: ") && (w.shows("Starten Sie") || w.shows("Schließen Sie"))
	})
}
