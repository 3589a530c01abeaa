package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/adrg/xdg"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/plugin"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// pluginCache is where compiled plugins are kept.
func pluginCache() string { return filepath.Join(xdg.CacheHome, "voiceapp", "plugins") }

// words is a list by commas.
type words []string

// UnmarshalText implements encoding.TextUnmarshaler.
func (w *words) UnmarshalText(text []byte) error {
	*w = nil
	for word := range strings.SplitSeq(string(text), ",") {
		if word = strings.TrimSpace(word); word != "" {
			*w = append(*w, word)
		}
	}
	return nil
}

// String gives the words by commas.
func (w words) String() string { return strings.Join(w, ",") }

// withPlugins is what a command takes that lets plugins change what passes through it.
type withPlugins struct {
	Plugin words `name:"plugin" value:"FILE" help:"have a plugin change it; several by commas, in that order"`
	Grant  words `name:"grant" value:"PERMISSIONS" help:"what the plugins may have of what they ask for: clock, random"`
	Set    words `name:"set" value:"NAME=VALUE" help:"settings of the plugins, by commas; PLUGIN.NAME=VALUE where there are several"`
}

// open starts the plugins; nil: there are none.
func (w *withPlugins) open(ctx context.Context, streams *cli.Streams, cfg plugin.Config) (*plugin.Host, error) {
	if len(w.Plugin) == 0 {
		if len(w.Grant)+len(w.Set) > 0 {
			return nil, voiceapp.NewError(voiceapp.Invalid, "--grant and --set are for plugins: name one by --plugin")
		}
		return nil, nil
	}
	cfg.Files, cfg.Grant, cfg.Cache = w.Plugin, w.Grant, pluginCache()
	cfg.Logger = slog.New(slog.NewTextHandler(streams.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cfg.Events = func(e plugin.Event) { fmt.Fprintf(streams.Err, "warning: %s\n", cli.Printable(e.Text)) }
	host, err := plugin.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := w.configure(ctx, host); err != nil {
		_ = host.Close() // nothing of it was kept
		return nil, err
	}
	return host, nil
}

// effect starts the plugins that change what is said. close is to be called in any
// case.
func (w *withPlugins) effect(ctx context.Context, streams *cli.Streams) (effect voice.Effect, close func(), err error) {
	host, err := w.open(ctx, streams, plugin.Config{Hooks: []string{plugin.HookAudio}})
	if err != nil || host == nil {
		return nil, func() {}, err
	}
	return host, func() { _ = host.Close() }, nil // what is kept is kept at each change
}

// configure gives the plugins their settings.
func (w *withPlugins) configure(ctx context.Context, host *plugin.Host) error {
	plugins := host.Plugins()
	changes := map[string]map[string]any{}
	for _, word := range w.Set {
		name, text, ok := strings.Cut(word, "=")
		of := plugins[0].Name
		if before, after, dotted := strings.Cut(name, "."); dotted {
			of, name = before, after
		} else if len(plugins) > 1 {
			ok = false
		}
		if !ok {
			return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("--set: write NAME=VALUE, or PLUGIN.NAME=VALUE where there are several, and not %q", word))
		}
		value, err := valueOf(host, of, name, text)
		if err != nil {
			return err
		}
		if changes[of] == nil {
			changes[of] = map[string]any{}
		}
		changes[of][name] = value
	}
	for name, settings := range changes {
		if err := host.Configure(ctx, name, settings); err != nil {
			return err
		}
	}
	return nil
}

// valueOf reads the value of a plugin's setting.
func valueOf(host *plugin.Host, of, name, text string) (any, error) {
	details, err := host.Details(of)
	if err != nil {
		return nil, err
	}
	setting, ok := details.Manifest.Setting(name)
	if !ok {
		return nil, voiceapp.NewError(voiceapp.NotFound, fmt.Sprintf("the plugin %s has no setting %q; it has %s", of, name, settingNames(details.Manifest)))
	}
	return setting.Parse(text)
}

func settingNames(m plugin.Manifest) string {
	var names []string
	for _, s := range m.Settings {
		names = append(names, s.Name)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// filter lets the plugins decide about a line. keep: it is still there.
func (c *chat) filter(ctx context.Context, streams *cli.Streams, hook string, line *chatLine) (keep bool, err error) {
	if c.plugins == nil {
		return true, nil
	}
	verdict, err := c.plugins.Chat(ctx, plugin.Line{
		Hook: hook, Text: line.Text, Name: line.Name, User: line.user, Channel: line.Channel, Direct: line.direct,
	})
	if err != nil {
		return false, err
	}
	line.Text = verdict.Text
	for _, reply := range verdict.Replies {
		said := chatLine{Event: "plugin.replied", At: time.Now(), Text: reply, Name: "plugin"}
		if err := c.print(streams, said, voiceapp.Presence{}); err != nil {
			return false, err
		}
	}
	return !verdict.Drop, nil
}
