package control

import (
	"context"
	"fmt"

	"github.com/voiceapp-sdk/voiceapp"
)

// banTarget is whom a ban is for.
type banTarget struct {
	ban     voiceapp.Ban
	session voiceapp.SessionID // 0: nobody who is here
}

// meant reports whether a ban is for a session, or only hits it.
func (t banTarget) meant(s *session) bool {
	return s.id == t.session || t.ban.User != 0 && s.user == t.ban.User || t.ban.Device != "" && s.conn.device == t.ban.Device
}

// banTarget finds out whom a ban is for. Its address is a range.
func (s *Server) banTarget(d *deed, want voiceapp.BanRequest) (banTarget, error) {
	target, err := s.banNames(d, want)
	if err != nil || target.ban.Address == "" {
		return target, err
	}
	network, err := voiceapp.ParseAddressRange(target.ban.Address)
	target.ban.Address = network.String()
	return target, err
}

// banNames is banTarget with an address as it was given.
func (s *Server) banNames(d *deed, want voiceapp.BanRequest) (banTarget, error) {
	ban := voiceapp.Ban{User: want.User, Device: want.Device, Address: want.Address}
	if want.Session == 0 {
		d.on("ban", nameBan(ban))
		if len(want.Parts) > 0 {
			return banTarget{}, voiceapp.NewError(voiceapp.Invalid, `"parts" goes with "session"`)
		}
		return banTarget{ban: ban}, nil
	}
	d.on("session", want.Session)
	if ban != (voiceapp.Ban{}) {
		return banTarget{}, voiceapp.NewError(voiceapp.Invalid, "a ban is for a session, or for an account, a device and addresses")
	}
	target, err := s.person(want.Session)
	if err != nil {
		return banTarget{}, err
	}
	if target.User != 0 {
		d.on("user", target.User)
	}
	d.from(target.Presence)
	if !d.actor.Role.MayActOn(target.Role) {
		return banTarget{}, errTooHigh(d.actor.Role, target.Role)
	}
	ban, err = target.parts(want.Parts)
	return banTarget{ban, want.Session}, err
}

// nameBan gives what an entry of the audit log names a ban by.
func nameBan(ban voiceapp.Ban) string {
	switch {
	case ban.User != 0:
		return fmt.Sprintf("user:%d", ban.User)
	case ban.Device != "":
		return ban.Device
	default:
		return ban.Address
	}
}

// parts gives the ban that keeps somebody out by parts of him.
func (t person) parts(parts []voiceapp.BanPart) (ban voiceapp.Ban, err error) {
	if len(parts) == 0 {
		if parts = []voiceapp.BanPart{voiceapp.BanAccount, voiceapp.BanDevice}; t.User == 0 && t.device == "" {
			parts = []voiceapp.BanPart{voiceapp.BanAddress}
		}
	}
	for _, part := range parts {
		switch part {
		case voiceapp.BanAccount:
			ban.User = t.User
		case voiceapp.BanDevice:
			ban.Device = t.device
		case voiceapp.BanAddress:
			if t.source.IsValid() {
				ban.Address = t.source.String()
			}
		default:
			return ban, voiceapp.NewError(voiceapp.Invalid, fmt.Sprintf("%q is no part to ban: use account, device or address", part))
		}
	}
	if ban == (voiceapp.Ban{}) {
		err = voiceapp.NewError(voiceapp.Conflict, "there is nothing of that by which to ban: no account, no device, or no known address").With(voiceapp.NothingToBan)
	}
	return ban, err
}

// banHits is who is here and would be hit by a ban.
type banHits struct {
	said   voiceapp.BanHitsError
	owners []voiceapp.UserID
}

// mayBan reports why the actor may not make a ban: of an account, or of somebody who
// is here, on whom he may not act; or, without confirm, because it hits others.
func (s *Server) mayBan(ctx context.Context, by voiceapp.Actor, target banTarget, confirm bool) error {
	if err := s.mayBanAccount(ctx, by, target.ban.User); err != nil {
		return err
	}
	var hits banHits
	err := s.roster.do(func(r *roster) (err error) {
		hits, err = r.hitBy(by, target)
		return err
	})
	if err == nil && len(hits.owners) > 0 {
		err = s.keepAnOwner(ctx, hits.owners...)
	}
	if err != nil {
		return err
	}
	hits.said.Self = hits.said.Self || target.ban.Hits(by.User, "", by.Address)
	if (hits.said.Self || hits.said.Others > 0) && !confirm {
		return &hits.said
	}
	return nil
}

// mayBanAccount is that of an account, which may not be here.
func (s *Server) mayBanAccount(ctx context.Context, by voiceapp.Actor, id voiceapp.UserID) error {
	accounts, ok := s.Directory.(Accounts)
	if id == 0 || !ok {
		return nil
	}
	user, err := accounts.User(ctx, id)
	if err != nil {
		return err
	}
	return s.mayActOn(ctx, by, user.ID, user.Role)
}

// hitBy counts those who are here and whom a ban hits. The error is
// [voiceapp.Forbidden]: the actor may not act on one of them.
func (r *roster) hitBy(by voiceapp.Actor, target banTarget) (hits banHits, err error) {
	for _, s := range r.inOrder() {
		if !target.ban.Hits(s.user, s.conn.device, s.conn.source) {
			continue
		}
		switch {
		case s.acts(by):
			hits.said.Self = true
		case !by.Role.MayActOn(s.role):
			return hits, errTooHigh(by.Role, s.role)
		case !target.meant(s):
			hits.said.Others++
		}
		if s.role == voiceapp.RoleOwner {
			hits.owners = append(hits.owners, s.user)
		}
	}
	return hits, nil
}
