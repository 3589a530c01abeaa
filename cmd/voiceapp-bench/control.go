package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control/load"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// controlLoad is the command control.
type controlLoad struct {
	Program   string        `name:"program" value:"FILE" help:"voiceapp-server; without it, the one beside this program"`
	Guests    int           `name:"guests" help:"how many connect"`
	Parallel  int           `name:"parallel" help:"how many connect at the same time"`
	Messages  int           `name:"messages" help:"how many of them are written, and awaited by all guests"`
	Returning int           `name:"returning" help:"how many are there when the server is restarted; one in ten has a password"`
	Logins    int           `name:"logins" help:"how many unknown names and wrong passwords are tried"`
	Pairs     int           `name:"pairs" help:"how often chatting is measured without and with one who does not read"`
	Duration  time.Duration `name:"dur" help:"how long each time"`
}

func defaultControlLoad() *controlLoad {
	return &controlLoad{Guests: 1000, Parallel: 32, Messages: 60, Returning: 500, Logins: 100, Pairs: 3, Duration: 30 * time.Second}
}

// chatters are in the channel of one who does not read.
const chatters = 50

func (l *controlLoad) run(ctx context.Context, streams *cli.Streams) (err error) {
	if l.Guests < 2 || l.Returning < 1 || l.Logins < 1 || l.Messages < 1 || l.Pairs < 0 {
		return voiceapp.NewError(voiceapp.Invalid, "at least two guests, and one of everything else")
	}
	server, err := startProgram(ctx, l.Program, "off")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.remove()) }()
	status := cli.NewStatus(streams.Err)
	defer status.Done()
	var all []string
	for _, part := range []struct {
		name string
		run  func(context.Context, *serverProcess) (string, error)
	}{
		{"connecting", l.crowd}, {"guessing", l.guess}, {"restarting", l.storm}, {"chatting", l.slowReader},
	} {
		status.Show(time.Now(), part.name)
		figures, err := part.run(ctx, server)
		if err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
		all = append(all, figures)
	}
	fmt.Fprintln(streams.Out, strings.Join(all, " "))
	return nil
}

func (s *serverProcess) target() load.Target {
	return load.Target{Addr: s.addr, Key: s.key, Channel: "Lobby"}
}

// crowd measures how long guests take to connect, what they cost, and how soon they
// hear of a message.
func (l *controlLoad) crowd(ctx context.Context, server *serverProcess) (string, error) {
	idle, err := load.ProcessMemory(server.cmd.Process.Pid)
	if err != nil {
		return "", err
	}
	began := time.Now()
	crowd, err := load.Connect(ctx, server.target(), load.Guests(l.Guests), l.Parallel)
	if err != nil {
		return "", err
	}
	defer crowd.Close()
	connected := time.Since(began)
	times, err := crowd.Events(ctx, l.Messages)
	if err != nil {
		return "", err
	}
	full, err := load.ProcessMemory(server.cmd.Process.Pid)
	return fmt.Sprintf("guests=%d connect_s=%.2f idle_mib=%.1f above_mib=%.1f event_p50_ms=%.1f event_p99_ms=%.1f",
		len(crowd), connected.Seconds(), mebibytes(idle), mebibytes(full-idle), millis(times.Quantile(0.5)), millis(times.Quantile(0.99))), err
}

// guess compares the refusals of unknown names and wrong passwords.
func (l *controlLoad) guess(ctx context.Context, server *serverProcess) (string, error) {
	target := server.target()
	target.Source = load.Loopback
	accounts := accountNames(l.Logins/3 + 1)
	if err := load.Register(ctx, target, accounts, 4); err != nil {
		return "", err
	}
	unknown, wrong, err := load.LoginTimes(ctx, target, accounts, l.Logins)
	return fmt.Sprintf("unknown_ms=%.2f wrong_ms=%.2f spread_ms=%.2f", millis(unknown.Quantile(0.5)), millis(wrong.Quantile(0.5)),
		millis(unknown.Quantile(0.75)-unknown.Quantile(0.25))), err
}

// accountNames returns n accounts to be made.
func accountNames(n int) []load.Login {
	accounts := make([]load.Login, n)
	for i := range accounts {
		accounts[i] = load.Login{Name: "account " + strconv.Itoa(i+1), Password: "correct horse"}
	}
	return accounts
}

// storm measures how soon everyone is back after a restart.
func (l *controlLoad) storm(ctx context.Context, server *serverProcess) (string, error) {
	logins := load.Guests(l.Returning)
	for i, account := range accountNames(min(l.Logins/3+1, l.Returning/10)) {
		logins[i] = account
	}
	crowd, err := load.Connect(ctx, server.target(), logins, l.Parallel)
	if err != nil {
		return "", err
	}
	defer crowd.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	storm, err := crowd.Restart(ctx, func() error { return server.restart(context.WithoutCancel(ctx)) })
	return fmt.Sprintf("returning=%d back_p50_s=%.2f back_p99_s=%.2f resumed=%d lost=%d", len(crowd),
		storm.Back.Quantile(0.5).Seconds(), storm.Back.Quantile(0.99).Seconds(), storm.Resumed, storm.Lost), err
}

// slowReader compares the answers that people get without and with one in their
// channel who does not read.
func (l *controlLoad) slowReader(ctx context.Context, server *serverProcess) (string, error) {
	crowd, err := load.Connect(ctx, server.target(), load.Guests(chatters), l.Parallel)
	if err != nil {
		return "", err
	}
	defer crowd.Close()
	var pairs []string
	for range l.Pairs {
		without, err := crowd.Chatter(ctx, l.Duration)
		if err != nil {
			return "", err
		}
		release, err := load.Stall(ctx, server.target())
		if err != nil {
			return "", err
		}
		with, err := crowd.Chatter(ctx, l.Duration)
		release()
		if err != nil {
			return "", err
		}
		pairs = append(pairs, fmt.Sprintf("%.2f/%.2f", millis(without.Quantile(0.99)), millis(with.Quantile(0.99))))
	}
	return "slow_reader_p99_ms=" + strings.Join(pairs, ","), nil
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
