// Command demo holds a conversation through the real programs: it starts
// voiceapp-server, lets two clients listen and one say a recording, and compares
// what the listeners wrote with what was said.
//
//	demo --bin DIR --speech FILE.wav --out DIR
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/internal/config"
)

const (
	listeners = 2
	tail      = 1500 * time.Millisecond // how long the listeners listen on after the speech
	startup   = 3 * time.Second         // and before it, at most
)

type settings struct {
	Bin    string `name:"bin" value:"DIR" help:"where voiceapp-server and voiceapp are"`
	Speech string `name:"speech" value:"FILE" help:"the recording to say"`
	Out    string `name:"out" value:"DIR" help:"where to write what was heard"`
}

func main() { program().Main() }

func program() *cli.Program {
	s := &settings{Bin: "bin", Speech: "testdata/speech/speech.wav", Out: "demo"}
	return &cli.Program{
		Name: "demo", About: "demo holds a conversation through the real programs and compares what was heard with what was said.", Default: "run",
		Commands: []cli.Command{{
			Name: "run", Short: "hold the conversation",
			Long:     "Starts a server, two listeners and a speaker, and ends with one line of figures: how similar what was heard is to\nwhat was said (1 is equal), the delay from mouth to ear, and the frames that were lost or concealed.",
			Settings: s,
			Run: func(ctx context.Context, streams *cli.Streams, _ *config.Set) error {
				heard, err := converse(ctx, streams, s)
				if err != nil {
					return err
				}
				fmt.Fprintln(streams.Out, heard)
				return heard.verdict()
			},
		}},
	}
}

// converse runs the server and its clients, and returns what the listeners heard.
func converse(ctx context.Context, streams *cli.Streams, s *settings) (summary, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	speech, err := readSpeech(s.Speech)
	if err != nil {
		return summary{}, err
	}
	if err := os.MkdirAll(s.Out, 0o755); err != nil {
		return summary{}, err
	}
	server, err := startServer(ctx, s.Bin)
	if err != nil {
		return summary{}, err
	}
	defer server.stop()
	fmt.Fprintf(streams.Out, "server    %s, key %s\n", server.addr, server.fingerprint)

	ears, err := startListeners(ctx, server, s, speech.duration+startup+tail)
	if err != nil {
		return summary{}, err
	}
	fmt.Fprintf(streams.Out, "speaker   says %s (%.1fs)\n", s.Speech, speech.duration.Seconds())
	said, err := server.client(ctx, "say", "--user", "speaker", "--json", s.Speech).events()
	if err != nil {
		return summary{}, err
	}
	began, err := said.at("speaking")
	if err != nil {
		return summary{}, err
	}
	var heard summary
	for i, ear := range ears {
		report, err := ear.hear(speech, began)
		if err != nil {
			return summary{}, err
		}
		fmt.Fprintf(streams.Out, "listener%d %v, wrote %s\n", i+1, report, ear.path)
		heard.add(report)
	}
	return heard, nil
}

// ear is one listening client.
type ear struct {
	path    string
	process *process
}

// startListeners starts the listening clients and returns once all of them hear.
func startListeners(ctx context.Context, server *server, s *settings, forHow time.Duration) ([]*ear, error) {
	var ears []*ear
	for i := range listeners {
		path := filepath.Join(s.Out, fmt.Sprintf("heard-%d.wav", i+1))
		client := server.client(ctx, "listen", "--user", fmt.Sprintf("listener %d", i+1), "--json", "--out", path, "--for", forHow.String())
		if err := client.start(); err != nil {
			return nil, err
		}
		ears = append(ears, &ear{path, client})
	}
	for _, e := range ears {
		if err := e.process.waitFor("listening"); err != nil {
			return nil, err
		}
	}
	return ears, nil
}
