package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/voiceapp-sdk/voiceapp"
)

// historyPage is the most messages that chat.history answers with: what fits into
// a line when each is as long as can be.
const historyPage = 50

// history answers chat.history.
func (c *call) history(ctx context.Context, p historyParams) error {
	target, err := p.target()
	if err != nil {
		return err
	}
	limit := cmp.Or(p.Limit, historyPage)
	keeper, ok := c.server.keeper()
	if !ok {
		return errNoMessagesKept()
	}
	var query voiceapp.MessageQuery
	var page []voiceapp.Message
	look := func(ctx context.Context) (err error) {
		if query, err = c.server.historyOf(c.actor(), target); err != nil {
			return err
		}
		query.Before, query.Limit = p.Before, limit+1
		page, err = keeper.Messages(ctx, query)
		return err
	}
	return c.server.settled(ctx, look, func(*roster) error {
		more := len(page) > limit
		if more {
			page = page[1:]
		}
		c.reply(historyResult{Messages: append([]voiceapp.Message{}, page...), More: more})
		return nil
	})
}

// target says whose history is asked for, if the parameters can be.
func (p historyParams) target() (voiceapp.ChatTarget, error) {
	if p.Limit < 0 || p.Limit > historyPage {
		return voiceapp.ChatTarget{}, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("params: \"limit\" is 1 to %d", historyPage))
	}
	of := voiceapp.ChatTarget{Channel: p.Channel, To: p.To, Server: p.Server}
	return of, of.Check()
}

func errNoMessagesKept() error {
	return voiceapp.NewError(voiceapp.Forbidden, "this server keeps no messages").With(voiceapp.NotOffered)
}

// historyOf gives the query for a history that a session may read.
func (s *Server) historyOf(by voiceapp.Actor, of voiceapp.ChatTarget) (query voiceapp.MessageQuery, err error) {
	err = s.roster.do(func(r *roster) error {
		if err := r.lookUp(&by); err != nil {
			return err
		}
		m := voiceapp.Message{Channel: of.Channel, User: by.User, To: of.To}
		if of == (voiceapp.ChatTarget{}) {
			m.Channel = r.sessions[by.Session].channel
		}
		switch {
		case m.Channel == 0 && of == (voiceapp.ChatTarget{}):
			return voiceapp.NewError(voiceapp.Conflict, "join a channel first").With(voiceapp.NotInChannel)
		case m.To != 0 && by.User == 0:
			return voiceapp.Refusal(by.Role, voiceapp.RoleMember)
		}
		query = voiceapp.MessageQuery{Channel: m.Channel, User: by.User, To: m.To}
		return r.mayRead(by, m)
	})
	return query, err
}

// mayRead reports why someone may not read a message: as if there were none when
// he may not see where it is.
func (r *roster) mayRead(by voiceapp.Actor, m voiceapp.Message) error {
	switch {
	case m.To != 0 && (by.User == 0 || by.User != m.User && by.User != m.To):
		return errNoMessage()
	case m.Channel == 0:
		return nil
	case !r.tree.shows(m.Channel, by.Role):
		return errNoChannel()
	}
	ch, _ := r.tree.channel(m.Channel)
	if may := ch.Permissions(by.Role).Join; !may.Allowed {
		return voiceapp.Refusal(by.Role, may.Needs)
	}
	return nil
}

// editChat answers chat.edit.
func (c *call) editChat(ctx context.Context, p editChatParams) error {
	m, err := c.server.EditChat(ctx, c.actor(), p.ID, p.Text)
	if err == nil {
		c.reply(messageResult{m})
	}
	return err
}

// EditChat gives a message that the actor wrote another text and returns it as it
// is then. Those who are here and entitled to it know when it returns. The errors
// are [voiceapp.NotFound], [voiceapp.Forbidden] for another's message and for one
// who may no longer write there, [voiceapp.Invalid], and the ChatFilter's.
func (s *Server) EditChat(ctx context.Context, by voiceapp.Actor, id voiceapp.MessageID, text string) (m voiceapp.Message, err error) {
	if text, err = s.filterEdited(ctx, by, id, text); err != nil {
		return m, err
	}
	err = s.changeChat(ctx, by, "chat.edit", "", id, func(ctx context.Context, d *deed, keeper Messages, was voiceapp.Message) error {
		if err := voiceapp.CheckMessage(text); err != nil {
			return err
		}
		if !wrote(d.actor, was) {
			return voiceapp.NewError(voiceapp.Forbidden, "the message is another's: only who wrote it may edit it").With(voiceapp.NotYours)
		}
		err := s.roster.do(func(r *roster) error {
			_, err := r.address(d.actor, targetOf(was))
			return err
		})
		if err != nil {
			return err
		}
		if m, err = keeper.EditMessage(ctx, id, text); err != nil {
			return err
		}
		return s.apply(func(r *roster) { r.tellChat(eventChatEdited, m, m) })
	})
	return m, err
}

// deleteChat answers chat.delete.
func (c *call) deleteChat(ctx context.Context, p deleteChatParams) error {
	err := c.server.DeleteChat(ctx, c.actor(), p.ID, p.Reason)
	if err == nil {
		c.reply(empty{})
	}
	return err
}

// DeleteChat removes a message of one's own; moderators remove those of lower
// roles too, but for direct messages. Those who are here and entitled to it know
// when it returns. reason is for the audit log; "" is fine. The errors are
// [voiceapp.NotFound], [voiceapp.Forbidden] and [voiceapp.Invalid].
func (s *Server) DeleteChat(ctx context.Context, by voiceapp.Actor, id voiceapp.MessageID, reason string) error {
	return s.changeChat(ctx, by, "chat.delete", reason, id, func(ctx context.Context, d *deed, keeper Messages, was voiceapp.Message) error {
		if !wrote(d.actor, was) {
			if err := s.mayModerate(ctx, d, was.User); err != nil {
				return err
			}
		}
		if err := keeper.DeleteMessage(ctx, id); err != nil {
			return err
		}
		gone := chatGone{ID: id, Channel: was.Channel, To: was.To}
		return s.apply(func(r *roster) { r.tellChat(eventChatDeleted, was, gone) })
	})
}

// changeChat is a change to a message that the actor may read. The audit log gets
// its number and not its text, which is not to outlive it there.
func (s *Server) changeChat(ctx context.Context, by voiceapp.Actor, action, reason string, id voiceapp.MessageID, do func(context.Context, *deed, Messages, voiceapp.Message) error) error {
	return s.change(ctx, by, action, func(ctx context.Context, d *deed) error {
		d.on("message", id)
		if err := d.because(reason); err != nil {
			return err
		}
		keeper, ok := s.keeper()
		if !ok {
			return errNoMessagesKept()
		}
		if err := s.takeChat(ctx); err != nil {
			return err
		}
		defer s.endChat()
		was, err := keeper.Message(ctx, id)
		if err != nil {
			return err
		}
		if err := s.roster.do(func(r *roster) error { return r.mayRead(d.actor, was) }); err != nil {
			return errNoMessage()
		}
		return do(ctx, d, keeper, was)
	})
}

// wrote reports whether a message is the actor's own. A guest is the author as long
// as he is here.
func wrote(by voiceapp.Actor, m voiceapp.Message) bool {
	if m.User != 0 {
		return by.User == m.User
	}
	return by.User == 0 && by.Session != 0 && by.Session == m.Session && by.Name == m.Name
}

// mayModerate reports, as [voiceapp.Forbidden], that the actor is no moderator, or
// that the account is not of a lower role. One that is no more is a guest's.
func (s *Server) mayModerate(ctx context.Context, d *deed, user voiceapp.UserID) error {
	if err := d.needs(voiceapp.RoleModerator); err != nil {
		return err
	}
	accounts, ok := s.Directory.(Accounts)
	if !ok || user == 0 {
		return nil
	}
	author, err := accounts.User(ctx, user)
	switch {
	case errors.Is(err, voiceapp.NotFound):
		return nil
	case err != nil:
		return err
	case d.actor.Role != voiceapp.RoleOwner && author.Role >= d.actor.Role:
		return voiceapp.NewError(voiceapp.Forbidden, "the message is of somebody whose role is not below yours").With(voiceapp.RoleNotLower)
	}
	return nil
}
