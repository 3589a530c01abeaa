package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// The conditions of the histories.
const (
	inChannel     = "channel_id = ?3"
	betweenTwo    = "to_id IS NOT NULL AND min(user_id, to_id) = min(?3, ?4) AND max(user_id, to_id) = max(?3, ?4)"
	toTheServer   = "channel_id IS NULL AND to_id IS NULL"
	toMoreThanOne = "to_id IS NULL"
)

// historySQL reads a history. ?1 is the most messages, ?2 the id before which they
// are.
func historySQL(condition string) string {
	return "SELECT " + messageColumns + " FROM messages WHERE " + condition + " AND id < ?2 ORDER BY id DESC LIMIT ?1"
}

// searchSQL reads what of a history holds the text ?5, which is folded. Only ids are
// looked at to find where the search ends.
func searchSQL(condition string) string {
	return "SELECT " + messageColumns + " FROM messages WHERE " + condition + ` AND id < ?2 AND id > ifnull(
(SELECT id FROM messages WHERE ` + condition + " AND id < ?2 ORDER BY id DESC LIMIT 1 OFFSET " + strconv.Itoa(voiceapp.MaxSearch) + `), 0)
AND folded_has(text, ?5) ORDER BY id DESC LIMIT ?1`
}

// foldedHas is the SQL function folded_has(text, part): whether the text holds a part
// that is folded, as names are told apart.
func foldedHas(ctx sqlite3.Context, arg ...sqlite3.Value) {
	ctx.ResultBool(strings.Contains(naming.Fold(arg[0].Text()), arg[1].Text()))
}

// Messages returns a page of one history, the oldest message first: the newest
// ones that are older than query.Before, and hold query.Text in any case and width.
// A channel that does not exist has none. The slice is the caller's. Invalid when the
// query can't be.
func (s *Store) Messages(ctx context.Context, query voiceapp.MessageQuery) ([]voiceapp.Message, error) {
	if err := query.Check(); err != nil {
		return nil, err
	}
	before := int64(query.Before)
	if before == 0 {
		before = voiceapp.MaxID + 1
	}
	condition, args := historyOf(query)
	sql, args := historySQL(condition), append([]any{before}, args...)
	if query.Text != "" {
		for len(args) < 3 {
			args = append(args, nil)
		}
		sql, args = searchSQL(condition), append(args, naming.Fold(query.Text))
	}
	all, err := page(ctx, s, query.Limit, sql, scanMessage, args...)
	slices.Reverse(all)
	return all, err
}

// historyOf gives the condition of a query and its parameters, from ?3 on.
func historyOf(query voiceapp.MessageQuery) (condition string, args []any) {
	switch {
	case query.Any:
		return toMoreThanOne, nil
	case query.Channel != 0:
		return inChannel, []any{int64(query.Channel)}
	case query.To != 0:
		return betweenTwo, []any{int64(query.User), int64(query.To)}
	default:
		return toTheServer, nil
	}
}
