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
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"github.com/adrg/xdg"

	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/desktop"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/hotkey"
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
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "voiceapp-desktop:", err)
		os.Exit(1)
	}
}

// run tells the client that runs what is asked, or is that client.
func run(ctx context.Context, args []string) error {
	if slices.ContainsFunc(args, func(arg string) bool { return arg == "--help" || arg == "-h" }) {
		fmt.Print(instance.Usage)
		return nil
	}
	command, err := instance.Parse(args)
	if err != nil {
		return err
	}
	if command.Verb == instance.PTT {
		command.Begun = started.UnixNano()
	}
	answer, err := instance.Send(ctx, "", command)
	if err == nil || !errors.Is(err, instance.ErrNotRunning) || !command.Starts() {
		if answer != "" {
			fmt.Println(answer)
		}
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
	book, bookErr := bookmarks.Open(bookmarks.DefaultPath())
	if book == nil {
		return bookErr
	}
	if err := text.Use(kept.Get().Look.Language); err != nil {
		return err
	}
	hub := sound.New(sound.Config{})
	defer func() { _ = hub.Close() }() // it returns nil, always
	plugins, dir := openPlugins(ctx, log)
	if plugins != nil {
		defer func() { _ = plugins.Close() }() // what is kept is kept at each change
	}
	global, err := hotkey.Open(ctx, hotkey.Config{AppID: desktop.ID, Logger: log})
	if err != nil {
		log.Info("no global keys", "err", err)
	} else {
		defer global.Close()
	}
	program := app.NewWithID(desktop.ID)
	client := ui.New(program, ui.Config{
		Settings: kept, Book: book, Secrets: bookmarks.OpenSecrets(config), Sound: hub,
		Codec:   voice.NewCodec(opus.NewEncoder, opus.NewDecoder),
		Plugins: plugins, PluginDir: dir, Version: cli.Version(),
		DeviceKey: control.DeviceKeysIn(filepath.Join(config, "devices")), Logger: log,
		Keys: keys(global), Icon: fyne.NewStaticResource(desktop.ID+".png", desktop.Icon()),
	})
	serving, stop := context.WithCancel(ctx)
	var served sync.WaitGroup
	if global != nil {
		served.Go(func() {
			if err := global.Run(serving); err != nil && serving.Err() == nil {
				log.Warn("global keys are lost until the next start", "err", err)
				client.KeysLost(err)
			}
		})
	}
	program.Lifecycle().SetOnStarted(func() {
		fyne.Do(func() {
			client.Start()
			client.Complain(errors.Join(settingsErr, bookErr))
			if first.Verb == instance.Open {
				client.Follow(first.Link)
			}
		})
		served.Go(func() { _ = one.Serve(serving, client.Obey) }) // it ends with the window
	})
	client.Window().ShowAndRun()
	stop()
	client.Close()
	served.Wait()
	return nil
}

// keys gives the client the global keys, if there are any.
func keys(global *hotkey.Hotkeys) ui.Keys {
	if global == nil {
		return nil
	}
	return global
}

// openPlugins starts those that are enabled in the user's folder; nil: they can't be had.
func openPlugins(ctx context.Context, log *slog.Logger) (*plugin.Host, string) {
	dir := filepath.Join(xdg.DataHome, "voiceapp", "plugins")
	host, err := plugin.Open(ctx, plugin.Config{
		Dir: dir, Cache: filepath.Join(xdg.CacheHome, "voiceapp", "plugins"), Logger: log,
		Hooks: []string{plugin.HookAudio, plugin.HookChatIncoming, plugin.HookChatOutgoing},
	})
	if err != nil {
		log.Warn("there are no plugins", "err", err)
		return nil, dir
	}
	return host, dir
}
