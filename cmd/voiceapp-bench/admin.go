package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	adminload "github.com/voiceapp-sdk/voiceapp/admin/load"
	"github.com/voiceapp-sdk/voiceapp/control/load"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	relayload "github.com/voiceapp-sdk/voiceapp/voice/relay/load"
)

// adminLoad is the command admin.
type adminLoad struct {
	Program  string        `name:"program" value:"FILE" help:"voiceapp-server; without it, the one beside this program"`
	Users    int           `name:"users" help:"how many hear the voice"`
	Speakers int           `name:"speakers" help:"how many of them speak"`
	Rate     int           `name:"rate" help:"requests a second to the admin API"`
	Pairs    int           `name:"pairs" help:"how often voice is measured without and with them"`
	Duration time.Duration `name:"dur" help:"how long each time"`
	Sessions int           `name:"sessions" help:"how many are there when /metrics is read and some are kicked"`
	Kicks    int           `name:"kicks" help:"how many of them are kicked"`
}

// defaultAdminLoad has some 50,000 frames a second go to listeners.
func defaultAdminLoad() *adminLoad {
	return &adminLoad{Users: 52, Speakers: 20, Rate: 200, Pairs: 3, Duration: 30 * time.Second, Sessions: 1000, Kicks: 200}
}

// reads are what is asked for beside the voice.
var reads = []string{"/api/sessions", "/api/channels", "/api/stats", "/api/users", "/api/audit", "/api/settings"}

func (l *adminLoad) run(ctx context.Context, streams *cli.Streams) (err error) {
	if l.Users < 2 || l.Rate < 1 || l.Pairs < 1 || l.Kicks < 1 || l.Sessions < l.Kicks {
		return voiceapp.NewError(voiceapp.Invalid, "at least two users, one of everything else, and no more kicks than sessions")
	}
	server, err := startProgram(ctx, l.Program, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.remove()) }()
	api, err := server.api(ctx)
	if err != nil {
		return err
	}
	status := cli.NewStatus(streams.Err)
	defer status.Done()
	status.Show(time.Now(), "talking")
	voice, err := l.beside(ctx, server, api)
	if err != nil {
		return fmt.Errorf("talking: %w", err)
	}
	status.Show(time.Now(), "kicking")
	kicks, err := l.crowded(ctx, server)
	if err != nil {
		return fmt.Errorf("kicking: %w", err)
	}
	fmt.Fprintln(streams.Out, voice, kicks)
	return nil
}

// api is the server's, with a new token of whoever has its data directory: it is good
// for a quarter of an hour.
func (s *serverProcess) api(ctx context.Context) (*adminload.API, error) {
	token, err := exec.CommandContext(ctx, s.program, "admin-token", "--data", s.data).Output()
	if err != nil {
		return nil, fmt.Errorf("the server gives no token: %w", err)
	}
	return &adminload.API{URL: "http://" + s.admin, Token: strings.TrimSpace(string(token))}, nil
}

// beside measures voice without and with requests, and their answers.
func (l *adminLoad) beside(ctx context.Context, server *serverProcess, api *adminload.API) (string, error) {
	var pairs []string
	var answers []time.Duration
	var egress float64
	for pair := range l.Pairs {
		without, err := l.talk(ctx, server, fmt.Sprint("quiet ", pair))
		if err != nil {
			return "", err
		}
		with, times, err := l.both(ctx, server, fmt.Sprint("busy ", pair), api)
		if err != nil {
			return "", err
		}
		egress = with.EgressRate()
		answers = append(answers, times...)
		pairs = append(pairs, fmt.Sprintf("%d/%d", without.P99.Microseconds(), with.P99.Microseconds()))
	}
	return fmt.Sprintf("egress_pps=%.0f voice_p99_us=%s requests=%d api_p50_ms=%.2f api_p99_ms=%.2f", egress, strings.Join(pairs, ","),
		len(answers), millis(adminload.Quantile(answers, 0.5)), millis(adminload.Quantile(answers, 0.99))), nil
}

// talk measures voice, with people who come for it under names that begin like that:
// those who came before may still have theirs.
func (l *adminLoad) talk(ctx context.Context, server *serverProcess, group string) (relayload.Result, error) {
	users := &relayLoad{Addr: server.addr, Channel: "Lobby", Users: l.Users, Rooms: 1, group: group}
	crowd, err := users.connect(ctx, cli.NewStatus(nil))
	defer crowd.leave()
	if err != nil {
		return relayload.Result{}, err
	}
	return relayload.Run(ctx, crowd.grants(), relayload.Config{Speakers: l.Speakers, Duration: l.Duration, Seed: 1})
}

// both measures voice and requests at the same time.
func (l *adminLoad) both(ctx context.Context, server *serverProcess, group string, api *adminload.API) (relayload.Result, []time.Duration, error) {
	var times []time.Duration
	asked := make(chan error)
	go func() { // ends before both does
		var err error
		times, err = api.Steady(ctx, l.Rate, l.Duration, reads...)
		asked <- err
	}()
	result, err := l.talk(ctx, server, group)
	err = errors.Join(err, <-asked)
	return result, times, err
}

// crowded measures /metrics and kicks with many sessions.
func (l *adminLoad) crowded(ctx context.Context, server *serverProcess) (string, error) {
	api, err := server.api(ctx)
	if err != nil {
		return "", err
	}
	crowd, err := load.Connect(ctx, server.target(), load.Guests(l.Sessions), 32)
	if err != nil {
		return "", err
	}
	defer crowd.Close()
	scrapes, err := api.Steady(ctx, 10, 5*time.Second, "/metrics")
	if err != nil {
		return "", err
	}
	var answered, ended []time.Duration
	for _, guest := range crowd[:l.Kicks] {
		client := guest.Client()
		answer, end, err := api.Kick(ctx, client.Self().Session, client.Done())
		if err != nil {
			return "", err
		}
		answered, ended = append(answered, answer), append(ended, end)
	}
	return fmt.Sprintf("sessions=%d metrics_p50_ms=%.2f metrics_p99_ms=%.2f kicks=%d silent_p50_ms=%.2f silent_p99_ms=%.2f closed_p50_ms=%.2f closed_p99_ms=%.2f",
		len(crowd), millis(adminload.Quantile(scrapes, 0.5)), millis(adminload.Quantile(scrapes, 0.99)), len(answered),
		millis(adminload.Quantile(answered, 0.5)), millis(adminload.Quantile(answered, 0.99)),
		millis(adminload.Quantile(ended, 0.5)), millis(adminload.Quantile(ended, 0.99))), nil
}
