package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// orNull gives a parameter that is NULL for a zero value.
func orNull[T comparable](value T) any {
	var zero T
	if value == zero {
		return nil
	}
	return value
}

// oneOrZero gives the parameter of a bool.
func oneOrZero(set bool) int64 {
	if set {
		return 1
	}
	return 0
}

// toMillis gives a time as the database keeps it.
func toMillis(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return fromMillis(t.UnixMilli())
}

// millisOrNull gives the parameter of a time that may be none.
func millisOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// scanTime reads a time that may be none.
func scanTime(stmt *sqlite3.Stmt, column int) time.Time {
	if stmt.ColumnType(column) == sqlite3.NULL {
		return time.Time{}
	}
	return fromMillis(stmt.ColumnInt64(column))
}

// checkTime refuses a time that JSON can't hold.
func checkTime(what string, t time.Time) error {
	if year := t.UTC().Year(); !t.IsZero() && (year < 1970 || year > 9999) {
		return voiceapp.NewError(voiceapp.Invalid, what+" is not between the years 1970 and 9999")
	}
	return nil
}

const (
	defaultPage = 100
	maxPage     = 500
)

// pageSize gives the number of rows in a page. 0 means defaultPage.
func pageSize(limit int) (int64, error) {
	switch {
	case limit == 0:
		return defaultPage, nil
	case limit < 0 || limit > maxPage:
		return 0, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("a page has 1 to %d rows, not %d", maxPage, limit))
	default:
		return int64(limit), nil
	}
}

// page reads rows by SQL whose first parameter is the most of them.
func page[T any](ctx context.Context, s *Store, limit int, sql string, scan func(*sqlite3.Stmt) T, args ...any) ([]T, error) {
	most, err := pageSize(limit)
	if err != nil {
		return nil, err
	}
	var all []T
	err = s.read(ctx, func(c *conn) error {
		return c.rows(sql, append([]any{most}, args...), func(stmt *sqlite3.Stmt) { all = append(all, scan(stmt)) })
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}
