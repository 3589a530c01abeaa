package main

import (
	"context"
	"fmt"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/voice"
)

// whisperSlot is the target slot that say whispers to.
const whisperSlot = 1

// whisperTo sets the slot to everyone of a name.
func whisperTo(ctx context.Context, client *control.Client, name string) error {
	people, err := sessionsOf(client, name)
	if err != nil {
		return err
	}
	return client.SetWhisper(ctx, whisperSlot, voiceapp.Target{Sessions: people})
}

// sessionsOf finds those of a name who are here.
func sessionsOf(client *control.Client, name string) (found []voiceapp.SessionID, err error) {
	for _, p := range client.Sessions() {
		if voiceapp.FoldName(p.Name) == voiceapp.FoldName(name) {
			found = append(found, p.Session)
		}
	}
	if found == nil {
		err = voiceapp.NewError(voiceapp.NotFound, "nobody here is called "+name)
	}
	return found, err
}

// listenTo has a further channel sent.
func listenTo(ctx context.Context, client *control.Client, path string) error {
	channel, err := voiceapp.FindPath(client.Channels(), path)
	if err != nil {
		return err
	}
	return client.Listen(ctx, channel.ID)
}

// insideTCP says so when voice could not go by UDP.
func insideTCP(s voice.Stats) string {
	if s.Up == voice.WayTCP || s.Down == voice.WayTCP {
		return "; voice goes inside TCP, as UDP does not get through"
	}
	return ""
}

// voiceStats is the command stats.
type voiceStats struct{ login }

// statsLine is what stats reports with --json, for each session.
type statsLine struct {
	Session   voiceapp.SessionID `json:"session"`
	Name      string             `json:"name"`
	RoundTrip float64            `json:"round_trip_ms"`
	UpLost    uint64             `json:"up_lost"`
	UpJitter  float64            `json:"up_jitter_ms"`
	Up        string             `json:"up"` // udp or tcp
	DownLost  uint64             `json:"down_lost"`
	Jitter    float64            `json:"down_jitter_ms"`
	Down      string             `json:"down"`
}

func (v *voiceStats) run(ctx context.Context, streams *cli.Streams, args []string) error {
	client, err := v.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	people, err := sessionsOf(client, args[0])
	if err != nil {
		return err
	}
	for _, id := range people {
		stats, err := client.VoiceStats(ctx, id)
		if err == nil {
			err = v.print(streams, newStatsLine(id, args[0], stats))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func newStatsLine(id voiceapp.SessionID, name string, s voiceapp.VoiceStats) statsLine {
	return statsLine{
		Session: id, Name: name, RoundTrip: float64(s.RoundTrip.Microseconds()) / 1000,
		UpLost: s.Up.Lost, UpJitter: float64(s.Up.Jitter.Microseconds()) / 1000, Up: wayOf(s.Up).String(),
		DownLost: s.Down.Lost, Jitter: float64(s.Down.Jitter.Microseconds()) / 1000, Down: wayOf(s.Down).String(),
	}
}

func wayOf(w voiceapp.WayStats) voice.Way {
	if w.Tunnel {
		return voice.WayTCP
	}
	return voice.WayUDP
}

func (v *voiceStats) print(streams *cli.Streams, line statsLine) error {
	if v.JSON {
		return streams.PrintJSON(line)
	}
	_, err := fmt.Fprintf(streams.Out, "%s (session %d): round trip %.1f ms; up by %s, %d lost, jitter %.1f ms; down by %s, %d lost, jitter %.1f ms\n",
		cli.Printable(line.Name), line.Session, line.RoundTrip, line.Up, line.UpLost, line.UpJitter, line.Down, line.DownLost, line.Jitter)
	return err
}

// priority is the command priority.
type priority struct {
	login

	Off    bool   `name:"off" help:"take it away"`
	Reason string `name:"reason" value:"TEXT" help:"for the audit log"`
}

func (p *priority) run(ctx context.Context, streams *cli.Streams, args []string) error {
	client, err := p.dial(ctx, streams)
	if err != nil {
		return err
	}
	defer client.Close()
	people, err := sessionsOf(client, args[0])
	if err != nil {
		return err
	}
	for _, id := range people {
		if err := client.SetPriority(ctx, id, !p.Off, p.Reason); err != nil {
			return err
		}
	}
	return nil
}

// voicePatience is how long ping waits for voice to get through by any way.
const voicePatience = 3 * time.Second

// voiceWay is what ping --voice reports with --json.
type voiceWay struct {
	Path      string  `json:"path"` // up, when voice gets through
	Up        string  `json:"up"`   // udp or tcp
	Down      string  `json:"down"`
	RoundTrip float64 `json:"voice_rtt_ms"`
}

// tryVoice says by which way voice goes.
func (p *ping) tryVoice(ctx context.Context, streams *cli.Streams, client *control.Client) error {
	session, err := voice.Join(ctx, client, voice.Config{Codec: codec})
	if err != nil {
		return err
	}
	defer session.Close()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for late := time.After(voicePatience); session.Stats().Path != voice.PathUp; {
		select {
		case <-look.C:
			continue
		case <-late:
			return noVoice(client)
		case <-session.Done():
			return session.Wait()
		}
	}
	s := session.Stats()
	way := voiceWay{s.Path.String(), s.Up.String(), s.Down.String(), float64(s.RoundTrip.Microseconds()) / 1000}
	if p.JSON {
		return streams.PrintJSON(way)
	}
	_, err = fmt.Fprintf(streams.Out, "voice goes up by %s, down by %s, and back in %.2f ms\n", way.Up, way.Down, way.RoundTrip)
	return err
}

// noVoice says that voice does not get through.
func noVoice(client *control.Client) error {
	grant, _ := client.VoiceGrant()
	return voiceapp.NewError(voiceapp.Unavailable, fmt.Sprintf(
		"voice does not get through: nothing came back, neither from UDP %s nor inside the connection", grant.Addr))
}
