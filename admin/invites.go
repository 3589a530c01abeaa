package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

type createInviteInput struct {
	params.Change
	Body struct {
		Role    voiceapp.Role `json:"role,omitempty" minimum:"0" maximum:"20" default:"10" doc:"Of the accounts; at most moderator"`
		Uses    int           `json:"uses,omitempty" minimum:"1" maximum:"10000" default:"1" doc:"How many accounts it can make"`
		Seconds int64         `json:"seconds,omitempty" minimum:"0" maximum:"3153600000" doc:"How long it is good for; 0: for good"`
	}
}

type createInviteResult struct {
	Invite voiceapp.Invite `json:"invite"`
	Token  string          `json:"token" doc:"It is shown this once"`
	Link   string          `json:"link,omitempty" doc:"Leads here with the token; absent when the server's public_address is not set"`
}

type deleteInviteInput struct {
	params.Change
	ID voiceapp.InviteID `path:"id" minimum:"1" doc:"The invite"`
}

// invitePage is how many invites a Live gives at once.
const invitePage = 500

type listInvitesInput struct {
	Page string `query:"page" maxLength:"64" doc:"What the page before said is next; the first without it"`
}

func (s *Server) registerInvites() {
	op := func(id, method, path, scope, summary string) operation {
		return operation{id: id, method: method, path: path, tag: "invites", scope: scope, role: voiceapp.RoleAdmin, summary: summary}
	}
	add(s, op("list-invites", http.MethodGet, "/api/invites", "invites:read", "The invites that are not used up, at most 500 a page"), s.listInvites)
	create := op("create-invite", http.MethodPost, "/api/invites", "invites:write", "Make an invite")
	create.status, create.errors = http.StatusCreated, []voiceapp.Code{voiceapp.Conflict}
	add(s, create, s.createInvite)
	remove := op("delete-invite", http.MethodDelete, "/api/invites/{id}", "invites:write", "Make an invite worthless")
	remove.errors = []voiceapp.Code{voiceapp.NotFound}
	add(s, remove, s.deleteInvite)
}

func (s *Server) listInvites(ctx context.Context, who *identity, in *listInvitesInput) (*body[page[voiceapp.Invite]], error) {
	inviter, err := ability[Inviter](s, "invites")
	if err != nil {
		return nil, err
	}
	after, err := after(params.Paging{Page: in.Page})
	if err != nil {
		return nil, err
	}
	invites, err := inviter.Invites(ctx, who.actor, voiceapp.InviteID(after))
	return reply(pageOf(invites, invitePage, func(i voiceapp.Invite) int64 { return int64(i.ID) }), err)
}

func (s *Server) createInvite(ctx context.Context, who *identity, in *createInviteInput) (*body[createInviteResult], error) {
	inviter, reason, err := editorOf[Inviter](s, in.Change, "invites")
	if err != nil {
		return nil, err
	}
	want := voiceapp.Invite{Role: in.Body.Role, Uses: in.Body.Uses}
	if in.Body.Seconds > 0 {
		want.Expires = s.now().Add(time.Duration(in.Body.Seconds) * time.Second).UTC()
	}
	made, link, err := inviter.NewInvite(ctx, who.actor, want, reason)
	result := createInviteResult{Invite: made, Token: link.Invite}
	if link.Host != "" {
		result.Link = link.String()
	}
	return reply(result, err)
}

func (s *Server) deleteInvite(ctx context.Context, who *identity, in *deleteInviteInput) (*done, error) {
	inviter, reason, err := editorOf[Inviter](s, in.Change, "invites")
	if err != nil {
		return nil, err
	}
	return nothing(inviter.DeleteInvite(ctx, who.actor, in.ID, reason))
}
