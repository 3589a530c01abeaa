package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// twoHalves is a migration to a version that does not exist, which tells and
// asks between its halves.
func twoHalves(between func() error) []migration {
	return append(migrations[:len(migrations):len(migrations)], func(c *conn) error {
		if err := c.db.Exec("CREATE TABLE halves (n INTEGER, filler BLOB) STRICT; " + halfSQL); err != nil {
			return err
		}
		if err := between(); err != nil {
			return err
		}
		return c.db.Exec(halfSQL)
	})
}

// halfSQL is more than the page cache holds, so that much of it is in the WAL
// before the commit.
const (
	halfRows = 400
	halfSQL  = `
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 400)
INSERT INTO halves SELECT i, zeroblob(10000) FROM n`
)

func migrateByHalves(path string) error {
	s, err := open(context.Background(), path, quiet, twoHalves(func() error {
		fmt.Println("half")
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	}))
	if err != nil {
		return err
	}
	fmt.Println("done")
	return s.Close()
}

// A migration that is killed leaves the old version or the new one, never part
// of it.
func TestKillWhileMigrating(t *testing.T) {
	for _, moment := range []struct {
		name string
		wait func(*testing.T, *helper) // for the moment to kill
		want []int64                   // versions, relative to the newest
	}{
		{"in the middle", func(*testing.T, *helper) {}, []int64{0}},
		{"near the commit", func(t *testing.T, h *helper) { closeAll(t, h.stdin) }, []int64{0, 1}},
		{"after it", func(t *testing.T, h *helper) { closeAll(t, h.stdin); h.expect(t, "done") }, []int64{1}},
	} {
		t.Run(moment.name, func(t *testing.T) {
			path := thaw(t, len(migrations))
			h := startHelper(t, "migrate", path)
			h.expect(t, "half")
			if size := fileSize(t, path+"-wal"); size < 1<<20 {
				t.Fatalf("the WAL has %d bytes in the middle of the migration", size)
			}
			moment.wait(t, h)
			h.killAfter(t, 0)
			checkOldOrNew(t, path, moment.want)
		})
	}
}

func closeAll(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

func checkOldOrNew(t *testing.T, path string, want []int64) {
	t.Helper()
	c, err := Options{BusyTimeout: time.Second}.connect(path, sqlite3.OPEN_READWRITE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { closeAll(t, closer(c.close)) }()
	if err := c.checkIntegrity(); err != nil {
		t.Error(err)
	}
	version, err := c.number("PRAGMA user_version")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := c.number("SELECT count(*) FROM sqlite_schema WHERE name = 'halves'")
	if err != nil {
		t.Fatal(err)
	}
	past := version - int64(len(migrations))
	if tables != past {
		t.Errorf("version %d has %d of the new tables", version, tables)
	}
	if past == 1 {
		if rows, err := c.number("SELECT count(*) FROM halves"); err != nil || rows != 2*halfRows {
			t.Errorf("the new version has %d rows, %v; want %d", rows, err, 2*halfRows)
		}
	}
	for _, one := range want {
		if past == one {
			return
		}
	}
	t.Errorf("the version is %d, want one of %v past %d", version, want, len(migrations))
}

type closer func() error

func (c closer) Close() error { return c() }

// A migration that fails changes nothing, and the database can still be opened
// as it was.
func TestMigrationFails(t *testing.T) {
	path := thaw(t, len(migrations))
	cause := errors.New("no")
	_, err := open(t.Context(), path, quiet, twoHalves(func() error { return cause }))
	if !errors.Is(err, cause) || !errors.Is(err, voiceapp.Internal) {
		t.Errorf("error is %v", err)
	}
	checkPopulated(t, openTest(t, path, quiet))
}

// A migration may not leave rows that refer to nothing.
func TestMigrationChecksForeignKeys(t *testing.T) {
	path := thaw(t, len(migrations))
	_, err := open(t.Context(), path, quiet, append(migrations[:len(migrations):len(migrations)], func(c *conn) error {
		return c.db.Exec("PRAGMA defer_foreign_keys = ON; UPDATE channels SET parent_id = 99 WHERE name = 'Quiet'")
	}))
	if err == nil {
		t.Fatal("a broken reference was committed")
	}
	checkPopulated(t, openTest(t, path, quiet))
}

// The database as it was is kept before it is migrated, and only then.
func TestMigrationBacksUp(t *testing.T) {
	path := thaw(t, len(migrations))
	backups := filepath.Join(t.TempDir(), "kept")
	var log bytes.Buffer
	for range 2 {
		s, err := open(t.Context(), path, Options{BackupDir: backups, Log: newLog(&log)}, twoHalves(func() error { return nil }))
		if err != nil {
			t.Fatal(err)
		}
		closeAll(t, s)
	}
	kept, err := filepath.Glob(filepath.Join(backups, "*"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("backups are %v, %v; want one", kept, err)
	}
	checkMode(t, backups, 0o700)
	checkMode(t, kept[0], 0o600)
	checkPopulated(t, openTest(t, kept[0], quiet))
	if !strings.Contains(log.String(), kept[0]) {
		t.Errorf("the log does not name the backup:\n%s", log.String())
	}
}

// A database that a newer program wrote is left alone.
func TestNewerDatabase(t *testing.T) {
	path := newPath(t)
	s, err := open(t.Context(), path, quiet, twoHalves(func() error { return nil }))
	if err != nil {
		t.Fatal(err)
	}
	closeAll(t, s)
	_, err = Open(t.Context(), path, quiet)
	checkSentence(t, err, voiceapp.Conflict, "run the newer voiceapp")
}

// Several that start at once on a new file all find it ready.
func TestMigrateTogether(t *testing.T) {
	for range 30 {
		path := newPath(t)
		failed := make(chan error)
		const n = 6
		for range n {
			go func() {
				s, err := Open(t.Context(), path, quiet)
				if err == nil {
					_, err = s.Init(t.Context(), []voiceapp.Channel{{ID: 1, Name: "Lobby"}})
					err = errors.Join(err, s.Close())
				}
				failed <- err
			}()
		}
		for range n {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
		channels, err := openTest(t, path, quiet).Channels(t.Context())
		if err != nil || len(channels) != 1 {
			t.Errorf("channels are %v, %v", channels, err)
		}
	}
}
