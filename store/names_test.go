package store

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// Whatever the names were, each gets a key of its own among its siblings and is a
// name.
func TestKeysForAnyNames(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "A", "ａ", "ss", "ß", "\u3164", " (2)", " (3)", strings.Repeat("x", 40)}
	for range 500 {
		var all []nameRow
		for id := range int64(30) {
			name := "a"
			for range random.IntN(3) {
				name += parts[random.IntN(len(parts))]
			}
			if name = strings.TrimPrefix(name, "a"); voiceapp.CheckName(name) == nil {
				all = append(all, nameRow{id, int64(random.IntN(2)), name})
			}
		}
		keys, renamed := keysFor(all)
		seen := map[nameKey]bool{}
		for i, row := range all {
			name := cmp.Or(renamed[row.id], row.name)
			key := nameKey{row.group, keys[i]}
			if naming.Check(name) != nil || naming.Fold(name) != keys[i] || seen[key] {
				t.Fatalf("%+q became %+q with the key %+q: %v", row.name, name, keys[i], naming.Check(name))
			}
			seen[key] = true
		}
	}
}

// thaw1 makes a database of version 1 with accounts and channels that were
// distinct then.
func thaw1(t *testing.T, users, channels []string) (path string) {
	t.Helper()
	path = thaw(t, 1)
	var sql strings.Builder
	quote := func(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }
	for i, name := range users {
		fmt.Fprintf(&sql, "INSERT INTO users (name, name_key, hash, role, created) VALUES (%s, %s, '$%d', 10, 0);\n",
			quote(name), quote(voiceapp.FoldName(name)), i)
	}
	for _, name := range channels {
		fmt.Fprintf(&sql, "INSERT INTO channels (name, name_key, parent_id, required_role, bitrate, position, created) VALUES (%s, %s, 2, 0, 64000, 1, 0);\n",
			quote(name), quote(voiceapp.FoldName(name)))
	}
	rawExec(t, path, sql.String())
	return path
}

// Names that version 1 told apart and version 2 does not: every account is kept,
// with its password and role, and the log says who has another name.
func TestRefoldKeepsEveryAccount(t *testing.T) {
	long := strings.Repeat("ß", voiceapp.MaxNameLength)
	users := []string{
		"Straße", "STRASSE", "strasse (2)", "Ａnna", "Anna", "Anna (2)", "\u3164", "\u3164\u3164", long, strings.Repeat("s", 2*voiceapp.MaxNameLength), "Plain",
	}
	path := thaw1(t, users, []string{"Ｏpen", "Open", "Other"})
	rawExec(t, path, "UPDATE users SET role = 40 WHERE name = 'STRASSE'")
	s := openTest(t, path, quiet)
	checkDatabase(t, s)

	want := map[string]string{ // by hash
		"$0": "Straße (3)", "$1": "STRASSE", "$2": "strasse (2)", "$3": "Ａnna", "$4": "Anna (3)", "$5": "Anna (2)",
		"$6": "\u3164 (2)", "$7": "\u3164\u3164 (3)", "$8": long, "$9": strings.Repeat("s", 60) + " (2)", "$10": "Plain",
		someHash: "Jörg",
	}
	got := map[string]string{}
	if err := s.read(t.Context(), func(c *conn) error {
		return c.rows("SELECT hash, name FROM users", nil, func(stmt *sqlite3.Stmt) { got[stmt.ColumnText(0)] = stmt.ColumnText(1) })
	}); err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got, want) {
		t.Errorf("the names are\n%q, want\n%q", got, want)
	}
	for hash, name := range want {
		user, found, err := s.Credential(t.Context(), strings.ToUpper(name))
		if err != nil || found != hash || user.Role == voiceapp.RoleOwner != (name == "STRASSE") {
			t.Errorf("Credential(%q) = %+v, %q, %v; want the account of %q", name, user, found, err, hash)
		}
	}
	checkRenamesInLog(t, s)
	channels, err := s.Channels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"Workshop/Ｏpen", "Workshop/Open (2)", "Workshop/Other", "Lobby"} {
		if _, err := voiceapp.FindPath(channels, path); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.CreateUser(t.Context(), "ｐｌａｉｎ", someHash, 0); !errors.Is(err, voiceapp.Exists) {
		t.Errorf("a name that looks the same as one of version 1: %v", err)
	}
}

func checkRenamesInLog(t *testing.T, s *Store) {
	t.Helper()
	log, err := s.AuditLog(t.Context(), voiceapp.AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	renames := map[string]string{}
	for _, entry := range log {
		renames[entry.Before] = entry.After
		if !strings.HasSuffix(entry.Action, ".rename") || entry.Reason == "" || entry.Time.IsZero() || entry.Result != "" {
			t.Errorf("the log has %+v", entry)
		}
	}
	if len(log) != 6 || renames[`{"name":"Straße"}`] != `{"name":"Straße (3)"}` || renames[`{"name":"Open"}`] != `{"name":"Open (2)"}` {
		t.Errorf("the log has %v", renames)
	}
}
