package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

type createBanInput struct {
	params.Change
	Body struct {
		Session voiceapp.SessionID `json:"session,omitempty" minimum:"0" doc:"Somebody who is here; or else user, device and address say who it is"`
		Parts   []voiceapp.BanPart `json:"parts,omitempty" maxItems:"3" enum:"account,device,address" doc:"Of a session: by what it is kept out; none: by account and device, and by the address where it has neither"`
		User    voiceapp.UserID    `json:"user,omitempty" minimum:"0"`
		Device  string             `json:"device,omitempty" maxLength:"64" doc:"Hex SHA-256 of the device's key"`
		Address string             `json:"address,omitempty" maxLength:"64" example:"203.0.113.0/24" doc:"An address or a range"`
		Reason  string             `json:"reason,omitempty" maxLength:"512" doc:"Shown to whom it hits"`
		Seconds int64              `json:"seconds,omitempty" minimum:"0" maximum:"3153600000" doc:"How long; 0: for good, which takes an admin"`
		Confirm bool               `json:"confirm,omitempty" doc:"Ban although it hits others, or oneself"`
	}
}

type editBanInput struct {
	params.Precondition
	params.Ban
	Body struct {
		Reason  *string `json:"reason,omitempty" maxLength:"512"`
		Seconds *int64  `json:"seconds,omitempty" minimum:"0" maximum:"3153600000" doc:"How long from now on; 0: for good"`
		Confirm bool    `json:"confirm,omitempty" doc:"Although it hits others, or oneself"`
	}
}

type liftBanInput struct {
	params.Change
	params.Precondition
	params.Ban
}

func (s *Server) registerBans() {
	op := func(id, method, path, scope, summary string) operation {
		return operation{
			id: id, method: method, path: path, tag: "bans", scope: scope, role: voiceapp.RoleModerator,
			summary: summary, errors: []voiceapp.Code{voiceapp.NotFound, voiceapp.Conflict},
		}
	}
	add(s, op("list-bans", http.MethodGet, "/api/bans", "bans:read", "All bans, those that are over too"), s.listBans)
	add(s, op("get-ban", http.MethodGet, "/api/bans/{id}", "bans:read", "One ban"), func(ctx context.Context, who *identity, in *params.Ban) (*tagged[voiceapp.Ban], error) {
		return replyTagged(s.banOf(ctx, who, in.ID))
	})
	create := op("create-ban", http.MethodPost, "/api/bans", "bans:write", "Keep somebody out")
	create.status = http.StatusCreated
	create.detail = "A ban that would hit others than the one whom it is meant for is refused as a conflict, with \"hits\", unless confirm is set."
	add(s, create, s.createBan)
	create.id, create.path = "ban", "/api/ban"
	add(s, create, s.createBan)
	add(s, op("edit-ban", http.MethodPatch, "/api/bans/{id}", "bans:write", "Change a ban's reason or end"), s.editBan)
	add(s, op("lift-ban", http.MethodDelete, "/api/bans/{id}", "bans:write", "Lift a ban"), s.liftBan)
}

func (s *Server) banner() (Banner, error) { return ability[Banner](s, "bans") }

func (s *Server) listBans(ctx context.Context, who *identity, in *params.Paging) (*body[page[voiceapp.Ban]], error) {
	banner, err := s.banner()
	if err != nil {
		return nil, err
	}
	after, err := after(*in)
	if err != nil {
		return nil, err
	}
	bans, err := banner.Bans(ctx, who.actor, voiceapp.BanID(after), in.Limit)
	return reply(pageOf(bans, in.Limit, func(b voiceapp.Ban) int64 { return int64(b.ID) }), err)
}

func (s *Server) banOf(ctx context.Context, who *identity, id voiceapp.BanID) (voiceapp.Ban, error) {
	banner, err := s.banner()
	if err != nil {
		return voiceapp.Ban{}, err
	}
	found, err := banner.Bans(ctx, who.actor, id-1, 1)
	switch {
	case err != nil:
		return voiceapp.Ban{}, err
	case len(found) == 0 || found[0].ID != id:
		return voiceapp.Ban{}, voiceapp.NewError(voiceapp.NotFound, "there is no such ban")
	}
	return found[0], nil
}

func (s *Server) createBan(ctx context.Context, who *identity, in *createBanInput) (*tagged[voiceapp.Ban], error) {
	banner, reason, err := editorOf[Banner](s, in.Change, "bans")
	if err != nil {
		return nil, err
	}
	if in.Body.Reason != "" {
		reason = in.Body.Reason
	}
	return replyTagged(banner.Ban(ctx, who.actor, voiceapp.BanRequest{
		Session: in.Body.Session, Parts: in.Body.Parts, User: in.Body.User, Device: in.Body.Device, Address: in.Body.Address,
		Reason: reason, For: time.Duration(in.Body.Seconds) * time.Second, Confirm: in.Body.Confirm,
	}))
}

func (s *Server) editBan(ctx context.Context, who *identity, in *editBanInput) (*tagged[voiceapp.Ban], error) {
	banner, err := s.banner()
	if err != nil {
		return nil, err
	}
	want := voiceapp.BanEdit{Reason: in.Body.Reason, For: secondsOf(in.Body.Seconds), Confirm: in.Body.Confirm}
	read := func() (voiceapp.Ban, error) { return s.banOf(ctx, who, in.ID) }
	err = edit(s, in.Precondition, read, func() error {
		_, err := banner.EditBan(ctx, who.actor, in.ID, want)
		return err
	})
	if err != nil {
		return nil, err
	}
	return replyTagged(read())
}

func (s *Server) liftBan(ctx context.Context, who *identity, in *liftBanInput) (*done, error) {
	banner, reason, err := editorOf[Banner](s, in.Change, "bans")
	if err != nil {
		return nil, err
	}
	read := func() (voiceapp.Ban, error) { return s.banOf(ctx, who, in.ID) }
	return nothing(edit(s, in.Precondition, read, func() error {
		return banner.LiftBan(ctx, who.actor, in.ID, reason)
	}))
}
