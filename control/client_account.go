package control

import (
	"context"
	"errors"

	"github.com/voiceapp-sdk/voiceapp"
)

// Claim makes the account of the server's owner with the one-time token that the
// server printed, or gives the account of that name the owner's role and this
// password. It works before login. [voiceapp.BadCredentials]: the token is wrong,
// or was used.
func (c *Client) Claim(ctx context.Context, token, name, password string) (voiceapp.User, error) {
	params := claimParams{Token: secret(token), Name: name, Password: secret(password)}
	result, err := fetch[accountResult](ctx, c, methodClaim, params)
	return result.User, err
}

// Register makes an account. It works before login. The errors are
// [voiceapp.Exists] when the name is taken, [voiceapp.Invalid], and
// [voiceapp.Forbidden] when the server makes none on request, or only for those who
// have an invite.
func (c *Client) Register(ctx context.Context, name, password string) (voiceapp.User, error) {
	return c.UseInvite(ctx, "", name, password)
}

// UseInvite makes an account as Register does, with the role of the invite that has
// that token. [voiceapp.BadCredentials]: the invite is wrong, was used up, or is
// too old.
func (c *Client) UseInvite(ctx context.Context, token, name, password string) (voiceapp.User, error) {
	params := registerParams{Name: name, Password: secret(password), Invite: secret(token)}
	result, err := fetch[accountResult](ctx, c, methodRegister, params)
	return result.User, err
}

// SetPassword gives one's account another password. Device tokens and what others
// could resume end with the old one; sessions that are open stay. The errors are
// [voiceapp.BadCredentials] for the old one, [voiceapp.Invalid] for the new one,
// [voiceapp.Forbidden] for a guest, and [voiceapp.Conflict] where another program
// keeps the password.
func (c *Client) SetPassword(ctx context.Context, old, next string) error {
	return c.ask(ctx, methodSetPassword, passwordParams{Old: secret(old), New: secret(next)}, nil)
}

// Rename gives one's account another name. The errors are [voiceapp.Exists],
// [voiceapp.Invalid], and [voiceapp.Forbidden] for a guest.
func (c *Client) Rename(ctx context.Context, name string) (voiceapp.User, error) {
	result, err := fetch[accountResult](ctx, c, methodRename, renameParams{name})
	return result.User, err
}

// RememberDevice makes a token with which this device logs in to one's account
// without the password, as ClientConfig.Token or by OpenToken. name is for the
// owner to know the device by. The errors are [voiceapp.Invalid], and
// [voiceapp.Forbidden] for a guest.
func (c *Client) RememberDevice(ctx context.Context, name string) (made voiceapp.DeviceToken, token string, err error) {
	result, err := fetch[rememberResult](ctx, c, methodRemember, rememberParams{name})
	return result.Device, string(result.Token), err
}

// Devices returns the device tokens of one's account.
func (c *Client) Devices(ctx context.Context) ([]voiceapp.DeviceToken, error) {
	result, err := fetch[devicesResult](ctx, c, methodDevices, empty{})
	return result.Devices, err
}

// RevokeDevice ends a device token of one's account. [voiceapp.NotFound]: it has
// none with that id.
func (c *Client) RevokeDevice(ctx context.Context, id voiceapp.DeviceTokenID) error {
	return c.ask(ctx, methodRevoke, revokeParams{id}, nil)
}

// ForgetDevice ends a device token by the token itself. It works before login, which it
// does not need. [voiceapp.BadCredentials]: it is good for nothing, or not any more.
func (c *Client) ForgetDevice(ctx context.Context, token string) error {
	return c.ask(ctx, methodForget, forgetParams{secret(token)}, nil)
}

// ForgetDevice ends a device token of the server there, for a client that forgets the server:
// it connects and knows it, as [Connect] does, and logs nobody in. That the token is good for
// nothing is no error. The errors are those of Connect, and [voiceapp.UnknownMethod] of a server
// that can't do it.
func ForgetDevice(ctx context.Context, addr string, config ClientConfig, token string) error {
	c, err := Connect(ctx, addr, config)
	if err != nil {
		return err
	}
	err = c.ForgetDevice(ctx, token)
	_ = c.Close() // it returns nil, always
	if errors.Is(err, voiceapp.BadCredentials) {
		return nil
	}
	return err
}

// NewInvite makes an invite, of which only Role, Uses (0: 1) and Expires count, and
// returns it with the link to hand on. The link has the address that the server
// says is its own, or else the one that was dialled, and the key that it has shown.
// The errors are [voiceapp.Forbidden] for those who are no admins,
// [voiceapp.Invalid], and [voiceapp.Conflict] where registration is closed.
func (c *Client) NewInvite(ctx context.Context, invite voiceapp.Invite) (made voiceapp.Invite, link voiceapp.Link, err error) {
	params := newInviteParams{Role: invite.Role, Uses: invite.Uses, Expires: invite.Expires}
	result, err := fetch[newInviteResult](ctx, c, methodNewInvite, params)
	if err != nil {
		return voiceapp.Invite{}, voiceapp.Link{}, err
	}
	link, err = voiceapp.ParseLink(string(result.Link))
	if err != nil {
		link = voiceapp.Link{}
		link.Host, link.Port = voiceapp.SplitPublicAddress(c.addr)
	}
	link.Invite, link.Fingerprint = string(result.Token), c.key
	return result.Invite, link, nil
}

// Invites returns the invites that are not used up. The error is
// [voiceapp.Forbidden] for those who are no admins.
func (c *Client) Invites(ctx context.Context) (all []voiceapp.Invite, err error) {
	for after := voiceapp.InviteID(0); ; after = all[len(all)-1].ID {
		page, err := fetch[invitesResult](ctx, c, methodInvites, invitesParams{after})
		if err != nil {
			return nil, err
		}
		if len(page.Invites) > 0 && page.Invites[0].ID <= after {
			return nil, errRepeated()
		}
		all = append(all, page.Invites...)
		if !page.More || len(page.Invites) == 0 {
			return all, nil
		}
	}
}

// DeleteInvite makes an invite worthless. The errors are [voiceapp.NotFound], and
// [voiceapp.Forbidden] for those who are no admins.
func (c *Client) DeleteInvite(ctx context.Context, id voiceapp.InviteID, reason string) error {
	return c.ask(ctx, methodDeleteInvite, deleteInviteParams{id, reason}, nil)
}
