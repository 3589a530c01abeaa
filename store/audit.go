package store

import (
	"context"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

const auditColumns = "id, time, actor, name, action, target, old_state, new_state, reason, result, address"

func scanAudit(stmt *sqlite3.Stmt) voiceapp.AuditEntry {
	return voiceapp.AuditEntry{
		ID:      voiceapp.AuditID(stmt.ColumnInt64(0)),
		Time:    fromMillis(stmt.ColumnInt64(1)),
		Actor:   voiceapp.UserID(stmt.ColumnInt64(2)),
		Name:    stmt.ColumnText(3),
		Action:  stmt.ColumnText(4),
		Target:  stmt.ColumnText(5),
		Before:  stmt.ColumnText(6),
		After:   stmt.ColumnText(7),
		Reason:  stmt.ColumnText(8),
		Result:  voiceapp.Code(stmt.ColumnText(9)),
		Address: stmt.ColumnText(10),
	}
}

// AppendAudit adds an entry to the audit log and returns it with its ID; the one
// that is given plays no part. Time of zero means now. Nothing, in this package
// or by SQL, changes or removes an entry. Invalid when it has no Action, or a
// text is too long (64 KiB for Before and After) or not valid UTF-8.
func (s *Store) AppendAudit(ctx context.Context, e voiceapp.AuditEntry) (voiceapp.AuditEntry, error) {
	if e.Time.IsZero() {
		e.Time = s.now()
	}
	if err := e.Check(); err != nil {
		return voiceapp.AuditEntry{}, err
	}
	e.Time = toMillis(e.Time)
	err := s.write(ctx, func(c *conn) error {
		id, err := c.insert(`
INSERT INTO audit (time, actor, name, action, target, old_state, new_state, reason, result, address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			e.Time.UnixMilli(), int64(e.Actor), e.Name, e.Action, e.Target, e.Before, e.After, e.Reason, string(e.Result), e.Address)
		e.ID = voiceapp.AuditID(id)
		return err
	})
	if err != nil {
		return voiceapp.AuditEntry{}, err
	}
	return e, nil
}

// AuditLog returns a page of the audit log, the newest entry first. The slice is
// the caller's. Invalid when the query can't be.
func (s *Store) AuditLog(ctx context.Context, query voiceapp.AuditQuery) ([]voiceapp.AuditEntry, error) {
	before := int64(query.Before)
	if before == 0 {
		before = voiceapp.MaxID + 1
	}
	where, args := "id < ?2", []any{before}
	match := func(column string, value any) {
		args = append(args, value)
		where += fmt.Sprintf(" AND %s = ?%d", column, len(args)+1)
	}
	if query.Actor != 0 {
		match("actor", int64(query.Actor))
	}
	if query.Action != "" {
		match("action", query.Action)
	}
	if query.Target != "" {
		match("target", query.Target)
	}
	sql := "SELECT " + auditColumns + " FROM audit WHERE " + where + " ORDER BY id DESC LIMIT ?1"
	return page(ctx, s, query.Limit, sql, scanAudit, args...)
}
