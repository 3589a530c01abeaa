package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
)

// filterNew returns what becomes of a new message's text. It is asked before the
// message has its turn, so that a slow filter costs only who writes.
func (s *Server) filterNew(ctx context.Context, by voiceapp.Actor, to voiceapp.ChatTarget, text string) (string, error) {
	if s.ChatFilter == nil {
		return text, nil
	}
	if s.started.Do(s.start); s.startErr != nil {
		return "", s.startErr
	}
	m, err := s.address(ctx, by, to)
	if err != nil {
		return "", err
	}
	m.Text = text
	return s.filter(ctx, m)
}

// filterEdited is filterNew for a message that has been sent. One that is not the
// actor's is left to those who refuse it.
func (s *Server) filterEdited(ctx context.Context, by voiceapp.Actor, id voiceapp.MessageID, text string) (string, error) {
	keeper, keeps := s.Directory.(Messages)
	if s.ChatFilter == nil || !keeps || voiceapp.CheckMessage(text) != nil {
		return text, nil
	}
	if s.started.Do(s.start); s.startErr != nil {
		return "", s.startErr
	}
	if err := s.lookUp(ctx, &by); err != nil {
		return "", err
	}
	m, err := keeper.Message(ctx, id)
	if err != nil || !wrote(by, m) {
		return text, nil
	}
	m.Text = text
	return s.filter(ctx, m)
}

func (s *Server) filter(ctx context.Context, m voiceapp.Message) (string, error) {
	text, err := s.ChatFilter.FilterMessage(ctx, m)
	if err != nil {
		return "", err
	}
	if err := voiceapp.CheckMessage(text); err != nil {
		return "", voiceapp.WrapError(voiceapp.Internal, "the server's chat filter made a text that can't be sent", err)
	}
	return text, nil
}
