package admin

import (
	"context"
	"net/http"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

type listAuditInput struct {
	params.Paging
	Actor  voiceapp.UserID `query:"actor" minimum:"0" doc:"Only what this account did"`
	Action string          `query:"action" maxLength:"64" example:"user.kick" doc:"Only this"`
	Target string          `query:"target" maxLength:"128" example:"channel:7" doc:"Only what was done to this"`
}

func (s *Server) registerAudit() {
	add(s, operation{
		id: "list-audit", method: http.MethodGet, path: "/api/audit", tag: "audit", scope: "audit:read", role: voiceapp.RoleAdmin,
		summary: "Who did what, the newest first", detail: "Each change has one entry, also when it was refused: result is then the code.",
	}, s.listAudit)
}

func (s *Server) listAudit(ctx context.Context, who *identity, in *listAuditInput) (*body[page[voiceapp.AuditEntry]], error) {
	auditor, err := ability[Auditor](s, "audit log")
	if err != nil {
		return nil, err
	}
	before, err := after(in.Paging)
	if err != nil {
		return nil, err
	}
	entries, err := auditor.AuditLog(ctx, who.actor, voiceapp.AuditQuery{
		Actor: in.Actor, Action: in.Action, Target: in.Target, Before: voiceapp.AuditID(before), Limit: in.Limit,
	})
	return reply(pageOf(entries, in.Limit, func(e voiceapp.AuditEntry) int64 { return int64(e.ID) }), err)
}
