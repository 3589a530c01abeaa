package control

import (
	"context"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// claim answers account.claim. A session that is open stays as it is.
func (c *call) claim(ctx context.Context, p claimParams) error {
	return c.throttled("", func() error { // before anything is hashed
		return c.makeAccount(ctx, actionClaim, p.Name, p.Password, func(ctx context.Context, hash string) (voiceapp.User, error) {
			return c.server.Directory.ClaimOwner(ctx, hashToken(string(p.Token)), p.Name, hash)
		})
	})
}

// register answers account.register. A session that is open stays as it is.
func (c *call) register(ctx context.Context, p registerParams) error {
	create, err := c.registration(p)
	if err != nil {
		return err
	}
	if wait := c.server.registrations.take(c.source, time.Now()); wait > 0 {
		return limited(voiceapp.TooManyAccounts, "too many accounts were made from your address; try again later", wait)
	}
	return c.makeAccount(ctx, "account.register", p.Name, p.Password, create)
}

// registration gives what makes the account that someone asks for, if he may.
func (c *call) registration(p registerParams) (create func(context.Context, string) (voiceapp.User, error), err error) {
	s := c.server
	switch {
	case s.settings().Registration == voiceapp.RegistrationClosed:
		return nil, voiceapp.NewError(voiceapp.Forbidden, "this server makes no accounts on request").With(voiceapp.NoRegistration)
	case p.Invite != "":
		invites, err := ability[Invites](s, "invites")
		return func(ctx context.Context, hash string) (user voiceapp.User, err error) {
			err = c.throttled("", func() (err error) {
				user, err = invites.UseInvite(ctx, hashToken(string(p.Invite)), p.Name, hash)
				return err
			})
			return user, err
		}, err
	case s.settings().Registration == voiceapp.RegistrationInvite:
		return nil, &voiceapp.Error{Code: voiceapp.Forbidden, Detail: voiceapp.InviteNeeded, Message: "this server makes accounts for those who have an invite", Needs: "invite"}
	}
	return func(ctx context.Context, hash string) (voiceapp.User, error) {
		return s.Directory.CreateUser(ctx, p.Name, hash, voiceapp.RoleMember)
	}, nil
}

// makeAccount has the directory make an account, under a name that no guest but
// this one has.
func (c *call) makeAccount(ctx context.Context, action, name string, password secret, create func(context.Context, string) (voiceapp.User, error)) error {
	user, err := c.tryAccount(ctx, action, name, password, create)
	if err != nil {
		c.loginRefused(err)
		return err
	}
	c.log.Info("an account was made", "user", user.ID, "name", user.Name, "role", user.Role)
	c.reply(accountResult{user})
	return nil
}

func (c *call) tryAccount(ctx context.Context, action, name string, password secret, create func(context.Context, string) (voiceapp.User, error)) (user voiceapp.User, err error) {
	if err := naming.Check(name); err != nil {
		return user, err
	}
	if err := c.checkDevice(ctx); err != nil { // before anything is hashed
		return user, err
	}
	return c.server.enroll(ctx, c.newcomer(name), action, enrolment{
		name: name, password: string(password), create: create,
		hinders: func(s *session) bool { return s.user == 0 && s != c.session },
	})
}

// enrolment is an account that somebody asks for.
type enrolment struct {
	name, password string

	hinders func(*session) bool // who, here under the name, keeps it from being taken
	create  func(ctx context.Context, hash string) (voiceapp.User, error)
}

// enroll makes an account, in a change of its own.
func (s *Server) enroll(ctx context.Context, by voiceapp.Actor, action string, want enrolment) (user voiceapp.User, err error) {
	release, err := s.reserve(want.name, want.hinders)
	if err != nil {
		return user, err
	}
	defer release()
	hash, err := s.hasher.hash(ctx, by.Address, want.password)
	if err != nil {
		return user, err
	}
	err = s.change(ctx, by, action, func(ctx context.Context, d *deed) error {
		if user, err = want.create(ctx, hash); err != nil {
			return err
		}
		d.on("user", user.ID)
		d.to(user)
		return s.renewed(ctx, user)
	})
	return user, err
}

// newcomer is who asks for a change and may have no session yet.
func (c *call) newcomer(name string) voiceapp.Actor {
	if c.session != nil {
		return c.actor()
	}
	return voiceapp.Actor{Name: name, Address: addrPortOf(c.raw).Addr()}
}

// renewed is about an account that was made, or that was there and has become an
// owner's with another password: whoever is here with it has its role, and what
// could be resumed with the old password can't be any more.
func (s *Server) renewed(ctx context.Context, user voiceapp.User) error {
	if resumer, ok := s.Directory.(Resumer); ok {
		if err := resumer.EndSessions(ctx, user.ID, ""); err != nil {
			return err
		}
	}
	return s.apply(func(r *roster) {
		for _, session := range r.sessionsOf(user.ID) {
			r.setRole(session, user.Role)
		}
		r.unwatch(user.ID)
	})
}

// sessionsOf returns the open sessions of an account, by rising numbers.
func (r *roster) sessionsOf(user voiceapp.UserID) (own []*session) {
	for _, s := range r.inOrder() {
		if s.user == user && user != 0 {
			own = append(own, s)
		}
	}
	return own
}
