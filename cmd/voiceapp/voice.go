package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/audiofile"
	"github.com/voiceapp-sdk/voiceapp/voice/dsp"
	"github.com/voiceapp-sdk/voiceapp/voice/opus"
)

// voiceEvent is a line of what say and listen report with --json.
type voiceEvent struct {
	Event     string    `json:"event"` // speaking, listening or done
	At        time.Time `json:"at"`    // when the first sample was taken, or played; of done: now
	Sent      uint64    `json:"sent"`  // frames, as the next three
	Received  uint64    `json:"received"`
	Lost      uint64    `json:"lost"`
	Late      uint64    `json:"late"`
	Concealed float64   `json:"concealed_ms"` // sound that was made up
	RoundTrip float64   `json:"round_trip_ms"`
	Path      string    `json:"path,omitempty"` // of done: up, when voice got through
	Up        string    `json:"up,omitempty"`   // of done: udp or tcp, as the next
	Down      string    `json:"down,omitempty"`
}

var codec = voice.NewCodec(opus.NewEncoder, opus.NewDecoder)

func channelCount(stereo bool) int {
	if stereo {
		return 2
	}
	return 1
}

// say is the command say.
type say struct {
	member
	withPlugins

	Bitrate int           `name:"bitrate" value:"BPS" help:"bits a second; 0 is what the channel allows"`
	Frame   time.Duration `name:"frame" help:"length of a frame: 10ms, 20ms, 40ms or 60ms"`
	Stereo  bool          `name:"stereo" help:"send two channels"`
	Whisper string        `name:"whisper-to" value:"NAME" help:"say it to those of that name alone; for members"`
}

func (s *say) run(ctx context.Context, streams *cli.Streams, args []string) error {
	if s.Bitrate != 0 && (s.Bitrate < voiceapp.MinBitrate || s.Bitrate > voiceapp.MaxBitrate) {
		return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf(
			"--bitrate is %d to %d bits a second, or 0 for what the channel allows, and not %d", voiceapp.MinBitrate, voiceapp.MaxBitrate, s.Bitrate))
	}
	file, err := audiofile.Open(args[0], audiofile.Format{Channels: channelCount(s.Stereo)})
	if err != nil {
		return err
	}
	defer file.Close()
	effect, stop, err := s.effect(ctx, streams)
	defer stop()
	if err != nil {
		return err
	}
	client, err := s.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	target := 0
	if s.Whisper != "" {
		if err := whisperTo(ctx, client.Client(), s.Whisper); err != nil {
			return err
		}
		target = whisperSlot
	}
	mouth := &mouth{file: file, status: cli.NewStatus(streams.Err), moment: newMoment()}
	session, err := voice.Join(ctx, client, voice.Config{
		Codec: codec, Source: mouth, Effect: effect, Channels: file.Format().Channels, Bitrate: s.Bitrate, FrameDuration: s.Frame, Target: target,
	})
	if err != nil {
		return err
	}
	defer session.Close()
	if err := mouth.announce(s.JSON, streams, "speaking", session.Done()); err != nil {
		return err
	}
	select {
	case <-session.Finished():
	case <-session.Done():
		mouth.status.Done()
		if ctx.Err() != nil {
			return errInterrupted
		}
		return session.Wait()
	}
	mouth.status.Done()
	return s.report(streams, client, session.Stats(), spoke)
}

// mouth is the file that is said.
type mouth struct {
	*moment
	file   *audiofile.Reader
	status *cli.Status
	taken  int // samples of all channels
}

// ReadPCM implements [voice.Source].
func (m *mouth) ReadPCM(pcm []float32) (int, error) {
	now := m.mark()
	n, err := m.file.ReadPCM(pcm)
	m.taken += n
	spoken := time.Duration(m.taken/m.file.Format().Channels) * time.Second / voice.SampleRate
	m.status.Show(now, cli.Progress(spoken, m.file.Duration()))
	return n, err
}

// listen is the command listen.
type listen struct {
	member

	Out    string        `name:"out" value:"FILE" help:"the WAV file to write"`
	For    time.Duration `name:"for" help:"how long; without it, until interrupted"`
	Stereo bool          `name:"stereo" help:"write two channels"`
	Also   string        `name:"listen-to" value:"PATH" help:"hear this channel too"`
}

func (l *listen) run(ctx context.Context, streams *cli.Streams, _ []string) error {
	switch {
	case l.Out == "":
		return voiceapp.NewError(voiceapp.Invalid, "name the file to write by --out")
	case l.For < 0:
		return voiceapp.NewError(voiceapp.Invalid, "--for is how long to listen: it can't be below 0")
	}
	client, err := l.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := l.prepare(ctx, client.Client()); err != nil {
		return err
	}
	file, err := audiofile.Create(l.Out, audiofile.Format{Channels: channelCount(l.Stereo)})
	if err != nil {
		return err
	}
	ear := &ear{file: file, status: cli.NewStatus(streams.Err), moment: newMoment()}
	session, err := voice.Join(ctx, client, voice.Config{Codec: codec, Sink: ear, Channels: file.Format().Channels})
	if err != nil {
		return errors.Join(err, file.Close())
	}
	err = l.wait(streams, session, ear)
	err = errors.Join(err, session.Close(), file.Close())
	ear.status.Done()
	if why := voiceapp.AsError(err); why != nil && (why.Code == voiceapp.Kicked || why.Code == voiceapp.Banned) {
		return err // that there is no voice any more needs no words
	}
	return errors.Join(err, l.report(streams, client, session.Stats(), listened))
}

// prepare has a further channel sent, and tells the others that they are recorded.
func (l *listen) prepare(ctx context.Context, client *control.Client) error {
	if err := mayOverwrite(l.Out); err != nil {
		return err
	}
	if l.Also != "" {
		if err := listenTo(ctx, client, l.Also); err != nil {
			return err
		}
	}
	return client.UpdateSelf(ctx, control.SelfUpdate{Recording: new(true)})
}

// mayOverwrite refuses to write over a file that is no WAV.
func mayOverwrite(path string) error {
	head := make([]byte, 4)
	file, err := os.Open(path)
	if err != nil {
		return nil // there is none, or Create will say what is wrong with it
	}
	defer file.Close()
	if n, _ := io.ReadFull(file, head); n > 0 && string(head) != "RIFF" && string(head) != "RF64" {
		return voiceapp.NewError(voiceapp.Exists, path+" is there already and no WAV file: name another by --out")
	}
	return nil
}

// wait returns when it was listened for long enough, or was interrupted.
func (l *listen) wait(streams *cli.Streams, session *voice.Session, ear *ear) error {
	if err := ear.announce(l.JSON, streams, "listening", session.Done()); err != nil {
		return err
	}
	var over <-chan time.Time
	if l.For > 0 {
		over = time.After(l.For)
	}
	select {
	case <-over:
		return nil
	case <-session.Done():
	}
	if err := session.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// ear is the file that is written.
type ear struct {
	*moment
	file   *audiofile.Writer
	meter  dsp.Meter
	status *cli.Status
}

// WritePCM implements [voice.Sink].
func (e *ear) WritePCM(pcm []float32) error {
	now := e.mark()
	e.meter.Add(pcm, time.Duration(len(pcm)/e.file.Format().Channels)*time.Second/voice.SampleRate)
	e.status.Show(now, cli.Meter(e.meter.Level()))
	return e.file.WritePCM(pcm)
}

// moment is when the first sample went through a source or sink.
type moment struct {
	first chan time.Time // gets one
	begun bool
}

func newMoment() *moment { return &moment{first: make(chan time.Time, 1)} }

func (m *moment) mark() time.Time {
	now := time.Now()
	if !m.begun {
		m.begun = true
		m.first <- now
	}
	return now
}

// announce waits for the moment and reports it to a program that asked for JSON.
func (m *moment) announce(asked bool, streams *cli.Streams, event string, ended <-chan struct{}) error {
	if !asked {
		return nil
	}
	select {
	case at := <-m.first:
		return streams.PrintJSON(voiceEvent{Event: event, At: at})
	case <-ended:
		return nil
	}
}

// part is what a command did in the conversation.
type part bool

const (
	spoke    part = true
	listened part = false
)

// report says at the end what was sent, heard and lost. It is an error when voice
// did not get through.
func (m *member) report(streams *cli.Streams, client *control.Reconnector, s voice.Stats, did part) error {
	e := voiceEvent{
		Event: "done", At: time.Now(), Sent: s.Sent.FramesSent,
		Received: s.Received.FramesReceived - s.Received.FramesDuplicate, Lost: s.Received.FramesLost, Late: s.Received.FramesLate,
		Concealed: float64(s.Received.ConcealedSamples) * 1000 / voice.SampleRate,
		RoundTrip: float64(s.RoundTrip.Microseconds()) / 1000,
		Path:      s.Path.String(),
		Up:        s.Up.String(),
		Down:      s.Down.String(),
	}
	var err error
	switch {
	case m.JSON:
		err = streams.PrintJSON(e)
	case did == spoke:
		_, err = fmt.Fprintf(streams.Out, "sent %d frames; round trip %.1f ms%s\n", e.Sent, e.RoundTrip, insideTCP(s))
	default:
		_, err = fmt.Fprintf(streams.Out, "received %d frames; lost %d, late %d, concealed %.0f ms; round trip %.1f ms%s\n", e.Received, e.Lost, e.Late, e.Concealed, e.RoundTrip, insideTCP(s))
	}
	if s.Path != voice.PathUp && err == nil {
		err = noVoice(client.Client())
	}
	return err
}
