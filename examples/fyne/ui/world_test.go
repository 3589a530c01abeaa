package ui_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/exampletest"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/instance"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
	"github.com/voiceapp-sdk/voiceapp/voice/device/devicetest"
)

// patience is how long a test waits for what has to come; a plugin is compiled meanwhile, under
// the race detector.
const patience = time.Minute

// world is a client without a display, with folders of its own.
type world struct {
	t        *testing.T
	pulse    *devicetest.Pulse
	app      *ui.App
	book     *bookmarks.Book
	settings *settings.File
	queue    chan func() // what is to run on the goroutine of the screens, which is the test's
	keys     *keys
}

// keys stands for the desktop's: what is bound is pressed by a test.
type keys struct {
	mu  sync.Mutex
	all []hotkey.Binding
}

func (k *keys) Bind(_ context.Context, bindings ...hotkey.Binding) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = bindings
	return nil
}

// bound are the keys that were bound last.
func (k *keys) bound() []hotkey.Binding {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all
}

func (*keys) Way() hotkey.Way { return hotkey.X11 }

// newWorld starts a client; change changes what it is made of.
func newWorld(t *testing.T, change ...func(*ui.Config)) *world {
	t.Helper()
	return newWorldOn(t, test.NewTempApp(t), change...)
}

// newWorldOn starts a client of a desktop.
func newWorldOn(t *testing.T, desk fyne.App, change ...func(*ui.Config)) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{t: t, pulse: devicetest.StartPulse(t), queue: make(chan func(), 10_000), keys: &keys{}}
	var err error
	if w.settings, err = settings.Open(filepath.Join(dir, "desktop.toml")); err != nil {
		t.Fatal(err)
	}
	if w.book, err = bookmarks.Open(filepath.Join(dir, "bookmarks.toml")); err != nil {
		t.Fatal(err)
	}
	hub := sound.New(sound.Config{})
	cfg := ui.Config{
		Settings: w.settings, Book: w.book, Secrets: bookmarks.OpenSecrets(dir), Sound: hub, Codec: exampletest.Codec(), Version: "1.2.3",
		DeviceKey: control.DeviceKeysIn(filepath.Join(dir, "devices")),
		Keys:      w.keys,
		Do:        func(f func()) { w.queue <- f },
	}
	for _, one := range change {
		one(&cfg)
	}
	w.app = ui.New(desk, cfg)
	w.app.Window().Resize(fyne.NewSize(1280, 720))
	w.app.Window().Show()
	w.app.Start()
	t.Cleanup(func() {
		w.app.Close()
		if err := hub.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// until runs what the client wants to run until something is so.
func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	deadline := time.After(patience)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case f := <-w.queue:
			f()
		case <-look.C:
		case <-deadline:
			w.t.Fatalf("this never came: %s. The window shows: %q", what, w.texts())
		}
	}
}

// settle runs what the client wants to run for a moment, to see that something does not come.
func (w *world) settle() {
	w.t.Helper()
	moment := time.Now().Add(300 * time.Millisecond)
	w.until("a moment", func() bool { return time.Now().After(moment) })
}

// talking reports whether the key of push-to-talk is held, as other programs are told.
func (w *world) talking() bool {
	answer := make(chan string, 1)
	go func() {
		said, err := w.app.Obey(w.t.Context(), instance.Command{Verb: instance.Status})
		if err != nil {
			said = err.Error()
		}
		answer <- said
	}()
	for {
		select {
		case said := <-answer:
			return strings.Contains(said, "talking=true")
		case f := <-w.queue:
			f()
		}
	}
}

// objects are all that is shown, in the window and above it.
func (w *world) objects() (all []fyne.CanvasObject) {
	canvas := w.app.Window().Canvas()
	roots := []fyne.CanvasObject{canvas.Content()}
	if top := canvas.Overlays().Top(); top != nil {
		roots = []fyne.CanvasObject{top}
	}
	for _, root := range roots {
		all = append(all, below(root)...)
	}
	return all
}

func below(o fyne.CanvasObject) (all []fyne.CanvasObject) {
	if o == nil || !o.Visible() {
		return nil
	}
	all = append(all, o)
	var children []fyne.CanvasObject
	switch one := o.(type) {
	case *fyne.Container:
		children = one.Objects
	case fyne.Widget:
		children = test.WidgetRenderer(one).Objects()
	}
	for _, child := range children {
		all = append(all, below(child)...)
	}
	return all
}

// texts are what can be read.
func (w *world) texts() (all []string) {
	for _, o := range w.objects() {
		switch one := o.(type) {
		case *widget.Label:
			all = append(all, one.Text)
		case *widget.Button:
			all = append(all, one.Text)
		case *widget.RichText:
			all = append(all, one.String())
		}
	}
	return all
}

func (w *world) shows(text string) bool {
	for _, one := range w.texts() {
		if strings.Contains(one, text) {
			return true
		}
	}
	return false
}

// find finds the first widget of a kind that is as told.
func find[T fyne.CanvasObject](w *world, what string, is func(T) bool) T {
	w.t.Helper()
	for _, o := range w.objects() {
		if one, ok := o.(T); ok && is(one) {
			return one
		}
	}
	w.t.Fatalf("there is no %s. The window shows: %q", what, w.texts())
	panic("unreachable")
}

// tap taps the button of that name.
func (w *world) tap(name string) {
	w.t.Helper()
	test.Tap(find(w, "button "+name, func(b *widget.Button) bool { return b.Text == name }))
}

// entry is what shows that text while it is empty.
func (w *world) entry(placeholder string) fyne.Focusable {
	w.t.Helper()
	for _, o := range w.objects() {
		if e, ok := o.(interface {
			fyne.Focusable
			SetText(string)
			Append(string)
		}); ok && strings.Contains(w.placeholder(o), placeholder) {
			return e
		}
	}
	w.t.Fatalf("there is no entry for %q. The window shows: %q", placeholder, w.texts())
	panic("unreachable")
}

// placeholder is what an entry shows while it is empty.
func (w *world) placeholder(o fyne.CanvasObject) string {
	for _, one := range below(o) {
		if r, ok := one.(*widget.RichText); ok {
			return r.String()
		}
	}
	return ""
}

// serve runs a server, and saves it as "Home" with its key and a name.
func (w *world) serve(channels ...voiceapp.Channel) (string, voiceapp.Fingerprint, bookmarks.Bookmark) {
	w.t.Helper()
	addr, key := exampletest.Serve(w.t, channels...)
	b := w.save("Home", addr, key)
	return addr, key, b
}

// meetBo runs a server, connects to it, and lets Bo come into the Lobby, too.
func (w *world) meetBo(channels ...voiceapp.Channel) *control.Client {
	w.t.Helper()
	addr, key, b := w.serve(channels...)
	w.app.Connect(b)
	w.until("the Lobby", func() bool { return w.shows("Lobby") })
	bo := exampletest.Guest(w.t, "Bo", addr, key)
	w.until("Bo", func() bool { return w.shows("Bo") })
	return bo
}

func (w *world) save(label, addr string, key voiceapp.Fingerprint) bookmarks.Bookmark {
	w.t.Helper()
	b, _, err := bookmarks.ParseLink("voiceapp://Anna@" + addr + "/Lobby")
	if err != nil {
		w.t.Fatal(err)
	}
	b.Label, b.Fingerprint = label, key
	if b, err = w.book.Add(b); err != nil {
		w.t.Fatal(err)
	}
	return b
}
