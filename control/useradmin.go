package control

import (
	"context"
	"encoding/json"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// Users returns a page of all accounts by rising ids, from the first after that id
// on; at most limit, which is 1 to 500, or 0 for 100. The error is
// [voiceapp.Forbidden] for those below admin.
func (s *Server) Users(ctx context.Context, by voiceapp.Actor, after voiceapp.UserID, limit int) ([]voiceapp.User, error) {
	if err := s.mayList(ctx, by, methodUsers); err != nil {
		return nil, err
	}
	accounts, err := ability[Accounts](s, "accounts that can be listed")
	if err != nil {
		return nil, err
	}
	return accounts.Users(ctx, after, limit)
}

// administer is a change to an account, by one who may act on it and has a role.
func (s *Server) administer(ctx context.Context, by voiceapp.Actor, action, reason string, least voiceapp.Role, id voiceapp.UserID, do func(context.Context, *deed, Accounts) error) error {
	return s.change(ctx, by, action, func(ctx context.Context, d *deed) error {
		d.on("user", id)
		if err := d.because(reason); err != nil {
			return err
		}
		if err := d.needs(least); err != nil {
			return err
		}
		accounts, err := ability[Accounts](s, "accounts that can be changed")
		if err != nil {
			return err
		}
		was, err := accounts.User(ctx, id)
		if err != nil {
			return err
		}
		d.from(was)
		if err := s.mayActOn(ctx, d.actor, was.ID, was.Role); err != nil {
			return err
		}
		return do(ctx, d, accounts)
	})
}

// SetRole gives an account a role, and returns the account as it is. What follows
// for those who are here with it has happened when it returns. One gives roles below
// one's own only, but for owners, who make others owners too. The errors are
// [voiceapp.Forbidden], [voiceapp.NotFound], [voiceapp.Conflict] for the last owner,
// and [voiceapp.Invalid].
func (s *Server) SetRole(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID, role voiceapp.Role, reason string) (user voiceapp.User, err error) {
	err = s.administer(ctx, by, methodSetRole, reason, leastRoles[methodSetRole], id, func(ctx context.Context, d *deed, accounts Accounts) error {
		if err := checkRole(role); err != nil {
			return err
		}
		if !d.actor.Role.MayActOn(role) {
			return errTooHigh(d.actor.Role, role)
		}
		if user, err = accounts.SetRole(ctx, id, role); err != nil {
			return err
		}
		d.to(user)
		return s.apply(func(r *roster) {
			for _, session := range r.sessionsOf(id) {
				r.setRole(session, role)
			}
			r.unwatch(id)
			r.flush()
		})
	})
	return user, err
}

// RenameUser gives an account another name, and returns the account as it is;
// everyone present sees it. It takes an admin. The errors are [voiceapp.Exists] when
// the name is an account's or somebody's here, [voiceapp.Forbidden],
// [voiceapp.NotFound], [voiceapp.Conflict] for the last owner, who does that himself,
// and [voiceapp.Invalid].
func (s *Server) RenameUser(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID, name, reason string) (user voiceapp.User, err error) {
	err = s.administer(ctx, by, methodRenameUser, reason, voiceapp.RoleAdmin, id, func(ctx context.Context, d *deed, _ Accounts) error {
		user, err = s.renameAccount(ctx, d, id, name)
		return err
	})
	return user, err
}

// RenameGuest gives a guest who is here another name. It takes a moderator. The
// errors are as of [Server.RenameUser], and [voiceapp.Conflict] when the session is
// an account's.
func (s *Server) RenameGuest(ctx context.Context, by voiceapp.Actor, id voiceapp.SessionID, name, reason string) error {
	return s.moderate(ctx, by, methodRenameUser, reason, id, func(ctx context.Context, d *deed, target person) error {
		if target.User != 0 {
			return voiceapp.NewError(voiceapp.Conflict, "the session is an account's: rename that")
		}
		if err := naming.Check(name); err != nil {
			return err
		}
		release, err := s.reserve(name, func(other *session) bool { return other.id != id })
		if err != nil {
			return err
		}
		defer release()
		if err := s.unregistered(ctx, name); err != nil {
			return err
		}
		target.Name = name
		d.to(target.Presence)
		return s.apply(func(r *roster) {
			if session := r.sessions[id]; session != nil {
				r.setName(session, name)
			}
			r.flush()
		})
	})
}

// DeleteUser removes an account, ends its sessions, and what could bring these back.
// What it said and did stays. The errors are [voiceapp.Forbidden],
// [voiceapp.NotFound], [voiceapp.Conflict] for the last owner, and
// [voiceapp.Invalid].
func (s *Server) DeleteUser(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID, reason string) error {
	return s.administer(ctx, by, methodDeleteUser, reason, leastRoles[methodDeleteUser], id, func(ctx context.Context, _ *deed, accounts Accounts) error {
		if err := accounts.DeleteUser(ctx, id); err != nil {
			return err
		}
		last := &voiceapp.Error{Code: voiceapp.Kicked, Detail: voiceapp.AccountDeleted, Message: "the account was deleted", Reason: reason}
		return s.expel(ctx, voiceapp.Ban{User: id}, 0, last, func(*roster) {})
	})
}

// AuditLog returns a page of the audit log, the newest entries first. It takes an
// admin; how a channel that he may not see was and became is left out. The errors are [voiceapp.Forbidden], also where none is kept, and
// [voiceapp.Invalid].
func (s *Server) AuditLog(ctx context.Context, by voiceapp.Actor, query voiceapp.AuditQuery) ([]voiceapp.AuditEntry, error) {
	if err := s.mayList(ctx, by, methodAudit); err != nil {
		return nil, err
	}
	kept, err := ability[Audit](s, "audit log")
	if err != nil {
		return nil, err
	}
	if err := s.lookUp(ctx, &by); err != nil {
		return nil, err
	}
	entries, err := kept.AuditLog(ctx, query)
	for i := range entries {
		if e := &entries[i]; showsHidden(e.Before, by.Role) || showsHidden(e.After, by.Role) {
			e.Before, e.After = "", ""
		}
	}
	return entries, err
}

// showsHidden reports whether a state in the audit log is that of a channel that does
// not exist for a role.
func showsHidden(state string, role voiceapp.Role) bool {
	var ch struct {
		SeeRole voiceapp.Role `json:"see_role"`
	}
	return state != "" && json.Unmarshal([]byte(state), &ch) == nil && ch.SeeRole > role
}
