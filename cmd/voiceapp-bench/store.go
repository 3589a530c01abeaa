package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/cli"
	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/store/load"
)

// storeLoad is the command store.
type storeLoad struct {
	Duration time.Duration `name:"dur" help:"of the readers and writers together; the rest takes two thirds of it more"`
	Readers  int           `name:"readers" help:"how many read at once"`
	Writers  int           `name:"writers" help:"how many write at once"`
	Checks   int           `name:"checks" help:"permission checks a second, beside the writers"`
	Dir      string        `name:"dir" value:"DIR" help:"where to put the database; the directory for temporary files"`
}

func defaultStoreLoad() *storeLoad {
	return &storeLoad{Duration: 30 * time.Second, Readers: 50, Writers: 10, Checks: 1000}
}

const storeHelp = `Puts readers and writers on a new database by the methods that the server uses, and prints one line. Every write is on
the disk when it counts. ungrouped_writes_s is what one writer manages alone, ratio how much more the others do by sharing a commit;
a check is what joining a channel asks.

  voiceapp-bench store --dur 10s`

func (l *storeLoad) run(ctx context.Context, streams *cli.Streams) (err error) {
	if l.Readers < 1 || l.Writers < 1 || l.Checks < 1 || l.Duration <= 0 {
		return voiceapp.NewError(voiceapp.Invalid, "at least one reader, one writer, one check a second, and some time")
	}
	dir, err := os.MkdirTemp(l.Dir, "voiceapp-bench-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := store.Open(ctx, filepath.Join(dir, "voiceapp.db"), store.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	target, err := load.Store(ctx, db)
	if err != nil {
		return err
	}
	result, err := load.Run(ctx, target, load.Config{Duration: l.Duration, Readers: l.Readers, Writers: l.Writers, Checks: l.Checks})
	if err != nil {
		return err
	}
	fmt.Fprintln(streams.Out, result)
	if result.Locked+result.Errors > 0 {
		return voiceapp.NewError(voiceapp.Internal, fmt.Sprintf("%d calls failed", result.Locked+result.Errors))
	}
	return nil
}
