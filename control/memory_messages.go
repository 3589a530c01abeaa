package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// MemoryMessages is how many chat messages a [Memory] keeps; then the oldest go.
const MemoryMessages = 10_000

// pruneStep is how far the time that Prune reckons with goes ahead in one call at
// most, so that a clock that jumps costs nothing.
const pruneStep = 24 * time.Hour

// memoryMessages is what a Memory keeps of chat.
type memoryMessages struct {
	kept   []voiceapp.Message // by rising ids
	last   voiceapp.MessageID
	pruned time.Time // what Prune reckoned with last
}

// AppendMessage implements [Messages].
func (m *Memory) AppendMessage(_ context.Context, msg voiceapp.Message) (voiceapp.Message, error) {
	if msg.Sent.IsZero() {
		msg.Sent = time.Now()
	}
	if err := msg.Check(); err != nil {
		return voiceapp.Message{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.checkReceiver(msg); err != nil {
		return voiceapp.Message{}, err
	}
	c := &m.chat
	c.last++
	msg.ID, msg.Sent, msg.Edited = c.last, msg.Sent.UTC().Round(0), time.Time{}
	if len(c.kept) == MemoryMessages {
		c.kept[0] = voiceapp.Message{} // append copies the rest now and then
		c.kept = c.kept[1:]
	}
	c.kept = append(c.kept, msg)
	return msg, nil
}

// checkReceiver, under mu, reports that there is no such channel or account.
func (m *Memory) checkReceiver(msg voiceapp.Message) error {
	if msg.Channel != 0 && m.channels.find(msg.Channel) < 0 {
		return errNoChannel()
	}
	if msg.To != 0 && m.account(msg.To) == nil {
		return errNoAccount()
	}
	return nil
}

func errNoAccount() error {
	return voiceapp.NewError(voiceapp.NotFound, "there is no such account").With(voiceapp.NoAccount)
}

// Messages implements [Messages].
func (m *Memory) Messages(_ context.Context, query voiceapp.MessageQuery) ([]voiceapp.Message, error) {
	if err := query.Check(); err != nil {
		return nil, err
	}
	limit, err := memoryPage(query.Limit)
	if err != nil {
		return nil, err
	}
	folded := naming.Fold(query.Text)
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []voiceapp.Message
	for _, msg := range slices.Backward(m.chat.kept) {
		if len(page) == limit {
			break
		}
		if (query.Before == 0 || msg.ID < query.Before) && inHistory(query, msg) && strings.Contains(naming.Fold(msg.Text), folded) {
			page = append(page, msg)
		}
	}
	slices.Reverse(page)
	return page, nil
}

// memoryPage gives the most entries of a page.
func memoryPage(limit int) (int, error) {
	if limit < 0 || limit > PageSize {
		return 0, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("a page has 1 to %d entries, not %d", PageSize, limit))
	}
	return cmp.Or(limit, 100), nil
}

// inHistory reports whether a message belongs to what a query asks for.
func inHistory(query voiceapp.MessageQuery, msg voiceapp.Message) bool {
	switch {
	case query.Any:
		return msg.To == 0
	case query.To != 0:
		return msg.User == query.User && msg.To == query.To || msg.User == query.To && msg.To == query.User
	default:
		return msg.Channel == query.Channel && msg.To == 0
	}
}

// Message implements [Messages].
func (m *Memory) Message(_ context.Context, id voiceapp.MessageID) (voiceapp.Message, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, err := m.chat.find(id)
	if err != nil {
		return voiceapp.Message{}, err
	}
	return m.chat.kept[at], nil
}

// EditMessage implements [Messages].
func (m *Memory) EditMessage(_ context.Context, id voiceapp.MessageID, text string) (voiceapp.Message, error) {
	if err := voiceapp.CheckMessage(text); err != nil {
		return voiceapp.Message{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at, err := m.chat.find(id)
	if err != nil {
		return voiceapp.Message{}, err
	}
	msg := &m.chat.kept[at]
	msg.Text, msg.Edited = text, time.Now().UTC().Round(0)
	return *msg, nil
}

// DeleteMessage implements [Messages].
func (m *Memory) DeleteMessage(_ context.Context, id voiceapp.MessageID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, err := m.chat.find(id)
	if err == nil {
		m.chat.kept = slices.Delete(m.chat.kept, at, at+1)
	}
	return err
}

// find gives the place of a message.
func (c *memoryMessages) find(id voiceapp.MessageID) (int, error) {
	at, found := slices.BinarySearchFunc(c.kept, id, func(m voiceapp.Message, id voiceapp.MessageID) int { return cmp.Compare(m.ID, id) })
	if !found {
		return 0, errNoMessage()
	}
	return at, nil
}

func errNoMessage() error {
	return voiceapp.NewError(voiceapp.NotFound, "there is no such message").With(voiceapp.NoMessage)
}

// Prune implements [Messages]. It removes the invites, the device tokens and the API
// keys that have expired, too.
func (m *Memory) Prune(_ context.Context, keep time.Duration) (messages int, err error) {
	if keep < 0 {
		return 0, voiceapp.NewError(voiceapp.Invalid, "messages are kept for a time that is not negative")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.chat.pruneTime(time.Now())
	m.pruneInvites(now)
	m.pruneDevices(now)
	m.pruneAPIKeys(now)
	if keep == 0 {
		return 0, nil
	}
	before := len(m.chat.kept)
	m.chat.kept = slices.DeleteFunc(m.chat.kept, func(msg voiceapp.Message) bool { return msg.Sent.Before(now.Add(-keep)) })
	return before - len(m.chat.kept), nil
}

// pruneTime gives the time to reckon with, at most a day past that of the call
// before.
func (c *memoryMessages) pruneTime(now time.Time) time.Time {
	if most := c.pruned.Add(pruneStep); !c.pruned.IsZero() && now.After(most) {
		now = most
	}
	if now.After(c.pruned) {
		c.pruned = now
	}
	return now
}
