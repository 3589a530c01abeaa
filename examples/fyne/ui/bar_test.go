package ui_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// A button that is held is released wherever the pointer is by then.
func TestHoldToTalk(t *testing.T) {
	w := newWorld(t)
	if err := w.settings.Change(func(s *settings.Settings) { s.Voice.Mode = settings.ModePushToTalk }); err != nil {
		t.Fatal(err)
	}
	hold := w.app.HoldButton()
	hold.MouseDown(nil)
	if !w.talking() {
		t.Error("it is held, and one is not heard")
	}
	hold.Dragged(nil)
	if !w.talking() {
		t.Error("the pointer has moved, and one is not heard")
	}
	if hold.DragEnd(); w.talking() {
		t.Error("it was released, and one is heard")
	}
	space := &fyne.KeyEvent{Name: fyne.KeySpace}
	for what, release := range map[string]func(){"it is released": func() { hold.KeyUp(space) }, "another has the keyboard": hold.FocusLost} {
		if hold.KeyDown(space); !w.talking() {
			t.Error("Space is held, and one is not heard")
		}
		if release(); w.talking() {
			t.Errorf("%s, and one is heard", what)
		}
	}
}

// While a microphone is missed one sees that, and who speaks as well.
func TestTroubleAndSpeakers(t *testing.T) {
	w := newWorld(t, func(cfg *ui.Config) {
		if err := cfg.Settings.Change(func(s *settings.Settings) { s.Voice.Microphone = "a headset that is not there" }); err != nil {
			t.Fatal(err)
		}
	})
	bo := w.meetBo()
	said, err := voice.Join(t.Context(), bo, voice.Config{Codec: exampletest.Codec(), Source: exampletest.Speech(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { said.Close() })
	w.until("both", func() bool { return w.shows("The microphone that you chose is not there") && w.app.Speaking() == "Bo" })
	shown := make(map[string]fyne.Position)
	for _, o := range w.objects() {
		if l, ok := o.(*widget.Label); ok && (strings.HasPrefix(l.Text, "The microphone") || l.Text == "Bo") {
			shown[l.Text] = fyne.CurrentApp().Driver().AbsolutePositionForObject(l) // of Bo the last: the tree's is above
		}
	}
	if trouble, speaker := shown["The microphone that you chose is not there; the system's default takes its place."], shown["Bo"]; trouble.Y >= speaker.Y || speaker.Y >= w.app.Window().Canvas().Size().Height {
		t.Errorf("the trouble is at %v, who speaks at %v", trouble, speaker)
	}
}

// The last word about oneself is what the others see, however fast it came.
func TestOthersSeeWhetherOneIsMuted(t *testing.T) {
	w := newWorld(t)
	bo := w.meetBo()
	sees := func(c *control.Client) bool {
		for _, p := range c.Sessions() {
			if p.Name == "Anna" {
				return p.SelfMuted
			}
		}
		return false
	}
	for i := range 20 {
		muted := i%2 == 0
		w.app.Mute(!muted)
		w.app.Mute(muted)
		w.until("all see it", func() bool { return sees(bo) == muted })
	}
}

// A notification shows a text, and no link that a text pretends to be.
func TestNotificationHasNoMarkup(t *testing.T) {
	w := newWorld(t)
	test.AssertNotificationSent(t, fyne.NewNotification("Bo", "‹a href=\"https://evil.example/\"›you & me‹/a›"), func() {
		w.app.Notify("Bo", `<a href="https://evil.example/">you & me</a>`)
	})
}
