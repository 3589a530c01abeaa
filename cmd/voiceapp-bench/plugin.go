package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/plugin"
)

// gainModule is the plugin that is measured unless another one is named.
//
//go:embed gain/gain.wasm
var gainModule []byte

// pluginLoad is the command plugin.
type pluginLoad struct {
	Plugin string        `name:"plugin" value:"FILE.wasm" help:"a plugin with the audio hook; without it a gain that is built in"`
	Mode   string        `name:"mode" value:"MODE" help:"process: within this program, with a guard on its time; sandbox: in a child; without it both"`
	Frames int           `name:"frames" help:"how many frames of 960 samples"`
	Every  time.Duration `name:"every" help:"from one frame to the next"`
}

func defaultPluginLoad() *pluginLoad {
	return &pluginLoad{Frames: 1000, Every: 20 * time.Millisecond}
}

const pluginHelp = `Passes frames of 960 samples through the audio hook of a plugin, as a talk does, within this program and in a sandbox,
and prints one line for each. The times are from handing over a frame until it is back; missed are those that did not come back before
their deadline. Frames come as in a talk: the machine rests between them, and waking up is in the times; a smaller --every leaves it out. memory_kib is what the child has, its share of what it has in common with this program included, or what this program has
more than before.

  voiceapp-bench plugin
  voiceapp-bench plugin --plugin robot.wasm --mode sandbox --frames 10000 --every 2ms`

// Modes of a plugin.
const (
	modeProcess = "process"
	modeSandbox = "sandbox"
)

func (l *pluginLoad) run(ctx context.Context, streams *cli.Streams) (err error) {
	modes := []string{modeProcess, modeSandbox}
	if l.Mode != "" {
		modes = []string{l.Mode}
	}
	if l.Frames < 1 || l.Every < 0 || l.Mode != "" && l.Mode != modeProcess && l.Mode != modeSandbox {
		return voiceapp.NewError(voiceapp.Invalid, "at least one frame, and no mode but process and sandbox")
	}
	file := l.Plugin
	if file == "" {
		dir, err := os.MkdirTemp("", "voiceapp-bench-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		file = filepath.Join(dir, "gain.wasm")
		if err := os.WriteFile(file, gainModule, 0o600); err != nil {
			return err
		}
	}
	for _, mode := range modes {
		figures, err := l.measure(ctx, file, mode)
		if err != nil {
			return err
		}
		fmt.Fprintln(streams.Out, figures)
	}
	return nil
}

// measure passes the frames through a plugin in one mode.
func (l *pluginLoad) measure(ctx context.Context, file, mode string) (figures string, err error) {
	before := processMemory("self")
	host, err := plugin.Open(ctx, plugin.Config{
		Files: []string{file}, Grant: []string{plugin.PermissionClock, plugin.PermissionRandom},
		Hooks: []string{plugin.HookAudio}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	name := host.Plugins()[0].Name
	if mode == modeProcess {
		if err := host.Trust(ctx, name, true); err != nil {
			return "", err
		}
	}
	times, err := l.pass(ctx, host)
	if err != nil {
		return "", err
	}
	memory := childMemory()
	if mode == modeProcess {
		memory = max(0, processMemory("self")-before)
	}
	info := host.Plugins()[0]
	if info.State != "running" {
		return "", voiceapp.NewError(voiceapp.Unavailable, fmt.Sprintf("the plugin %s: %s", name, info.State))
	}
	return fmt.Sprintf("plugin=%s mode=%s frames=%d p50_us=%.1f p99_us=%.1f p999_us=%.1f missed=%d memory_kib=%d",
		name, mode, l.Frames, micros(times, 0.5), micros(times, 0.99), micros(times, 0.999), info.Missed, memory), nil
}

// pass returns how long each frame took, the shortest first. Some frames go before,
// so that the plugin is warm.
func (l *pluginLoad) pass(ctx context.Context, host *plugin.Host) ([]time.Duration, error) {
	const warm = 10
	times := make([]time.Duration, 0, warm+l.Frames)
	pcm := make([]float32, 960)
	for range cap(times) {
		for i := range pcm {
			pcm[i] = float32(i%480)/480 - 0.5
		}
		begun := time.Now()
		host.ProcessPCM(pcm, 1, true)
		times = append(times, time.Since(begun))
		select {
		case <-time.After(l.Every):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	times = times[warm:]
	slices.Sort(times)
	return times, nil
}

// micros is a quantile of times that are sorted, in microseconds.
func micros(sorted []time.Duration, share float64) float64 {
	i := min(int(share*float64(len(sorted))), len(sorted)-1)
	return float64(sorted[i].Nanoseconds()) / 1000
}
