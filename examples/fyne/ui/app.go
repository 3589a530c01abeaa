package ui

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sounds"
	"github.com/voiceapp-sdk/voiceapp/plugin"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// Keys binds keys that work while another program has the focus. *hotkey.Hotkeys does.
type Keys interface {
	// Bind takes the place of what was bound before.
	Bind(ctx context.Context, bindings ...hotkey.Binding) error

	// Way says by what means the keys are heard.
	Way() hotkey.Way
}

// Config says what a client is made of. Settings, Book, Secrets, Sound and Codec are
// required.
type Config struct {
	Settings  *settings.File
	Book      *bookmarks.Book
	Secrets   bookmarks.Secrets
	Sound     *sound.Hub
	Codec     voice.Codec
	Plugins   *plugin.Host // nil: there are none
	PluginDir string       // where their files are
	Keys      Keys         // nil: only keys in the window
	Icon      fyne.Resource
	Tray      bool // the desktop may have a tray, and answers
	Version   string

	// Do runs a function on Fyne's goroutine, some time; nil: fyne.Do.
	Do func(func())

	// DeviceKey gives the key by which a server knows this device.
	DeviceKey func(server voiceapp.Fingerprint) (control.DeviceKey, error)

	Logger *slog.Logger // nil: slog.Default()
}

// App is the client's window. Make one with [New]. Its methods belong to Fyne's
// goroutine.
type App struct {
	cfg    Config
	fyne   fyne.App
	window fyne.Window
	ctx    context.Context
	quit   context.CancelFunc
	beside sync.WaitGroup // what runs beside the screens

	plugins  atomic.Pointer[plugin.Host] // those that came late; nil: the config's
	applying sync.Mutex                  // held while the settings of the voice are brought into force

	tabs    *container.DocTabs
	servers *servers
	talks   map[*container.TabItem]*talk
	keys    fyne.ShortcutHandler        // the window's
	ownKeys []hotkey.Key                // those of keys
	down    map[fyne.KeyName]func(bool) // keys of the settings that are held in the window, and what they do
	keysErr error                       // why the keys of the settings don't work everywhere; nil: they do, or never did

	dialing  map[login]*connecting
	unkept   map[login]string // passwords that were entered, where no keyring takes them
	patience time.Duration    // of a server, for an answer about its key
	bar      *bar
	tray     *tray // nil: the desktop has none
	away     bool  // another program has the keyboard
	muted    bool
	deaf     bool
	dialogs  []openDialog // the one on top last

	preferences *container.AppTabs // the settings, when they were shown last
}

// New makes the window, which Show shows.
func New(app fyne.App, cfg Config) *App {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Do == nil {
		cfg.Do = fyne.Do
	}
	a := &App{cfg: cfg, fyne: app, talks: make(map[*container.TabItem]*talk), dialing: make(map[login]*connecting), unkept: make(map[login]string), down: make(map[fyne.KeyName]func(bool)), patience: serverPatience}
	a.ctx, a.quit = context.WithCancel(context.Background())
	now := cfg.Settings.Get()
	app.Settings().SetTheme(newLook(now.Look))
	a.window = app.NewWindow("voiceapp")
	a.window.SetPadded(false)
	if cfg.Icon != nil {
		app.SetIcon(cfg.Icon)
		a.window.SetIcon(cfg.Icon)
	}
	a.window.Resize(fyne.NewSize(now.Look.Width, now.Look.Height))
	a.servers = newServers(a)
	a.bar = newBar(a)
	a.tabs = container.NewDocTabs(container.NewTabItemWithIcon(lang.L("Servers"), theme.HomeIcon(), a.servers.content))
	a.tabs.CloseIntercept = a.closeTab
	a.tabs.OnSelected = a.selected
	a.window.SetContent(container.NewBorder(nil, a.bar.content, nil, nil, a.tabs))
	a.window.SetOnDropped(a.servers.dropped)
	a.window.SetCloseIntercept(a.closing)
	app.Lifecycle().SetOnExitedForeground(func() { a.leaving(true) })
	app.Lifecycle().SetOnEnteredForeground(func() { a.leaving(false) })
	a.bindKeys()
	a.applySound()
	a.tray = newTray(a)
	return a
}

// Window is the client's window.
func (a *App) Window() fyne.Window { return a.window }

// Start begins what goes on while the window is open, and connects to the servers that
// are to be connected to at once.
func (a *App) Start() {
	a.watchKeys()
	a.servers.start()
	a.bar.start()
	for _, b := range a.cfg.Book.List() {
		if b.AutoConnect {
			a.connect(b, "")
		}
	}
}

// Close remembers how the window looks, leaves all servers and ends what goes on.
func (a *App) Close() {
	if err := a.cfg.Settings.Change(a.remember); err != nil {
		a.cfg.Logger.Warn("how the window looks is not remembered", "err", err)
	}
	for len(a.dialogs) > 0 {
		a.escape()
	}
	a.bar.stopRecording()
	a.quit()
	var leaving sync.WaitGroup
	for _, t := range a.talks {
		leaving.Go(t.leave)
	}
	leaving.Wait()
	a.beside.Wait()
}

// remember puts the window's size, and where it is split, into the settings.
func (a *App) remember(s *settings.Settings) {
	size := a.window.Canvas().Size()
	s.Look.Width, s.Look.Height = size.Width, size.Height
	if t := a.foremost(); t != nil {
		s.Look.Split = t.split.Offset
	}
}

// closing ends the program, and is seen to do so at once.
func (a *App) closing() {
	a.window.Hide()
	a.fyne.Quit()
}

// leaving says whether another program has the keyboard: what comes then is not read.
func (a *App) leaving(away bool) {
	a.away = away
	a.letGo()
	if t := a.current(); t != nil {
		t.shown()
	}
}

// work runs what waits for a network or a disk beside the screens; then is called with
// its error on Fyne's goroutine, unless the client has ended.
func (a *App) work(do func(context.Context) error, then func(error)) {
	a.beside.Go(func() {
		err := do(a.ctx)
		if a.ctx.Err() == nil {
			a.do(func() { then(err) })
		}
	})
}

// do runs something on Fyne's goroutine.
func (a *App) do(what func()) { a.cfg.Do(what) }

// doAndWait runs something there and waits for it, or for the client's end.
func (a *App) doAndWait(what func()) {
	done := make(chan struct{})
	a.cfg.Do(func() {
		defer close(done)
		what()
	})
	select {
	case <-done:
	case <-a.ctx.Done():
	}
}

// try is work of which a person is told only when it fails.
func (a *App) try(do func(context.Context) error) {
	a.work(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
		defer cancel()
		return do(ctx)
	}, a.Complain)
}

// Complain shows what went wrong; nil: nothing did.
func (a *App) Complain(err error) {
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	a.showMessage(lang.L("That did not work"), why(err))
}

// change changes the settings.
func (a *App) change(do func(*settings.Settings)) {
	a.Complain(a.cfg.Settings.Change(do))
}

// current is the server whose tab is shown; nil: it is the list of servers.
func (a *App) current() *talk { return a.talks[a.tabs.Selected()] }

// foremost is current, or else the first server that one is on; nil: there is none.
func (a *App) foremost() *talk {
	t := a.current()
	for _, item := range a.tabs.Items {
		if t == nil {
			t = a.talks[item]
		}
	}
	return t
}

// selected gives the microphone to the server whose tab is shown.
func (a *App) selected(item *container.TabItem) {
	t := a.talks[item]
	a.servers.visible(t == nil)
	if t != nil {
		a.cfg.Sound.SpeakTo(t.port)
		t.shown()
	}
	a.bar.update()
}

// closeTab leaves a server; the list of servers stays.
func (a *App) closeTab(item *container.TabItem) {
	t := a.talks[item]
	if t == nil {
		return
	}
	if r := a.bar.recording; r != nil && r.talk == t {
		a.bar.stopRecording()
	}
	delete(a.talks, item)
	a.tabs.Remove(item)
	a.beside.Go(t.leave)
	a.selected(a.tabs.Selected())
}

// Mute closes the microphone, or opens it again, on all servers.
func (a *App) Mute(on bool) {
	a.muted = on
	if !on {
		a.deaf = false // who speaks wants to hear
	}
	a.tellSelf()
}

// Deafen silences the loudspeaker, and the microphone with it, on all servers.
func (a *App) Deafen(on bool) {
	a.deaf, a.muted = on, on
	a.tellSelf()
}

// Muted and Deafened say what was set.
func (a *App) Muted() bool { return a.muted }

// Deafened reports whether the loudspeaker is silent.
func (a *App) Deafened() bool { return a.deaf }

// PushToTalk says whether the key is held.
func (a *App) PushToTalk(held bool) {
	a.cfg.Sound.SetTalking(held)
	a.bar.update()
}

// tellSelf applies that one is muted or deaf.
func (a *App) tellSelf() {
	a.cfg.Sound.SetMuted(a.muted)
	a.cfg.Sound.SetDeaf(a.deaf)
	a.sound(map[bool]string{true: "mute", false: "unmute"}[a.muted])
	for _, t := range a.talks {
		t.tellSelf()
	}
	a.bar.update()
}

// sound plays one of the short sounds, where they are wanted.
func (a *App) sound(name string) {
	if a.cfg.Settings.Get().Tell.Sounds && !a.deaf {
		a.cfg.Sound.Play(sounds.Named(name))
	}
}

// notify shows a notification of the desktop.
func (a *App) notify(title, text string) {
	a.fyne.SendNotification(fyne.NewNotification(title, noMarkup(text)))
}
