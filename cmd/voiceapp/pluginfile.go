package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/plugin"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
)

// noLog is for commands that say themselves what there is to say.
var noLog = slog.New(slog.DiscardHandler)

// inspectPlugin is the command plugin inspect.
type inspectPlugin struct {
	JSON bool `name:"json" help:"the manifest as JSON"`
}

func (i *inspectPlugin) run(_ context.Context, streams *cli.Streams, args []string) error {
	file, err := plugin.ReadFile(args[0])
	if err != nil {
		return err
	}
	m := file.Manifest
	if i.JSON {
		return streams.PrintJSON(struct {
			plugin.Manifest
			SHA256 string `json:"sha256"`
			Size   int    `json:"size"`
		}{m, file.SHA256, len(file.Module)})
	}
	permissions := strings.Join(m.Permissions, ", ")
	if permissions == "" {
		permissions = "nothing"
	}
	miss := "a frame that it misses passes unchanged"
	if m.Silences() {
		miss = "a frame that it misses is silent"
	}
	for _, line := range [][2]string{
		{"name", m.Name},
		{"title", m.Title},
		{"version", m.Version},
		{"author", m.Author},
		{"description", m.Description},
		{"hooks", strings.Join(m.Hooks, ", ")},
		{"asks for", permissions},
		{"on a miss", miss},
		{"size", fmt.Sprintf("%d bytes", len(file.Module))},
		{"sha256", file.SHA256},
	} {
		if line[1] != "" {
			fmt.Fprintf(streams.Out, "%-12s %s\n", line[0], cli.Printable(line[1]))
		}
	}
	for _, s := range m.Settings {
		fmt.Fprintf(streams.Out, "%-12s %s (%s), by default %v. %s\n", "setting", s.Name, s.Type, s.Default, cli.Printable(s.Help))
	}
	return nil
}

// checkPlugin is the command plugin check.
type checkPlugin struct {
	JSON bool `name:"json" help:"one JSON object a line, for programs"`
}

func (c *checkPlugin) run(ctx context.Context, streams *cli.Streams, args []string) error {
	file, err := plugin.ReadFile(args[0])
	if err != nil {
		return err
	}
	findings, err := plugin.Check(ctx, file)
	if err != nil {
		return err
	}
	bad := 0
	for _, f := range findings {
		mark := "ok  "
		if !f.OK {
			mark = "BAD "
			bad++
		}
		if c.JSON {
			err = streams.PrintJSON(f)
		} else {
			_, err = fmt.Fprintf(streams.Out, "%s %s\n", mark, cli.Printable(f.Text))
		}
		if err != nil {
			return err
		}
	}
	if bad > 0 {
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%d of %d things are not as plugin/ABI.md says", bad, len(findings)))
	}
	return nil
}

// runPlugin is the command plugin run.
type runPlugin struct {
	In    string `name:"in" value:"FILE" help:"the WAV file to change"`
	Out   string `name:"out" value:"FILE" help:"the WAV file to write"`
	Hook  string `name:"hook" value:"HOOK" help:"the chat hook for lines: chat.outgoing, chat.incoming or chat.server; without it, the first that it has"`
	Grant words  `name:"grant" value:"PERMISSIONS" help:"what it may have of what it asks for: clock, random"`
	Set   words  `name:"set" value:"NAME=VALUE" help:"its settings, by commas"`
}

// runFrame is what a talk has: 20 ms at 48 kHz, in samples of one channel.
const runFrame = 960

func (r *runPlugin) run(ctx context.Context, streams *cli.Streams, args []string) error {
	if (r.In == "") != (r.Out == "") {
		return voiceapp.NewError(voiceapp.Invalid, "name both the file to change by --in and the one to write by --out")
	}
	plugins := withPlugins{Plugin: args, Grant: r.Grant, Set: r.Set}
	host, err := plugins.open(ctx, streams, plugin.Config{Patient: true, AudioDeadline: time.Second, ChatDeadline: time.Second})
	if err != nil {
		return err
	}
	defer host.Close()
	details, err := host.Details(host.Plugins()[0].Name)
	if err != nil {
		return err
	}
	switch {
	case r.In != "" && !details.Manifest.Has(plugin.HookAudio):
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%s has no audio hook; send it lines by standard input", args[0]))
	case r.In != "":
		return r.sound(host, streams)
	}
	if r.Hook == "" {
		for _, hook := range details.Manifest.Hooks {
			if r.Hook == "" && hook != plugin.HookAudio {
				r.Hook = hook
			}
		}
	}
	if !details.Manifest.Has(r.Hook) {
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%s has no hook %q; name a recording by --in and --out for its audio hook", args[0], r.Hook))
	}
	return r.lines(ctx, host, streams)
}

// sound sends a recording through the audio hook.
func (r *runPlugin) sound(host *plugin.Host, streams *cli.Streams) (err error) {
	if err := mayOverwrite(r.Out); err != nil {
		return err
	}
	in, err := audiofile.Open(r.In, audiofile.Format{})
	if err != nil {
		return err
	}
	defer in.Close()
	channels := in.Format().Channels
	out, err := audiofile.Create(r.Out, audiofile.Format{Channels: channels})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	pcm, frames, silent := make([]float32, runFrame*channels), 0, 0
	for {
		n, err := in.ReadPCM(pcm)
		if n > 0 {
			clear(pcm[n:])
			frames++
			if !host.ProcessPCM(pcm, channels, true) {
				clear(pcm) // its gate is closed
				silent++
			}
			if err := out.WritePCM(pcm[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	info := host.Plugins()[0]
	fmt.Fprintf(streams.Err, "%d frames of 20 ms; %d not heard, %d missed\n", frames, silent, info.Missed)
	if info.Missed > 0 {
		return voiceapp.NewError(voiceapp.Unavailable, fmt.Sprintf("the plugin failed: it is %s", info.State))
	}
	return nil
}

// lines sends the lines of standard input through a chat hook.
func (r *runPlugin) lines(ctx context.Context, host *plugin.Host, streams *cli.Streams) error {
	in := bufio.NewScanner(streams.In)
	for in.Scan() {
		verdict, err := host.Chat(ctx, plugin.Line{Hook: r.Hook, Text: in.Text(), Name: "you"})
		if err != nil {
			return err
		}
		if !verdict.Drop {
			fmt.Fprintln(streams.Out, cli.Printable(verdict.Text))
		}
		for _, reply := range verdict.Replies {
			fmt.Fprintf(streams.Out, "* %s\n", cli.Printable(reply))
		}
	}
	return in.Err()
}
