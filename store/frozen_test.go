package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
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
		return c.exec("UPDATE tokens SET hash = ?, expires = ?", token[:], farFuture.UnixMilli())
	}); err != nil {
		t.Fatal(err)
	}
	populate2(t, s)
	populate3(t, s)
	populate4(t, s)
}

var farFuture = time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)

// populate2 adds what version 2 can hold.
func populate2(t *testing.T, s *Store) {
	t.Helper()
	_, ban := s.AddBan(t.Context(), voiceapp.Ban{User: 1, Device: strings.Repeat("a1", 32), Address: "2001:db8::1", Reason: "noise", Until: farFuture})
	_, _, invite := s.NewInvite(t.Context(), voiceapp.Invite{Role: voiceapp.RoleMember, Uses: 3, Expires: farFuture})
	hash := sha256.Sum256([]byte(frozenToken))
	rehash := s.write(t.Context(), func(c *conn) error { return c.exec("UPDATE invites SET hash = ?", hash[:]) })
	session := s.KeepSession(t.Context(), voiceapp.Resumption{Session: 7, User: 1, Expires: farFuture}, hash)
	_, inChannel := s.AppendMessage(t.Context(), voiceapp.Message{Channel: 1, User: 1, Name: "Jörg", Text: "hello"})
	_, direct := s.AppendMessage(t.Context(), voiceapp.Message{To: 1, User: 1, Name: "Jörg", Text: "to myself"})
	_, audit := s.AppendAudit(t.Context(), voiceapp.AuditEntry{Actor: 1, Name: "Jörg", Action: "ban.add", Target: "ban:1"})
	settings := s.SetSettings(t.Context(), map[string]string{"server.name": "Frozen"})
	if err := errors.Join(ban, invite, rehash, session, inChannel, direct, audit, settings); err != nil {
		t.Fatal(err)
	}
}

// checkPopulated2 fails unless all of populate2 is there.
func checkPopulated2(t *testing.T, s *Store) {
	t.Helper()
	hash := sha256.Sum256([]byte(frozenToken))
	ban, banned, err := s.ActiveBan(t.Context(), 0, "", netip.MustParseAddr("2001:db8::2"))
	if err != nil || !banned || ban.User != 1 || ban.Reason != "noise" || !ban.Until.Equal(farFuture) {
		t.Errorf("the ban is %+v, %v", ban, err)
	}
	if _, err := s.UseInvite(t.Context(), hash, "Invited", someHash); err != nil {
		t.Errorf("the invite: %v", err)
	}
	if session, err := s.Resume(t.Context(), hash, sha256.Sum256(hash[:]), farFuture); err != nil || session.Session != 7 || session.Name != "Jörg" {
		t.Errorf("the session is %+v, %v", session, err)
	}
	for _, query := range []voiceapp.MessageQuery{{Channel: 1}, {User: 1, To: 1}} {
		if said, err := s.Messages(t.Context(), query); err != nil || len(said) != 1 || said[0].User != 1 {
			t.Errorf("the messages are %+v, %v", said, err)
		}
	}
	if log, err := s.AuditLog(t.Context(), voiceapp.AuditQuery{}); err != nil || len(log) != 1 || log[0].Action != "ban.add" {
		t.Errorf("the audit log is %+v, %v", log, err)
	}
	if settings, err := s.Settings(t.Context()); err != nil || settings["server.name"] != "Frozen" || len(settings) != 1 {
		t.Errorf("the settings are %v, %v", settings, err)
	}
}

// populate3 adds what version 3 can hold.
func populate3(t *testing.T, s *Store) {
	t.Helper()
	_, external := s.ExternalUser(t.Context(), "id:4711", "Elsewhere", voiceapp.RoleModerator)
	_, _, device := s.NewDeviceToken(t.Context(), 1, "laptop")
	hash := sha256.Sum256([]byte(frozenToken))
	rehash := s.write(t.Context(), func(c *conn) error {
		return c.exec("UPDATE device_tokens SET hash = ?, used = ?", hash[:], farFuture.UnixMilli())
	})
	if err := errors.Join(external, device, rehash); err != nil {
		t.Fatal(err)
	}
}

// checkPopulated3 fails unless all of populate3 is there.
func checkPopulated3(t *testing.T, s *Store) {
	t.Helper()
	if user, err := s.UseDeviceToken(t.Context(), sha256.Sum256([]byte(frozenToken))); err != nil || user.Name != "Jörg" {
		t.Errorf("the device token is %+v's, %v", user, err)
	}
	user, err := s.ExternalUser(t.Context(), "id:4711", "Elsewhere", voiceapp.RoleModerator)
	if again, hash, credential := s.Credential(t.Context(), "elsewhere"); err != nil || credential != nil || hash != "" || again.ID != user.ID || user.ID != 2 {
		t.Errorf("the external account is %+v, %v; by its name %+v, %v", user, err, again, credential)
	}
}

// populate4 adds what version 4 can hold.
func populate4(t *testing.T, s *Store) {
	t.Helper()
	_, _, made := s.NewAPIKey(t.Context(), voiceapp.APIKey{Name: "bot", User: 2, Role: voiceapp.RoleMember, Scopes: []string{"bans:read", "audit:read"}, Expires: farFuture})
	hash := sha256.Sum256([]byte(frozenToken))
	rehash := s.write(t.Context(), func(c *conn) error { return c.exec("UPDATE api_keys SET hash = ?", hash[:]) })
	_, _, hook := s.NewWebhook(t.Context(), voiceapp.Webhook{URL: "https://hooks.example/", Events: []string{"user.*", "ban.added"}, Enabled: true, By: 1})
	resign := s.write(t.Context(), func(c *conn) error { return c.exec("UPDATE webhooks SET secret = ?", hash[:]) })
	_, told := s.AddDeliveries(t.Context(), []voiceapp.Delivery{{Webhook: 1, Event: "user.joined", Body: "{}", Next: farFuture}})
	if err := errors.Join(made, rehash, hook, resign, told, s.EndSessions(t.Context(), 2, "")); err != nil {
		t.Fatal(err)
	}
}

// checkPopulated4 fails unless all of populate4 is there.
func checkPopulated4(t *testing.T, s *Store) {
	t.Helper()
	key, user, err := s.UseAPIKey(t.Context(), sha256.Sum256([]byte(frozenToken)))
	if err != nil || user.Name != "Elsewhere" || key.Name != "bot" || key.Role != voiceapp.RoleMember || len(key.Scopes) != 2 || !key.Expires.Equal(farFuture) {
		t.Errorf("the API key is %+v of %+v, %v", key, user, err)
	}
	hash := sha256.Sum256([]byte(frozenToken))
	if secret, err := s.WebhookSecret(t.Context(), 1); err != nil || !bytes.Equal(secret, hash[:]) {
		t.Errorf("the webhook's secret is %x, %v", secret, err)
	}
	if hook, err := s.Webhook(t.Context(), 1); err != nil || !hook.Wants("user.left") || !hook.Wants("ban.added") || hook.Wants("ban.lifted") {
		t.Errorf("the webhook is %+v, %v", hook, err)
	}
	if next, found, err := s.NextDelivery(t.Context(), 1); err != nil || !found || next.Event != "user.joined" || !next.Next.Equal(farFuture) {
		t.Errorf("the delivery is %+v, %v, %v", next, found, err)
	}
	if user, epoch, err := s.Epoch(t.Context(), 2); err != nil || user.Name != "Elsewhere" || epoch != 1 {
		t.Errorf("the epoch of %+v is %d, %v", user, epoch, err)
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
			if version >= 2 {
				checkPopulated2(t, s)
			}
			if version >= 3 {
				checkPopulated3(t, s)
			}
			if version >= 4 {
				checkPopulated4(t, s)
			}
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
	if again, err := s.Init(t.Context(), nil); err != nil || again != "" {
		t.Errorf("Init filled it again: %q, %v", again, err)
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
