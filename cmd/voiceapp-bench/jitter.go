package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/testdata/speech"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter"
	"github.com/voiceapp-sdk/voiceapp/voice/jitter/replay"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

// jitterReplay is the command jitter.
type jitterReplay struct {
	Trace      string        `name:"trace" value:"FILE.csv" help:"the arrivals, with the header send_ms,arrival_ms; an empty arrival is a lost packet"`
	Frame      time.Duration `name:"frame" help:"length of a frame: as far apart as packets were sent (0), or a multiple of that, which fares as the packet at its end does"`
	Redundancy int           `name:"redundancy" help:"copies of earlier frames in each packet, 0 to 2: of the third before, or of the second and the fifth; with frames of 40 ms and more, of the one before, or of the two before"`
	Delay      time.Duration `name:"delay" help:"a fixed playout delay; 0: it adapts"`
	MinDelay   time.Duration `name:"min-delay" help:"the least that a delay which adapts goes down to"`
	MaxDelay   time.Duration `name:"max-delay" help:"the most that it rises to: what would be heard later is late; 0: what the network needs"`
	Speech     string        `name:"wav" value:"FILE.wav" help:"send this speech through Opus, instead of the speech that is built in, without a codec"`
	Out        string        `name:"out" value:"FILE.wav" help:"write what a listener would hear"`
	Plot       string        `name:"plot" value:"FILE.png" help:"draw delay over time: blue the network, orange the target, green playout, red what was not heard"`
	Bitrate    int           `name:"bitrate" help:"of Opus, in bits a second"`
}

func defaultJitterReplay() *jitterReplay { return &jitterReplay{Bitrate: 64_000} }

const jitterHelp = `Replays recorded arrivals through the jitter buffer that clients use, on a simulated clock, and prints one line. What is
stretched is real speech, and only where it lets itself be stretched: a recording that is built in, or --wav. concealed_pct is the share
of playout time that was made up, unheard_pct the share of what was sent that was never played; delay is from a frame's sending to its
playout, above the trace's smallest transit time. Stretch beyond 15 ms in any 100 ms counts as concealed or unheard. Where nothing was
sent, the speaker is silent, which is neither; from 100 ms on the frame before says so.

  voiceapp-bench jitter --trace 5g.csv --plot 5g.png
  voiceapp-bench jitter --trace 5g.csv --redundancy 1 --wav speech.wav --out heard.wav`

func (l *jitterReplay) run(_ context.Context, streams *cli.Streams) error {
	trace, err := l.readTrace()
	if err != nil {
		return err
	}
	cfg := replay.Config{Frame: l.Frame, Redundancy: l.Redundancy}
	cfg.Playout = jitter.Config{Delay: l.Delay, MinDelay: l.MinDelay, MaxDelay: l.MaxDelay}
	if cfg.Speech, err = l.readSpeech(); err != nil {
		return err
	}
	if l.Speech != "" {
		if err := l.useOpus(&cfg); err != nil {
			return err
		}
	}
	result, err := l.replay(trace, cfg)
	if err != nil {
		return err
	}
	fmt.Fprintf(streams.Out, "trace=%s %v\n", strings.TrimSuffix(filepath.Base(l.Trace), ".csv"), result)
	return l.plot(result)
}

func (l *jitterReplay) readTrace() (replay.Trace, error) {
	if l.Trace == "" {
		return nil, voiceapp.NewError(voiceapp.Invalid, "name the record of arrivals by --trace")
	}
	file, err := os.Open(l.Trace)
	if err != nil {
		return nil, voiceapp.WrapError(voiceapp.NotFound, "the trace can't be read", err)
	}
	defer file.Close()
	return replay.ReadTrace(file)
}

// readSpeech returns what is said, at 48 kHz.
func (l *jitterReplay) readSpeech() ([]float32, error) {
	r, err := audiofile.NewReader(bytes.NewReader(speech.WAV), audiofile.Format{})
	if l.Speech != "" {
		r, err = audiofile.Open(l.Speech, audiofile.Format{})
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var pcm []float32
	for block := make([]float32, 4800); ; {
		n, err := r.ReadPCM(block)
		pcm = append(pcm, block[:n]...)
		if errors.Is(err, io.EOF) {
			return pcm, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// useOpus lets frames be real packets.
func (l *jitterReplay) useOpus(cfg *replay.Config) error {
	encoder, err := opus.NewEncoder(1, l.Bitrate)
	if err != nil {
		return err
	}
	decoder, err := opus.NewDecoder(1)
	if err != nil {
		return err
	}
	cfg.Encode = func(pcm []float32) ([]byte, error) { return encoder.Encode(nil, pcm) }
	cfg.Decoder = decoder
	return nil
}

// replay runs it, and writes what is heard.
func (l *jitterReplay) replay(trace replay.Trace, cfg replay.Config) (result *replay.Result, err error) {
	if l.Out != "" {
		w, err := audiofile.Create(l.Out, audiofile.Format{})
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, w.Close()) }()
		cfg.Heard = w.WritePCM
	}
	return replay.Run(trace, cfg)
}

func (l *jitterReplay) plot(result *replay.Result) error {
	if l.Plot == "" {
		return nil
	}
	file, err := os.Create(l.Plot)
	if err != nil {
		return voiceapp.WrapError(voiceapp.Unavailable, "the plot can't be written", err)
	}
	return errors.Join(result.Plot(file), file.Close())
}
