package control

import (
	"context"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// targetOf is the target of a message that has one.
func targetOf(m voiceapp.Message) voiceapp.ChatTarget {
	return voiceapp.ChatTarget{
		Channel: m.Channel, To: m.To, ToSession: m.ToSession,
		Server: m.Channel == 0 && m.To == 0 && m.ToSession == 0,
	}
}

// sendChat answers chat.send.
func (c *call) sendChat(ctx context.Context, p chatParams) error {
	target := voiceapp.ChatTarget{Channel: p.Channel, To: p.To, ToSession: p.ToSession, Server: p.Server}
	m, err := c.server.SendChat(ctx, c.actor(), target, p.Text)
	if err == nil {
		c.reply(chatResult{ID: m.ID, Sent: m.Sent})
	}
	return err
}

// SendChat writes to a channel, to an account, to a guest or to everyone, and
// returns the message with its ID. Who is here and entitled to it has it queued
// when SendChat returns, all in the order of the ids. It is kept where the
// Directory keeps messages, unless it is for a guest; one that is not kept, and
// can't be changed, has the ID 0 when others are kept.
//
// The errors are [voiceapp.Invalid] for the text or the target, [voiceapp.Conflict]
// for the zero target while in no channel, [voiceapp.NotFound],
// [voiceapp.Forbidden], the ChatFilter's and the Directory's: nobody has the message then.
func (s *Server) SendChat(ctx context.Context, by voiceapp.Actor, to voiceapp.ChatTarget, text string) (m voiceapp.Message, err error) {
	if err := voiceapp.CheckMessage(text); err != nil {
		return m, err
	}
	if err := to.Check(); err != nil {
		return m, err
	}
	if text, err = s.filterNew(ctx, by, to, text); err != nil {
		return m, err
	}
	if err := s.takeChat(ctx); err != nil {
		return m, err
	}
	defer s.endChat()
	if m, err = s.address(ctx, by, to); err != nil {
		return m, err
	}
	m.Text, m.Sent = text, time.Now().UTC()
	return s.keepAndTell(ctx, m)
}

// takeChat waits until no other message is on its way to the directory and from
// there to those who are here, so that both have them in one order. It may be
// taken within a change, and not the other way round.
func (s *Server) takeChat(ctx context.Context) error {
	if s.started.Do(s.start); s.startErr != nil {
		return s.startErr
	}
	return s.await(ctx, s.chat)
}

func (s *Server) endChat() { <-s.chat }

// address makes the message of one who may write to a target, without its text.
func (s *Server) address(ctx context.Context, by voiceapp.Actor, to voiceapp.ChatTarget) (m voiceapp.Message, err error) {
	if by.Session == 0 && by.User == 0 && !by.Operator {
		return m, voiceapp.NewError(voiceapp.Forbidden, "a message comes from somebody")
	}
	if err := s.lookUp(ctx, &by); err != nil {
		return m, err
	}
	err = s.roster.do(func(r *roster) (err error) {
		m, err = r.address(by, to)
		return err
	})
	return m, err
}

func (r *roster) address(by voiceapp.Actor, to voiceapp.ChatTarget) (voiceapp.Message, error) {
	m := voiceapp.Message{Session: by.Session, User: by.User, Name: by.Name}
	switch {
	case to.Server:
		return m, needs(by, voiceapp.RoleAdmin)
	case to.To != 0:
		m.To = to.To
		return m, r.mayWriteDirect(by)
	case to.ToSession != 0:
		other := r.sessions[to.ToSession]
		if other == nil {
			return m, errNobody()
		}
		if m.To = other.user; m.To == 0 {
			m.ToSession = other.id
		}
		return m, r.mayWriteDirect(by)
	}
	m.Channel = to.Channel
	if s := r.sessions[by.Session]; m.Channel == 0 && s != nil {
		m.Channel = s.channel
	}
	if m.Channel == 0 {
		return m, voiceapp.NewError(voiceapp.Conflict, "join a channel first").With(voiceapp.NotInChannel)
	}
	return m, r.mayWrite(by, m.Channel)
}

// mayWriteDirect reports, as [voiceapp.Forbidden], that direct messages are for
// those who have an account.
func (r *roster) mayWriteDirect(by voiceapp.Actor) error {
	if by.User == 0 {
		return voiceapp.Refusal(voiceapp.RoleGuest, voiceapp.RoleMember)
	}
	return needs(by, voiceapp.RoleMember)
}

func needs(by voiceapp.Actor, role voiceapp.Role) error {
	return (&deed{actor: by}).needs(role)
}

// mayWrite reports why someone may not write to a channel.
func (r *roster) mayWrite(by voiceapp.Actor, id voiceapp.ChannelID) error {
	if !r.tree.shows(id, by.Role) {
		return errNoChannel()
	}
	ch, _ := r.tree.channel(id)
	if may := ch.Permissions(by.Role).Write; !may.Allowed {
		return voiceapp.Refusal(by.Role, may.Needs)
	}
	return nil
}

// keeper returns what keeps messages; ok is false where nothing does.
func (s *Server) keeper() (kept Messages, ok bool) {
	kept, ok = s.Directory.(Messages)
	return kept, ok && s.settings().KeepChat
}

// keepAndTell gives a message its ID and to those entitled to it. Whoever has lost
// his right to write by then has written nothing.
func (s *Server) keepAndTell(ctx context.Context, m voiceapp.Message) (_ voiceapp.Message, err error) {
	keeper, keeps := s.keeper()
	if keeps = keeps && m.ToSession == 0; keeps {
		if m, err = keeper.AppendMessage(ctx, m); err != nil {
			return voiceapp.Message{}, err
		}
	}
	err = s.roster.do(func(r *roster) error {
		if err := r.mayStill(m); err != nil {
			return err
		}
		if !keeps {
			if err := r.number(&m); err != nil {
				return err
			}
		}
		r.tellChat(eventChat, m, m)
		return nil
	})
	if err != nil && keeps {
		s.unkeep(ctx, keeper, m.ID)
	}
	return m, err
}

// unkeep removes a message that nobody has been told of.
func (s *Server) unkeep(ctx context.Context, keeper Messages, id voiceapp.MessageID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limits.RequestTimeout)
	defer cancel()
	if err := keeper.DeleteMessage(ctx, id); err != nil {
		s.log.Error("a message that was refused stays in the history", "message", id, "error", err)
	}
}

// mayStill reports that someone who could write a message can't any more. One who
// writes by other means than a session has been looked up just before.
func (r *roster) mayStill(m voiceapp.Message) error {
	if m.Session == 0 {
		return nil
	}
	by := voiceapp.Actor{Session: m.Session}
	if err := r.lookUp(&by); err != nil {
		return err
	}
	_, err := r.address(by, targetOf(m))
	return err
}

// number gives an ID to a message that is not kept, and refuses one that nobody
// would ever see.
func (r *roster) number(m *voiceapp.Message) error {
	if m.To != 0 && !r.present(m.To) {
		return voiceapp.NewError(voiceapp.NotFound, "nobody with that account is here, and the message would not be kept").With(voiceapp.NotHere)
	}
	if m.ToSession == 0 {
		r.lastMessage++
		m.ID = r.lastMessage
	}
	return nil
}

func (r *roster) present(user voiceapp.UserID) bool {
	for _, s := range r.sessions {
		if s.user == user {
			return true
		}
	}
	return false
}

// tellChat sends an event about a message to those who are here and entitled to
// the message.
func (r *roster) tellChat(event string, m voiceapp.Message, params any) {
	line := mustEncode(outgoing{Method: event, Params: params})
	r.observeChat(m, line)
	author := r.author(m)
	if m.Channel != 0 {
		for _, s := range r.members[m.Channel] {
			s.conn.push(line)
		}
		if author != nil && author.channel != m.Channel && r.tree.shows(m.Channel, author.role) {
			author.conn.push(line)
		}
		return
	}
	everyone := targetOf(m).Server
	for _, s := range r.sessions {
		if everyone || s == author || s.id == m.ToSession || s.user != 0 && (s.user == m.User || s.user == m.To) {
			s.conn.push(line)
		}
	}
}

// author returns the session that wrote a message, nil when it has ended.
func (r *roster) author(m voiceapp.Message) *session {
	s := r.sessions[m.Session]
	if s == nil || s.user != m.User || s.user == 0 && s.name != m.Name {
		return nil
	}
	return s
}
