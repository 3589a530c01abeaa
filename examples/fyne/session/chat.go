package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// maxLines is how many messages of one topic are kept here, and so many more once older
// ones were asked for; the server has the rest.
const maxLines = 500

// Topic is a conversation: a channel's, one with a person, or that of everyone.
type Topic string

// ServerTopic is the conversation of everyone.
const ServerTopic Topic = "server"

func channelTopic(id voiceapp.ChannelID) Topic { return Topic(fmt.Sprintf("channel:%d", id)) }

// ChannelTopic is the conversation of a channel.
func ChannelTopic(id voiceapp.ChannelID) Topic { return channelTopic(id) }

// PersonTopic is the conversation with a person: with an account, in whatever session,
// or with a guest.
func PersonTopic(p voiceapp.Presence) Topic { return personTopic(p) }

func personTopic(p voiceapp.Presence) Topic {
	if p.User != 0 {
		return Topic(fmt.Sprintf("user:%d", p.User))
	}
	return Topic(fmt.Sprintf("session:%d", p.Session))
}

// Target gives whom a message to the topic is for.
func (t Topic) Target() (to voiceapp.ChatTarget) {
	switch {
	case t == ServerTopic:
		to.Server = true
	case scan(t, "channel:%d", &to.Channel), scan(t, "user:%d", &to.To), scan(t, "session:%d", &to.ToSession):
	}
	return to
}

func scan[T any](t Topic, format string, id *T) bool {
	_, err := fmt.Sscanf(string(t), format, id)
	return err == nil
}

// Line is one message as it is shown.
type Line struct {
	voiceapp.Message
	Own    bool
	Plugin bool // a plugin says it, to oneself alone
}

// chat is all conversations.
type chat struct {
	mu     sync.Mutex
	topics map[Topic]*conversation
}

// conversation is the newest messages of a topic.
type conversation struct {
	lines  []Line // the oldest first
	unread int
	more   int  // lines that are kept beyond maxLines
	loaded bool // what was said before one came is there, too
	older  bool // there is more of it on the server
}

func (c *chat) init() { c.topics = make(map[Topic]*conversation) }

// in, under mu, returns a conversation, which begins now where there was none.
func (c *chat) in(t Topic) *conversation {
	if c.topics[t] == nil {
		c.topics[t] = &conversation{}
	}
	return c.topics[t]
}

func (c *chat) unread(t Topic) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one := c.topics[t]; one != nil {
		return one.unread
	}
	return 0
}

// add takes a message; unread says whether it is new to oneself.
func (c *chat) add(t Topic, line Line, unread bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.in(t)
	if line.ID != 0 && slices.ContainsFunc(one.lines, func(l Line) bool { return l.ID == line.ID }) {
		return
	}
	one.lines = append(one.lines, line)
	if over := len(one.lines) - maxLines - one.more; over > 0 {
		one.lines = slices.Delete(one.lines, 0, over)
		one.older = true
	}
	if unread {
		one.unread++
	}
}

// edit gives a message that is here its new text.
func (c *chat) edit(m voiceapp.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.topics {
		for i := range one.lines {
			if one.lines[i].ID == m.ID {
				one.lines[i].Text, one.lines[i].Edited = m.Text, m.Edited
			}
		}
	}
}

func (c *chat) remove(id voiceapp.MessageID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.topics {
		one.lines = slices.DeleteFunc(one.lines, func(l Line) bool { return id != 0 && l.ID == id })
	}
}

// before puts older messages in front of those that are here.
func (c *chat) before(t Topic, lines []Line, older bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.in(t)
	lines = slices.DeleteFunc(lines, func(l Line) bool {
		return slices.ContainsFunc(one.lines, func(have Line) bool { return have.ID == l.ID && l.ID != 0 })
	})
	one.lines = append(lines, one.lines...)
	one.more = len(one.lines)
	one.loaded, one.older = true, older
}

// Lines returns the messages of a topic that are here, the oldest first, and whether
// the server has older ones.
func (s *Session) Lines(t Topic) (lines []Line, older bool) {
	s.chat.mu.Lock()
	defer s.chat.mu.Unlock()
	one := s.chat.topics[t]
	if one == nil {
		return nil, false
	}
	return slices.Clone(one.lines), one.older
}

// Topics returns the conversations that there are, but for channels.
func (s *Session) Topics() (all []Topic) {
	s.chat.mu.Lock()
	defer s.chat.mu.Unlock()
	for t, one := range s.chat.topics {
		if t.Target().Channel == 0 && len(one.lines) > 0 {
			all = append(all, t)
		}
	}
	slices.Sort(all)
	return all
}

// Unread returns how many messages of a topic were not seen yet.
func (s *Session) Unread(t Topic) int { return s.chat.unread(t) }

// Read says that a topic is on the screen.
func (s *Session) Read(t Topic) {
	s.chat.mu.Lock()
	one := s.chat.in(t)
	had := one.unread
	one.unread = 0
	s.chat.mu.Unlock()
	if had > 0 {
		s.change()
	}
}

// LoadHistory fetches what was said before: the newest at first, older ones after that.
// That the server keeps none is no error.
func (s *Session) LoadHistory(ctx context.Context, t Topic, older bool) error {
	s.chat.mu.Lock()
	one := s.chat.in(t)
	var before voiceapp.MessageID
	for _, l := range one.lines {
		if before == 0 && l.ID != 0 {
			before = l.ID
		}
	}
	if !older && one.loaded || older && !one.older {
		s.chat.mu.Unlock()
		return nil
	}
	s.chat.mu.Unlock()
	if t.Target().ToSession != 0 {
		return nil // a guest's is not kept
	}
	messages, more, err := s.Client().ChatHistory(ctx, t.Target(), before, 0)
	if errors.Is(err, voiceapp.Forbidden) || errors.Is(err, voiceapp.NotFound) {
		return nil // this server keeps nothing, or not for oneself
	} else if err != nil {
		return err
	}
	s.chat.before(t, s.lines(messages), more)
	s.change()
	return nil
}

func ownMessage(self voiceapp.Presence, m voiceapp.Message) bool {
	return self.User != 0 && m.User == self.User || m.Session == self.Session && m.Session != 0
}

// Say writes to a topic.
func (s *Session) Say(ctx context.Context, t Topic, text string) error {
	self := s.Client().Self()
	target := t.Target()
	draft := voiceapp.Message{
		Text: text, Name: self.Name, User: self.User, Session: self.Session, Sent: time.Now(),
		Channel: target.Channel, To: target.To, ToSession: target.ToSession,
	}
	if s.cfg.Filter != nil {
		changed, replies, keep, err := s.cfg.Filter(ctx, true, draft)
		if err != nil {
			return err
		}
		s.reply(t, replies)
		if !keep {
			return nil
		}
		text = changed
	}
	_, err := s.Client().SendChatTo(ctx, target, text)
	return err
}

// reply shows what a plugin says beside a message.
func (s *Session) reply(t Topic, replies []string) {
	for _, text := range replies {
		s.chat.add(t, Line{Message: voiceapp.Message{Text: text, Sent: time.Now()}, Plugin: true}, false)
	}
	if len(replies) > 0 {
		s.change()
	}
}

// received takes a message that has come.
func (s *Session) received(self voiceapp.Presence, m voiceapp.Message) {
	own := ownMessage(self, m)
	topic := s.topicOf(self, m, own)
	if s.cfg.Filter != nil && !own {
		text, replies, keep, err := s.cfg.Filter(s.ctx, false, m)
		if err == nil {
			s.reply(topic, replies)
			if !keep {
				return
			}
			m.Text = text
		}
	}
	s.chat.add(topic, Line{Message: m, Own: own}, !own)
	if own {
		return
	}
	kind := HappenedMessage
	if m.Channel == 0 && topic != ServerTopic {
		kind = HappenedDirect
	}
	who := voiceapp.Presence{Session: m.Session, User: m.User, Name: m.Name}
	s.happen(Happening{Kind: kind, Who: who, Message: m})
}

// topicOf says to which conversation a message belongs.
func (s *Session) topicOf(self voiceapp.Presence, m voiceapp.Message, own bool) Topic {
	switch {
	case m.Channel != 0:
		return channelTopic(m.Channel)
	case m.To == 0 && m.ToSession == 0:
		return ServerTopic
	case own && m.To != 0 && (m.To != self.User || m.User == m.To):
		return personTopic(voiceapp.Presence{User: m.To})
	case own && m.ToSession != 0:
		return personTopic(voiceapp.Presence{Session: m.ToSession})
	}
	return personTopic(voiceapp.Presence{User: m.User, Session: m.Session})
}
