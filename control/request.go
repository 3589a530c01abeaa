package control

import (
	"context"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// Info asks the server what it is. It works before login.
func (c *Client) Info(ctx context.Context) (ServerInfo, error) {
	return fetch[ServerInfo](ctx, c, methodInfo, empty{})
}

// Ping measures how long the server takes to answer. It works before login
// where the server allows that, and is [voiceapp.LoginRequired] elsewhere.
func (c *Client) Ping(ctx context.Context) (time.Duration, error) {
	sent := time.Now()
	err := c.ask(ctx, methodPing, empty{}, nil)
	return time.Since(sent), err
}

// Join enters a channel, and leaves the one before. When it returns, VoiceGrant
// and Self are those of the new channel. The errors are [voiceapp.NotFound] and
// [voiceapp.Forbidden], whose Needs names the role that was missing.
func (c *Client) Join(ctx context.Context, id voiceapp.ChannelID) error {
	return c.ask(ctx, methodJoin, joinParams{id}, c.entered)
}

// JoinPath enters the channel of a path such as "Lobby/Quiet".
func (c *Client) JoinPath(ctx context.Context, path string) (voiceapp.Channel, error) {
	ch, err := voiceapp.FindPath(c.Channels(), path)
	if err != nil {
		return voiceapp.Channel{}, err
	}
	return ch, c.Join(ctx, ch.ID)
}

// Leave leaves the channel; that one is in none is no error.
func (c *Client) Leave(ctx context.Context) error {
	return c.ask(ctx, methodLeave, empty{}, c.entered)
}

// entered, in read, takes the answer to channel.join and channel.leave, and says
// so as user.updated will say it to the others.
func (c *Client) entered(m message) error {
	var result joinResult
	if err := decodeParams(m.Result, &result); err != nil {
		return err
	}
	self := c.Self()
	self.Channel = result.Channel.ID
	c.updated(usersEvent{[]voiceapp.Presence{self}})
	return nil
}

// listChannels reads the channels into the mirror. The pages go in as they come,
// in read, so that the events between them find the right state.
func (c *Client) listChannels(ctx context.Context) error {
	after, more := voiceapp.ChannelID(0), true
	seen := make(map[voiceapp.ChannelID]bool)
	for more {
		page, err := fetchIn(ctx, c, methodChannels, channelsParams{after}, func(page channelsResult) {
			c.mirror.setChannels(page.Channels)
		})
		if err != nil {
			return err
		}
		for _, ch := range page.Channels {
			if seen[ch.ID] {
				return errRepeated()
			}
			seen[ch.ID], after = true, ch.ID
		}
		more = page.More && len(page.Channels) > 0
	}
	return nil
}

// listSessions reads who is there into the mirror. The pages go in as they come,
// in read, so that the events between them find the right state.
func (c *Client) listSessions(ctx context.Context) error {
	after, more := voiceapp.SessionID(0), true
	for more {
		page, err := fetchIn(ctx, c, methodSessions, sessionsParams{after}, func(page sessionsResult) {
			c.mirror.putAll(page.Sessions)
		})
		if err != nil {
			return err
		}
		if more = page.More && len(page.Sessions) > 0; more {
			last := page.Sessions[len(page.Sessions)-1].Session
			if last <= after {
				return errRepeated()
			}
			after = last
		}
	}
	return nil
}

// errRepeated is about a server whose list would never end.
func errRepeated() error {
	return voiceapp.NewError(voiceapp.BadRequest, "the server repeats a page of a list")
}
