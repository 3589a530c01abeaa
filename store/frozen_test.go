package store

import (
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
