package admin

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/admin/internal/params"
)

type createKeyInput struct {
	params.Change
	Body struct {
		Name    string        `json:"name" minLength:"1" maxLength:"64" example:"status page"`
		Role    voiceapp.Role `json:"role,omitempty" minimum:"1" maximum:"40" default:"10" doc:"At most; never above the account's own at present"`
		Scopes  []string      `json:"scopes,omitempty" maxItems:"64" nullable:"false" example:"[\"sessions:read\"]" doc:"What it may do, \"area:read\" or \"area:write\"; none: all that the role may"`
		Seconds int64         `json:"seconds,omitempty" minimum:"0" maximum:"3153600000" doc:"How long it is good for; 0: until it is revoked"`
	}
}

type createKeyResult struct {
	Key    voiceapp.APIKey `json:"key"`
	Secret string          `json:"secret" doc:"For the header Authorization: Bearer SECRET; it is shown this once"`
}

type revokeKeyInput struct {
	params.Change
	ID voiceapp.APIKeyID `path:"id" minimum:"1" doc:"The key"`
}

func (s *Server) registerKeys() {
	op := func(id, method, path, scope, summary string) operation {
		return operation{id: id, method: method, path: path, tag: "keys", scope: scope, role: voiceapp.RoleOwner, summary: summary}
	}
	add(s, op("list-keys", http.MethodGet, "/api/keys", "keys:read", "API keys, without their secrets"), s.listKeys)
	create := op("create-key", http.MethodPost, "/api/keys", "keys:write", "Make an API key")
	create.status, create.errors = http.StatusCreated, []voiceapp.Code{voiceapp.Conflict}
	create.detail = "It acts for the account that makes it, with at most the key's role and only within its scopes. It ends with the account."
	add(s, create, s.createKey)
	revoke := op("revoke-key", http.MethodDelete, "/api/keys/{id}", "keys:write", "Revoke an API key")
	revoke.errors = []voiceapp.Code{voiceapp.NotFound}
	add(s, revoke, s.revokeKey)
}

func (s *Server) keys() (APIKeys, error) {
	if s.config.APIKeys == nil {
		return nil, errMissing("API keys")
	}
	return s.config.APIKeys, nil
}

func (s *Server) listKeys(ctx context.Context, _ *identity, in *params.Paging) (*body[page[voiceapp.APIKey]], error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	after, err := after(*in)
	if err != nil {
		return nil, err
	}
	all, err := keys.APIKeys(ctx, voiceapp.APIKeyID(after), in.Limit)
	return reply(pageOf(all, in.Limit, func(k voiceapp.APIKey) int64 { return int64(k.ID) }), err)
}

func (s *Server) createKey(ctx context.Context, who *identity, in *createKeyInput) (*body[createKeyResult], error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	reason, err := reasonOf(in.Change)
	if err != nil {
		return nil, err
	}
	var result createKeyResult
	err = s.config.Live.Audited(ctx, who.actor, voiceapp.RoleOwner, "key.create", reason, func(ctx context.Context, by voiceapp.Actor, e *voiceapp.AuditEntry) (err error) {
		if by.User == 0 {
			return voiceapp.NewError(voiceapp.Conflict, "a key acts for an account: log in with yours to make one")
		}
		want := voiceapp.APIKey{Name: in.Body.Name, User: by.User, Role: min(in.Body.Role, by.Role), Scopes: in.Body.Scopes}
		if in.Body.Seconds > 0 {
			want.Expires = s.now().Add(time.Duration(in.Body.Seconds) * time.Second).UTC()
		}
		if err := want.Check(s.now()); err != nil {
			return err
		}
		if err := who.within(&want); err != nil {
			return err
		}
		if result.Key, result.Secret, err = keys.NewAPIKey(ctx, want); err != nil {
			return err
		}
		e.Target = fmt.Sprintf("key:%d", result.Key.ID)
		e.After = stateText(result.Key)
		return nil
	})
	return reply(result, err)
}

// within bounds a key that is made by a key: it may no more than that, and lives no
// longer. A scope that is asked for and is none of its own is refused.
func (who *identity) within(key *voiceapp.APIKey) error {
	if who.via != "key" {
		return nil
	}
	if !who.expires.IsZero() && (key.Expires.IsZero() || key.Expires.After(who.expires)) {
		key.Expires = who.expires
	}
	if len(key.Scopes) == 0 {
		key.Scopes = who.scopes
	}
	for _, scope := range key.Scopes {
		if err := who.inScope(operation{scope: scope}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) revokeKey(ctx context.Context, who *identity, in *revokeKeyInput) (*done, error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	reason, err := reasonOf(in.Change)
	if err != nil {
		return nil, err
	}
	return nothing(s.config.Live.Audited(ctx, who.actor, voiceapp.RoleOwner, "key.revoke", reason, func(ctx context.Context, _ voiceapp.Actor, e *voiceapp.AuditEntry) error {
		e.Target = fmt.Sprintf("key:%d", in.ID)
		return keys.RevokeAPIKey(ctx, in.ID)
	}))
}
