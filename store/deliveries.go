package store

import (
	"context"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

const deliveryColumns = "id, webhook_id, event, body, created, attempts, next, done, status, error"

func scanDelivery(stmt *sqlite3.Stmt) voiceapp.Delivery {
	return voiceapp.Delivery{
		ID:       voiceapp.DeliveryID(stmt.ColumnInt64(0)),
		Webhook:  voiceapp.WebhookID(stmt.ColumnInt64(1)),
		Event:    stmt.ColumnText(2),
		Body:     stmt.ColumnText(3),
		Created:  fromMillis(stmt.ColumnInt64(4)),
		Attempts: stmt.ColumnInt(5),
		Next:     scanTime(stmt, 6),
		Done:     scanTime(stmt, 7),
		Status:   stmt.ColumnInt(8),
		Error:    stmt.ColumnText(9),
	}
}

// AddDeliveries keeps what webhooks are to be told, all in one step, and returns those
// that were kept, with an ID and the time. Of those that are given Webhook, Event, Body
// and Next count: without a Next a delivery is for the caller to carry out. One whose
// webhook is gone, or is switched off and has a Next, is left out. Beyond
// [voiceapp.MaxDeliveries] of one webhook the oldest go. Invalid as
// [voiceapp.Delivery.Check] says; then none was kept.
func (s *Store) AddDeliveries(ctx context.Context, deliveries []voiceapp.Delivery) (kept []voiceapp.Delivery, err error) {
	for _, d := range deliveries {
		if err := d.Check(); err != nil {
			return nil, err
		}
	}
	now := s.now()
	err = s.write(ctx, func(c *conn) error {
		for _, d := range deliveries {
			if err := c.rows(insertDelivery, []any{int64(d.Webhook), d.Event, d.Body, now.UnixMilli(), millisOrNull(d.Next)},
				func(stmt *sqlite3.Stmt) { kept = append(kept, scanDelivery(stmt)) }); err != nil {
				return err
			}
		}
		return c.boundDeliveries(kept)
	})
	if err != nil {
		return nil, err
	}
	return kept, nil
}

const insertDelivery = `
INSERT INTO deliveries (webhook_id, event, body, created, attempts, next, status, error)
SELECT id, ?2, ?3, ?4, 0, ?5, 0, '' FROM webhooks WHERE id = ?1 AND (enabled = 1 OR ?5 IS NULL) RETURNING ` + deliveryColumns

const oldDeliveries = `
DELETE FROM deliveries WHERE webhook_id = ?1 AND id <= (SELECT id FROM deliveries WHERE webhook_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)`

// boundDeliveries removes the oldest of those webhooks that have got one.
func (c *conn) boundDeliveries(added []voiceapp.Delivery) error {
	seen := make(map[voiceapp.WebhookID]bool)
	for _, d := range added {
		if seen[d.Webhook] {
			continue
		}
		seen[d.Webhook] = true
		if err := c.exec(oldDeliveries, int64(d.Webhook), int64(voiceapp.MaxDeliveries)); err != nil {
			return err
		}
	}
	return nil
}

// Deliveries returns a page of a webhook's deliveries, the newest first, from the first
// before that id on (0: from the newest). limit is as for [Store.Users]. A webhook that
// does not exist has none.
func (s *Store) Deliveries(ctx context.Context, webhook voiceapp.WebhookID, before voiceapp.DeliveryID, limit int) ([]voiceapp.Delivery, error) {
	if before == 0 {
		before = voiceapp.MaxID + 1
	}
	return page(ctx, s, limit, "SELECT "+deliveryColumns+" FROM deliveries WHERE webhook_id = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?1",
		scanDelivery, int64(webhook), int64(before))
}

const nextDelivery = "SELECT " + deliveryColumns + " FROM deliveries WHERE webhook_id = ? AND next IS NOT NULL ORDER BY next, id LIMIT 1"

// NextDelivery returns the delivery of a webhook whose Next is the earliest, whether
// that has come or not. found is false where there is none.
func (s *Store) NextDelivery(ctx context.Context, webhook voiceapp.WebhookID) (next voiceapp.Delivery, found bool, err error) {
	err = s.read(ctx, func(c *conn) (err error) {
		found, err = c.row(nextDelivery, []any{int64(webhook)}, func(stmt *sqlite3.Stmt) { next = scanDelivery(stmt) })
		return err
	})
	return next, found, err
}

// SettleDelivery notes an attempt: Attempts, Next, Done, Status and Error of the
// delivery, "" of which means that it was taken. One that was given up meanwhile stays
// so. It returns the webhook as it is then, which is switched off when nothing was taken
// for [voiceapp.WebhookGrace]: then what it was still to be told is given up. NotFound
// when there is no such delivery any more.
func (s *Store) SettleDelivery(ctx context.Context, d voiceapp.Delivery) (hook voiceapp.Webhook, err error) {
	if err := d.Check(); err != nil {
		return voiceapp.Webhook{}, err
	}
	now := s.now()
	err = s.write(ctx, func(c *conn) error {
		err := c.exec("UPDATE deliveries SET attempts = ?1, next = iif(done IS NULL, ?2, NULL), done = ifnull(done, ?3), status = ?4, error = ?5 WHERE id = ?6",
			int64(d.Attempts), millisOrNull(d.Next), millisOrNull(d.Done), int64(d.Status), d.Error, int64(d.ID))
		if err != nil {
			return err
		}
		if !c.changed() {
			return voiceapp.NewError(voiceapp.NotFound, "there is no such delivery")
		}
		hook, err = c.judgeWebhook(d, now)
		return err
	})
	if err != nil {
		return voiceapp.Webhook{}, err
	}
	return hook, nil
}

// judgeWebhook notes whether a webhook's program takes what it is told, and switches it
// off when it did not for long.
func (c *conn) judgeWebhook(d voiceapp.Delivery, now time.Time) (voiceapp.Webhook, error) {
	if d.Error == "" {
		return c.webhookRow("UPDATE webhooks SET failing = NULL WHERE id = (SELECT webhook_id FROM deliveries WHERE id = ?) RETURNING "+webhookColumns, int64(d.ID))
	}
	hook, err := c.webhookRow(`
UPDATE webhooks SET failing = ifnull(failing, ?1), enabled = enabled AND ifnull(failing, ?1) > ?2
WHERE id = (SELECT webhook_id FROM deliveries WHERE id = ?3) RETURNING `+webhookColumns,
		now.UnixMilli(), now.Add(-voiceapp.WebhookGrace).UnixMilli(), int64(d.ID))
	if err != nil || hook.Enabled {
		return hook, err
	}
	return hook, c.giveUpDeliveries(hook.ID, now)
}

// giveUpDeliveries ends what a webhook that is switched off was still to be told.
func (c *conn) giveUpDeliveries(webhook voiceapp.WebhookID, now time.Time) error {
	return c.exec("UPDATE deliveries SET next = NULL, done = ?, error = iif(error = '', 'the webhook was switched off', error) WHERE webhook_id = ? AND next IS NOT NULL",
		now.UnixMilli(), int64(webhook))
}
