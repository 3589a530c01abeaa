package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// The actions of the audit log that are no methods of the protocol.
const (
	actionCreateUser   = "user.create"
	actionPassword     = "user.set_password"
	actionRevokeDevice = "user.revoke_device"
)

// CreateUser makes an account with a password, for an admin, who gives roles below
// his own only, but for owners. A guest who is here under that name has to go. The
// errors are [voiceapp.Exists], [voiceapp.Forbidden] and [voiceapp.Invalid].
func (s *Server) CreateUser(ctx context.Context, by voiceapp.Actor, name, password string, role voiceapp.Role, reason string) (user voiceapp.User, err error) {
	if s.started.Do(s.start); s.startErr != nil {
		return user, s.startErr
	}
	hash, err := s.hashFor(ctx, by, voiceapp.RoleAdmin, password)
	if err != nil {
		return user, s.refuse(ctx, by, actionCreateUser, reason, err)
	}
	err = s.change(ctx, by, actionCreateUser, func(ctx context.Context, d *deed) error {
		if err := d.because(reason); err != nil {
			return err
		}
		if err := d.needs(voiceapp.RoleAdmin); err != nil {
			return err
		}
		if err := checkRole(role); err != nil {
			return err
		}
		if !d.actor.Role.MayActOn(role) {
			return errTooHigh(d.actor.Role, role)
		}
		if err := naming.Check(name); err != nil {
			return err
		}
		if user, err = s.Directory.CreateUser(ctx, name, hash, role); err != nil {
			return err
		}
		d.on("user", user.ID)
		d.to(user)
		return s.apply(func(r *roster) { r.evictGuests(naming.Fold(user.Name)) })
	})
	return user, err
}

// hashFor hashes a password before the change has its turn, and only for one who may
// have it hashed.
func (s *Server) hashFor(ctx context.Context, by voiceapp.Actor, least voiceapp.Role, password string) (string, error) {
	if err := s.lookUp(ctx, &by); err != nil {
		return "", err
	}
	if err := needs(by, least); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, by.Address, password)
}

// refuse leaves the entry of a change that was refused before it had its turn.
func (s *Server) refuse(ctx context.Context, by voiceapp.Actor, action, reason string, why error) error {
	return s.change(ctx, by, action, func(_ context.Context, d *deed) error {
		if err := d.because(reason); err != nil {
			return err
		}
		return why
	})
}

// ResetPassword gives an account another password, and ends its sessions and what
// could bring them back. It takes an admin. The errors are [voiceapp.Forbidden],
// [voiceapp.NotFound], [voiceapp.Conflict] for the last owner, who does that
// himself, and [voiceapp.Invalid].
func (s *Server) ResetPassword(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID, password, reason string) error {
	if s.started.Do(s.start); s.startErr != nil {
		return s.startErr
	}
	hash, err := s.hashFor(ctx, by, voiceapp.RoleAdmin, password)
	if err != nil {
		return s.refuse(ctx, by, actionPassword, reason, err)
	}
	return s.administer(ctx, by, actionPassword, reason, voiceapp.RoleAdmin, id, func(ctx context.Context, _ *deed, accounts Accounts) error {
		if err := accounts.SetPassword(ctx, id, hash); err != nil {
			return err
		}
		last := &voiceapp.Error{Code: voiceapp.Kicked, Detail: voiceapp.PasswordChanged, Message: "the account has another password", Reason: reason}
		return s.expel(ctx, voiceapp.Ban{User: id}, 0, last, func(*roster) {})
	})
}

// FindUsers returns a page of the accounts whose names have a text in them, by rising
// ids, as [Server.Users] does for "".
func (s *Server) FindUsers(ctx context.Context, by voiceapp.Actor, text string, after voiceapp.UserID, limit int) ([]voiceapp.User, error) {
	if text == "" {
		return s.Users(ctx, by, after, limit)
	}
	if err := s.mayList(ctx, by, methodUsers); err != nil {
		return nil, err
	}
	finder, err := ability[UserFinder](s, "search for accounts")
	if err != nil {
		return nil, err
	}
	return finder.FindUsers(ctx, text, after, limit)
}

// DevicesOf returns the device tokens of an account, by rising ids. It takes an
// admin. The errors are [voiceapp.Forbidden] and [voiceapp.NotFound].
func (s *Server) DevicesOf(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID) ([]voiceapp.DeviceToken, error) {
	if err := s.mayList(ctx, by, methodUsers); err != nil {
		return nil, err
	}
	accounts, err := ability[Accounts](s, "list of accounts")
	if err != nil {
		return nil, err
	}
	if _, err := accounts.User(ctx, id); err != nil {
		return nil, err
	}
	devices, err := ability[Devices](s, "device tokens")
	if err != nil {
		return nil, err
	}
	return devices.DeviceTokens(ctx, id)
}

// RevokeDeviceOf ends a device token of an account. A session that is open stays. It
// takes an admin. The errors are [voiceapp.Forbidden] and [voiceapp.NotFound].
func (s *Server) RevokeDeviceOf(ctx context.Context, by voiceapp.Actor, user voiceapp.UserID, id voiceapp.DeviceTokenID, reason string) error {
	return s.administer(ctx, by, actionRevokeDevice, reason, voiceapp.RoleAdmin, user, func(ctx context.Context, _ *deed, _ Accounts) error {
		devices, err := ability[Devices](s, "device tokens")
		if err != nil {
			return err
		}
		return devices.RevokeDeviceToken(ctx, user, id)
	})
}
