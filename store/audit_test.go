package store

import (
	"errors"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// Whatever SQL is tried, what the audit log holds stays.
func TestAuditIsAppendOnly(t *testing.T) {
	s := openTest(t, newPath(t), quiet)
	want, err := s.AppendAudit(t.Context(), voiceapp.AuditEntry{Action: "user.kick", Target: "user:7"})
	if err != nil {
		t.Fatal(err)
	}
	const values = "VALUES (1, 0, 0, '', 'other', '', '', '', '', '', '')"
	for _, sql := range []string{
		"DELETE FROM audit",
		"DELETE FROM audit WHERE id = 1",
		"UPDATE audit SET action = 'other'",
		"UPDATE audit SET id = 2",
		"UPDATE OR REPLACE audit SET reason = 'other'",
		"INSERT INTO audit " + values,
		"REPLACE INTO audit " + values,
		"INSERT OR REPLACE INTO audit " + values,
		"INSERT INTO audit " + values + " ON CONFLICT (id) DO UPDATE SET action = 'other'",
	} {
		err := s.write(t.Context(), func(c *conn) error { return c.exec(sql) })
		if !errors.Is(err, sqlite3.CONSTRAINT) {
			t.Errorf("%s: %v, want a constraint", sql, err)
		}
	}
	if log, err := s.AuditLog(t.Context(), voiceapp.AuditQuery{}); err != nil || len(log) != 1 || log[0] != want {
		t.Errorf("the log became %+v, %v", log, err)
	}
}
