package control

import (
	"context"

	"github.com/voiceapp-sdk/voiceapp"
)

// done answers a request that has no result.
func (c *call) done(err error) error {
	if err == nil {
		c.reply(empty{})
	}
	return err
}

// kick answers user.kick. Who kicks himself gets no answer but session.closed.
func (c *call) kick(ctx context.Context, p kickParams) error {
	return c.done(c.server.Kick(ctx, c.actor(), p.Session, p.Reason))
}

// mute answers user.mute.
func (c *call) mute(ctx context.Context, p muteParams) error {
	return c.done(c.server.Mute(ctx, c.actor(), p.Session, p.Muted, p.Reason))
}

// deafen answers user.deafen.
func (c *call) deafen(ctx context.Context, p deafenParams) error {
	return c.done(c.server.Deafen(ctx, c.actor(), p.Session, p.Deaf, p.Reason))
}

// moveUser answers user.move.
func (c *call) moveUser(ctx context.Context, p moveUserParams) error {
	return c.done(c.server.Move(ctx, c.actor(), p.Session, p.Channel, p.Reason))
}

// ban answers user.ban.
func (c *call) ban(ctx context.Context, p banParams) error {
	lasts, err := duration(p.Seconds)
	if err != nil {
		return err
	}
	return c.replyBan(c.server.Ban(ctx, c.actor(), voiceapp.BanRequest{
		Session: p.Session, Parts: p.Parts, User: p.User, Device: p.Device, Address: p.Address,
		Reason: p.Reason, For: lasts, Confirm: p.Confirm,
	}))
}

func (c *call) replyBan(ban voiceapp.Ban, err error) error {
	if err == nil {
		c.reply(banResult{ban})
	}
	return err
}

// editBan answers ban.edit.
func (c *call) editBan(ctx context.Context, p editBanParams) error {
	edit := voiceapp.BanEdit{Reason: p.Reason, Confirm: p.Confirm}
	if p.Seconds != nil {
		lasts, err := duration(*p.Seconds)
		if err != nil {
			return err
		}
		edit.For = &lasts
	}
	return c.replyBan(c.server.EditBan(ctx, c.actor(), p.Ban, edit))
}

// liftBan answers ban.lift.
func (c *call) liftBan(ctx context.Context, p liftBanParams) error {
	return c.done(c.server.LiftBan(ctx, c.actor(), p.Ban, p.Reason))
}

// bans answers ban.list.
func (c *call) bans(ctx context.Context, p bansParams) error {
	all, err := c.server.Bans(ctx, c.actor(), p.After, banPage+1)
	if err == nil {
		page, more := cutPage(all, banPage)
		c.reply(bansResult{page, more})
	}
	return err
}

// cutPage gives at most so many entries, never null, and whether there were more.
func cutPage[E any](all []E, most int) (page []E, more bool) {
	return append([]E{}, all[:min(len(all), most)]...), len(all) > most
}

// setUserRole answers user.set_role.
func (c *call) setUserRole(ctx context.Context, p setRoleParams) error {
	return c.replyUser(c.server.SetRole(ctx, c.actor(), p.User, p.Role, p.Reason))
}

func (c *call) replyUser(user voiceapp.User, err error) error {
	if err == nil {
		c.reply(accountResult{user})
	}
	return err
}

// renameUser answers user.rename.
func (c *call) renameUser(ctx context.Context, p renameUserParams) error {
	switch {
	case (p.User == 0) == (p.Session == 0):
		return voiceapp.NewError(voiceapp.Invalid, `params: "user" for an account, or "session" for a guest`)
	case p.User != 0:
		return c.replyUser(c.server.RenameUser(ctx, c.actor(), p.User, p.Name, p.Reason))
	}
	err := c.server.RenameGuest(ctx, c.actor(), p.Session, p.Name, p.Reason)
	return c.replyUser(voiceapp.User{Name: p.Name}, err)
}

// users answers user.list.
func (c *call) users(ctx context.Context, p usersParams) error {
	all, err := c.server.Users(ctx, c.actor(), p.After, userPage+1)
	if err == nil {
		page, more := cutPage(all, userPage)
		c.reply(usersResult{page, more})
	}
	return err
}

// deleteUser answers user.delete.
func (c *call) deleteUser(ctx context.Context, p deleteUserParams) error {
	return c.done(c.server.DeleteUser(ctx, c.actor(), p.User, p.Reason))
}

// auditLog answers audit.list.
func (c *call) auditLog(ctx context.Context, p auditParams) error {
	query := voiceapp.AuditQuery{Actor: p.Actor, Action: p.Action, Target: p.Target, Before: p.Before, Limit: auditPage + 1}
	all, err := c.server.AuditLog(ctx, c.actor(), query)
	if err != nil {
		return err
	}
	size, most := 0, 0
	for _, entry := range all[:min(len(all), auditPage)] {
		if size += len(mustEncode(outgoing{Result: entry})); size > auditBytes && most > 0 {
			break
		}
		most++
	}
	page, more := cutPage(all, most)
	c.reply(auditResult{page, more})
	return nil
}
