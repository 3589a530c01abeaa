package control

import (
	"context"
	"errors"

	"github.com/voiceapp-sdk/voiceapp"
	"github.com/voiceapp-sdk/voiceapp/internal/naming"
)

// login finds out who it is and begins the session.
func (c *call) login(ctx context.Context, p openParams) error {
	if err := checkOpening(p.Protocol, p.Keepalive); err != nil {
		return err
	}
	if err := c.prove(p.Device); err != nil {
		return err
	}
	if p.Token != "" {
		return c.loginDevice(ctx, string(p.Token))
	}
	if p.Name == "" {
		return voiceapp.NewError(voiceapp.Invalid, `params: "name" is missing`)
	}
	if err := naming.Check(p.Name); err != nil {
		return err
	}
	if p.Password == "" || !c.server.isOwner(ctx, p.Name) {
		if err := c.checkDevice(ctx); err != nil { // before anything is hashed
			return err
		}
	}
	if p.Password == "" {
		return c.loginGuest(ctx, p.Name)
	}
	var user voiceapp.User
	err := c.throttled(p.Name, func() (err error) {
		user, err = c.server.authenticate(withPeer(ctx, c.raw), p.Name, string(p.Password))
		return err
	})
	if err != nil {
		return err
	}
	return c.loginAccount(ctx, user)
}

// loginDevice lets in whoever has a device token.
func (c *call) loginDevice(ctx context.Context, token string) error {
	devices, err := ability[Devices](c.server, "device tokens")
	if err != nil {
		return err
	}
	var user voiceapp.User
	err = c.throttled("", func() (err error) {
		user, err = devices.UseDeviceToken(ctx, hashToken(token))
		return err
	})
	if err != nil {
		return err
	}
	return c.loginAccount(ctx, user)
}

// loginAccount begins the session of an account that has proved to be its own, as
// the account is by then.
func (c *call) loginAccount(ctx context.Context, user voiceapp.User) error {
	look := func(ctx context.Context) (err error) {
		if accounts, ok := c.server.Directory.(Accounts); ok {
			user, err = accounts.User(ctx, user.ID)
		}
		switch {
		case errors.Is(err, voiceapp.NotFound):
			return errBadCredentials()
		case err != nil:
			return err
		}
		return c.checkAccount(ctx, user.ID, user.Role)
	}
	return c.server.settled(ctx, look, func(r *roster) error {
		r.align(user)
		return c.begin(r, user)
	})
}

// align gives those who are here with an account the name and the role that it has:
// another program may have given it others.
func (r *roster) align(user voiceapp.User) {
	for _, s := range r.names[naming.Fold(user.Name)] {
		if s.user == user.ID && s.name == user.Name && s.role == user.Role {
			return // as all of them are
		}
	}
	for _, s := range r.sessionsOf(user.ID) {
		r.setName(s, user.Name)
		r.setRole(s, user.Role)
	}
}

// checkOpening reports, as [voiceapp.Invalid], what session.open and session.resume
// can't ask for.
func checkOpening(protocol, keepalive int) error {
	if protocol != ProtocolVersion {
		return voiceapp.NewError(voiceapp.Invalid, "this server speaks version 1 of the protocol").With(voiceapp.OtherVersion)
	}
	if keepalive != 0 && (keepalive < minKeepalive || keepalive > maxKeepalive) {
		return voiceapp.NewError(voiceapp.Invalid, "keepalive is 0, or 5 to 300 seconds")
	}
	return nil
}

// throttled is that of the server for the client's source.
func (c *call) throttled(name string, check func() error) error {
	return c.server.throttled(name, c.source, check)
}

// loginGuest lets someone in under a name that nobody has.
func (c *call) loginGuest(ctx context.Context, name string) error {
	release, err := c.reserveGuest(ctx, name, func(*session) bool { return true })
	if err != nil {
		return err
	}
	defer release()
	look := func(ctx context.Context) error { return c.checkAccount(ctx, 0, voiceapp.RoleGuest) }
	return c.server.settled(ctx, look, func(r *roster) error {
		return c.begin(r, voiceapp.User{Name: name, Role: voiceapp.RoleGuest})
	})
}

// reserveGuest is reserve for a guest: the name may be no account's either.
func (c *call) reserveGuest(ctx context.Context, name string, hinders func(*session) bool) (release func(), err error) {
	if !c.server.settings().Guests {
		return nil, &voiceapp.Error{
			Code: voiceapp.Forbidden, Detail: voiceapp.NoGuests, Message: "this server takes no guests: log in with a password",
			Needs: "role:" + voiceapp.RoleMember.String(),
		}
	}
	release, err = c.server.reserve(name, hinders)
	if err != nil {
		return nil, err
	}
	if err := c.server.unregistered(ctx, name); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// unregistered reports, as [voiceapp.Exists], that a name is an account's.
func (s *Server) unregistered(ctx context.Context, name string) error {
	switch _, _, err := s.Directory.Credential(ctx, name); {
	case err == nil:
		return errRegistered()
	case !errors.Is(err, voiceapp.NotFound):
		return err
	default:
		return nil
	}
}

func errRegistered() error {
	return voiceapp.NewError(voiceapp.Exists, "the name belongs to an account: log in with its password, or take another name").With(voiceapp.NameRegistered)
}

// reserve keeps a name from being taken while the directory is asked about it. The
// error is [voiceapp.Exists]: someone else asks just now, or is here under that
// name and is one of those who hinder it.
func (s *Server) reserve(name string, hinders func(*session) bool) (release func(), err error) {
	folded := naming.Fold(name)
	err = s.roster.do(func(r *roster) error {
		_, taken := r.reserved[folded]
		for _, other := range r.names[folded] {
			taken = taken || hinders(other)
		}
		if taken {
			return voiceapp.NewError(voiceapp.Exists, "somebody here has that name").With(voiceapp.NameInUse)
		}
		r.reserved[folded] = struct{}{}
		return nil
	})
	release = func() {
		_ = s.roster.do(func(r *roster) error {
			delete(r.reserved, folded)
			return nil
		})
	}
	return release, err
}

// authenticate checks a name and a password. The error is
// [voiceapp.BadCredentials], and the same after the same time, whether there is no
// such name or the password is another.
func (s *Server) authenticate(ctx context.Context, name, password string) (voiceapp.User, error) {
	if len(password) > MaxPassword {
		return voiceapp.User{}, errBadCredentials()
	}
	if own, ok := s.Directory.(Authenticator); ok {
		user, err := own.Authenticate(ctx, name, password)
		if !errors.Is(err, voiceapp.NotFound) {
			return user, err
		}
	}
	user, hash, err := s.Directory.Credential(ctx, name)
	switch {
	case errors.Is(err, voiceapp.NotFound), err == nil && hash == "":
		hash = noAccountHash // for an account that has no password, too
	case err != nil:
		return voiceapp.User{}, err
	}
	at, _ := PeerAddress(ctx)
	ok, err := s.hasher.verify(ctx, at, hash, password)
	switch {
	case err != nil:
		return voiceapp.User{}, err
	case !ok:
		return voiceapp.User{}, errBadCredentials()
	}
	s.upgradeHash(ctx, user, hash, password)
	return user, nil
}

func errBadCredentials() error {
	return voiceapp.NewError(voiceapp.BadCredentials, "the name or the password is wrong")
}

// loginRefused counts what may be somebody guessing names, passwords or tokens.
func (c *call) loginRefused(err error) {
	c.server.counters.loginsRefused.Add(1)
	if errors.Is(err, voiceapp.BadCredentials) || errors.Is(err, voiceapp.Exists) {
		c.faults++
	}
}
