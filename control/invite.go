package control

import (
	"context"
	"crypto/tls"
	"crypto/x509"

	"github.com/voiceapp-sdk/voiceapp"
)

// newInvite answers invite.create.
func (c *call) newInvite(ctx context.Context, p newInviteParams) error {
	made, link, err := c.server.NewInvite(ctx, c.actor(), voiceapp.Invite{Role: p.Role, Uses: p.Uses, Expires: p.Expires}, p.Reason)
	if err != nil {
		return err
	}
	result := newInviteResult{Invite: made, Token: secret(link.Invite)}
	if link.Host != "" {
		result.Link = secret(link.String())
	}
	c.reply(result)
	return nil
}

// NewInvite makes an invite and returns it with its ID, and the link that leads
// here with its token, which is shown this once. Without a PublicAddress the link
// has no host. Only the invite's Role, Uses (0: 1) and Expires count. reason is for
// the audit log. The errors are [voiceapp.Forbidden], [voiceapp.Invalid], and
// [voiceapp.Conflict] where registration is closed.
func (s *Server) NewInvite(ctx context.Context, by voiceapp.Actor, invite voiceapp.Invite, reason string) (made voiceapp.Invite, link voiceapp.Link, err error) {
	err = s.changeInvites(ctx, by, "invite.create", reason, func(ctx context.Context, d *deed, invites Invites) error {
		if s.settings().Registration == voiceapp.RegistrationClosed {
			return voiceapp.NewError(voiceapp.Conflict, "this server makes no accounts on request, not for an invite either").With(voiceapp.NoRegistration)
		}
		invite.By = d.actor.User
		var token string
		if made, token, err = invites.NewInvite(ctx, invite); err != nil {
			return err
		}
		d.on("invite", made.ID)
		d.to(made)
		link = s.linkHere()
		link.Invite = token
		return nil
	})
	return made, link, err
}

// linkHere leads to this server; its host is "" where that is not known.
func (s *Server) linkHere() voiceapp.Link {
	link := voiceapp.Link{Fingerprint: s.fingerprint}
	if name := s.info().Name; voiceapp.CheckName(name) == nil {
		link.Title = name
	}
	link.Host, link.Port = voiceapp.SplitPublicAddress(s.settings().PublicAddress)
	return link
}

// checkLinks looks at what links are made of.
func (s *Server) checkLinks(config *tls.Config) error {
	if len(config.Certificates) > 0 {
		leaf, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
		if err != nil {
			return voiceapp.WrapError(voiceapp.Invalid, "control: the certificate can't be read", err)
		}
		s.fingerprint = voiceapp.FingerprintOf(leaf)
	}
	return voiceapp.CheckPublicAddress(s.PublicAddress)
}

// invites answers invite.list.
func (c *call) invites(ctx context.Context, p invitesParams) error {
	page, err := c.server.Invites(ctx, c.actor(), p.After)
	if err == nil {
		more := len(page) == PageSize
		c.reply(invitesResult{append([]voiceapp.Invite{}, page...), more})
	}
	return err
}

// Invites returns a page of the invites that are not used up, by rising ids, from
// the first after that id on; a page that is not full is the last. The error is
// [voiceapp.Forbidden] for those who are no admins.
func (s *Server) Invites(ctx context.Context, by voiceapp.Actor, after voiceapp.InviteID) ([]voiceapp.Invite, error) {
	if err := s.lookUp(ctx, &by); err != nil {
		return nil, err
	}
	if err := needs(by, voiceapp.RoleAdmin); err != nil {
		return nil, err
	}
	invites, err := ability[Invites](s, "invites")
	if err != nil {
		return nil, err
	}
	return invites.Invites(ctx, after, PageSize)
}

// deleteInvite answers invite.delete.
func (c *call) deleteInvite(ctx context.Context, p deleteInviteParams) error {
	err := c.server.DeleteInvite(ctx, c.actor(), p.ID, p.Reason)
	if err == nil {
		c.reply(empty{})
	}
	return err
}

// DeleteInvite makes an invite worthless; the accounts that came of it stay. The
// errors are [voiceapp.NotFound] and [voiceapp.Forbidden].
func (s *Server) DeleteInvite(ctx context.Context, by voiceapp.Actor, id voiceapp.InviteID, reason string) error {
	return s.changeInvites(ctx, by, "invite.delete", reason, func(ctx context.Context, d *deed, invites Invites) error {
		d.on("invite", id)
		return invites.DeleteInvite(ctx, id)
	})
}

// changeInvites is a change to the invites.
func (s *Server) changeInvites(ctx context.Context, by voiceapp.Actor, action, reason string, do func(context.Context, *deed, Invites) error) error {
	return s.change(ctx, by, action, func(ctx context.Context, d *deed) error {
		if err := d.because(reason); err != nil {
			return err
		}
		if err := d.needs(voiceapp.RoleAdmin); err != nil {
			return err
		}
		invites, err := ability[Invites](s, "invites")
		if err != nil {
			return err
		}
		return do(ctx, d, invites)
	})
}
