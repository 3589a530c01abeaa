package control

import (
	"context"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// claim answers account.claim. A session that is open stays as it is.
func (c *call) claim(ctx context.Context, p claimParams) error {
	return c.makeAccount(ctx, p.Name, p.Password, func(hash string) (voiceapp.User, error) {
		var user voiceapp.User
		err := c.throttled("", func() (err error) {
			user, err = c.server.Directory.ClaimOwner(ctx, hashToken(string(p.Token)), p.Name, hash)
			return err
		})
		return user, err
	})
}

// register answers account.register. A session that is open stays as it is.
func (c *call) register(ctx context.Context, p registerParams) error {
	if c.server.ClosedRegistration {
		return voiceapp.NewError(voiceapp.Forbidden, "this server makes no accounts on request")
	}
	if wait := c.server.registrations.take(c.source, time.Now()); wait > 0 {
		return limited("too many accounts were made from your address; try again later", wait)
	}
	return c.makeAccount(ctx, p.Name, p.Password, func(hash string) (voiceapp.User, error) {
		return c.server.Directory.CreateUser(ctx, p.Name, hash, voiceapp.RoleMember)
	})
}

// makeAccount has the directory make an account, under a name that no guest but
// this one has.
func (c *call) makeAccount(ctx context.Context, name string, password secret, create func(hash string) (voiceapp.User, error)) error {
	user, err := c.tryAccount(ctx, name, password, create)
	if err != nil {
		c.loginRefused(err)
		return err
	}
	c.log.Info("an account was made", "user", user.ID, "name", user.Name, "role", user.Role)
	c.reply(accountResult{user})
	return nil
}

func (c *call) tryAccount(ctx context.Context, name string, password secret, create func(hash string) (voiceapp.User, error)) (user voiceapp.User, err error) {
	if err := naming.Check(name); err != nil {
		return user, err
	}
	release, err := c.server.reserve(name, func(s *session) bool { return s.user == 0 && s != c.session })
	if err != nil {
		return user, err
	}
	defer release()
	hash, err := c.server.hasher.hash(ctx, string(password))
	if err != nil {
		return user, err
	}
	return create(hash)
}
