package archive

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// The names of a [Keeper]'s archives, which sort by time.
const (
	keptForm  = "voiceapp-20060102T150405Z.tar"
	retryWait = 10 * time.Minute
)

// Keeper makes an archive of a server at regular times, and keeps the newest few.
// Dir and Every are needed.
type Keeper struct {
	Dir     string        // the data directory; the archives are in backups below it
	Every   time.Duration // from one to the next
	Keep    int           // how many to keep; 0: 7
	Program string        // for the manifests
	Log     *slog.Logger  // a line for each; nil: slog.Default()
}

// Run makes archives until ctx ends. The first is due Every after the newest that
// is there, or at once where there is none. One that fails is tried again, at
// the latest 10 minutes later; older ones are removed only after one that did not.
func (k Keeper) Run(ctx context.Context) {
	if k.Log == nil {
		k.Log = slog.Default()
	}
	for wait := k.first(); sleep(ctx, wait); {
		wait = k.Every
		if _, err := k.Make(ctx); err != nil {
			wait = min(k.Every, retryWait)
			if ctx.Err() == nil {
				k.Log.Error("the server could not be backed up", "again_in", wait, "error", err)
			}
		}
	}
}

// first is how long the first archive has to wait.
func (k Keeper) first() time.Duration {
	made := k.made()
	if len(made) == 0 {
		return 0
	}
	newest, _ := time.Parse(keptForm, made[len(made)-1])
	return min(max(0, time.Until(newest.Add(k.Every))), k.Every)
}

// made returns the names of the archives that are there, the oldest first.
func (k Keeper) made() (made []string) {
	entries, err := os.ReadDir(filepath.Join(k.Dir, backups))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		k.Log.Warn("the directory of the backups can't be read", "error", err)
	}
	for _, entry := range entries {
		if at, err := time.Parse(keptForm, entry.Name()); err == nil && at.Format(keptForm) == entry.Name() && entry.Type().IsRegular() {
			made = append(made, entry.Name())
		}
	}
	slices.Sort(made)
	return made
}

// List returns the archives that are there, the newest first.
func (k Keeper) List() ([]voiceapp.BackupInfo, error) {
	list := []voiceapp.BackupInfo{}
	for _, name := range slices.Backward(k.made()) {
		info, err := os.Stat(filepath.Join(k.Dir, backups, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // another has just been made
		case err != nil:
			return nil, err
		}
		made, _ := time.Parse(keptForm, name)
		list = append(list, voiceapp.BackupInfo{Name: name, Made: made, Size: info.Size()})
	}
	return list, nil
}

// Make makes an archive now, and removes those that are too many. The errors are
// those of [Create].
func (k Keeper) Make(ctx context.Context) (voiceapp.BackupInfo, error) {
	if k.Log == nil {
		k.Log = slog.Default()
	}
	dir := filepath.Join(k.Dir, backups)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return voiceapp.BackupInfo{}, err
	}
	began := time.Now()
	file := filepath.Join(dir, began.UTC().Format(keptForm))
	m, err := Create(ctx, k.Dir, file, Options{Program: k.Program, Replace: true})
	if err != nil {
		return voiceapp.BackupInfo{}, err
	}
	k.Log.Info("the server was backed up", "file", file, "bytes", m.Size(), "took", time.Since(began).Round(time.Millisecond))
	made := k.made()
	for _, old := range made[:max(0, len(made)-k.keep())] {
		if err := os.Remove(filepath.Join(dir, old)); err != nil {
			k.Log.Warn("an old backup could not be removed", "file", old, "error", err)
		}
	}
	info, err := os.Stat(file)
	if err != nil {
		return voiceapp.BackupInfo{}, err
	}
	return voiceapp.BackupInfo{Name: filepath.Base(file), Made: began.UTC().Truncate(time.Second), Size: info.Size()}, nil
}

func (k Keeper) keep() int {
	if k.Keep <= 0 {
		return 7
	}
	return k.Keep
}

// sleep waits and reports whether ctx goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
