package session

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
)

// catchUp fetches what was written while there was no connection, to the conversations
// that are here. What can't be had now is there when there is a connection again.
func (s *Session) catchUp(ctx context.Context) {
	for _, t := range s.chat.kept() {
		messages, more, err := s.Client().ChatHistory(ctx, t.Target(), 0, 0)
		if err != nil || len(messages) == 0 {
			continue
		}
		s.chat.renew(t, s.lines(messages), more)
		s.change()
	}
}

// lines are messages of the server's, as they are shown.
func (s *Session) lines(messages []voiceapp.Message) []Line {
	self := s.Client().Self()
	lines := make([]Line, 0, len(messages))
	for _, m := range messages {
		lines = append(lines, Line{Message: m, Own: ownMessage(self, m)})
	}
	return lines
}

// kept are the conversations that the server keeps, too.
func (c *chat) kept() (all []Topic) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t, one := range c.topics {
		if (one.loaded || len(one.lines) > 0) && t.Target().ToSession == 0 {
			all = append(all, t)
		}
	}
	return all
}

// renew brings a conversation up to date with the newest page of it, the oldest line
// first; more says that the server has older ones.
func (c *chat) renew(t Topic, page []Line, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.in(t)
	had := make(map[voiceapp.MessageID]bool, len(one.lines))
	for _, l := range one.lines {
		had[l.ID] = true
	}
	known := false
	for _, l := range page {
		known = known || had[l.ID]
		if !had[l.ID] && !l.Own {
			one.unread++
		}
	}
	if known || !more {
		one.lines = merge(one.lines, page)
	} else { // what lies between is fetched when it is asked for
		one.lines, one.older = page, true
	}
	one.loaded = true
}

// merge puts a page of the server's in the place of the lines that it is about. Those
// that are no server's stay where they are.
func merge(lines, page []Line) (all []Line) {
	first, last := page[0].ID, page[len(page)-1].ID
	for _, l := range lines {
		for l.ID != 0 && len(page) > 0 && page[0].ID < l.ID {
			all, page = append(all, page[0]), page[1:]
		}
		switch {
		case len(page) > 0 && page[0].ID == l.ID:
			if page[0].Edited.Equal(l.Edited) {
				page[0].Text = l.Text // which a plugin may have changed
			}
			all, page = append(all, page[0]), page[1:]
		case l.ID == 0, l.ID < first, l.ID > last:
			all = append(all, l)
		default: // it was deleted
		}
	}
	return append(all, page...)
}
