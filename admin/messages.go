package admin

import (
	"context"
	"net/http"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

type listMessagesInput struct {
	params.Paging
	Channel voiceapp.ChannelID `query:"channel" minimum:"0" doc:"What was written to this channel"`
	Server  bool               `query:"server" doc:"What was written to everyone"`
	Text    string             `query:"q" maxLength:"200" doc:"Only what has this in it"`
}

type writeInput struct {
	Body struct {
		Channel voiceapp.ChannelID `json:"channel,omitempty" minimum:"0" doc:"To those who are in it"`
		User    voiceapp.UserID    `json:"user,omitempty" minimum:"0" doc:"To an account: a direct message"`
		Server  bool               `json:"server,omitempty" doc:"To everyone"`
		Text    string             `json:"text" minLength:"1" maxLength:"2000"`
	}
}

type deleteMessageInput struct {
	params.Change
	ID voiceapp.MessageID `path:"id" minimum:"1" doc:"The message"`
}

func (s *Server) registerMessages() {
	list := operation{
		id: "list-messages", method: http.MethodGet, path: "/api/messages", tag: "messages", scope: "messages:read", role: voiceapp.RoleModerator,
		summary: "What was said, the newest first",
		detail:  "In one channel; or to everyone; or, with neither, in all channels that one may join. Direct messages are for those alone between whom they are.",
		errors:  []voiceapp.Code{voiceapp.NotFound},
	}
	add(s, list, s.listMessages)
	write := operation{
		id: "write-message", method: http.MethodPost, path: "/api/messages", tag: "messages", scope: "messages:write",
		summary: "Write to a channel, to an account or to everyone", status: http.StatusCreated, errors: []voiceapp.Code{voiceapp.NotFound, voiceapp.Conflict},
	}
	add(s, write, s.writeMessage)
	remove := operation{
		id: "delete-message", method: http.MethodDelete, path: "/api/messages/{id}", tag: "messages", scope: "messages:write",
		summary: "Delete a message", detail: "One's own, or, as a moderator, that of somebody of a lower role. Whoever sees it sees it go.", errors: []voiceapp.Code{voiceapp.NotFound},
	}
	add(s, remove, s.deleteMessage)
}

func (s *Server) listMessages(ctx context.Context, who *identity, in *listMessagesInput) (*body[page[voiceapp.Message]], error) {
	chatter, err := ability[Chatter](s, "chat")
	if err != nil {
		return nil, err
	}
	before, err := after(in.Paging)
	if err != nil {
		return nil, err
	}
	if in.Channel != 0 && in.Server {
		return nil, invalidField("query.server", "only one of channel and server can be named")
	}
	messages, err := chatter.Messages(ctx, who.actor, voiceapp.MessageQuery{
		Channel: in.Channel, Any: in.Channel == 0 && !in.Server, Text: in.Text,
		Before: voiceapp.MessageID(before), Limit: in.Limit,
	})
	return reply(pageOf(messages, in.Limit, func(m voiceapp.Message) int64 { return int64(m.ID) }), err)
}

func (s *Server) writeMessage(ctx context.Context, who *identity, in *writeInput) (*body[voiceapp.Message], error) {
	chatter, err := ability[Chatter](s, "chat")
	if err != nil {
		return nil, err
	}
	to := voiceapp.ChatTarget{Channel: in.Body.Channel, To: in.Body.User, Server: in.Body.Server}
	if to == (voiceapp.ChatTarget{}) {
		return nil, invalidField("body", "say to whom: channel, user or server")
	}
	return reply(chatter.SendChat(ctx, who.actor, to, in.Body.Text))
}

func (s *Server) deleteMessage(ctx context.Context, who *identity, in *deleteMessageInput) (*done, error) {
	chatter, reason, err := editorOf[Chatter](s, in.Change, "chat")
	if err != nil {
		return nil, err
	}
	return nothing(chatter.DeleteChat(ctx, who.actor, in.ID, reason))
}
