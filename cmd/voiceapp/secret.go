package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

var errInterrupted = voiceapp.NewError(voiceapp.Unavailable, "interrupted")

// readSecrets reads passwords or tokens: lines of a file, or of standard input for
// "-". A person at a terminal is asked for each, and does not see it.
func readSecrets(ctx context.Context, streams *cli.Streams, path string, what ...string) ([]string, error) {
	if path != "-" || !cli.IsTerminal(streams.In) {
		return streams.ReadSecrets(path, what...)
	}
	secrets := make([]string, len(what))
	for i, name := range what {
		fmt.Fprintf(streams.Err, "%s: ", name)
		line, err := readHidden(ctx, int(streams.In.(*os.File).Fd())) // a terminal is a file
		fmt.Fprintln(streams.Err)
		if err != nil {
			return nil, err
		}
		if line == "" {
			return nil, voiceapp.NewError(voiceapp.Invalid, "the "+name+" is empty")
		}
		secrets[i] = line
	}
	return secrets, nil
}

// readTwoSecrets reads two secrets from two files, or from two lines of the first
// where the second is not named.
func readTwoSecrets(ctx context.Context, streams *cli.Streams, file, what, otherFile, otherWhat string) (one, other string, err error) {
	if otherFile == "" {
		both, err := readSecrets(ctx, streams, file, what, otherWhat)
		if err != nil {
			return "", "", err
		}
		return both[0], both[1], nil
	}
	first, err := readSecrets(ctx, streams, file, what)
	if err != nil {
		return "", "", err
	}
	second, err := readSecrets(ctx, streams, otherFile, otherWhat)
	if err != nil {
		return "", "", err
	}
	return first[0], second[0], nil
}

// readHidden reads a line from a terminal without showing it, until ctx ends.
func readHidden(ctx context.Context, fd int) (string, error) {
	shown, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	return whileRunning(ctx, func() (string, error) {
		line, err := term.ReadPassword(fd)
		return string(line), err
	}, func() error { return term.Restore(fd, shown) })
}

// confirm asks a yes-or-no question, until ctx ends.
func confirm(ctx context.Context, streams *cli.Streams, question string) (bool, error) {
	return whileRunning(ctx, func() (bool, error) { return streams.Confirm(question), nil }, func() error { return nil })
}

// whileRunning does what waits for a person, and gives up when ctx ends; the
// program ends with it, and so does what is still waiting.
func whileRunning[T any](ctx context.Context, ask func() (T, error), giveUp func() error) (answer T, err error) {
	type reply struct {
		answer T
		err    error
	}
	replies := make(chan reply, 1)
	go func() {
		answer, err := ask()
		replies <- reply{answer, err}
	}()
	select {
	case r := <-replies:
		return r.answer, r.err
	case <-ctx.Done():
		if err := giveUp(); err != nil {
			return answer, err
		}
		return answer, errInterrupted
	}
}
