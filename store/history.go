package store

import (
	"context"
	"slices"
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

// searchWindow is how many ids one read of a search goes back: some 30 ms, so that
// others get their turn.
const searchWindow = 50_000

// searchSQL reads what of a history, from the id ?6 on, holds the text ?5, which is
// folded.
func searchSQL(condition string) string {
	return "SELECT " + messageColumns + " FROM messages WHERE " + condition + " AND id < ?2 AND id >= ?6 AND folded_has(text, ?5) ORDER BY id DESC LIMIT ?1"
}

// foldedHas is the SQL function folded_has(text, part): whether the text holds a part
// that is folded, as names are told apart.
func foldedHas(ctx sqlite3.Context, arg ...sqlite3.Value) {
	ctx.ResultBool(strings.Contains(naming.Fold(arg[0].Text()), arg[1].Text()))
}

// Messages returns a page of one history, the oldest message first: the newest
// ones that are older than query.Before, and hold query.Text in any case and width.
// A channel that does not exist has none. The slice is the caller's. Invalid when the
// query can't be. A text is looked for in all of the history, which takes about a second
// for a million messages; ctx ends that.
func (s *Store) Messages(ctx context.Context, query voiceapp.MessageQuery) ([]voiceapp.Message, error) {
	if err := query.Check(); err != nil {
		return nil, err
	}
	before := int64(query.Before)
	if before == 0 {
		before = voiceapp.MaxID + 1
	}
	condition, args := historyOf(query)
	var all []voiceapp.Message
	var err error
	if query.Text == "" {
		all, err = page(ctx, s, query.Limit, historySQL(condition), scanMessage, append([]any{before}, args...)...)
	} else {
		all, err = s.search(ctx, query, before, condition, args)
	}
	slices.Reverse(all)
	return all, err
}

// search reads back through a history, the newest message first, until it has a page of
// those that hold the text.
func (s *Store) search(ctx context.Context, query voiceapp.MessageQuery, before int64, condition string, args []any) (found []voiceapp.Message, err error) {
	most, err := pageSize(query.Limit)
	if err != nil {
		return nil, err
	}
	newest, err := s.newestMessage(ctx)
	if err != nil {
		return nil, err
	}
	args = append(args, nil, nil)[:2] // ?3 and ?4
	text := naming.Fold(query.Text)
	for before = min(before, newest+1); before > 1 && int64(len(found)) < most; before -= s.options.window {
		window, err := page(ctx, s, int(most)-len(found), searchSQL(condition), scanMessage, before, args[0], args[1], text, before-s.options.window)
		if err != nil {
			return nil, err
		}
		found = append(found, window...)
	}
	return found, nil
}

// newestMessage returns the id of the newest message of all, 0 where there is none.
func (s *Store) newestMessage(ctx context.Context) (id int64, err error) {
	err = s.read(ctx, func(c *conn) (err error) {
		id, err = c.number("SELECT ifnull(max(id), 0) FROM messages")
		return err
	})
	return id, err
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
