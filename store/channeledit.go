package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// CreateChannel makes a channel, the last of its siblings, and returns it as it
// is; the ID and the Position that are given play no part. A Bitrate of 0 means
// [voiceapp.DefaultBitrate]. A SeeRole below the parent's becomes the parent's:
// nothing under a hidden channel shows it.
//
// Exists when a sibling has that name, NotFound when there is no such Parent,
// Invalid when the name, the topic, a role, the bitrate, MaxUsers, Loudest or MaxWait can't be.
func (s *Store) CreateChannel(ctx context.Context, channel voiceapp.Channel) (voiceapp.Channel, error) {
	channel, err := checkChannel(channel)
	if err != nil {
		return voiceapp.Channel{}, err
	}
	now := s.now()
	return s.changeChannel(ctx, func(c *conn) (voiceapp.Channel, error) { return c.insertChannel(channel, now) })
}

// UpdateChannel gives the channel of that ID the name, topic, roles, limits and
// Temporary of the one given, and returns it as it is. Parent and Position stay
// (see [Store.MoveChannel]). A Bitrate of 0 means [voiceapp.DefaultBitrate]. A
// SeeRole below the parent's becomes the parent's, and those of the channels
// under it rise to it.
//
// NotFound when there is no such channel, Exists when a sibling has that name,
// Invalid as for [Store.CreateChannel].
func (s *Store) UpdateChannel(ctx context.Context, channel voiceapp.Channel) (voiceapp.Channel, error) {
	channel, err := checkChannel(channel)
	if err != nil {
		return voiceapp.Channel{}, err
	}
	return s.changeChannel(ctx, func(c *conn) (voiceapp.Channel, error) { return c.updateChannel(channel) })
}

// MoveChannel puts a channel, with all that is under it, below another (0: at
// the top level) and returns it as it is. position says where among its new
// siblings: 1 is the first; 0, or more than there are, is the last. They are
// numbered anew. Its SeeRole, and those under it, rise to the parent's.
//
// NotFound when one of the two does not exist, Conflict when the parent is the
// channel itself or under it, Exists when a new sibling has its name, Invalid for
// a negative position.
func (s *Store) MoveChannel(ctx context.Context, id, parent voiceapp.ChannelID, position int) (voiceapp.Channel, error) {
	if position < 0 {
		return voiceapp.Channel{}, voiceapp.NewError(voiceapp.Invalid, "a channel's position is not negative")
	}
	return s.changeChannel(ctx, func(c *conn) (voiceapp.Channel, error) { return c.moveChannel(id, parent, position) })
}

// DeleteChannel removes a channel and what was written to it. NotFound when
// there is none, Conflict while there are channels under it.
func (s *Store) DeleteChannel(ctx context.Context, id voiceapp.ChannelID) error {
	return s.write(ctx, func(c *conn) error {
		err := c.exec("DELETE FROM channels WHERE id = ?", int64(id))
		switch {
		case errors.Is(err, sqlite3.CONSTRAINT):
			return voiceapp.WrapError(voiceapp.Conflict, "there are channels under it", err)
		case err == nil && !c.changed():
			return noChannel()
		}
		return err
	})
}

// changeChannel carries out a write that gives a channel.
func (s *Store) changeChannel(ctx context.Context, change func(*conn) (voiceapp.Channel, error)) (channel voiceapp.Channel, err error) {
	err = s.write(ctx, func(c *conn) (err error) {
		channel, err = change(c)
		return channelFault(err)
	})
	if err != nil {
		return voiceapp.Channel{}, err
	}
	return channel, nil
}

// channelFault says which rule of the tree a change would have broken.
func channelFault(err error) error {
	switch {
	case taken(err):
		return voiceapp.WrapError(voiceapp.Exists, "there is a channel of that name beside it", err).With(voiceapp.NameTaken)
	case errors.Is(err, sqlite3.CONSTRAINT_FOREIGNKEY):
		return voiceapp.WrapError(voiceapp.NotFound, "there is no such channel to put it under", err).With(voiceapp.NoChannel)
	case errors.Is(err, sqlite3.CONSTRAINT_TRIGGER):
		return voiceapp.WrapError(voiceapp.Conflict, "a channel can't be put under itself", err)
	default:
		return err
	}
}

// checkChannel fills in defaults and refuses what no channel can be.
func checkChannel(channel voiceapp.Channel) (voiceapp.Channel, error) {
	if channel.Bitrate == 0 {
		channel.Bitrate = voiceapp.DefaultBitrate
	}
	if err := channel.Check(); err != nil {
		return channel, err
	}
	return channel, naming.Check(channel.Name)
}

func (c *conn) insertChannel(channel voiceapp.Channel, now time.Time) (voiceapp.Channel, error) {
	return c.returnedChannel(`
INSERT INTO channels (name, name_key, topic, required_role, speak_role, write_role, see_role, max_users, bitrate, temporary,
    loudest, max_wait_ms, parent_id, created, position)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, max(?7, ifnull((SELECT see_role FROM channels WHERE id = ?13), 0)), ?8, ?9, ?10,
    ?11, ?12, ?13, ?14, (SELECT ifnull(max(position), 0) + 1 FROM channels WHERE parent_id IS ?13))`,
		append(channelValues(channel), orNull(int64(channel.Parent)), now.UnixMilli())...)
}

// channelValues are the columns that a channel's editor may set, in the order of
// the parameters ?1 to ?12.
func channelValues(channel voiceapp.Channel) []any {
	return []any{
		channel.Name, naming.Fold(channel.Name), channel.Topic,
		int64(channel.RequiredRole), int64(channel.SpeakRole), int64(channel.WriteRole), int64(channel.SeeRole),
		int64(channel.MaxUsers), int64(channel.Bitrate), oneOrZero(channel.Temporary),
		int64(channel.Loudest), int64(channel.MaxWait),
	}
}

// returnedChannel carries out a change of one row and gives it as it became.
func (c *conn) returnedChannel(sql string, args ...any) (channel voiceapp.Channel, err error) {
	found, err := c.row(sql+" RETURNING "+channelColumns, args, func(stmt *sqlite3.Stmt) { channel = scanChannel(stmt) })
	if err == nil && !found {
		err = noChannel()
	}
	return channel, err
}

func (c *conn) updateChannel(channel voiceapp.Channel) (voiceapp.Channel, error) {
	became, err := c.returnedChannel(`
UPDATE channels SET name = ?1, name_key = ?2, topic = ?3, required_role = ?4, speak_role = ?5, write_role = ?6,
    see_role = max(?7, ifnull((SELECT above.see_role FROM channels AS above WHERE above.id = channels.parent_id), 0)),
    max_users = ?8, bitrate = ?9, temporary = ?10, loudest = ?11, max_wait_ms = ?12
WHERE id = ?13`, append(channelValues(channel), int64(channel.ID))...)
	if err != nil {
		return voiceapp.Channel{}, err
	}
	return became, c.hideUnder(became)
}

func (c *conn) moveChannel(id, parent voiceapp.ChannelID, position int) (voiceapp.Channel, error) {
	became, err := c.returnedChannel(`
UPDATE channels SET parent_id = ?2,
    see_role = max(see_role, ifnull((SELECT above.see_role FROM channels AS above WHERE above.id = ?2), 0))
WHERE id = ?1`, int64(id), orNull(int64(parent)))
	if err != nil {
		return voiceapp.Channel{}, err
	}
	if err := c.hideUnder(became); err != nil {
		return voiceapp.Channel{}, err
	}
	became.Position, err = c.placeAmongSiblings(became, position)
	return became, err
}

// hideUnder raises what is below a channel to the role to which it exists.
func (c *conn) hideUnder(channel voiceapp.Channel) error {
	return c.exec(`
WITH RECURSIVE under (id) AS (
    SELECT id FROM channels WHERE parent_id = ?1
    UNION
    SELECT channels.id FROM channels JOIN under ON channels.parent_id = under.id
)
UPDATE channels SET see_role = ?2 WHERE see_role < ?2 AND id IN under`, int64(channel.ID), int64(channel.SeeRole))
}

// placeAmongSiblings numbers a level of the tree anew, with one channel at a
// place, and gives its number.
func (c *conn) placeAmongSiblings(channel voiceapp.Channel, position int) (int, error) {
	type place struct{ id, position int64 }
	var level []place
	err := c.rows("SELECT id, position FROM channels WHERE parent_id IS ? AND id <> ? ORDER BY position, id",
		[]any{orNull(int64(channel.Parent)), int64(channel.ID)},
		func(stmt *sqlite3.Stmt) { level = append(level, place{stmt.ColumnInt64(0), stmt.ColumnInt64(1)}) })
	if err != nil {
		return 0, err
	}
	if position == 0 || position > len(level)+1 {
		position = len(level) + 1
	}
	level = slices.Insert(level, position-1, place{int64(channel.ID), int64(channel.Position)})
	for i, one := range level {
		if want := int64(i + 1); one.position != want {
			if err := c.exec("UPDATE channels SET position = ? WHERE id = ?", want, one.id); err != nil {
				return 0, err
			}
		}
	}
	return position, nil
}
