package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// webhookSecret is the length of a webhook's secret in bytes.
const webhookSecret = 32

const webhookColumns = "id, url, events, enabled, by_id, created, failing"

func scanWebhook(stmt *sqlite3.Stmt) voiceapp.Webhook {
	return voiceapp.Webhook{
		ID:      voiceapp.WebhookID(stmt.ColumnInt64(0)),
		URL:     stmt.ColumnText(1),
		Events:  strings.Fields(stmt.ColumnText(2)),
		Enabled: stmt.ColumnBool(3),
		By:      voiceapp.UserID(stmt.ColumnInt64(4)),
		Created: fromMillis(stmt.ColumnInt64(5)),
		Failing: scanTime(stmt, 6),
	}
}

// Webhooks returns all webhooks in the order of their ids. The slice is the caller's.
func (s *Store) Webhooks(ctx context.Context) ([]voiceapp.Webhook, error) {
	return page(ctx, s, voiceapp.MaxWebhooks, "SELECT "+webhookColumns+" FROM webhooks ORDER BY id LIMIT ?1", scanWebhook)
}

// Webhook returns one webhook. NotFound when there is none with that id.
func (s *Store) Webhook(ctx context.Context, id voiceapp.WebhookID) (hook voiceapp.Webhook, err error) {
	err = s.read(ctx, func(c *conn) (err error) {
		hook, err = c.webhookRow("SELECT "+webhookColumns+" FROM webhooks WHERE id = ?", int64(id))
		return err
	})
	return hook, err
}

// webhookRow runs SQL that gives one webhook. NotFound when it gives none.
func (c *conn) webhookRow(sql string, args ...any) (hook voiceapp.Webhook, err error) {
	found, err := c.row(sql, args, func(stmt *sqlite3.Stmt) { hook = scanWebhook(stmt) })
	if err == nil && !found {
		err = noWebhook()
	}
	return hook, err
}

func noWebhook() error { return voiceapp.NewError(voiceapp.NotFound, "there is no such webhook") }

// NewWebhook makes a webhook and returns it with an ID and the time, and its secret
// as its program wants it: "whsec_" and the base64 of 32 random bytes. The ID, Created
// and Failing that are given play no part.
//
// Conflict when there are [voiceapp.MaxWebhooks], Invalid as [voiceapp.Webhook.Check]
// says.
func (s *Store) NewWebhook(ctx context.Context, hook voiceapp.Webhook) (made voiceapp.Webhook, secret string, err error) {
	if err := hook.Check(); err != nil {
		return voiceapp.Webhook{}, "", err
	}
	now, key := s.now(), make([]byte, webhookSecret)
	_, _ = rand.Read(key) // it never fails
	err = s.write(ctx, func(c *conn) error {
		made, err = c.webhookRow("INSERT INTO webhooks (url, events, secret, enabled, by_id, created) VALUES (?, ?, ?, ?, ?, ?) RETURNING "+webhookColumns,
			hook.URL, strings.Join(hook.Events, " "), key, oneOrZero(hook.Enabled), int64(hook.By), now.UnixMilli())
		if err != nil {
			return err
		}
		return c.checkWebhookCount()
	})
	if err != nil {
		return voiceapp.Webhook{}, "", err
	}
	return made, "whsec_" + base64.StdEncoding.EncodeToString(key), nil
}

// checkWebhookCount refuses the last of too many.
func (c *conn) checkWebhookCount() error {
	n, err := c.number("SELECT count(*) FROM webhooks")
	if err == nil && n > voiceapp.MaxWebhooks {
		err = voiceapp.NewError(voiceapp.Conflict, fmt.Sprintf("there are %d webhooks: delete one first", voiceapp.MaxWebhooks))
	}
	return err
}

// UpdateWebhook gives a webhook another URL, other events, and switches it on or off;
// the rest of what is given plays no part. It returns the webhook as it is. One that is
// switched on or moved counts as failing no more; what one that is switched off was
// still to be told is given up. NotFound when there is none, Invalid as
// [voiceapp.Webhook.Check] says.
func (s *Store) UpdateWebhook(ctx context.Context, hook voiceapp.Webhook) (now voiceapp.Webhook, err error) {
	if err := hook.Check(); err != nil {
		return voiceapp.Webhook{}, err
	}
	at := s.now()
	err = s.write(ctx, func(c *conn) error {
		now, err = c.webhookRow(`
UPDATE webhooks SET url = ?1, events = ?2, enabled = ?3, failing = iif(url <> ?1 OR ?3 > enabled, NULL, failing)
WHERE id = ?4 RETURNING `+webhookColumns, hook.URL, strings.Join(hook.Events, " "), oneOrZero(hook.Enabled), int64(hook.ID))
		if err != nil || now.Enabled {
			return err
		}
		return c.giveUpDeliveries(now.ID, at)
	})
	if err != nil {
		return voiceapp.Webhook{}, err
	}
	return now, nil
}

// DeleteWebhook removes a webhook and its deliveries. NotFound when there is none.
func (s *Store) DeleteWebhook(ctx context.Context, id voiceapp.WebhookID) error {
	return s.write(ctx, func(c *conn) error {
		err := c.exec("DELETE FROM webhooks WHERE id = ?", int64(id))
		if err == nil && !c.changed() {
			err = noWebhook()
		}
		return err
	})
}

// WebhookSecret returns the 32 bytes with which a webhook's deliveries are signed. The
// slice is the caller's. NotFound when there is no such webhook. It is the only way out
// for them once the webhook was made.
func (s *Store) WebhookSecret(ctx context.Context, id voiceapp.WebhookID) (secret []byte, err error) {
	err = s.read(ctx, func(c *conn) error {
		found, err := c.row("SELECT secret FROM webhooks WHERE id = ?", []any{int64(id)},
			func(stmt *sqlite3.Stmt) { secret = stmt.ColumnBlob(0, nil) })
		if err == nil && !found {
			err = noWebhook()
		}
		return err
	})
	return secret, err
}
