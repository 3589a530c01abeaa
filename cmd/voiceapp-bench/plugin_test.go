package main

import (
	"bytes"
	"errors"
	"regexp"
	"testing"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

func TestPluginPrintsALineOfFiguresForEachMode(t *testing.T) {
	load := defaultPluginLoad()
	load.Frames = 25
	var out bytes.Buffer
	if err := load.run(t.Context(), &cli.Streams{Out: &out}); err != nil {
		t.Fatal(err)
	}
	t.Log(out.String())
	figures := `frames=25 p50_us=[\d.]+ p99_us=[\d.]+ p999_us=[\d.]+ missed=\d+ memory_kib=\d+\n`
	if !regexp.MustCompile(`^plugin=gain mode=process ` + figures + `plugin=gain mode=sandbox ` + figures + `$`).MatchString(out.String()) {
		t.Errorf("printed %q", out.String())
	}
}

func TestPluginThatCantBeMeasured(t *testing.T) {
	for _, load := range []pluginLoad{
		{Frames: 1, Mode: "thread"},
		{Frames: 0},
		{Frames: 1, Plugin: "gain/gain.c"},
	} {
		if err := load.run(t.Context(), &cli.Streams{}); !errors.Is(err, voiceapp.Invalid) {
			t.Errorf("%+v: %v", load, err)
		}
	}
}
