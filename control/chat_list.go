package control

import (
	"cmp"
	"context"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
)

// Messages returns a page of what was said, the newest first: to a channel that the
// actor may join; to everyone; with Any to all channels that he may join, which takes
// a moderator; or between his account and another. The errors are
// [voiceapp.NotFound], [voiceapp.Forbidden], also where none is kept, and
// [voiceapp.Invalid].
func (s *Server) Messages(ctx context.Context, by voiceapp.Actor, query voiceapp.MessageQuery) ([]voiceapp.Message, error) {
	if s.started.Do(s.start); s.startErr != nil {
		return nil, s.startErr
	}
	keeper, ok := s.keeper()
	if !ok {
		return nil, errNoMessagesKept()
	}
	if err := s.lookUp(ctx, &by); err != nil {
		return nil, err
	}
	if query.Any {
		if err := needs(by, voiceapp.RoleModerator); err != nil {
			return nil, err
		}
		return s.messagesSeen(ctx, by, keeper, query)
	}
	if query.To != 0 {
		query.User = by.User
	}
	err := s.roster.do(func(r *roster) error {
		return r.mayRead(by, voiceapp.Message{Channel: query.Channel, User: query.User, To: query.To})
	})
	if err != nil {
		return nil, err
	}
	page, err := keeper.Messages(ctx, query)
	slices.Reverse(page)
	return page, err
}

// messagesSeen is a page of all channels, the newest first, without what the actor may
// not read. It reads on until the page is full or there is no more.
func (s *Server) messagesSeen(ctx context.Context, by voiceapp.Actor, keeper Messages, query voiceapp.MessageQuery) (seen []voiceapp.Message, err error) {
	query.Limit = cmp.Or(query.Limit, 100)
	for {
		page, err := keeper.Messages(ctx, query)
		if err != nil {
			return nil, err
		}
		err = s.roster.do(func(r *roster) error {
			for _, m := range slices.Backward(page) {
				if len(seen) < query.Limit && r.mayRead(by, m) == nil {
					seen = append(seen, m)
				}
			}
			return nil
		})
		if err != nil || len(page) < query.Limit || len(seen) == query.Limit {
			return seen, err
		}
		query.Before = page[0].ID
	}
}
