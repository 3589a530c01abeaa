package store

import (
	"context"

	"github.com/ncruces/go-sqlite3"

	"github.com/voiceapp-sdk/voiceapp"
)

// channelColumns are what scanChannel reads.
const channelColumns = `channels.id, channels.name, topic, parent_id, channels.position, required_role, speak_role, write_role,
    see_role, max_users, bitrate, temporary, loudest, max_wait_ms`

// channelColumnCount is the number of the first column after them.
const channelColumnCount = 14

// channelTree walks down from the top: deepest first, so that each channel is
// followed by all that is under it.
const channelTree = `
WITH RECURSIVE tree (id, position, depth) AS (
    SELECT id, position, 0 FROM channels WHERE parent_id IS NULL
    UNION ALL
    SELECT c.id, c.position, depth + 1 FROM tree JOIN channels AS c ON c.parent_id = tree.id
    ORDER BY 3 DESC, 2, 1
)
SELECT ` + channelColumns + ` FROM tree CROSS JOIN channels USING (id)`

// Channels returns all channels as a tree is read: each is followed by those
// under it, siblings stand in their order. The slice is the caller's.
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

// scanChannel reads channelColumns.
func scanChannel(stmt *sqlite3.Stmt) voiceapp.Channel {
	return voiceapp.Channel{
		ID:           voiceapp.ChannelID(stmt.ColumnInt64(0)),
		Name:         stmt.ColumnText(1),
		Topic:        stmt.ColumnText(2),
		Parent:       voiceapp.ChannelID(stmt.ColumnInt64(3)), // NULL reads as 0
		Position:     stmt.ColumnInt(4),
		RequiredRole: voiceapp.Role(stmt.ColumnInt(5)),
		SpeakRole:    voiceapp.Role(stmt.ColumnInt(6)),
		WriteRole:    voiceapp.Role(stmt.ColumnInt(7)),
		SeeRole:      voiceapp.Role(stmt.ColumnInt(8)),
		MaxUsers:     stmt.ColumnInt(9),
		Bitrate:      stmt.ColumnInt(10),
		Temporary:    stmt.ColumnBool(11),
		Loudest:      stmt.ColumnInt(12),
		MaxWait:      stmt.ColumnInt(13),
	}
}

// channelAccess is one look into each of two tables by their keys.
const channelAccess = `
SELECT ` + channelColumns + `, u.role, u.id IS NOT NULL
FROM channels LEFT JOIN users AS u ON u.id = ?1 WHERE channels.id = ?2`

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
				at, role = scanChannel(stmt), voiceapp.Role(stmt.ColumnInt(channelColumnCount))
				known = stmt.ColumnBool(channelColumnCount + 1)
			})
		switch {
		case err != nil:
			return err
		case !found:
			return noChannel()
		case !known && user != 0:
			return noUser()
		}
		return nil
	})
	if err != nil {
		return voiceapp.Channel{}, 0, err
	}
	return at, role, nil
}

// Permissions returns what a user (0: a guest) may do in a channel at present,
// with the reason for each, from one read. NotFound when there is no such channel
// or no such user; that a channel is not to be seen is for the caller to keep.
func (s *Store) Permissions(ctx context.Context, user voiceapp.UserID, channel voiceapp.ChannelID) (voiceapp.Permissions, error) {
	at, role, err := s.Access(ctx, user, channel)
	if err != nil {
		return voiceapp.Permissions{}, err
	}
	return at.Permissions(role), nil
}

func noChannel() error {
	return voiceapp.NewError(voiceapp.NotFound, "there is no such channel").With(voiceapp.NoChannel)
}

func noUser() error {
	return voiceapp.NewError(voiceapp.NotFound, "there is no such account").With(voiceapp.NoAccount)
}
