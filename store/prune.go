package store

import (
	"context"
	"strconv"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

const (
	// pruneStep is how far the time that Prune reckons with goes ahead in one
	// call at most.
	pruneStep = 24 * time.Hour

	// pruneBatch is the most messages in one write, so that others get their turn.
	pruneBatch = 500
)

// Prune removes the messages that were sent longer ago than keep (0: none) and
// the tokens, invites, resumptions, device tokens and API keys that have expired, and
// the deliveries of webhooks after [voiceapp.DeliveryLifetime], and reports how many
// messages went. It is meant to be called about once an hour.
//
// A clock that jumps ahead costs nothing: whatever it says, the time that Prune
// reckons with is at most a day past that of the call before. After a long pause
// it takes some calls to catch up.
func (s *Store) Prune(ctx context.Context, keep time.Duration) (messages int, err error) {
	if keep < 0 {
		return 0, voiceapp.NewError(voiceapp.Invalid, "messages are kept for a time that is not negative")
	}
	now := s.now()
	err = s.write(ctx, func(c *conn) (err error) {
		if now, err = c.pruneTime(now); err != nil {
			return err
		}
		return c.pruneExpired(now)
	})
	if err != nil || keep == 0 {
		return 0, err
	}
	for {
		n, err := s.pruneMessages(ctx, now.Add(-keep))
		messages += n
		if err != nil || n < pruneBatch {
			return messages, err
		}
	}
}

// pruneTime gives the time to reckon with, and notes it. Of a clock that was set
// back the note keeps the later time.
func (c *conn) pruneTime(now time.Time) (time.Time, error) {
	last, err := c.number("SELECT CAST(value AS INTEGER) FROM state WHERE key = 'pruned'")
	if err != nil {
		return now, err
	}
	if most := fromMillis(last).Add(pruneStep); last != 0 && now.After(most) {
		now = most
	}
	return now, c.exec("INSERT INTO state (key, value) VALUES ('pruned', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		strconv.FormatInt(max(now.UnixMilli(), last), 10))
}

func (c *conn) pruneExpired(now time.Time) error {
	for _, table := range []string{"tokens", "invites", "resumptions", "api_keys"} {
		if err := c.exec("DELETE FROM "+table+" WHERE expires <= ?", now.UnixMilli()); err != nil {
			return err
		}
	}
	if err := c.exec("DELETE FROM deliveries WHERE created <= ?", now.Add(-voiceapp.DeliveryLifetime).UnixMilli()); err != nil {
		return err
	}
	return c.exec("DELETE FROM device_tokens WHERE used <= ?", now.Add(-voiceapp.DeviceTokenLifetime).UnixMilli())
}

// pruneMessages removes one batch of the messages that were sent before a time.
func (s *Store) pruneMessages(ctx context.Context, before time.Time) (n int, err error) {
	err = s.write(ctx, func(c *conn) error {
		return c.rows("DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE sent < ? ORDER BY sent LIMIT ?) RETURNING id",
			[]any{before.UnixMilli(), int64(pruneBatch)}, func(*sqlite3.Stmt) { n++ })
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
