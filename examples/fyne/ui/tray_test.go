package ui_test

import (
	"bytes"
	"image/png"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/desktop"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
)

// shelf is a desktop with a tray.
type shelf struct {
	fyne.App
	menu *fyne.Menu
	icon fyne.Resource
	quit bool
}

func (s *shelf) SetSystemTrayMenu(menu *fyne.Menu)    { s.menu = menu }
func (s *shelf) SetSystemTrayIcon(icon fyne.Resource) { s.icon = icon }
func (*shelf) SetSystemTrayWindow(fyne.Window)        {}
func (s *shelf) Quit()                                { s.quit = true }
func (s *shelf) item(t *testing.T, text string) *fyne.MenuItem {
	t.Helper()
	for _, one := range s.menu.Items {
		if one.Label == text {
			return one
		}
	}
	t.Fatalf("the tray's menu has no %q", text)
	panic("unreachable")
}

// The tray says where one is and how, mutes, deafens, and quits.
func TestTray(t *testing.T) {
	w, desk := newTrayWorld(t, func(*settings.Settings) {})
	icons := map[string]string{"on no server": string(desk.icon.Content())}
	is := func(how string) {
		t.Helper()
		now := string(desk.icon.Content())
		for other, icon := range icons {
			if icon == now && other != how {
				t.Errorf("%s looks in the tray like %s", how, other)
			}
		}
		icons[how] = now
	}
	if picture, err := png.Decode(bytes.NewReader(desk.icon.Content())); err != nil || picture.Bounds().Dx() != 64 {
		t.Errorf("the icon: %v, %v", picture, err)
	}
	if where := desk.menu.Items[0]; where.Label != "on no server" || !where.Disabled {
		t.Errorf("the menu begins with %q", where.Label)
	}
	var server *control.Server
	h := newHost(t, func(s *control.Server) { server = s })
	w.app.Connect(w.save("Home", h.addr, h.key))
	w.until("where one is", func() bool { return desk.menu.Items[0].Label == "Home · Lobby" })
	is("on a server")

	mute, deafen := desk.item(t, "Mute the microphone"), desk.item(t, "Hear nothing")
	mute.Action()
	if !w.app.Muted() || !mute.Checked || deafen.Checked {
		t.Errorf("muted: %t, and its item %t", w.app.Muted(), mute.Checked)
	}
	is("muted")
	deafen.Action()
	if !w.app.Deafened() || !mute.Checked || !deafen.Checked {
		t.Errorf("deaf: %t, and its item %t", w.app.Deafened(), deafen.Checked)
	}
	is("deaf")
	w.app.Mute(false)
	if mute.Checked || deafen.Checked {
		t.Error("the items don't follow what is done in the window")
	}
	is("on a server")
	_ = server.Close() // it returns nil, always
	w.until("that the connection is lost", func() bool { return desk.menu.Items[0].Label == "Home · not connected" })
	is("lost")
	w.app.CloseTab()
	is("on no server")
	if desk.item(t, "Quit").Action(); !desk.quit {
		t.Error("the program goes on")
	}
}

// While one is heard the tray shows it.
func TestTrayShowsThatOneIsHeard(t *testing.T) {
	w, desk := newTrayWorld(t, func(s *settings.Settings) { s.Voice.Mode = settings.ModePushToTalk })
	w.pulse.Control("set-default-source", "vmic.monitor")
	_, _, b := w.serve()
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.shows("Lobby") })
	looks := func() string { return string(desk.icon.Content()) }
	silent := looks()
	w.app.PushToTalk(true)
	w.until("one is heard", func() bool { return looks() != silent })
	w.app.PushToTalk(false)
	w.until("one is not heard any more", func() bool { return looks() == silent })
}

// A desktop without a tray has none, and nothing fails for that.
func TestNoTray(t *testing.T) {
	desk := &shelf{App: test.NewTempApp(t)}
	w := newWorldOn(t, desk)
	w.app.Mute(true)
	if desk.menu != nil {
		t.Error("there is a tray where nobody would show it")
	}
}

func newTrayWorld(t *testing.T, change func(*settings.Settings)) (*world, *shelf) {
	t.Helper()
	desk := &shelf{App: test.NewTempApp(t)}
	return newWorldOn(t, desk, func(cfg *ui.Config) {
		cfg.Tray, cfg.Icon = true, fyne.NewStaticResource("icon.png", desktop.Icon())
		if err := cfg.Settings.Change(change); err != nil {
			t.Fatal(err)
		}
	}), desk
}

// However the program ends it remembers the window's size, and where it is split.
func TestEndRemembersTheWindow(t *testing.T) {
	w := newWorld(t)
	_, _, b := w.serve()
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.app.Talks() == 1 && w.shows("Lobby") })
	w.app.Window().Resize(fyne.NewSize(900, 650))
	w.app.Split(0.6)
	w.app.ShowTab(0)
	w.app.Close()
	if look := w.settings.Get().Look; look.Width != 900 || look.Height != 650 || look.Split != 0.6 {
		t.Errorf("remembered: %+v", look)
	}
}
