package store

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// upgradeFrom1 brings version 1 to version 2. It tells and asks before and after
// the tables are made, and before the commit.
func upgradeFrom1(path string) error {
	stop := func(at string) migration {
		return func(*conn) error {
			fmt.Println(at)
			_, err := io.ReadFull(os.Stdin, make([]byte, 1))
			return err
		}
	}
	s, err := open(context.Background(), path, quiet, []migration{
		migrations[0],
		both(both(stop("begun"), script("migrations/002.sql")), both(both(stop("tables"), refoldNames), stop("names"))),
	})
	if err != nil {
		return err
	}
	fmt.Println("done")
	return s.Close()
}

// longHash makes rows of which few fit the page cache, so that much of an upgrade
// is in the WAL before the commit.
var longHash = "$" + strings.Repeat("x", 2000)

// A database of version 1 whose upgrade is killed, whenever that is, is found
// either as it was or at version 2 whole; and the next start makes it version 2
// with every account and channel that it had.
func TestKillWhileUpgradingFrom1(t *testing.T) {
	const users = 2_000
	for _, moment := range []struct {
		name string
		wait func(*testing.T, *helper)
		want []int64
	}{
		{"at its beginning", func(t *testing.T, h *helper) { h.expect(t, "begun") }, []int64{1}},
		{"with the new tables", func(t *testing.T, h *helper) { h.pass(t, "begun"); h.expect(t, "tables") }, []int64{1}},
		{"with all done", func(t *testing.T, h *helper) { h.pass(t, "begun"); h.pass(t, "tables"); h.expect(t, "names") }, []int64{1}},
		{"near the commit", func(t *testing.T, h *helper) { h.pass(t, "begun"); h.pass(t, "tables"); h.pass(t, "names") }, []int64{1, 2}},
		{"after it", func(t *testing.T, h *helper) {
			h.pass(t, "begun")
			h.pass(t, "tables")
			h.pass(t, "names")
			h.expect(t, "done")
		}, []int64{2}},
	} {
		t.Run(moment.name, func(t *testing.T) {
			path := thaw1(t, []string{"Straße", "STRASSE"}, []string{"Ｏpen", "Open"})
			rawExec(t, path, fmt.Sprintf(`
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
INSERT INTO users (name, name_key, hash, role, created) SELECT 'User' || i, 'USER' || i, '%s', 10, 0 FROM n`, users, longHash))
			h := startHelper(t, "upgrade", path)
			moment.wait(t, h)
			if size := fileSize(t, path+"-wal"); strings.HasPrefix(moment.name, "with all") && size < 1<<20 {
				t.Errorf("the WAL has %d bytes with all done: the kill shows little", size)
			}
			h.killAfter(t, 0)
			checkOneVersion(t, path, moment.want)
			s := openTest(t, path, quiet)
			checkUpgraded(t, s, users)
		})
	}
}

// pass waits for the helper's next line and lets it go on.
func (h *helper) pass(t *testing.T, line string) {
	t.Helper()
	h.expect(t, line)
	if _, err := h.stdin.(io.Writer).Write([]byte{'\n'}); err != nil {
		t.Fatal(err)
	}
}

// checkOneVersion fails unless a file is whole and has all or nothing of version 2.
func checkOneVersion(t *testing.T, path string, want []int64) {
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
	isWanted := false
	for _, one := range want {
		isWanted = isWanted || version == one
	}
	if !isWanted {
		t.Errorf("the version is %d, want one of %v", version, want)
	}
	for what, sql := range map[string]string{
		"tables":  "SELECT count(*) = 7 FROM sqlite_schema WHERE name IN ('state', 'bans', 'invites', 'resumptions', 'messages', 'audit', 'audit_keeps_ids')",
		"columns": "SELECT count(*) = 6 FROM pragma_table_info('channels') WHERE name IN ('topic', 'max_users', 'speak_role', 'write_role', 'see_role', 'temporary')",
		"keys":    "SELECT name_key = 'user1' FROM users WHERE name = 'User1'",
		"names":   "SELECT count(*) FROM users WHERE name = 'STRASSE (2)'",
	} {
		if is, err := c.number(sql); err != nil || is != version-1 {
			t.Errorf("version %d has the new %s: %d, %v", version, what, is, err)
		}
	}
}

func checkUpgraded(t *testing.T, s *Store, users int64) {
	t.Helper()
	checkDatabase(t, s)
	if err := s.read(t.Context(), func(c *conn) error {
		kept, err := c.number("SELECT count(*) FROM users WHERE length(hash) = 2001 AND role = 10 AND name_key = lower(name)")
		if kept != users {
			t.Errorf("%d accounts of %d are as they should be", kept, users)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	for name, hash := range map[string]string{"straße": "$0", "strasse (2)": "$1", "ｕｓｅｒ１": longHash} {
		if user, got, err := s.Credential(t.Context(), name); err != nil || got != hash {
			t.Errorf("Credential(%q) = %+v, %q, %v", name, user, got, err)
		}
	}
	channels, err := s.Channels(t.Context())
	if err != nil || len(channels) != 5 {
		t.Errorf("channels are %+v, %v", channels, err)
	}
	if _, err := voiceapp.FindPath(channels, "Workshop/Open (2)"); err != nil {
		t.Error(err)
	}
}
