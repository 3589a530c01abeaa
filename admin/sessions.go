package admin

import (
	"context"
	"net/http"
	"slices"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

type listSessionsInput struct {
	params.Paging
	Channel voiceapp.ChannelID `query:"channel" minimum:"0" doc:"Only those who are in this channel"`
	User    voiceapp.UserID    `query:"user" minimum:"0" doc:"Only those of this account"`
}

type editSessionInput struct {
	params.Change
	params.Session
	Body struct {
		Channel  *voiceapp.ChannelID `json:"channel,omitempty" minimum:"0" doc:"Moves it; 0: into none"`
		Muted    *bool               `json:"muted,omitempty" doc:"It is not heard"`
		Deaf     *bool               `json:"deaf,omitempty" doc:"It hears nothing"`
		Priority *bool               `json:"priority,omitempty" doc:"The others are turned down while it speaks"`
		Name     *string             `json:"name,omitempty" minLength:"1" maxLength:"64" doc:"Of a guest"`
	}
}

type kickSessionInput struct {
	params.Change
	params.Session
}

type kickInput struct {
	params.Change
	Body struct {
		Session voiceapp.SessionID `json:"session" minimum:"1"`
		Reason  string             `json:"reason,omitempty" maxLength:"512" doc:"Shown to whom it is about; the header's without it"`
	}
}

type messageSessionInput struct {
	params.Session
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"2000"`
	}
}

func (s *Server) registerSessions() {
	op := func(id, method, path, scope, summary string) operation {
		return operation{
			id: id, method: method, path: path, tag: "sessions", scope: scope, role: voiceapp.RoleModerator,
			summary: summary, errors: []voiceapp.Code{voiceapp.NotFound, voiceapp.Conflict},
		}
	}
	list := op("list-sessions", http.MethodGet, "/api/sessions", "sessions:read", "Who is here")
	list.errors = nil
	add(s, list, s.listSessions)
	add(s, op("get-session", http.MethodGet, "/api/sessions/{id}", "sessions:read", "One who is here"), s.getSession)
	edits := op("edit-session", http.MethodPatch, "/api/sessions/{id}", "sessions:write", "Move, mute or deafen somebody, or rename a guest")
	edits.detail = "What is named is done in the order: name, muted, deaf, priority, channel. When one is refused, those before it are done, and each is an entry of the audit log."
	add(s, edits, s.editSession)
	kick := op("kick-session", http.MethodDelete, "/api/sessions/{id}", "sessions:write", "Kick somebody")
	kick.detail = "It ends with all other sessions of its account and its device. They are refused for the time that the settings say."
	add(s, kick, s.kickSession)
	kick.id, kick.method, kick.path = "kick", http.MethodPost, "/api/kick"
	add(s, kick, s.kick)
	write := op("message-session", http.MethodPost, "/api/sessions/{id}/messages", "messages:write", "Write a direct message to somebody who is here")
	write.status, write.role = http.StatusCreated, 0
	add(s, write, s.messageSession)
}

func (s *Server) listSessions(ctx context.Context, who *identity, in *listSessionsInput) (*body[page[voiceapp.SessionInfo]], error) {
	after, err := after(in.Paging)
	if err != nil {
		return nil, err
	}
	all, err := s.config.Live.Sessions(ctx, who.actor)
	if err != nil {
		return nil, err
	}
	var shown []voiceapp.SessionInfo
	for _, session := range all {
		if int64(session.Session) > after && (in.Channel == 0 || session.Channel == in.Channel) && (in.User == 0 || session.User == in.User) {
			shown = append(shown, session)
		}
	}
	shown = shown[:min(len(shown), in.Limit)]
	return reply(pageOf(shown, in.Limit, func(i voiceapp.SessionInfo) int64 { return int64(i.Session) }), nil)
}

func (s *Server) session(ctx context.Context, who *identity, id voiceapp.SessionID) (voiceapp.SessionInfo, error) {
	all, err := s.config.Live.Sessions(ctx, who.actor)
	if err != nil {
		return voiceapp.SessionInfo{}, err
	}
	at := slices.IndexFunc(all, func(i voiceapp.SessionInfo) bool { return i.Session == id })
	if at < 0 {
		return voiceapp.SessionInfo{}, voiceapp.NewError(voiceapp.NotFound, "there is no such session")
	}
	return all[at], nil
}

func (s *Server) getSession(ctx context.Context, who *identity, in *params.Session) (*body[voiceapp.SessionInfo], error) {
	return reply(s.session(ctx, who, in.ID))
}

func (s *Server) editSession(ctx context.Context, who *identity, in *editSessionInput) (*body[voiceapp.SessionInfo], error) {
	moderator, reason, err := editorOf[Moderator](s, in.Change, "moderation")
	if err != nil {
		return nil, err
	}
	want := in.Body
	if want.Name != nil {
		err = moderator.RenameGuest(ctx, who.actor, in.ID, *want.Name, reason)
	}
	if want.Muted != nil && err == nil {
		err = moderator.Mute(ctx, who.actor, in.ID, *want.Muted, reason)
	}
	if want.Deaf != nil && err == nil {
		err = moderator.Deafen(ctx, who.actor, in.ID, *want.Deaf, reason)
	}
	if want.Priority != nil && err == nil {
		err = moderator.SetPriority(ctx, who.actor, in.ID, *want.Priority, reason)
	}
	if want.Channel != nil && err == nil {
		err = moderator.Move(ctx, who.actor, in.ID, *want.Channel, reason)
	}
	if err != nil {
		return nil, err
	}
	return reply(s.session(ctx, who, in.ID))
}

func (s *Server) kickSession(ctx context.Context, who *identity, in *kickSessionInput) (*done, error) {
	moderator, reason, err := editorOf[Moderator](s, in.Change, "moderation")
	if err != nil {
		return nil, err
	}
	return nothing(moderator.Kick(ctx, who.actor, in.ID, reason))
}

func (s *Server) kick(ctx context.Context, who *identity, in *kickInput) (*done, error) {
	moderator, reason, err := editorOf[Moderator](s, in.Change, "moderation")
	if err != nil {
		return nil, err
	}
	if in.Body.Reason != "" {
		reason = in.Body.Reason
	}
	return nothing(moderator.Kick(ctx, who.actor, in.Body.Session, reason))
}

func (s *Server) messageSession(ctx context.Context, who *identity, in *messageSessionInput) (*body[voiceapp.Message], error) {
	chatter, err := ability[Chatter](s, "chat")
	if err != nil {
		return nil, err
	}
	return reply(chatter.SendChat(ctx, who.actor, voiceapp.ChatTarget{ToSession: in.ID}, in.Body.Text))
}
