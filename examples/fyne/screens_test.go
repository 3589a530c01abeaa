//go:build desktop

package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

// Where things are in a window of the default size.
var (
	connectAt  = place{960, 130}  // the button of the first saved server
	moreAt     = place{1055, 127} // its menu
	editAt     = place{1010, 163} // an item of that
	qualityAt  = place{900, 659}
	writeAt    = place{150, 300} // an item of a person's menu
	settingsAt = place{1028, 658}
	closeAt    = place{540, 616} // of the settings
	pageAt     = place{560, 400}
	pagesAt    = map[string]place{"voice": {175, 110}, "keys": {175, 167}, "look": {175, 224}, "plugins": {175, 281}, "about": {175, 338}}
)

// rowHeight is that of a saved server.
const rowHeight = 74

// chat is more than a window shows, with what is hard to draw.
var chat = []string{
	"good evening", "who comes to the game tonight?", "see https://voice.example/calendar?month=12#evening",
	"A line that is longer than the pane is wide has to go on below, word by word, and nothing of it may be cut off or be drawn over what comes after it.",
	"Donaudampfschifffahrtsgesellschaftskapitänsmützenhalterungsbefestigungsschraubenzieher", "שלום לכולם", "今晚大家好",
	"one", "two", "three", "four", "five", "six", "the last line",
}

// account makes one for Anna, and has the client know its token.
func (c *client) account(s *server) {
	c.t.Helper()
	client, err := control.Connect(c.t.Context(), s.addr, control.ClientConfig{Fingerprint: s.key})
	if err != nil {
		c.t.Fatal(err)
	}
	defer client.Close()
	if _, err = client.Register(c.t.Context(), "Anna", "correct horse"); err == nil {
		err = client.Open(c.t.Context(), "Anna", "correct horse")
	}
	if err != nil {
		c.t.Fatal(err)
	}
	_, token, err := client.RememberDevice(c.t.Context(), "test")
	if err == nil {
		err = bookmarks.OpenSecrets(c.config).Set(c.t.Context(), s.addr, "Anna", bookmarks.Secret{Token: token})
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// save adds a bookmark.
func (c *client) save(label, addr string, key voiceapp.Fingerprint) {
	c.t.Helper()
	book, err := bookmarks.Open(filepath.Join(c.config, "bookmarks.toml"))
	if err != nil {
		c.t.Fatal(err)
	}
	host, port, _ := strings.Cut(addr, ":")
	b, _, err := bookmarks.ParseLink("voiceapp://" + host + ":" + port)
	if err == nil {
		b.Label, b.Fingerprint, b.User = label, key, "Anna"
		_, err = book.Add(b)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// plugin puts one of the examples into the client's folder, enabled.
func (c *client) plugin(name string) {
	c.t.Helper()
	dir := filepath.Join(os.Getenv("XDG_DATA_HOME"), "voiceapp", "plugins")
	module, err := os.ReadFile(filepath.Join("../plugins", name, name+".wasm"))
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".wasm"), module, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	if out, err := exec.Command(bin(c.t, "voiceapp"), "plugin", "enable", "--dir", dir, name).CombinedOutput(); err != nil {
		c.t.Fatalf("%v: %s", err, out)
	}
}

// silent is the address of a server that takes connections and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

// screens are what a test looks at: a name for each, in one theme.
type screens struct {
	*display
	theme string
}

// take writes what is on the screen once it is drawn.
func (s screens) take(name string) {
	s.t.Helper()
	time.Sleep(time.Second)
	s.save(s.theme + "-" + name)
}

// Every screen is drawn in both themes, into shots, to be looked at.
func TestScreens(t *testing.T) {
	for _, theme := range []string{"dark", "light"} {
		t.Run(theme, func(t *testing.T) {
			devicetest.StartPulse(t).Control("set-default-source", "vmic.monitor")
			d, s := screens{startDisplay(t), theme}, newServer(t)
			look := func(one *settings.Settings) { one.Look.Theme = theme }
			first := newClient(t, d.display, s, look)
			if err := os.Remove(filepath.Join(first.config, "bookmarks.toml")); err != nil {
				t.Fatal(err)
			}
			first.start()
			d.take("first-run")
			first.end()

			c := newClient(t, d.display, s, look)
			c.account(s)
			c.plugin("robot")
			c.save("Slow", silent(t), voiceapp.Fingerprint{1})
			c.save("New", s.addr, voiceapp.Fingerprint{})
			c.save("Changed", s.addr, voiceapp.Fingerprint{2})
			s.other("listen", "--user", "Bo", "--out", filepath.Join(t.TempDir(), "bo.wav"), "--for", "90s")
			c.start()
			d.servers()
			c.connect()
			s.writes("Dora", chat...)
			s.other("say", "--user", "Carla", speech)
			time.Sleep(time.Second) // Carla speaks
			d.take("talk")
			d.settings()
			d.talk()
			s.kill()
			until(t, "the client notices", c.says("connected=false"))
			d.take("away")
			s.start()
		})
	}
}

// servers are the screens before one is on a server.
func (s screens) servers() {
	s.take("servers")
	s.click(moreAt)
	s.take("menu")
	s.click(editAt)
	s.take("edit")
	s.key("key", "Escape")
	for i, name := range []string{"connecting", "trust", "key-changed"} {
		s.click(place{connectAt.x, connectAt.y + (i+1)*rowHeight})
		time.Sleep(3 * time.Second) // the server answers, also on a busy machine
		s.take(name)
		s.key("key", "Escape")
		s.key("key", "Escape") // what lies below
		time.Sleep(time.Second)
	}
}

// settings are their pages.
func (s screens) settings() {
	s.click(settingsAt)
	for name, at := range pagesAt {
		s.click(at)
		s.take(name)
		if name == "voice" { // it is longer than the window
			s.wheelDown(pageAt)
			s.take("voice-end")
		}
	}
	s.click(closeAt)
}

// talk are the screens of a server that show nobody and nothing at first.
func (s screens) talk() {
	s.key("key", "ctrl+shift+r")
	s.take("recording")
	s.key("key", "ctrl+shift+r")
	s.click(qualityAt)
	time.Sleep(5 * time.Second) // so that there is something to draw
	s.take("connection")
	s.key("key", "Escape")
	s.key("key", "ctrl+j")
	for range 2 { // Bo is below Anna, in the Lobby
		s.key("key", "Down")
	}
	s.key("key", "Menu")
	s.take("person")
	s.click(writeAt)
	s.key("type", "hello Bo, this is for you alone")
	s.key("key", "Return")
	s.take("direct")
}
