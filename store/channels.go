package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// channelTree walks down from the top: deepest first, so that each channel is
// followed by all that is under it.
const channelTree = `
WITH RECURSIVE tree (id, name, parent_id, required_role, bitrate, position, depth) AS (
    SELECT id, name, parent_id, required_role, bitrate, position, 0 FROM channels WHERE parent_id IS NULL
    UNION ALL
    SELECT c.id, c.name, c.parent_id, c.required_role, c.bitrate, c.position, depth + 1
    FROM tree JOIN channels AS c ON c.parent_id = tree.id
    ORDER BY 7 DESC, 6, 1
)
SELECT id, name, parent_id, required_role, bitrate FROM tree`

// Channels returns all channels as a tree is read: each is followed by those
// under it, siblings stand in the order in which they were made. The slice is
// the caller's.
func (s *Store) Channels(ctx context.Context) ([]voiceapp.Channel, error) {
	var channels []voiceapp.Channel
	err := s.read(ctx, func(c *conn) error {
		return c.rows(channelTree, nil, func(stmt *sqlite3.Stmt) { channels = append(channels, scanChannel(stmt)) })
	})
	if err != nil {
		return nil, err
	}
	return channels, nil
}

// scanChannel reads the columns id, name, parent_id, required_role and bitrate.
func scanChannel(stmt *sqlite3.Stmt) voiceapp.Channel {
	return voiceapp.Channel{
		ID:           voiceapp.ChannelID(stmt.ColumnInt64(0)),
		Name:         stmt.ColumnText(1),
		Parent:       voiceapp.ChannelID(stmt.ColumnInt64(2)), // NULL reads as 0
		RequiredRole: voiceapp.Role(stmt.ColumnInt(3)),
		Bitrate:      stmt.ColumnInt(4),
	}
}

// channelAccess is one look into each of two tables by their keys.
const channelAccess = `
SELECT c.id, c.name, c.parent_id, c.required_role, c.bitrate, u.role, u.id IS NOT NULL
FROM channels AS c LEFT JOIN users AS u ON u.id = ?1 WHERE c.id = ?2`

// Access returns a channel and the present role of a user (0: a guest), in one
// read. NotFound when there is no such channel or no such user. That the role is
// at least the channel's RequiredRole is the caller's to check.
func (s *Store) Access(ctx context.Context, user voiceapp.UserID, channel voiceapp.ChannelID) (voiceapp.Channel, voiceapp.Role, error) {
	var (
		at    voiceapp.Channel
		role  voiceapp.Role
		known bool
	)
	err := s.read(ctx, func(c *conn) error {
		found, err := c.row(channelAccess, []any{int64(user), int64(channel)},
			func(stmt *sqlite3.Stmt) {
				at, role, known = scanChannel(stmt), voiceapp.Role(stmt.ColumnInt(5)), stmt.ColumnBool(6)
			})
		switch {
		case err != nil:
			return err
		case !found:
			return voiceapp.NewError(voiceapp.NotFound, "there is no such channel")
		case !known && user != 0:
			return voiceapp.NewError(voiceapp.NotFound, "there is no such account")
		}
		return nil
	})
	if err != nil {
		return voiceapp.Channel{}, 0, err
	}
	return at, role, nil
}

// CreateChannel makes a channel, the last of its siblings, and returns it with
// its id; the ID that is given plays no part. A Bitrate of 0 means
// [voiceapp.DefaultBitrate].
//
// Exists when a sibling has that name, NotFound when there is no such Parent,
// Invalid when the name, the role or the bitrate can't be.
func (s *Store) CreateChannel(ctx context.Context, channel voiceapp.Channel) (voiceapp.Channel, error) {
	channel, err := checkChannel(channel)
	if err != nil {
		return voiceapp.Channel{}, err
	}
	now := s.now()
	err = s.write(ctx, func(c *conn) (err error) {
		channel.ID, err = c.insertChannel(channel, now)
		return err
	})
	if err != nil {
		return voiceapp.Channel{}, err
	}
	return channel, nil
}

// checkChannel fills in defaults and refuses what no channel can be.
func checkChannel(channel voiceapp.Channel) (voiceapp.Channel, error) {
	if channel.Bitrate == 0 {
		channel.Bitrate = voiceapp.DefaultBitrate
	}
	switch {
	case channel.Bitrate < voiceapp.MinBitrate || channel.Bitrate > voiceapp.MaxBitrate:
		return channel, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf(
			"a channel's bitrate is %d to %d bits a second, not %d", voiceapp.MinBitrate, voiceapp.MaxBitrate, channel.Bitrate))
	case !channel.RequiredRole.Valid():
		return channel, voiceapp.NewError(voiceapp.Invalid, channel.RequiredRole.String()+" is none that a channel can ask for")
	}
	return channel, voiceapp.CheckName(channel.Name)
}

func (c *conn) insertChannel(channel voiceapp.Channel, now time.Time) (voiceapp.ChannelID, error) {
	var parent any
	if channel.Parent != 0 {
		parent = int64(channel.Parent)
	}
	id, err := c.insert(`
INSERT INTO channels (name, name_key, parent_id, required_role, bitrate, created, position)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT ifnull(max(position), 0) + 1 FROM channels WHERE parent_id IS ?3))`,
		channel.Name, voiceapp.FoldName(channel.Name), parent, int64(channel.RequiredRole), int64(channel.Bitrate), now.UnixMilli())
	switch {
	case taken(err):
		err = voiceapp.WrapError(voiceapp.Exists, "there is a channel of that name beside it", err)
	case errors.Is(err, sqlite3.CONSTRAINT_FOREIGNKEY):
		err = voiceapp.WrapError(voiceapp.NotFound, "there is no such channel to put it under", err)
	}
	return voiceapp.ChannelID(id), err
}
