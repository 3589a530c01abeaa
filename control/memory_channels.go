package control

import (
	"cmp"
	"context"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// memoryChannels is what a Memory keeps of channels.
type memoryChannels struct {
	tree []voiceapp.Channel // each is followed by those under it, siblings in their order
	last voiceapp.ChannelID // the highest id that was ever given out
}

// CreateChannel implements [ChannelEditor].
func (m *Memory) CreateChannel(_ context.Context, ch voiceapp.Channel) (voiceapp.Channel, error) {
	ch.Bitrate = cmp.Or(ch.Bitrate, voiceapp.DefaultBitrate)
	if err := checkChannel(ch); err != nil {
		return voiceapp.Channel{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &m.channels
	if err := c.checkPlace(ch); err != nil {
		return voiceapp.Channel{}, err
	}
	c.last++
	ch.ID, ch.Position = c.last, 1
	for _, sibling := range c.level(ch.Parent) {
		ch.Position = max(ch.Position, sibling.Position+1)
	}
	c.tree = append(c.tree, ch)
	return c.settle(ch.ID), nil
}

// UpdateChannel implements [ChannelEditor].
func (m *Memory) UpdateChannel(_ context.Context, ch voiceapp.Channel) (voiceapp.Channel, error) {
	ch.Bitrate = cmp.Or(ch.Bitrate, voiceapp.DefaultBitrate)
	if err := checkChannel(ch); err != nil {
		return voiceapp.Channel{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &m.channels
	at := c.find(ch.ID)
	if at < 0 {
		return voiceapp.Channel{}, errNoChannel()
	}
	ch.Parent, ch.Position = c.tree[at].Parent, c.tree[at].Position
	if err := c.checkPlace(ch); err != nil {
		return voiceapp.Channel{}, err
	}
	c.tree[at] = ch
	return c.settle(ch.ID), nil
}

// MoveChannel implements [ChannelEditor].
func (m *Memory) MoveChannel(_ context.Context, id, parent voiceapp.ChannelID, position int) (voiceapp.Channel, error) {
	if position < 0 {
		return voiceapp.Channel{}, voiceapp.NewError(voiceapp.Invalid, "a channel's position is not negative")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &m.channels
	at := c.find(id)
	if at < 0 {
		return voiceapp.Channel{}, errNoChannel()
	}
	moved := c.tree[at]
	moved.Parent = parent
	switch err := c.checkPlace(moved); {
	case c.under(parent, id):
		return voiceapp.Channel{}, voiceapp.NewError(voiceapp.Conflict, "a channel can't be put under itself")
	case err != nil:
		return voiceapp.Channel{}, err
	}
	c.tree[at] = moved
	c.number(moved, position)
	return c.settle(id), nil
}

// DeleteChannel implements [ChannelEditor].
func (m *Memory) DeleteChannel(_ context.Context, id voiceapp.ChannelID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &m.channels
	at := c.find(id)
	switch {
	case at < 0:
		return errNoChannel()
	case len(c.level(id)) > 0:
		return voiceapp.NewError(voiceapp.Conflict, "there are channels under it")
	}
	c.tree = slices.Delete(c.tree, at, at+1)
	m.chat.kept = slices.DeleteFunc(m.chat.kept, func(msg voiceapp.Message) bool { return msg.Channel == id })
	return nil
}

// checkChannel reports, as [voiceapp.Invalid], what no channel can be.
func checkChannel(ch voiceapp.Channel) error {
	if err := ch.Check(); err != nil {
		return err
	}
	return naming.Check(ch.Name)
}

// find gives a channel's place in the list, or -1.
func (c *memoryChannels) find(id voiceapp.ChannelID) int {
	return slices.IndexFunc(c.tree, func(ch voiceapp.Channel) bool { return ch.ID == id })
}

// level returns the channels under a parent, in their order.
func (c *memoryChannels) level(parent voiceapp.ChannelID) (level []*voiceapp.Channel) {
	for i := range c.tree {
		if c.tree[i].Parent == parent {
			level = append(level, &c.tree[i])
		}
	}
	return level
}

// under reports whether a channel is another or below it.
func (c *memoryChannels) under(id, top voiceapp.ChannelID) bool {
	for at := c.find(id); at >= 0; at = c.find(c.tree[at].Parent) {
		if c.tree[at].ID == top {
			return true
		}
	}
	return false
}

// checkPlace reports why a channel can't be under its parent: there is none, or
// another one there has its name.
func (c *memoryChannels) checkPlace(ch voiceapp.Channel) error {
	if ch.Parent != 0 && c.find(ch.Parent) < 0 {
		return voiceapp.NewError(voiceapp.NotFound, "there is no such channel to put it under").With(voiceapp.NoChannel)
	}
	for _, sibling := range c.level(ch.Parent) {
		if sibling.ID != ch.ID && naming.Fold(sibling.Name) == naming.Fold(ch.Name) {
			return voiceapp.NewError(voiceapp.Exists, "there is a channel of that name beside it").With(voiceapp.NameTaken)
		}
	}
	return nil
}

// number gives the siblings of a channel new positions, with it at one of them: 1
// is the first; 0, or more than there are, is the last.
func (c *memoryChannels) number(moved voiceapp.Channel, position int) {
	level := slices.DeleteFunc(c.level(moved.Parent), func(ch *voiceapp.Channel) bool { return ch.ID == moved.ID })
	slices.SortFunc(level, func(a, b *voiceapp.Channel) int { return compareSiblings(*a, *b) })
	if position == 0 || position > len(level)+1 {
		position = len(level) + 1
	}
	level = slices.Insert(level, position-1, &c.tree[c.find(moved.ID)])
	for i, ch := range level {
		ch.Position = i + 1
	}
}

// settle puts the list in order after a change and hides what is under a hidden
// channel. It returns one of them as it became.
func (c *memoryChannels) settle(id voiceapp.ChannelID) voiceapp.Channel {
	c.tree = treeOrder(slices.Values(c.tree))
	seen := make(map[voiceapp.ChannelID]voiceapp.Role, len(c.tree))
	for i := range c.tree {
		ch := &c.tree[i]
		ch.SeeRole = max(ch.SeeRole, seen[ch.Parent])
		seen[ch.ID] = ch.SeeRole
	}
	if at := c.find(id); at >= 0 {
		return c.tree[at]
	}
	return voiceapp.Channel{}
}
