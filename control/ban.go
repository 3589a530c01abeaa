package control

import (
	"context"
	"time"

	"github.com/voiceapp-sdk/voiceapp"
)

// MaxModeratorBan is the longest ban that takes no admin.
const MaxModeratorBan = 7 * 24 * time.Hour

// Ban keeps somebody out, ends all sessions that it hits, and what could bring these
// back without a password. It returns the ban as it is. The errors are a
// [*voiceapp.BanHitsError], [voiceapp.Forbidden] also when it would hit somebody here on whom
// one may not act, [voiceapp.NotFound], [voiceapp.Conflict] for the last owner, and
// [voiceapp.Invalid].
func (s *Server) Ban(ctx context.Context, by voiceapp.Actor, want voiceapp.BanRequest) (made voiceapp.Ban, err error) {
	err = s.changeBans(ctx, by, methodBan, want.Reason, func(ctx context.Context, d *deed, bans Bans) error {
		target, err := s.banTarget(d, want)
		if err != nil {
			return err
		}
		if target.ban.Until, err = d.banEnd(want.For); err != nil {
			return err
		}
		target.ban.Reason, target.ban.By = want.Reason, d.actor.User
		if err := target.ban.Check(time.Now()); err != nil {
			return err
		}
		if err := s.mayBan(ctx, d.actor, target, want.Confirm); err != nil {
			return err
		}
		if made, err = bans.AddBan(ctx, target.ban); err != nil {
			return err
		}
		d.to(made)
		return s.enforce(ctx, made)
	})
	return made, err
}

// changeBans is a change to who is kept out.
func (s *Server) changeBans(ctx context.Context, by voiceapp.Actor, action, reason string, do func(context.Context, *deed, Bans) error) error {
	return s.change(ctx, by, action, func(ctx context.Context, d *deed) error {
		if err := d.because(reason); err != nil {
			return err
		}
		if err := d.needs(leastRoles[action]); err != nil {
			return err
		}
		bans, err := ability[Bans](s, "bans")
		if err != nil {
			return err
		}
		return do(ctx, d, bans)
	})
}

// enforce ends what a ban hits.
func (s *Server) enforce(ctx context.Context, ban voiceapp.Ban) error {
	return s.expel(ctx, ban, 0, errBanned(ban), func(*roster) {})
}

// banEnd gives the end of a ban that the actor may make: the zero time for good.
func (d *deed) banEnd(lasts time.Duration) (time.Time, error) {
	switch {
	case lasts < 0:
		return time.Time{}, voiceapp.NewError(voiceapp.Invalid, "a ban lasts for a time that is not negative")
	case d.actor.Role < voiceapp.RoleAdmin && (lasts == 0 || lasts > MaxModeratorBan):
		err := voiceapp.Refusal(d.actor.Role, voiceapp.RoleAdmin)
		err.Message = "a ban of more than 7 days, or for good, needs the role " + voiceapp.RoleAdmin.String()
		return time.Time{}, err
	case lasts == 0:
		return time.Time{}, nil
	}
	return time.Now().Add(lasts).UTC().Truncate(time.Millisecond), nil
}

// EditBan changes the reason and the end of a ban. Moderators change their own only.
// The errors are as of [Server.Ban].
func (s *Server) EditBan(ctx context.Context, by voiceapp.Actor, id voiceapp.BanID, edit voiceapp.BanEdit) (ban voiceapp.Ban, err error) {
	reason := ""
	if edit.Reason != nil {
		reason = *edit.Reason
	}
	err = s.alterBan(ctx, by, methodEditBan, reason, id, func(ctx context.Context, d *deed, bans Bans, was voiceapp.Ban) error {
		until := was.Until
		if edit.For != nil {
			if until, err = d.banEnd(*edit.For); err != nil {
				return err
			}
		}
		if edit.Reason == nil {
			reason = was.Reason
		}
		if err := s.mayBan(ctx, d.actor, banTarget{ban: was}, edit.Confirm); err != nil {
			return err
		}
		if ban, err = bans.EditBan(ctx, id, reason, until); err != nil {
			return err
		}
		d.to(ban)
		return s.enforce(ctx, ban)
	})
	return ban, err
}

// LiftBan lets in again whom a ban keeps out. Moderators lift their own only. reason
// is for the audit log. The errors are [voiceapp.NotFound], [voiceapp.Forbidden] and
// [voiceapp.Invalid].
func (s *Server) LiftBan(ctx context.Context, by voiceapp.Actor, id voiceapp.BanID, reason string) error {
	return s.alterBan(ctx, by, methodLiftBan, reason, id, func(ctx context.Context, _ *deed, bans Bans, _ voiceapp.Ban) error {
		if err := bans.LiftBan(ctx, id); err != nil {
			return err
		}
		return s.apply(func(*roster) {})
	})
}

// alterBan is a change to a ban that there is.
func (s *Server) alterBan(ctx context.Context, by voiceapp.Actor, action, reason string, id voiceapp.BanID, do func(context.Context, *deed, Bans, voiceapp.Ban) error) error {
	return s.changeBans(ctx, by, action, reason, func(ctx context.Context, d *deed, bans Bans) error {
		d.on("ban", id)
		was, err := banOf(ctx, bans, id)
		if err != nil {
			return err
		}
		d.from(was)
		if own := was.By != 0 && was.By == d.actor.User; !own && d.actor.Role < voiceapp.RoleAdmin {
			err := voiceapp.Refusal(d.actor.Role, voiceapp.RoleAdmin)
			err.Message = "the ban is another's: that needs the role " + voiceapp.RoleAdmin.String()
			return err
		}
		return do(ctx, d, bans, was)
	})
}

func banOf(ctx context.Context, bans Bans, id voiceapp.BanID) (voiceapp.Ban, error) {
	if id < 1 || id > voiceapp.MaxID {
		return voiceapp.Ban{}, errNoBan()
	}
	page, err := bans.Bans(ctx, id-1, 1)
	if err != nil {
		return voiceapp.Ban{}, err
	}
	if len(page) == 0 || page[0].ID != id {
		return voiceapp.Ban{}, errNoBan()
	}
	return page[0], nil
}

// Bans returns a page of all bans, those that are over too, by rising ids, from the
// first after that id on; at most limit, which is 1 to 500, or 0 for 100. The error
// is [voiceapp.Forbidden] for those below moderator.
func (s *Server) Bans(ctx context.Context, by voiceapp.Actor, after voiceapp.BanID, limit int) ([]voiceapp.Ban, error) {
	if err := s.mayList(ctx, by, methodBans); err != nil {
		return nil, err
	}
	bans, err := ability[Bans](s, "bans")
	if err != nil {
		return nil, err
	}
	return bans.Bans(ctx, after, limit)
}

// mayList reports, as [voiceapp.Forbidden], that someone may not read a list.
func (s *Server) mayList(ctx context.Context, by voiceapp.Actor, action string) error {
	if s.started.Do(s.start); s.startErr != nil {
		return s.startErr
	}
	if err := s.lookUp(ctx, &by); err != nil {
		return err
	}
	return needs(by, leastRoles[action])
}
