package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// needsAccount reports, as [voiceapp.Forbidden], that the actor is a guest.
func (d *deed) needsAccount() error {
	if d.actor.User == 0 {
		return voiceapp.Refusal(voiceapp.RoleGuest, voiceapp.RoleMember)
	}
	d.on("user", d.actor.User)
	return nil
}

// setPassword answers account.set_password. The old one is checked, and the new one
// hashed, before the change has its turn.
func (c *call) setPassword(ctx context.Context, p passwordParams) error {
	err := c.trySetPassword(ctx, p)
	if err != nil {
		c.loginRefused(err)
		return err
	}
	c.reply(empty{})
	return nil
}

func (c *call) trySetPassword(ctx context.Context, p passwordParams) error {
	accounts, err := ability[Accounts](c.server, "accounts that can be changed")
	if err != nil {
		return err
	}
	by := c.actor()
	if err := c.server.lookUp(ctx, &by); err != nil {
		return err
	}
	if err := (&deed{actor: by}).needsAccount(); err != nil {
		return err
	}
	err = c.throttled(by.Name, func() error { return c.checkOwnPassword(ctx, by, string(p.Old)) })
	if err != nil {
		return err
	}
	hash, err := c.server.hasher.hash(ctx, by.Address, string(p.New))
	if err != nil {
		return err
	}
	return c.server.change(ctx, by, "account.set_password", func(ctx context.Context, d *deed) error {
		if err := d.needsAccount(); err != nil {
			return err
		}
		err := accounts.SetPassword(ctx, d.actor.User, hash)
		if err == nil {
			c.keepSession(ctx) // of all that could be resumed only this one may
		}
		return err
	})
}

// checkOwnPassword reports, as [voiceapp.BadCredentials], that a password is not
// that of the account.
func (c *call) checkOwnPassword(ctx context.Context, by voiceapp.Actor, password string) error {
	user, hash, err := c.server.Directory.Credential(ctx, by.Name)
	switch {
	case err != nil:
		return err
	case user.ID != by.User || len(password) > MaxPassword:
		return errBadCredentials()
	case hash == "":
		return voiceapp.NewError(voiceapp.Conflict, "the account's password is not kept here")
	}
	ok, err := c.server.hasher.verify(ctx, by.Address, hash, password)
	if err == nil && !ok {
		err = voiceapp.NewError(voiceapp.BadCredentials, "the old password is wrong")
	}
	return err
}

// rename answers account.rename.
func (c *call) rename(ctx context.Context, p renameParams) error {
	user, err := c.server.RenameSelf(ctx, c.actor(), p.Name)
	if err == nil {
		c.reply(accountResult{user})
	}
	return err
}

// RenameSelf gives the actor's account another name. Everyone present sees it when
// it returns. The errors are [voiceapp.Exists] when the name is an account's or
// somebody's here, [voiceapp.Invalid], and [voiceapp.Forbidden] for a guest.
func (s *Server) RenameSelf(ctx context.Context, by voiceapp.Actor, name string) (user voiceapp.User, err error) {
	err = s.change(ctx, by, "account.rename", func(ctx context.Context, d *deed) error {
		if err := d.needsAccount(); err != nil {
			return err
		}
		user, err = s.renameAccount(ctx, d, d.actor.User, name)
		return err
	})
	return user, err
}

// renameAccount is the part of a change that gives an account a name that no one
// else has, is here under, or is just about to take.
func (s *Server) renameAccount(ctx context.Context, d *deed, id voiceapp.UserID, name string) (user voiceapp.User, err error) {
	accounts, err := ability[Accounts](s, "accounts that can be changed")
	if err != nil {
		return user, err
	}
	if err := naming.Check(name); err != nil {
		return user, err
	}
	release, err := s.reserve(name, func(other *session) bool { return other.user != id })
	if err != nil {
		return user, err
	}
	defer release()
	was, err := accounts.User(ctx, id)
	if err != nil {
		return user, err
	}
	d.from(was)
	if user, err = accounts.RenameUser(ctx, id, name); err != nil {
		return user, err
	}
	d.to(user)
	return user, s.apply(func(r *roster) {
		for _, session := range r.sessionsOf(id) {
			r.setName(session, user.Name)
		}
		r.flush()
	})
}

// setName gives a session another name.
func (r *roster) setName(s *session, name string) {
	if s.name == name {
		return
	}
	r.dropName(s)
	s.name = name
	r.takeName(s)
	r.touch(s)
}

// takeName and dropName keep names, the index of sessions by folded name.
func (r *roster) takeName(s *session) {
	folded := naming.Fold(s.name)
	if r.names[folded] == nil {
		r.names[folded] = make(map[voiceapp.SessionID]*session)
	}
	r.names[folded][s.id] = s
}

func (r *roster) dropName(s *session) {
	folded := naming.Fold(s.name)
	delete(r.names[folded], s.id)
	if len(r.names[folded]) == 0 {
		delete(r.names, folded)
	}
}
