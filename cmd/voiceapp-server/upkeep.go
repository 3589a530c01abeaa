package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/control"
	"github.com/voiceapp-sdk/voiceapp/store"
	"github.com/voiceapp-sdk/voiceapp/store/archive"
)

// startUpkeep begins what has to be done beside serving. stop ends it and waits.
func startUpkeep(settings *settings, s *server) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	if settings.BackupEvery > 0 {
		keeper := archive.Keeper{Dir: settings.Data, Every: settings.BackupEvery, Keep: settings.BackupKeep, Program: programVersion(), Log: s.log}
		running.Go(func() { keeper.Run(ctx) })
	}
	running.Go(func() { prune(ctx, s.store, s.control, s.log) })
	running.Go(func() { _ = s.hooks.Run(ctx) }) // its error is ctx's
	return func() {
		cancel()
		running.Wait()
	}
}

// prune removes what has expired, at once and then each hour.
func prune(ctx context.Context, db *store.Store, live *control.Server, log *slog.Logger) {
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		settings, _, err := live.Settings()
		var messages int
		if err == nil {
			messages, err = db.Prune(ctx, settings.History)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			log.Error("what has expired could not be removed", "error", err)
		case messages > 0:
			log.Info("old chat was removed", "messages", messages)
		}
		select {
		case <-hourly.C:
		case <-ctx.Done():
			return
		}
	}
}

// finishRestore completes a restore that was cut off.
func finishRestore(data string, log *slog.Logger) error {
	result, err := archive.Finish(data)
	if err != nil || result == nil {
		return err
	}
	log.Info("a restore that was cut off is complete", "made", result.Manifest.Made, "before", result.Aside)
	return nil
}

// errPending is about a directory whose restore waits to be completed.
func errPending(data string) error {
	return voiceapp.NewError(voiceapp.Conflict, "a restore of "+data+" was cut off: start the server, or restore the backup again")
}
