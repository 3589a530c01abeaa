package store

import (
	"context"
	"errors"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

const messageColumns = "id, channel_id, to_id, session, user_id, name, text, sent, edited"

func scanMessage(stmt *sqlite3.Stmt) voiceapp.Message {
	return voiceapp.Message{
		ID:      voiceapp.MessageID(stmt.ColumnInt64(0)),
		Channel: voiceapp.ChannelID(stmt.ColumnInt64(1)), // NULL reads as 0
		To:      voiceapp.UserID(stmt.ColumnInt64(2)),
		Session: voiceapp.SessionID(stmt.ColumnInt64(3)),
		User:    voiceapp.UserID(stmt.ColumnInt64(4)),
		Name:    stmt.ColumnText(5),
		Text:    stmt.ColumnText(6),
		Sent:    fromMillis(stmt.ColumnInt64(7)),
		Edited:  scanTime(stmt, 8),
	}
}

// AppendMessage keeps a message and returns it with its ID; the ID and Edited that
// are given play no part. Later ones have greater ids. Sent of zero means now.
//
// NotFound when there is no such Channel or no such To; Invalid when the text is
// empty or too long, when both are set, or when a direct message comes from no
// account.
func (s *Store) AppendMessage(ctx context.Context, m voiceapp.Message) (voiceapp.Message, error) {
	if m.Sent.IsZero() {
		m.Sent = s.now()
	}
	if err := m.Check(); err != nil {
		return voiceapp.Message{}, err
	}
	m.Sent = toMillis(m.Sent)
	return s.changeMessage(ctx, func(c *conn) (voiceapp.Message, error) {
		if m.To != 0 {
			if _, err := c.userRow("SELECT "+userColumns+" FROM users WHERE id = ?", int64(m.To)); err != nil {
				return voiceapp.Message{}, err
			}
		}
		return c.returnedMessage("INSERT INTO messages (channel_id, to_id, session, user_id, name, text, sent) VALUES (?, ?, ?, ?, ?, ?, ?)",
			orNull(int64(m.Channel)), orNull(int64(m.To)), int64(m.Session), int64(m.User), m.Name, m.Text, m.Sent.UnixMilli())
	})
}

// changeMessage carries out a write that gives a message.
func (s *Store) changeMessage(ctx context.Context, change func(*conn) (voiceapp.Message, error)) (m voiceapp.Message, err error) {
	err = s.write(ctx, func(c *conn) (err error) {
		m, err = change(c)
		if errors.Is(err, sqlite3.CONSTRAINT_FOREIGNKEY) {
			err = noChannel()
		}
		return err
	})
	if err != nil {
		return voiceapp.Message{}, err
	}
	return m, nil
}

// returnedMessage carries out a change of one row and gives it as it became.
func (c *conn) returnedMessage(sql string, args ...any) (voiceapp.Message, error) {
	return c.messageRow(sql+" RETURNING "+messageColumns, args...)
}

// messageRow runs SQL that gives one message. NotFound when it gives none.
func (c *conn) messageRow(sql string, args ...any) (m voiceapp.Message, err error) {
	found, err := c.row(sql, args, func(stmt *sqlite3.Stmt) { m = scanMessage(stmt) })
	if err == nil && !found {
		err = voiceapp.NewError(voiceapp.NotFound, "there is no such message").With(voiceapp.NoMessage)
	}
	return m, err
}

// Message returns one message. NotFound when there is none with that id.
func (s *Store) Message(ctx context.Context, id voiceapp.MessageID) (m voiceapp.Message, err error) {
	err = s.read(ctx, func(c *conn) (err error) {
		m, err = c.messageRow("SELECT "+messageColumns+" FROM messages WHERE id = ?", int64(id))
		return err
	})
	return m, err
}

// EditMessage gives a message another text, notes when, and returns it as it is.
// That the one who asks wrote it is the caller's to check. NotFound when there is
// none, Invalid as for [Store.AppendMessage].
func (s *Store) EditMessage(ctx context.Context, id voiceapp.MessageID, text string) (voiceapp.Message, error) {
	if err := voiceapp.CheckMessage(text); err != nil {
		return voiceapp.Message{}, err
	}
	now := s.now()
	return s.changeMessage(ctx, func(c *conn) (voiceapp.Message, error) {
		return c.returnedMessage("UPDATE messages SET text = ?, edited = ? WHERE id = ?", text, now.UnixMilli(), int64(id))
	})
}

// DeleteMessage removes a message. NotFound when there is none.
func (s *Store) DeleteMessage(ctx context.Context, id voiceapp.MessageID) error {
	_, err := s.changeMessage(ctx, func(c *conn) (voiceapp.Message, error) {
		return c.returnedMessage("DELETE FROM messages WHERE id = ?", int64(id))
	})
	return err
}
