package main

import (
	"fmt"
	"log/slog"

	"github.com/voiceapp-sdk/voiceapp/internal/cli"
)

// logFormat is the form of the log's lines.
type logFormat string

const (
	logText logFormat = "text"
	logJSON logFormat = "json"
)

// UnmarshalText implements [encoding.TextUnmarshaler].
func (f *logFormat) UnmarshalText(text []byte) error {
	switch format := logFormat(text); format {
	case logText, logJSON:
		*f = format
		return nil
	}
	return fmt.Errorf("%q is not text or json", text)
}

// logger writes lines to the program's standard error, from a level on that may
// change while the program runs.
func (s *settings) logger(streams *cli.Streams, level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == logJSON {
		return slog.New(slog.NewJSONHandler(streams.Err, options))
	}
	return slog.New(slog.NewTextHandler(streams.Err, options))
}
