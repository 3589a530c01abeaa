//go:build cgo || (ci && no_glfw)

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/desktop"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/instance"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/plugin"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

// started is when the key was pressed that a desktop started this for, nearly.
var started = time.Now()

func main() {
	plugin.Main()
	err := run(context.Background(), os.Args[1:])
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "voiceapp-desktop:", err)
	if errors.As(err, &unseen{}) && !cli.IsTerminal(os.Stderr) {
		_ = text.Use("") // English is always there
		program := app.NewWithID(desktop.ID)
		ui.NewFatal(program, icon(), err).ShowAndRun()
	}
	os.Exit(1)
}

// unseen is why there is no window, for a person who wants one from a menu or by a link: he
// does not see what is printed.
type unseen struct{ error }

func (u unseen) Unwrap() error { return u.error }

// run tells the client that runs what is asked, or is that client.
func run(ctx context.Context, args []string) error {
	if slices.ContainsFunc(args, func(arg string) bool { return arg == "--help" || arg == "-h" }) {
		fmt.Print(instance.Usage)
		return nil
	}
	command, err := instance.Parse(args)
	if err != nil && len(args) == 1 && strings.Contains(args[0], "://") {
		return unseen{err}
	}
	if err != nil {
		return err
	}
	if command.Starts() {
		if err := show(ctx, command); err != nil {
			return unseen{err}
		}
		return nil
	}
	if command.Verb == instance.PTT {
		command.Begun = started.UnixNano()
	}
	return send(ctx, command)
}

// send tells the client that runs what is asked, and prints what it says.
func send(ctx context.Context, command instance.Command) error {
	answer, err := instance.Send(ctx, "", command)
	if answer != "" {
		fmt.Println(answer)
	}
	return err
}

// show has the client that runs show its window, or is that client.
func show(ctx context.Context, command instance.Command) error {
	if err := send(ctx, command); !errors.Is(err, instance.ErrNotRunning) {
		return err
	}
	one, err := instance.Start("")
	if errors.Is(err, instance.ErrRunning) { // another start was faster
		_, err = instance.Send(ctx, "", command)
		return err
	}
	if err != nil {
		return err
	}
	defer func() { _ = one.Close() }() // it returns nil, always
	return window(ctx, one, command)
}

// window is the client from its first window to its last.
func window(ctx context.Context, one *instance.Instance, first instance.Command) error {
	config := filepath.Dir(bookmarks.DefaultPath())
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	kept, settingsErr := settings.Open(filepath.Join(config, "desktop.toml"))
	if err := text.Use(kept.Get().Look.Language); err != nil {
		return err
	}
	book, bookErr := bookmarks.Open(bookmarks.DefaultPath())
	if book == nil {
		return bookErr
	}
	hub := sound.New(sound.Config{})
	defer func() { _ = hub.Close() }() // it returns nil, always
	program := app.NewWithID(desktop.ID)
	client := ui.New(program, ui.Config{
		Settings: kept, Book: book, Secrets: bookmarks.OpenSecrets(config), Sound: hub,
		Codec:     voice.NewCodec(opus.NewEncoder, opus.NewDecoder),
		PluginDir: pluginDir(), Version: cli.Version(),
		DeviceKey: control.DeviceKeysIn(filepath.Join(config, "devices")), Logger: log, Icon: icon(), Tray: hasTray(ctx),
	})
	b := &beside{client: client, log: log, shown: make(chan struct{})}
	serving, stop := context.WithCancel(ctx)
	b.served.Go(func() { b.keys(serving) })
	b.served.Go(func() { b.plugins(serving) })
	program.Lifecycle().SetOnStarted(func() {
		fyne.Do(func() {
			client.Start()
			client.Complain(settingsErr)
			client.Complain(bookErr)
			if first.Verb == instance.Open {
				client.Follow(first.Link)
			}
			close(b.shown)
		})
		b.served.Go(func() { _ = one.Serve(serving, client.Obey) }) // it ends with the window
	})
	client.Window().ShowAndRun()
	stop()
	client.Close()
	b.served.Wait()
	b.closePlugins()
	return nil
}

func icon() fyne.Resource { return fyne.NewStaticResource(desktop.ID+".png", desktop.Icon()) }
