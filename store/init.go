package store

import (
	"context"
	"fmt"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Init fills a new database, in one step: it makes the channels that are given
// and a one-time owner token, which it returns (see [Store.NewOwnerToken]). On a
// database that Init has filled before it changes nothing and returns "".
//
// A Parent is the ID of a channel that stands earlier in the slice; the ids play
// no part beyond that, and the channels get ids of their own.
func (s *Store) Init(ctx context.Context, channels []voiceapp.Channel) (token string, err error) {
	now := s.now()
	err = s.write(ctx, func(c *conn) error {
		if err := c.exec("INSERT OR IGNORE INTO state (key, value) VALUES ('initialised', ?)", now.Format(time.RFC3339)); err != nil {
			return err
		}
		if !c.changed() {
			return nil
		}
		if err := c.insertChannels(channels, now); err != nil {
			return err
		}
		token, err = c.replaceOwnerToken(now)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// insertChannels makes a tree. Its ids are only names for each other.
func (c *conn) insertChannels(channels []voiceapp.Channel, now time.Time) error {
	ids := map[voiceapp.ChannelID]voiceapp.ChannelID{0: 0} // from given to made
	for _, given := range channels {
		channel, err := checkChannel(given)
		if err != nil {
			return err
		}
		parent, ok := ids[given.Parent]
		if !ok {
			return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf(
				"the channel %q is under %d, which is none of those before it", given.Name, given.Parent))
		}
		if _, twice := ids[given.ID]; twice {
			return voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf(
				"the channel %q has the id %d, which is 0 or that of one before it", given.Name, given.ID))
		}
		channel.Parent = parent
		made, err := c.insertChannel(channel, now)
		if err != nil {
			return channelFault(err)
		}
		ids[given.ID] = made.ID
	}
	return nil
}
