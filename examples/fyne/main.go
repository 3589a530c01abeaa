//go:build cgo || (ci && no_glfw)

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"github.com/adrg/xdg"

	"github.com/voiceapp-sdk/voiceapp/bookmarks"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/settings"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/sound"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/text"
	"github.com/voiceapp-sdk/voiceapp/examples/fyne/ui"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/plugin"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

func main() {
	plugin.Main()
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "voiceapp-desktop:", err)
		os.Exit(1)
	}
}

// run is the program from its arguments to the end of its window.
func run(args []string) error {
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
	plugins, dir, err := openPlugins(log)
	if err != nil {
		log.Warn("no plugins", "err", err)
	} else {
		defer func() { _ = plugins.Close() }() // what is kept is kept at each change
	}
	window := app.NewWithID("org.voiceapp.desktop")
	client := ui.New(window, ui.Config{
		Settings: kept, Book: book, Secrets: bookmarks.OpenSecrets(config), Sound: hub,
		Codec:   voice.NewCodec(opus.NewEncoder, opus.NewDecoder),
		Plugins: plugins, PluginDir: dir, Version: cli.Version(),
		DeviceKey: control.DeviceKeysIn(filepath.Join(config, "devices")), Logger: log,
	})
	window.Lifecycle().SetOnStarted(func() {
		fyne.Do(func() {
			client.Start()
			client.Complain(errors.Join(settingsErr, bookErr))
			if len(args) > 0 {
				client.Follow(args[0])
			}
		})
	})
	client.Window().ShowAndRun()
	client.Close()
	return nil
}

// openPlugins starts those that are enabled in the user's folder.
func openPlugins(log *slog.Logger) (*plugin.Host, string, error) {
	dir := filepath.Join(xdg.DataHome, "voiceapp", "plugins")
	host, err := plugin.Open(context.Background(), plugin.Config{
		Dir: dir, Cache: filepath.Join(xdg.CacheHome, "voiceapp", "plugins"), Logger: log,
		Hooks: []string{plugin.HookAudio, plugin.HookChatIncoming, plugin.HookChatOutgoing},
	})
	return host, dir, err
}
