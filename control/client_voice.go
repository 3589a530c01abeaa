package control

import (
	"context"
	"maps"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
)

// TalkChanged says who has begun to talk to a channel that one may see, and who has
// ceased to. Whispers don't count: voice.Session knows of those to oneself.
type TalkChanged struct {
	Talking []voiceapp.SessionID
	Silent  []voiceapp.SessionID
}

func (TalkChanged) event() {}

// SelfUpdate is what one says of oneself; what is nil stays as it is.
type SelfUpdate struct {
	Muted     *bool // the server takes no voice from one
	Deaf      *bool // nor sends any
	Recording *bool // one keeps what one hears, and everyone sees that
}

// UpdateSelf says something of oneself to everyone. When it returns, the server
// obeys it and Self has it.
func (c *Client) UpdateSelf(ctx context.Context, update SelfUpdate) error {
	params := selfParams{SelfMuted: update.Muted, SelfDeaf: update.Deaf, Recording: update.Recording}
	_, err := fetchIn(ctx, c, methodUpdateSelf, params, func(r selfResult) {
		c.updated(usersEvent{[]voiceapp.Presence{r.Self}})
	})
	return err
}

// SetWhisper says who hears what is sent to a target slot, 1 to 30: the sessions,
// and who is in the channels or listens to them. The zero target is nobody. The
// errors are [voiceapp.Forbidden], [voiceapp.NotFound] and [voiceapp.Invalid].
// voice.Session.SetTarget then speaks to it.
func (c *Client) SetWhisper(ctx context.Context, slot int, to voiceapp.Target) error {
	params := whisperParams{Slot: slot, Sessions: to.Sessions, Channels: to.Channels}
	return c.ask(ctx, methodWhisper, params, nil)
}

// Listen has the server send what is said in a further channel, at most 8 of them.
// The errors are those of Join, and [voiceapp.Limited].
func (c *Client) Listen(ctx context.Context, id voiceapp.ChannelID) error {
	return c.ask(ctx, methodListen, listenParams{id}, nil)
}

// Unlisten ends Listen; that one did not listen is no error.
func (c *Client) Unlisten(ctx context.Context, id voiceapp.ChannelID) error {
	return c.ask(ctx, methodUnlisten, listenParams{id}, nil)
}

// SetPriority says, as a moderator, whether the others are turned down while a
// session speaks. reason is for the audit log. The errors are [voiceapp.NotFound]
// and [voiceapp.Forbidden].
func (c *Client) SetPriority(ctx context.Context, id voiceapp.SessionID, priority bool, reason string) error {
	return c.ask(ctx, methodSetPriority, priorityParams{id, priority, reason}, nil)
}

// VoiceStats says how a session's voice fares as the server sees it; 0 is one's
// own. The errors are [voiceapp.NotFound], and [voiceapp.Forbidden] when the server
// does not measure it.
func (c *Client) VoiceStats(ctx context.Context, id voiceapp.SessionID) (voiceapp.VoiceStats, error) {
	result, err := fetch[statsResult](ctx, c, methodStats, statsParams{id})
	return result.stats(), err
}

// Talking returns who talks to a channel that one may see, in the order of their
// numbers. The slice is the caller's.
func (c *Client) Talking() []voiceapp.SessionID {
	c.mirror.mu.Lock()
	defer c.mirror.mu.Unlock()
	return slices.Sorted(maps.Keys(c.mirror.talking))
}

// activity, in read, takes voice.activity.
func (c *Client) activity(e activityEvent) {
	c.mirror.talk(e)
	c.events.push(TalkChanged(e))
}

func (m *mirror) talk(e activityEvent) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range e.Talking {
		m.talking[id] = struct{}{}
	}
	for _, id := range e.Silent {
		delete(m.talking, id)
	}
}
