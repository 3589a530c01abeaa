package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// pluginCommands are those about plugins.
func pluginCommands() []cli.Command {
	return []cli.Command{
		command("plugin list", "", "show the plugins of a folder, and how it goes with them",
			"Shows the plugins of a folder in the order in which they work, whether they are enabled, and why one can't be\nused.\n\n  voiceapp plugin list --dir ~/.local/share/voiceapp/plugins",
			&listPlugins{pluginDir: ownPlugins()}),
		command("plugin enable", "NAME", "let a plugin of a folder run",
			"Enables a plugin, with the permissions that it asks for. A program that runs the folder's plugins follows within\na second or two.\n\n  voiceapp plugin enable dice --grant random",
			&enablePlugin{pluginDir: ownPlugins()}),
		command("plugin disable", "NAME", "stop a plugin of a folder",
			"Disables a plugin. A program that runs the folder's plugins follows within a second or two.\n\n  voiceapp plugin disable dice",
			&disablePlugin{pluginDir: ownPlugins()}),
		command("plugin set", "NAME", "change settings of a plugin of a folder",
			"Changes settings of a plugin, or shows them. A program that runs the folder's plugins follows within a second or\ntwo.\n\n  voiceapp plugin set robot --set depth=0.5,pitch=90",
			&setPlugin{pluginDir: ownPlugins()}),
		command("plugin order", "NAMES", "say in which order the plugins of a folder work",
			"Puts plugins first, in the order of their names, by commas; the others follow as they were.\n\n  voiceapp plugin order noisegate,robot",
			&orderPlugins{pluginDir: ownPlugins()}),
		command("plugin inspect", "FILE", "show what a plugin's file says of itself",
			"Shows a plugin's manifest: its hooks, what it asks for, its settings. Nothing of it is run.\n\n  voiceapp plugin inspect robot.wasm",
			&inspectPlugin{}),
		command("plugin check", "FILE", "check whether a plugin keeps to the ABI",
			"Plays through a plugin what a host would ask of it, in a sandbox, and says of each thing whether it went well. The\nexit code is 1 when something did not.\n\n  voiceapp plugin check robot.wasm",
			&checkPlugin{}),
		command("plugin run", "FILE", "send a recording, or lines, through a plugin",
			"Sends a WAV file through a plugin's audio hook, and the lines of standard input through its chat hooks. Nobody\nhears it, and no server is needed.\n\n  voiceapp plugin run robot.wasm --in hello.wav --out robot-hello.wav --set depth=1\n  echo '/roll 2d6' | voiceapp plugin run dice.wasm --grant random",
			&runPlugin{}),
	}
}

// pluginDir is a folder of plugins.
type pluginDir struct {
	Dir  string `name:"dir" value:"DIR" help:"the folder of the plugins"`
	JSON bool   `name:"json" help:"one JSON object a line, for programs"`
}

func ownPlugins() pluginDir {
	return pluginDir{Dir: filepath.Join(xdg.DataHome, "voiceapp", "plugins")}
}

// open reads the folder, and starts what is enabled in it.
func (d *pluginDir) open(ctx context.Context) (*plugin.Host, error) {
	return plugin.Open(ctx, plugin.Config{Dir: d.Dir, Cache: pluginCache(), Logger: noLog, Poll: -1})
}

// with does something with the folder's plugins.
func (d *pluginDir) with(ctx context.Context, do func(*plugin.Host) error) error {
	host, err := d.open(ctx)
	if err != nil {
		return err
	}
	err = do(host)
	if closed := host.Close(); err == nil {
		err = closed
	}
	return err
}

// listPlugins is the command plugin list.
type listPlugins struct{ pluginDir }

func (l *listPlugins) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	return l.with(ctx, func(host *plugin.Host) error {
		plugins := host.Plugins()
		if len(plugins) == 0 && !l.JSON {
			fmt.Fprintf(streams.Out, "There is no plugin in %s.\n", l.Dir)
		}
		for _, p := range plugins {
			if l.JSON {
				if err := streams.PrintJSON(p); err != nil {
					return err
				}
				continue
			}
			state := p.State
			if !p.Enabled && state == "stopped" {
				state = "off"
			}
			fmt.Fprintf(streams.Out, "%-20s %-10s %-30s %s\n", cli.Printable(p.Name), cli.Printable(p.Version), strings.Join(p.Hooks, ","), cli.Printable(state))
		}
		return nil
	})
}

// enablePlugin is the command plugin enable.
type enablePlugin struct {
	pluginDir

	Grant   words `name:"grant" value:"PERMISSIONS" help:"what it may have of what it asks for: clock, random"`
	Trusted bool  `name:"trust" help:"run it within the program, for the lowest cost: it can hold up all of it"`
}

func (e *enablePlugin) run(ctx context.Context, streams *cli.Streams, args []string) error {
	return e.with(ctx, func(host *plugin.Host) error {
		if err := host.Trust(ctx, args[0], e.Trusted); err != nil {
			return err
		}
		if err := host.Enable(ctx, args[0], e.Grant...); err != nil {
			return err
		}
		details, err := host.Details(args[0])
		if err == nil && details.Manifest.Has(plugin.HookAudio) {
			fmt.Fprintf(streams.Err, "%s changes what you say.\n", details.Manifest.Label())
		}
		return err
	})
}

// disablePlugin is the command plugin disable.
type disablePlugin struct{ pluginDir }

func (d *disablePlugin) run(ctx context.Context, _ *cli.Streams, args []string) error {
	return d.with(ctx, func(host *plugin.Host) error { return host.Disable(args[0]) })
}

// orderPlugins is the command plugin order.
type orderPlugins struct{ pluginDir }

func (o *orderPlugins) run(ctx context.Context, _ *cli.Streams, args []string) error {
	var names words
	if err := names.UnmarshalText([]byte(args[0])); err != nil {
		return err
	}
	return o.with(ctx, func(host *plugin.Host) error { return host.Reorder(names...) })
}

// setPlugin is the command plugin set.
type setPlugin struct {
	pluginDir

	Set words `name:"set" value:"NAME=VALUE" help:"the settings to change, by commas; without it, they are shown"`
}

func (s *setPlugin) run(ctx context.Context, streams *cli.Streams, args []string) error {
	return s.with(ctx, func(host *plugin.Host) error {
		details, err := host.Details(args[0])
		if err != nil {
			return err
		}
		changes := map[string]any{}
		for _, word := range s.Set {
			name, text, ok := strings.Cut(word, "=")
			if !ok {
				return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("--set: write NAME=VALUE, and not %q", word))
			}
			if changes[name], err = valueOf(host, args[0], name, text); err != nil {
				return err
			}
		}
		if len(changes) > 0 {
			return host.Configure(ctx, args[0], changes)
		}
		if s.JSON {
			return streams.PrintJSON(details.Settings)
		}
		for _, setting := range details.Manifest.Settings {
			fmt.Fprintf(streams.Out, "%-20s %-12v %s\n", setting.Name, details.Settings[setting.Name], cli.Printable(setting.Help))
		}
		return nil
	})
}
