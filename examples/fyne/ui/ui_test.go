package ui_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
	"go.uber.org/goleak"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
	"github.com/voiceapp-sdk/voiceapp/plugin"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

func TestMain(m *testing.M) {
	plugin.Main()
	if err := text.Use("en"); err != nil { // whatever the system speaks
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("fyne.io/fyne/v2/internal/async.(*UnboundedChan[...]).processing"))
}

// Who starts the program for the first time is told what to do, adds a server, and is in
// the Lobby two clicks later, once he has looked at its key.
func TestFirstStart(t *testing.T) {
	w := newWorld(t)
	addr, key := exampletest.Serve(t)
	if !w.shows("You need the address of a server") {
		t.Fatalf("nothing is explained: %q", w.texts())
	}
	w.tap("Add a server")
	test.Type(w.entry("voice.example"), addr)
	test.Type(w.entry("your name there"), "Anna")
	w.tap("Add")
	w.until("the server says how many are there", func() bool { return w.shows("0 people") })
	w.tap("Connect")
	w.until("the key is shown", func() bool { return w.shows(key.String()[:4] + " " + key.String()[4:8]) })
	w.tap("Trust it")
	w.until("the Lobby with Anna in it", func() bool { return w.shows("Lobby") && w.shows("Anna") })
	saved := w.book.List()
	if len(saved) != 1 || saved[0].Fingerprint != key || saved[0].User != "Anna" || saved[0].LastUsed.IsZero() {
		t.Errorf("saved: %+v", saved)
	}
}

// Who needs large letters on a small screen finds all of the first start on it.
func TestFirstStartFitsASmallScreen(t *testing.T) {
	w := newWorld(t, func(cfg *ui.Config) {
		if err := cfg.Settings.Change(func(s *settings.Settings) { s.Look.Scale = 150 }); err != nil {
			t.Fatal(err)
		}
	})
	if need := w.app.Window().Content().MinSize(); need.Width > 800 || need.Height > 600 {
		t.Errorf("the window needs %v", need)
	}
}

// A server with another key than the one that is pinned gets no name and no password, and
// there is no way on. Both keys are there to be compared, in groups.
func TestAnotherKeyIsAHardStop(t *testing.T) {
	w := newWorld(t)
	addr, key := exampletest.Serve(t)
	b := w.save("Home", addr, voiceapp.Fingerprint{1})
	w.app.Connect(b)
	w.until("the warning", func() bool { return w.shows("shows another key than before") })
	for _, f := range []voiceapp.Fingerprint{key, b.Fingerprint} {
		if text := f.String(); !w.shows(text[:4] + " " + text[4:8]) {
			t.Errorf("the key %s is not shown: %q", text, w.texts())
		}
	}
	if w.shows("Try again") || w.shows("Trust") {
		t.Errorf("there is a way on: %q", w.texts())
	}
	w.tap("Close")
	if got, err := w.book.Get(b.ID); err != nil || got.Fingerprint != (voiceapp.Fingerprint{1}) {
		t.Errorf("the pin is %v now, %v", got.Fingerprint, err)
	}
}

// A connection that can't be made can be given up, and says why it failed.
func TestConnectionThatFails(t *testing.T) {
	w := newWorld(t)
	w.app.Connect(w.save("Nowhere", "127.0.0.1:1", voiceapp.Fingerprint{1}))
	w.until("the reason", func() bool { return w.shows("Try again") })
	w.tap("Close")
	if w.shows("Try again") {
		t.Error("the dialog is still there")
	}
}

// People, who talks, who is muted: what others do is shown, and what one does is told.
func TestPeople(t *testing.T) {
	w := newWorld(t)
	bo := w.meetBo(voiceapp.Channel{Name: "Staff", RequiredRole: voiceapp.RoleModerator}, voiceapp.Channel{Name: "Quiet"})
	w.until("a word about Bo", func() bool { return w.shows("Bo came") })

	anna := func() (p voiceapp.Presence) {
		for _, one := range bo.Sessions() {
			if one.Name == "Anna" {
				p = one
			}
		}
		return p
	}
	w.app.Mute(true)
	w.until("Bo sees that Anna is muted", func() bool { return anna().SelfMuted })
	w.app.Deafen(true)
	w.until("Bo sees that Anna is deaf", func() bool { return anna().SelfDeaf })
	w.app.Mute(false)
	w.until("Anna is neither", func() bool { return !anna().SelfDeaf && !anna().SelfMuted })

	w.press("Quiet", fyne.KeyReturn)
	w.until("Anna is in Quiet", func() bool { return anna().Channel != 0 && anna().Channel != bo.Self().Channel })
	w.press("Staff", fyne.KeyReturn)
	w.until("why Staff is locked", func() bool { return w.shows("moderator") })
	w.tap("Close")
}

// Who does not get into the channel of his bookmark is told why, and finds the keys at the first
// channel.
func TestNoRowIsChosenAtFirst(t *testing.T) {
	w := newWorld(t)
	_, _, b := w.serve()
	b.Channel = "Attic"
	w.app.Connect(b)
	w.until("a word that there is no Attic", func() bool { return w.shows("That did not work") })
	w.tap("Close")
	w.until("Anna in no channel", func() bool { return w.shows("In no channel") })
	if at := w.app.KeysAt(); at != "Lobby" {
		t.Errorf("the keys are at %q", at)
	}
}

// press presses a key at a row of the tree.
func (w *world) press(name string, key fyne.KeyName) {
	w.t.Helper()
	w.until(name, func() bool { return w.app.PressAt(name, key) })
}

// Somebody who speaks is shown while he does, in the tree and below it.
func TestWhoSpeaksIsShown(t *testing.T) {
	w := newWorld(t)
	bo := w.meetBo()
	said, err := voice.Join(t.Context(), bo, voice.Config{Codec: exampletest.Codec(), Source: exampletest.Speech(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { said.Close() })
	talks := func() (green int) {
		for _, o := range w.objects() {
			if l, ok := o.(*widget.Label); ok && l.Text == "Bo" && l.Importance == widget.SuccessImportance {
				green++
			}
		}
		return green
	}
	w.until("Bo talks", func() bool { return talks() == 2 })
	w.app.ShowTab(0)
	w.until("Bo talks elsewhere", func() bool { return w.shows("Bo · ") })
	w.app.ShowTab(1)
	w.until("Bo talks here", func() bool { return talks() == 2 })
	if err := said.Close(); err != nil {
		t.Fatal(err)
	}
	w.until("Bo is silent", func() bool { return talks() == 0 && w.shows("Bo") })
}

// Everyone sees that one records, before a word is kept, and when that is over.
func TestRecording(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "recordings")
	if err := w.settings.Change(func(s *settings.Settings) { s.Voice.Recordings = dir }); err != nil {
		t.Fatal(err)
	}
	bo := w.meetBo()
	records := func() bool {
		for _, p := range bo.Sessions() {
			if p.Name == "Anna" {
				return p.Recording
			}
		}
		return false
	}
	files := func() (all []string) {
		all, err := filepath.Glob(filepath.Join(dir, "*Home.wav"))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	w.app.ToggleRecording()
	w.until("Bo sees it", records)
	w.until("there is a file", func() bool { return w.app.Recording() && len(files()) == 1 })
	w.app.Mute(true)
	w.until("Bo sees that Anna is muted", func() bool {
		for _, p := range bo.Sessions() {
			if p.Name == "Anna" {
				return p.SelfMuted
			}
		}
		return false
	})
	if !records() {
		t.Error("who is muted is shown as not recording any more")
	}
	w.app.ToggleRecording()
	w.until("Bo sees that it is over", func() bool { return !records() })
	if info, err := os.Stat(files()[0]); err != nil || info.Size() < 44 {
		t.Errorf("the file: %v, %v", info, err)
	}
}

// What is written arrives, both ways, in the conversation where it belongs.
func TestChat(t *testing.T) {
	w := newWorld(t)
	bo := w.meetBo()

	entry := w.entry("Tab completes names")
	test.Type(entry, "b")
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyTab})
	test.Type(entry, "see https://voice.example/a")
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	for e := range bo.Events() {
		if m, ok := e.(control.ChatSent); ok {
			if m.Text != "Bo: see https://voice.example/a" || m.Name != "Anna" {
				t.Errorf("Bo reads %q of %s", m.Text, m.Name)
			}
			break
		}
	}
	w.until("one's own message", func() bool { return w.shows("see https://voice.example/a") })
	id, err := bo.SendChat(t.Context(), "hello there")
	if err != nil {
		t.Fatal(err)
	}
	w.until("Bo's message", func() bool { return w.shows("hello there") })
	line := func(text string) *widget.RichText {
		return find(w, text, func(line *widget.RichText) bool { return strings.Contains(line.String(), text) })
	}
	own := line("see https://voice.example/a")
	if _, err := bo.SendChat(t.Context(), "and once more"); err != nil {
		t.Fatal(err)
	}
	w.until("Bo's second message", func() bool { return w.shows("and once more") })
	if line("see https://voice.example/a") != own {
		t.Error("all lines are made anew for one that comes")
	}
	if id != 0 {
		if _, err := bo.EditChat(t.Context(), id, "hello Anna"); err != nil {
			t.Fatal(err)
		}
		w.until("what Bo made of it", func() bool { return w.shows("hello Anna") && !w.shows("hello there") })
	}
}

// Who reads the end of a conversation sees what comes, whatever the window's size; who
// reads what is older stays there.
func TestChatStaysAtItsEnd(t *testing.T) {
	w := newWorld(t)
	bo := w.meetBo()
	says := func(text string) {
		t.Helper()
		if _, err := bo.SendChat(t.Context(), text+strings.Repeat("\nand more", 40)); err != nil {
			t.Fatal(err)
		}
		w.until(text, func() bool { return w.shows(text) })
		w.app.Window().Canvas().Capture() // it is drawn
	}
	atEnd := func() bool { below := w.app.BelowChat(); return below > -1 && below < 1 }
	for _, text := range []string{"first", "second"} {
		if says(text); !atEnd() {
			t.Errorf("%s: %v are out of sight below", text, w.app.BelowChat())
		}
	}
	for _, high := range []float32{500, 650} {
		if w.app.Window().Resize(fyne.NewSize(1000, high)); !atEnd() {
			t.Errorf("%v high: %v are out of sight below", high, w.app.BelowChat())
		}
	}
	w.app.ScrollChat(300)
	before := w.app.BelowChat()
	if says("third"); before < 200 || w.app.BelowChat() < before+300 {
		t.Errorf("what was read is gone: %v and %v are out of sight below", before, w.app.BelowChat())
	}
}

// The connection that is lost comes back by itself, and the window says what happens.
func TestServerThatEnds(t *testing.T) {
	w := newWorld(t)
	if !t.Run("server", func(t *testing.T) { // which ends with it
		addr, key := exampletest.Serve(t)
		w.app.Connect(w.save("Home", addr, key))
		w.until("the Lobby", func() bool { return w.shows("Lobby") })
	}) {
		return
	}
	w.until("the banner", func() bool { return w.shows("The connection is lost") })
}

// A link that is pasted leads to a form that it has filled.
func TestPastedLink(t *testing.T) {
	w := newWorld(t)
	w.app.Follow("voiceapp://bo@voice.example:7000/Games/Chess?title=Chess%20club")
	if !w.shows("Add a server") {
		t.Fatalf("the window shows %q", w.texts())
	}
	w.tap("Save and connect")
	saved := w.book.List()
	if len(saved) != 1 {
		t.Fatalf("saved: %+v", saved)
	}
	w.app.Escape() // and gives up the connection
	if b := saved[0]; b.Label != "Chess club" || b.HostPort() != "voice.example:7000" || b.User != "bo" || b.Channel != "Games/Chess" {
		t.Errorf("saved: %+v", b)
	}
	w.app.Follow("https://voice.example/")
	if !w.shows("That did not work") {
		t.Errorf("no word about a link that is none: %q", w.texts())
	}
}

// Search finds servers by all that is known of them.
func TestSearch(t *testing.T) {
	w := newWorld(t)
	w.save("Work", "127.0.0.1:1", voiceapp.Fingerprint{1})
	w.save("Play", "127.0.0.1:2", voiceapp.Fingerprint{1})
	search := w.entry("Search")
	w.until("both", func() bool { w.app.Refill(); return w.shows("Work") && w.shows("Play") })
	test.Type(search, "pla")
	if w.shows("Work") || !w.shows("Play") {
		t.Errorf("found: %q", w.texts())
	}
}

// Settings are remembered, and the key of push-to-talk opens the microphone.
func TestSettings(t *testing.T) {
	w := newWorld(t)
	if err := w.settings.Change(func(s *settings.Settings) {
		s.Voice.Mode, s.Keys.PushToTalk = settings.ModePushToTalk, "F9"
	}); err != nil {
		t.Fatal(err)
	}
	w.tap("Settings")
	box := find(w, "check of the noise", func(c *widget.Check) bool { return c.Text == "Take out noise" })
	test.Tap(box)
	if w.settings.Get().Voice.Noise {
		t.Error("the noise is still taken out")
	}
	w.tap("Close")
	if w.shows("Take out noise") {
		t.Error("the settings are still there")
	}
	w.app.Rebind()
	w.until("the key is bound", func() bool { return len(w.keys.bound()) == 1 })
	f9 := w.keys.bound()[0]
	if f9.Key.String() != "F9" {
		t.Errorf("%v is bound", f9.Key)
	}
	f9.On(true)
	w.until("the key opens the microphone", w.talking)
	f9.On(false)
	w.until("its release closes it", func() bool { return !w.talking() })
}

// A plugin is enabled once a person has allowed what it asks for, and changes what is
// written.
func TestPlugin(t *testing.T) {
	dir := t.TempDir()
	module, err := os.ReadFile("../../plugins/dice/dice.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dice.wasm"), module, 0o600); err != nil {
		t.Fatal(err)
	}
	host, err := plugin.Open(t.Context(), plugin.Config{Dir: dir, Hooks: []string{plugin.HookAudio, plugin.HookChatOutgoing}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { host.Close() })
	w := newWorld(t, func(cfg *ui.Config) { cfg.Plugins, cfg.PluginDir = host, dir })
	_, _, b := w.serve()
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.shows("Lobby") })

	w.app.ShowPlugins()
	test.Tap(find(w, "check of the plugin", func(c *widget.Check) bool { return c.Text == "" }))
	if !w.shows("to have random numbers") {
		t.Fatalf("nobody asks: %q", w.texts())
	}
	if one := host.Plugins()[0]; one.Enabled || one.Condition != voiceapp.PluginStopped {
		t.Errorf("it runs before it is allowed to: %+v", one)
	}
	w.tap("Allow")
	w.until("it runs", func() bool { return host.Plugins()[0].Condition == voiceapp.PluginRunning && w.shows("it runs") })
	w.app.Escape()

	entry := w.entry("Tab completes names")
	test.Type(entry, "/roll 3d6")
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	w.until("what was rolled", func() bool { return w.shows("3d6") && !w.shows("/roll") })
}

// Each screen is drawn in the theme that was chosen, and fits a small window.
func TestScreens(t *testing.T) {
	bright := map[string]map[string]float64{}
	for _, look := range []string{"light", "dark"} {
		w := newWorld(t, func(cfg *ui.Config) {
			if err := cfg.Settings.Change(func(s *settings.Settings) { s.Look.Theme = look }); err != nil {
				t.Fatal(err)
			}
		})
		size := fyne.NewSize(800, 600)
		w.app.Window().Resize(size)
		drawn := func(screen string) {
			t.Helper()
			img := w.app.Window().Canvas().Capture()
			if got := img.Bounds().Size(); got.X != int(size.Width) || got.Y != int(size.Height) {
				t.Errorf("%s in %s: the window is %v", screen, look, got)
			}
			if bright[screen] == nil {
				bright[screen] = map[string]float64{}
			}
			bright[screen][look] = brightness(img)
			for _, o := range w.app.Window().Canvas().Overlays().List() {
				for _, one := range below(o) {
					if shown, ok := one.(*widget.PopUp); ok && (shown.Content.Size().Width > size.Width || shown.Content.Size().Height > size.Height) {
						t.Errorf("%s needs %v", screen, shown.Content.Size())
					}
				}
			}
		}
		drawn("the first start")
		_, _, b := w.serve()
		w.app.Refill()
		drawn("the servers")
		w.tap("Add a server")
		drawn("the form of a server")
		w.app.Escape()
		pages := w.app.Settings()
		for _, page := range pages.Items {
			pages.Select(page)
			drawn("the settings of " + page.Text)
		}
		w.app.Escape()
		w.app.Connect(b)
		w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.shows("Lobby") })
		drawn("a server")
	}
	for screen, of := range bright {
		if of["light"] < of["dark"]+0.3 {
			t.Errorf("%s has a brightness of %.2f in light, and of %.2f in dark", screen, of["light"], of["dark"])
		}
	}
}
