package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

var update = flag.Bool("update", false, "write the frozen database of a new schema version")

// frozenToken is the one-time owner token in all frozen databases.
const frozenToken = "frozen-token"

// populate fills a database with what every frozen one holds.
func populate(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.Init(t.Context(), []voiceapp.Channel{
		{ID: 1, Name: "Lobby"},
		{ID: 2, Name: "Workshop", Bitrate: 96_000},
		{ID: 3, Name: "Quiet", Parent: 2, RequiredRole: voiceapp.RoleModerator},
	}); err != nil {
		t.Fatal(err)
	}
	member(t, s, "Jörg")
	token := sha256.Sum256([]byte(frozenToken))
	if err := s.write(t.Context(), func(c *conn) error {
		return c.exec("UPDATE tokens SET hash = ?, expires = ?", token[:], time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	}); err != nil {
		t.Fatal(err)
	}
}

func frozenFile(version int) string {
	return filepath.Join("testdata", "schema", fmt.Sprintf("v%03d.sql", version))
}

// The schema of a version that was released never changes, and a new one is
// frozen before it is.
func TestFrozenSchema(t *testing.T) {
	s := openTest(t, newPath(t), Options{Log: quiet.Log, Now: func() time.Time { return time.UnixMilli(1_700_000_000_123) }})
	populate(t, s)
	got := dump(t, s)
	file := frozenFile(len(migrations))
	want, err := os.ReadFile(file)
	if *update && errors.Is(err, fs.ErrNotExist) {
		want = []byte(got)
		err = os.WriteFile(file, want, 0o644)
	}
	if err != nil {
		t.Fatalf("%v (a new version is frozen with -update)", err)
	}
	if got != string(want) {
		t.Errorf("the migrations lead to\n%s\nbut %s has\n%s", got, file, want)
	}
}

// A database of each version that was released is brought up to date with all
// that it holds.
func TestFrozenUpgrade(t *testing.T) {
	for version := 1; version <= len(migrations); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			path := thaw(t, version)
			s := openTest(t, path, quiet)
			checkDatabase(t, s)
			checkPopulated(t, s)
		})
	}
}

// thaw makes a database from a frozen one.
func thaw(t *testing.T, version int) (path string) {
	t.Helper()
	sql, err := os.ReadFile(frozenFile(version))
	if err != nil {
		t.Fatal(err)
	}
	path = newPath(t)
	rawExec(t, path, string(sql))
	return path
}

// rawExec runs SQL on a file with no help from this package.
func rawExec(t *testing.T, path, sql string) {
	t.Helper()
	db, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Exec(sql), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func checkPopulated(t *testing.T, s *Store) {
	t.Helper()
	channels, err := s.Channels(t.Context())
	if err != nil || len(channels) != 3 {
		t.Fatalf("channels are %v, %v", channels, err)
	}
	quiet, err := voiceapp.FindPath(channels, "workshop/quiet")
	if err != nil || quiet.RequiredRole != voiceapp.RoleModerator || quiet.Bitrate != voiceapp.DefaultBitrate {
		t.Errorf("the channel is %+v, %v", quiet, err)
	}
	user, hash, err := s.Credential(t.Context(), "JÖRG")
	if err != nil || user.Role != voiceapp.RoleMember || hash != someHash || user.Created.UnixMilli() != 1_700_000_000_123 {
		t.Errorf("the account is %+v, %q, %v", user, hash, err)
	}
	if _, err := s.ClaimOwner(t.Context(), sha256.Sum256([]byte(frozenToken)), "jörg", someHash); err != nil {
		t.Error(err)
	}
}

// dump gives a database as SQL: tables, rows, then what hangs on them.
func dump(t *testing.T, s *Store) string {
	t.Helper()
	var out strings.Builder
	err := s.read(t.Context(), func(c *conn) error {
		var tables []string
		err := c.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY rowid", nil,
			func(stmt *sqlite3.Stmt) {
				tables = append(tables, stmt.ColumnText(0))
				fmt.Fprintf(&out, "%s;\n", stmt.ColumnText(1))
			})
		for _, table := range append(tables, "sqlite_sequence") {
			err = errors.Join(err, dumpRows(&out, c, table))
		}
		err = errors.Join(err, c.rows("SELECT sql FROM sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL ORDER BY rowid", nil,
			func(stmt *sqlite3.Stmt) { fmt.Fprintf(&out, "%s;\n", stmt.ColumnText(0)) }))
		for _, pragma := range []string{"application_id", "user_version"} {
			value, failed := c.number("PRAGMA " + pragma)
			err = errors.Join(err, failed)
			fmt.Fprintf(&out, "PRAGMA %s = %d;\n", pragma, value)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func dumpRows(out io.Writer, c *conn, table string) error {
	var columns []string
	err := c.rows("SELECT 'quote(' || name || ')' FROM pragma_table_info(?)", []any{table},
		func(stmt *sqlite3.Stmt) { columns = append(columns, stmt.ColumnText(0)) })
	if err != nil {
		return err
	}
	return c.rows("SELECT "+strings.Join(columns, " || ', ' || ")+" FROM "+table+" ORDER BY 1", nil,
		func(stmt *sqlite3.Stmt) { fmt.Fprintf(out, "INSERT INTO %s VALUES (%s);\n", table, stmt.ColumnText(0)) })
}

// twoHalves is a migration to a version that does not exist, which tells and
// asks between its halves.
func twoHalves(between func() error) []migration {
	return append(migrations[:len(migrations):len(migrations)], func(c *conn) error {
		if err := c.db.Exec("CREATE TABLE halves (n INTEGER) STRICT; " + halfSQL); err != nil {
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
	halfRows = 200_000
	halfSQL  = `INSERT INTO halves WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n`
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
			moment.wait(t, h)
			h.kill(t)
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
	c, err := connect(path, sqlite3.OPEN_READWRITE, time.Second)
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

// Two that start at once on a new file both find it migrated.
func TestMigrateTogether(t *testing.T) {
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
