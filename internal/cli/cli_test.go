package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/internal/config"
)

type greeting struct {
	Loud bool   `name:"loud" help:"in capitals"`
	From string `name:"from" help:"who greets"`
}

func program() *cli.Program {
	set := &greeting{From: "me"}
	return &cli.Program{
		Name: "greeter", About: "greeter greets.", Default: "wave",
		Commands: []cli.Command{
			{
				Name: "greet", Args: "NAME", Short: "greets one", Long: "Greets one by name.", Settings: set,
				Run: func(_ context.Context, streams *cli.Streams, args *config.Set) error {
					text := args.Args()[0] + " from " + set.From
					if set.Loud {
						text = strings.ToUpper(text)
					}
					return streams.PrintJSON(text)
				},
			},
			{
				Name: "greet twice", Args: "NAME", Short: "greets one twice", Long: "Greets one twice.", Settings: &struct{}{},
				Run: func(_ context.Context, streams *cli.Streams, args *config.Set) error {
					return streams.PrintJSON(args.Args()[0] + ", " + args.Args()[0])
				},
			},
			{
				Name: "wave", Short: "waves", Long: "Waves.", Settings: &struct{}{},
				Run: func(context.Context, *cli.Streams, *config.Set) error {
					return fmt.Errorf("waving: %w", voiceapp.NewError(voiceapp.Busy, "both hands\nare full"))
				},
			},
		},
	}
}

func TestRun(t *testing.T) {
	for _, c := range []struct {
		args     string
		code     int
		out, err string
	}{
		{"greet Anna", 0, `"Anna from me"`, ""},
		{"greet --loud Anna --from Bo", 0, `"ANNA FROM BO"`, ""},
		{"greet twice Anna", 0, `"Anna, Anna"`, ""},
		{"greet twice", 2, "", "greet twice takes exactly: NAME"},
		{"", 1, "", "greeter: waving: both hands are full (busy)\n"},
		{"greet", 2, "", "greet takes exactly: NAME"},
		{"greet a b", 2, "", "greet takes exactly: NAME"},
		{"wave a", 2, "", "wave takes no arguments"},
		{"dance", 2, "", `there is no command "dance"`},
		{"greet --lound x", 2, "", "lound"},
		{"greet --help", 0, "--loud", ""},
		{"--help", 0, "greet NAME", ""},
		{"help", 0, "Without a command: wave.", ""},
	} {
		var out, errs bytes.Buffer
		code := program().Run(t.Context(), &cli.Streams{Out: &out, Err: &errs}, strings.Fields(c.args))
		if code != c.code || !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.err) {
			t.Errorf("%q: exit %d, out %q, err %q; want %d, %q, %q", c.args, code, out.String(), errs.String(), c.code, c.out, c.err)
		}
		if n := strings.Count(errs.String(), "\n"); n > 1 {
			t.Errorf("%q: %d lines of error, want one", c.args, n)
		}
	}
}

func TestProgressAndMeter(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{cli.Progress(0, 4*time.Second), "[..............................] 0.0s of 4.0s"},
		{cli.Progress(2*time.Second, 4*time.Second), "[###############...............] 2.0s of 4.0s"},
		{cli.Progress(5*time.Second, 4*time.Second), "[##############################] 5.0s of 4.0s"},
		{cli.Progress(0, 0), "[..............................] 0.0s of 0.0s"},
		{cli.Meter(0), "[##############################] 0 dB"},
		{cli.Meter(-30), "[###############...............] -30 dB"},
		{cli.Meter(-90), "[..............................] silence"},
		{cli.Meter(math.Inf(-1)), "[..............................] silence"},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}

func TestSecretsAreLines(t *testing.T) {
	streams := &cli.Streams{In: strings.NewReader("token\r\npass word\nthe rest")}
	for _, want := range []string{"token", "pass word"} { // one call does not read what is the next one's
		if got, err := streams.ReadSecrets("-", "secret"); err != nil || got[0] != want {
			t.Errorf("read %q, %v; want %q", got, err, want)
		}
	}
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("token\nno newline"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := streams.ReadSecrets(file, "token", "password"); err != nil || got[0] != "token" || got[1] != "no newline" {
		t.Errorf("read %q, %v from a file", got, err)
	}
	if _, err := streams.ReadSecrets(file, "token", "password", "more"); !errors.Is(err, voiceapp.Invalid) || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("a line that is not there: %v; want invalid that names it", err)
	}
	if _, err := streams.ReadSecrets(file+"x", "token"); !errors.Is(err, voiceapp.Invalid) {
		t.Errorf("a file that is not there: %v; want invalid", err)
	}
}

func TestPrintable(t *testing.T) {
	if got := cli.Printable("a\x1b[2J\u202eb\tc é"); got != "a\ufffd[2J\ufffdb\ufffdc é" {
		t.Errorf("%q", got)
	}
}

func TestConfirmIsNoWithoutATerminal(t *testing.T) {
	streams := &cli.Streams{In: strings.NewReader("y\n"), Err: &bytes.Buffer{}}
	if streams.Confirm("Really?") {
		t.Error("a pipe confirmed")
	}
}

func TestStatusIsSilentOffTheTerminal(t *testing.T) {
	var out bytes.Buffer
	status := cli.NewStatus(&out)
	status.Show(time.Now(), "half done")
	status.Done()
	if out.Len() > 0 {
		t.Errorf("drew %q into a pipe", out.String())
	}
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if cli.IsTerminal(file) {
		t.Error("a file counts as a terminal")
	}
	nowhere, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer nowhere.Close()
	if cli.IsTerminal(nowhere) {
		t.Error("the null device counts as a terminal")
	}
}
