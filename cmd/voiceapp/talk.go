package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice"
	"github.com/voiceapp-sdk/voiceapp/voice/device"
	"github.com/voiceapp-sdk/voiceapp/voice/speex"
)

// devices is the command devices.
type devices struct {
	JSON bool `name:"json" help:"one JSON object a line, for programs"`
}

func (d *devices) run(_ context.Context, streams *cli.Streams, _ []string) error {
	all, err := device.List()
	if err != nil {
		return err
	}
	for _, one := range all {
		if d.JSON {
			if err := streams.PrintJSON(one); err != nil {
				return err
			}
			continue
		}
		mark := ""
		if one.Default {
			mark = "  (default)"
		}
		fmt.Fprintf(streams.Out, "%-9s %s%s\n", one.Kind, cli.Printable(one.Name), mark)
	}
	return nil
}

// talk is the command talk.
type talk struct {
	member
	withPlugins

	Microphone  string        `name:"microphone" value:"NAME" help:"a part of its name, as devices shows it; without it, the system's default"`
	Loudspeaker string        `name:"loudspeaker" value:"NAME" help:"likewise"`
	Frame       time.Duration `name:"frame" help:"length of a frame: 10ms, 20ms, 40ms or 60ms"`
	Open        bool          `name:"open" help:"send all of the time, and not only speech"`
	Raw         bool          `name:"raw" help:"leave the sound of the microphone as it is: no echo and noise taken out, no gain"`
	For         time.Duration `name:"for" help:"how long; without it, until interrupted"`
}

func (t *talk) run(ctx context.Context, streams *cli.Streams, _ []string) (err error) {
	effect, stop, err := t.effect(ctx, streams)
	defer stop()
	if err != nil {
		return err
	}
	sound, err := t.openSound(streams)
	if err != nil {
		return err
	}
	defer sound.close()
	client, err := t.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	session, err := voice.Join(ctx, client, voice.Config{
		Codec: codec, Source: sound.source, Sink: sound.sink, Effect: effect, FrameDuration: t.Frame,
	})
	if err != nil {
		return err
	}
	defer session.Close()
	if !t.JSON {
		fmt.Fprintln(streams.Err, "You are in the talk. Interrupt it to leave.")
	}
	if err := t.wait(ctx, streams, session, sound); err != nil {
		return err
	}
	return t.report(streams, client, session.Stats(), listened)
}

// wait shows the levels until the talk is over.
func (t *talk) wait(ctx context.Context, streams *cli.Streams, session *voice.Session, sound *sound) error {
	status := cli.NewStatus(streams.Err)
	defer status.Done()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var over <-chan time.Time
	if t.For > 0 {
		over = time.After(t.For)
	}
	for {
		select {
		case now := <-tick.C:
			status.Show(now, sound.status(session.Stats()))
		case <-over:
			return nil
		case <-session.Done():
			if ctx.Err() != nil {
				return nil // it was interrupted
			}
			return session.Wait()
		}
	}
}

// sound is a microphone and a loudspeaker, and what is between them and the talk.
type sound struct {
	source  voice.Source
	sink    voice.Sink
	capture *voice.Capture // nil: the microphone's sound stays as it is
	closers []func() error
}

func (s *sound) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		_ = s.closers[i]() // there is nothing to be lost
	}
}

// openSound opens the devices.
func (t *talk) openSound(streams *cli.Streams) (_ *sound, err error) {
	s := &sound{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	input, err := t.deviceConfig(streams, device.KindCapture, t.Microphone)
	if err != nil {
		return nil, err
	}
	output, err := t.deviceConfig(streams, device.KindPlayback, t.Loudspeaker)
	if err != nil {
		return nil, err
	}
	microphone, err := device.OpenCapture(input)
	if err != nil {
		return nil, fmt.Errorf("the microphone: %w", err)
	}
	s.closers = append(s.closers, microphone.Close)
	loudspeaker, err := device.OpenPlayback(output)
	if err != nil {
		return nil, fmt.Errorf("the loudspeaker: %w", err)
	}
	s.closers = append(s.closers, loudspeaker.Close)
	s.source, s.sink = microphone, loudspeaker
	if t.Raw {
		return s, nil
	}
	return s, t.process(s)
}

// process puts between the devices and the talk what makes them good to hear. Without
// libspeexdsp, echo and noise stay.
func (t *talk) process(s *sound) error {
	cfg := voice.CaptureConfig{Source: s.source}
	if t.Open {
		cfg.Mode = voice.Continuously
	}
	echo, err := speex.NewEchoCanceller(speex.EchoConfig{})
	if err == nil {
		s.closers = append(s.closers, echo.Close)
		cfg.EchoCanceller = echo
	} else if !errors.Is(err, voiceapp.Unavailable) {
		return err
	}
	noise, err := speex.NewDenoiser(speex.DenoiserConfig{Echo: echo})
	if err == nil {
		s.closers = append(s.closers, noise.Close)
		cfg.Denoiser = noise
	} else if !errors.Is(err, voiceapp.Unavailable) {
		return err
	}
	if s.capture, err = voice.NewCapture(cfg); err != nil {
		return err
	}
	s.source, s.sink = s.capture, s.capture.Reference(s.sink, 1)
	return nil
}

// deviceConfig finds the device whose name has a part in it.
func (t *talk) deviceConfig(streams *cli.Streams, kind device.Kind, part string) (device.Config, error) {
	cfg := device.Config{Events: func(e device.Event) {
		if e.Kind == device.EventLost {
			fmt.Fprintf(streams.Err, "warning: the %s device is lost (%v); trying again\n", kind, e.Err)
		} else {
			fmt.Fprintf(streams.Err, "the %s device is back\n", kind)
		}
	}}
	if part == "" {
		return cfg, nil
	}
	all, err := device.List()
	if err != nil {
		return cfg, err
	}
	for _, d := range all {
		if d.Kind == kind && strings.Contains(strings.ToLower(d.Name), strings.ToLower(part)) {
			cfg.ID = d.ID
			return cfg, nil
		}
	}
	return cfg, voiceapp.NewError(voiceapp.NotFound, fmt.Sprintf("there is no %s device with %q in its name; voiceapp devices shows them", kind, part))
}

// status is what a person sees meanwhile.
func (s *sound) status(stats voice.Stats) string {
	text := ""
	if s.capture != nil {
		text = cli.Meter(s.capture.Stats().After) + " "
	}
	if stats.Sent.Talking {
		text += "talking "
	}
	return text + fmt.Sprintf("round trip %.0f ms", float64(stats.RoundTrip.Microseconds())/1000)
}
