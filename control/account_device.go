package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
)

// remember answers account.remember.
func (c *call) remember(ctx context.Context, p rememberParams) error {
	made, token, err := c.server.RememberDevice(ctx, c.actor(), p.Name)
	if err == nil {
		c.reply(rememberResult{Device: made, Token: secret(token)})
	}
	return err
}

// RememberDevice makes a token with which a device logs in to the actor's account
// without its password. The token is returned once. The errors are
// [voiceapp.Forbidden] for a guest, and [voiceapp.Invalid] for the device's name.
func (s *Server) RememberDevice(ctx context.Context, by voiceapp.Actor, name string) (made voiceapp.DeviceToken, token string, err error) {
	err = s.changeDevices(ctx, by, "account.remember", func(ctx context.Context, d *deed, devices Devices) error {
		if made, token, err = devices.NewDeviceToken(ctx, d.actor.User, name); err != nil {
			return err
		}
		d.to(made)
		return nil
	})
	return made, token, err
}

// devices answers account.devices.
func (c *call) devices(ctx context.Context, _ empty) error {
	own, err := c.server.DeviceTokens(ctx, c.actor())
	if err == nil {
		c.reply(devicesResult{append([]voiceapp.DeviceToken{}, own...)})
	}
	return err
}

// DeviceTokens returns the device tokens of the actor's account, by rising ids. The
// error is [voiceapp.Forbidden] for a guest.
func (s *Server) DeviceTokens(ctx context.Context, by voiceapp.Actor) ([]voiceapp.DeviceToken, error) {
	devices, err := s.ownDevices(ctx, &by)
	if err != nil {
		return nil, err
	}
	return devices.DeviceTokens(ctx, by.User)
}

// ownDevices looks an actor up who has to have an account.
func (s *Server) ownDevices(ctx context.Context, by *voiceapp.Actor) (Devices, error) {
	if err := s.lookUp(ctx, by); err != nil {
		return nil, err
	}
	if err := (&deed{actor: *by}).needsAccount(); err != nil {
		return nil, err
	}
	return ability[Devices](s, "device tokens")
}

// revoke answers account.revoke.
func (c *call) revoke(ctx context.Context, p revokeParams) error {
	err := c.server.RevokeDevice(ctx, c.actor(), p.ID)
	if err == nil {
		c.reply(empty{})
	}
	return err
}

// RevokeDevice ends a device token of the actor's account. A session that is open
// stays. The errors are [voiceapp.NotFound], and [voiceapp.Forbidden] for a guest.
func (s *Server) RevokeDevice(ctx context.Context, by voiceapp.Actor, id voiceapp.DeviceTokenID) error {
	return s.changeDevices(ctx, by, "account.revoke", func(ctx context.Context, d *deed, devices Devices) error {
		return devices.RevokeDeviceToken(ctx, d.actor.User, id)
	})
}

// forget answers account.forget. Guesses count as those at session.open do.
func (c *call) forget(ctx context.Context, p forgetParams) error {
	err := c.throttled("", func() error { return c.server.ForgetDevice(ctx, c.newcomer(""), string(p.Token)) })
	if err != nil {
		c.loginRefused(err)
		return err
	}
	c.reply(empty{})
	return nil
}

// ForgetDevice ends a device token: whoever has it may, logged in or not. Who has neither
// a session nor an account is the token's owner in the audit log. A session that is open
// stays. The error is [voiceapp.BadCredentials] when there is no such token.
func (s *Server) ForgetDevice(ctx context.Context, by voiceapp.Actor, token string) error {
	return s.change(ctx, by, "account.forget", func(ctx context.Context, d *deed) error {
		devices, err := ability[DeviceForgetter](s, "device tokens")
		if err != nil {
			return err
		}
		ended, err := devices.ForgetDevice(ctx, hashToken(token))
		if err != nil {
			return err
		}
		d.on("user", ended.User)
		d.from(ended)
		if d.actor.User == 0 && d.actor.Session == 0 {
			d.actor.User = ended.User
			return s.lookUpAccount(ctx, &d.actor)
		}
		return nil
	})
}

// changeDevices is a change to the device tokens of the actor's account.
func (s *Server) changeDevices(ctx context.Context, by voiceapp.Actor, action string, do func(context.Context, *deed, Devices) error) error {
	return s.change(ctx, by, action, func(ctx context.Context, d *deed) error {
		if err := d.needsAccount(); err != nil {
			return err
		}
		devices, err := ability[Devices](s, "device tokens")
		if err != nil {
			return err
		}
		return do(ctx, d, devices)
	})
}
