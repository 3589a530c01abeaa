package archive_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceapp-sdk/voiceapp/store/archive"
)

func listed(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "backups"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// keep runs a keeper for so long.
func keep(k archive.Keeper, d time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		k.Run(ctx)
		close(ended)
	}()
	time.Sleep(d)
	synctest.Wait()
	cancel()
	<-ended
}

// One a day, the newest three kept, and what others put there left alone; a new
// start waits until the next is due.
func TestKeeper(t *testing.T) {
	dir := newServer(t, "anna")
	write(t, dir, "backups/before-version-2.db", "another's")
	write(t, dir, "backups/voiceapp-holiday.tar", "another's")
	synctest.Test(t, func(t *testing.T) { // it begins on 2000-01-01
		k := archive.Keeper{Dir: dir, Every: 24 * time.Hour, Keep: 3, Log: slog.New(slog.DiscardHandler)}
		keep(k, 4*24*time.Hour+time.Hour)
		want := []string{
			"before-version-2.db",
			"voiceapp-20000103T000000Z.tar", "voiceapp-20000104T000000Z.tar", "voiceapp-20000105T000000Z.tar",
			"voiceapp-holiday.tar",
		}
		if got := listed(t, dir); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		keep(k, 22*time.Hour)
		if got := listed(t, dir); !slices.Equal(got, want) {
			t.Errorf("a new start made one too early: %q", got)
		}
		keep(k, 2*time.Hour)
		if got := listed(t, dir); got[3] != "voiceapp-20000106T000000Z.tar" {
			t.Errorf("a day after the last: %q", got)
		}
		if m, err := archive.Verify(t.Context(), filepath.Join(dir, "backups", "voiceapp-20000106T000000Z.tar")); err != nil || m.Made.Year() != 2000 {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

// While none can be made, none is removed, and it is tried again soon.
func TestKeeperTriesAgain(t *testing.T) {
	dir := newServer(t, "anna")
	write(t, dir, "backups/voiceapp-19990101T000000Z.tar", "old")
	database := filepath.Join(dir, archive.Database)
	if err := os.Rename(database, database+".away"); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		go func() {
			time.Sleep(25 * time.Minute)
			if err := os.Rename(database+".away", database); err != nil {
				t.Error(err)
			}
		}()
		keep(archive.Keeper{Dir: dir, Every: 24 * time.Hour, Keep: 1, Log: slog.New(slog.DiscardHandler)}, 35*time.Minute)
		if got := listed(t, dir); !slices.Equal(got, []string{"voiceapp-20000101T003000Z.tar"}) {
			t.Errorf("%q", got)
		}
	})
}
